"""Trials in which events exchange times within blocks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import attrs
import numpy as np

from nuweft.model import BinData, Events, MatchedFilter
from nuweft.process import thread_count
from nuweft.seeds import generator
from nuweft.sky import count_map
from nuweft.typing import FloatArray
from nuweft_scramble.blocks import Blocks


def exchange(bin_data: BinData, blocks: Blocks, *, rng: np.random.Generator) -> Events:
    """Return the events at exchanged times."""
    drawn = blocks.draw(rng=rng)
    return attrs.evolve(bin_data.events, ra=blocks.right_ascension(drawn), time=bin_data.events.time[drawn])


def exchange_counts(bin_data: BinData, blocks: Blocks, *, seed: int, trial: int) -> FloatArray:
    """Return the counts per pixel of one trial of :func:`exchange_sums`, shape (npix,)."""
    rng = generator(seed, f"ra-scramble in time {bin_data.label}", trial)
    return count_map(bin_data.nside, blocks.right_ascension(blocks.draw(rng=rng)), bin_data.events.dec)


def exchange_sums(
    statistics: MatchedFilter, bin_data: BinData, blocks: Blocks, *, seed: int, start: int, count: int
) -> FloatArray:
    """Return the statistics of trials with exchanged times, shape (count, n_stat).

    Parameters
    ----------
    statistics
        Matched-filter maps.
    null
        Events of one energy bin.
    blocks
        Blocks of time of these events.
    seed
        Seed of the analysis; each trial has its own generator.
    start, count
        Trial numbers ``start`` to ``start + count - 1``.
    """
    rows = np.concatenate([statistics.maps, statistics.weight])

    def trial(number: int) -> FloatArray:
        return np.asarray(rows @ exchange_counts(bin_data, blocks, seed=seed, trial=number))

    with ThreadPoolExecutor(thread_count()) as threads:
        sums = np.reshape(list(threads.map(trial, range(start, start + count))), (count, len(rows)))
    n_stat = len(statistics.maps)
    return statistics.finish(sums[:, :n_stat], sums[:, n_stat:])
