"""Trials of several analyses of the same events: one scramble, seen with every tracer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nuweft.errors import ParameterError
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.model.matched_filter import MatchedFilter
from nuweft.statistics.trials import PValue, binomial_p_value, trial_test_statistics
from nuweft.typing import FloatArray

if TYPE_CHECKING:
    from nuweft.analysis import Analysis

_SHARED = ("neutrino_sample", "background", "nside", "seed")


def scramble_the_same(analyses: Sequence[Analysis]) -> Analysis:
    """Return the first of analyses whose trials scramble the same events alike.

    Raises
    ------
    ParameterError
        If they do not: sample, background, resolution or seed differ.
    """
    first = analyses[0]
    for other in analyses[1:]:
        for name in _SHARED:
            if getattr(other, name) != getattr(first, name):
                raise ParameterError(
                    f"joint trials: {name} differs, but the same events are scrambled for all"
                )
    return first


def joint_test_statistics(
    analyses: Sequence[Analysis], measured: Sequence[CrossSpectrum], count: int, *, start: int = 0
) -> FloatArray:
    """Return test statistics of the same scrambles in several analyses, shape (n_analysis, count).

    Events are drawn once for all tracers, masks and weights; each row equals
    the trials of its analysis alone.

    Parameters
    ----------
    analyses
        Of one sample, with one background, resolution and seed.
    measured
        Spectrum of each.
    count, start
        Trials ``start`` to ``start + count - 1``.

    Raises
    ------
    ParameterError
        If the analyses do not scramble the same events.
    """
    first = scramble_the_same(analyses)
    models = [a.model(m) for a, m in zip(analyses, measured, strict=True)]
    filters = [a.filters(m) for a, m in zip(analyses, measured, strict=True)]
    statistics: list[list[FloatArray]] = [[] for _ in analyses]
    for bin_data, of_bin in zip(first.bins, zip(*filters, strict=True), strict=True):
        found = first.background.trials(
            MatchedFilter.joined(of_bin), bin_data, seed=first.seed, start=start, count=count
        )
        edges = np.cumsum([len(f.offset) for f in of_bin])[:-1]
        for own, part in zip(statistics, np.split(found, edges, axis=1), strict=True):
            own.append(part)
    return np.stack([trial_test_statistics(m, s) for m, s in zip(models, statistics, strict=True)])


def global_p_value(trials: FloatArray, observed: FloatArray) -> PValue:
    """Return the p-value of the most significant of several analyses of the same events.

    Parameters
    ----------
    trials
        Of :func:`joint_test_statistics`, shape (n_analysis, count).
    observed
        Observed test statistics, shape (n_analysis,).

    Returns
    -------
    PValue
        Fraction of trials in which the smallest local p-value is at most the observed one.
    """
    count = trials.shape[1]
    smallest = np.full(count, 1.0)
    found = 1.0
    for row, value in zip(trials, observed, strict=True):
        ordered = np.sort(row)
        local = 1 - np.searchsorted(ordered, row) / count
        smallest = np.minimum(smallest, local)
        found = min(found, 1 - np.searchsorted(ordered, value) / count)
    return binomial_p_value(int(np.count_nonzero(smallest <= found)), count)
