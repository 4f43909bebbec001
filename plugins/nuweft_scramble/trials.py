"""Event-level trials: sums of map look-ups over scrambled events.

A trial needs no count map of the sky and no transform. Each event draws one
32-bit number, which decides between its two rings and picks a pixel in the
ring; the statistics are sums of matched-filter maps over these pixels. Events
are sorted by ring: where a bin holds many, they are counted per pixel first, so
that the cost hardly depends on the number of maps.

Trials run in parallel, each in one thread; random numbers are addressed by
(key, trial, ring, event in the ring), so that any trial can be made again,
whatever part of the sky is looked at.
"""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.model import BinData, MatchedFilter
from nuweft.process import in_threads
from nuweft.sky import pixel_count, ring_fractions, rings
from nuweft.typing import FloatArray, IntArray
from nuweft_scramble.kernels import (
    LANES,
    RESOLUTION,
    TILE,
    dense_counts,
    dense_sums,
    sparse_counts,
    sparse_sums,
)


@attrs.frozen(eq=False)
class Runs:
    """Events of one energy bin that can fall into the mask, sorted by ring.

    Attributes
    ----------
    ring : array of shape (n_run,)
        Upper ring of each run; its events lie in it or in the next.
    first : array of shape (n_run + 1,)
        First event of each run.
    fraction : array of shape (n_event,)
        Probability of the upper ring, in steps of the random numbers.
    """

    ring: IntArray
    first: IntArray
    fraction: FloatArray

    @classmethod
    def of(cls, bin_data: BinData, weight: FloatArray | None = None) -> Runs:
        """Return the runs of an energy bin.

        Parameters
        ----------
        null
            Events of the bin.
        weight
            Events in rings where it vanishes are left out, shape (npix,).
        """
        ring, fraction = ring_fractions(bin_data.nside, np.sort(np.sin(bin_data.events.dec)))
        if weight is not None:
            seen = rings(bin_data.nside).mean(weight) > 0
            reach = seen[ring] | seen[ring + 1]
            ring, fraction = ring[reach], fraction[reach]
        order = np.argsort(ring, kind="stable")
        found, first = np.unique(ring[order], return_index=True)
        # between two random numbers nothing is decided, so that rounding changes no choice
        rounded = np.rint(fraction[order] / RESOLUTION) * RESOLUTION
        return cls(found.astype(np.int64), np.append(first, len(ring)).astype(np.int64), rounded)

    def dense(self, bin_data: BinData) -> tuple[FloatArray, IntArray, IntArray, IntArray, IntArray]:
        """Return fractions, runs, rings, and start and size of all rings."""
        grid = rings(bin_data.nside)
        return self.fraction, self.first, self.ring, grid.start, grid.size

    def sparse(self, bin_data: BinData) -> tuple[FloatArray, FloatArray, IntArray, IntArray, IntArray]:
        """Return fractions, sizes and starts of the two rings of events, and number and ring of each block.

        Four events of a run share a block of random numbers: shapes
        (4, n_block), (2, 4, n_block) twice, (n_block,) twice. What is missing
        in a block lies in a pixel beyond the sky.
        """
        grid = rings(bin_data.nside)
        number = np.diff(self.first)
        blocks = -(-number // 4)
        first = np.append(0, np.cumsum(blocks))
        run = np.repeat(np.arange(len(number)), number)
        place = np.arange(len(run)) - self.first[run]
        lane, column = place // blocks[run], first[run] + place % blocks[run]
        upper, total = self.ring[run], int(first[-1])
        fraction = np.ones((4, total))
        fraction[lane, column] = self.fraction
        size = np.ones((2, 4, total))
        start = np.full((2, 4, total), pixel_count(bin_data.nside), dtype=np.int32)
        for side in range(2):
            size[side, lane, column] = grid.size[upper + side]
            start[side, lane, column] = grid.start[upper + side]
        block = np.arange(total) - np.repeat(first[:-1], blocks)
        return fraction, size, start, block.astype(np.uint32), np.repeat(self.ring, blocks).astype(np.uint32)

    def is_dense(self, bin_data: BinData) -> bool:
        """Return whether counting events per pixel is cheaper than looking each one up."""
        return len(self.fraction) > pixel_count(bin_data.nside) // 4


def _words(key: int) -> tuple[np.uint32, np.uint32]:
    return np.uint32(key & 0xFFFFFFFF), np.uint32(key >> 32)


def scramble_sums(
    statistics: MatchedFilter, bin_data: BinData, *, key: int, start: int, count: int
) -> FloatArray:
    """Return the statistics of scrambled trials, shape (count, n_stat).

    Maps are held in single precision, sums are in double precision.

    Parameters
    ----------
    statistics
        Matched-filter maps.
    null
        Events of one energy bin.
    key
        64-bit key of the generator.
    start, count
        Trial numbers ``start`` to ``start + count - 1``.
    """
    runs = Runs.of(bin_data, statistics.weight.sum(axis=0))
    n_stat = len(statistics.maps)
    if not len(runs.fraction):
        return statistics.finish(np.zeros((count, n_stat)), np.zeros((count, len(statistics.area))))
    rows = np.concatenate([statistics.maps, statistics.weight])
    # a pixel more, without weight, for what fills up a block
    maps = np.zeros((-(-len(rows) // LANES), rows.shape[1] + 1, LANES), np.float32)
    for i, row in enumerate(rows):
        maps[i // LANES, :-1, i % LANES] = row
    dense = runs.is_dense(bin_data)
    kernel, bins = (dense_sums, runs.dense(bin_data)) if dense else (sparse_sums, runs.sparse(bin_data))
    (sums,) = in_threads(
        lambda first, number: (kernel(maps, *bins, *_words(key), start + first, number),),
        count,
        step=TILE,
    )
    return statistics.finish(sums[:, :n_stat], sums[:, n_stat : len(rows)])


def scramble_counts(bin_data: BinData, *, key: int, trial: int) -> FloatArray:
    """Return the counts per pixel of one trial of :func:`scramble_sums`, all rings, shape (npix,).

    Parameters
    ----------
    null, key
        As in :func:`scramble_sums`.
    trial
        Number of the trial.
    """
    npix, runs = pixel_count(bin_data.nside), Runs.of(bin_data)
    if runs.is_dense(bin_data):
        counts = dense_counts(npix, *runs.dense(bin_data), *_words(key), trial)
    else:
        counts = sparse_counts(npix, *runs.sparse(bin_data), *_words(key), trial)
    return np.asarray(counts, dtype=float)
