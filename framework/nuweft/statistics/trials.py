"""Null trials: their test statistics, and the p-value of the observed one."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from scipy import special

from nuweft.errors import ParameterError
from nuweft.interfaces.background import BackgroundModel
from nuweft.model.bin_data import BinData
from nuweft.model.gaussian_model import GaussianModel
from nuweft.model.linear_kernel import LinearKernel
from nuweft.model.matched_filter import MatchedFilter
from nuweft.plugin import answers as plugin_answers
from nuweft.statistics.gamma_scan import GammaTable, scan_gamma
from nuweft.statistics.profile import scores
from nuweft.typing import FloatArray


def matched_filters(
    model: GaussianModel, kernel: LinearKernel, bins: Sequence[BinData]
) -> list[MatchedFilter]:
    """Return the filters that give the sufficient statistics of each block from events."""
    return [
        MatchedFilter.from_response(block.filters, kernel, bin_data.weights)
        for block, bin_data in zip(model.blocks, bins, strict=True)
    ]


def null_statistics(
    filters: Sequence[MatchedFilter],
    bins: Sequence[BinData],
    background: BackgroundModel,
    *,
    seed: int,
    start: int,
    count: int,
) -> list[FloatArray]:
    """Return the sufficient statistics of trials ``start`` to ``start + count - 1``, per block."""
    return [
        plugin_answers.trials(background, statistics, bin_data, seed=seed, start=start, count=count)
        for statistics, bin_data in zip(filters, bins, strict=True)
    ]


@attrs.frozen(eq=False, kw_only=True)
class TrialTask:
    """What any chunk of trials needs; it can be sent to another process.

    Attributes
    ----------
    filters : tuple of MatchedFilter
    nulls : tuple of BinData
        Per energy bin.
    background : BackgroundModel
    seed : int
    """

    filters: tuple[MatchedFilter, ...]
    bins: tuple[BinData, ...]
    background: BackgroundModel
    seed: int


def compute_trials(task: TrialTask, start: int, count: int) -> list[FloatArray]:
    """Return the sufficient statistics of trials ``start`` to ``start + count - 1``, per block."""
    return null_statistics(task.filters, task.bins, task.background, seed=task.seed, start=start, count=count)


def gaussian_statistics(model: GaussianModel, *, rng: np.random.Generator, count: int) -> list[FloatArray]:
    """Return sufficient statistics of Gaussian data sets under the null, per block.

    The data are ``t_0`` (f_atm = 1, no signal) plus noise with the null
    covariance; their statistics have covariance ``gram``.
    """
    result = []
    for block in model.blocks:
        values, vectors = np.linalg.eigh(block.gram)
        root = vectors * np.sqrt(np.clip(values, 0, None))
        result.append(block.gram[0] + rng.standard_normal((count, len(values))) @ root.T)
    return result


def trial_test_statistics(model: GaussianModel, projections: Sequence[FloatArray]) -> FloatArray:
    """Return the test statistic of each trial, shape (n,), gamma scanned."""
    table = GammaTable.of(model)
    return scan_gamma(table, np.concatenate(scores(model, projections), axis=1))[0]


@attrs.frozen(kw_only=True)
class PValue:
    """Fraction of null trials with a test statistic at least as large as observed.

    Attributes
    ----------
    value, error : float
        With its binomial standard error; where no trial reaches the observed
        value, ``value`` is 0 and ``error`` the 68 % upper bound.
    significance : float
        Two-sided, in sigma, as the p-value 0.23 is 1.2 sigma.
    trials : int
    mode : str
        ``events``: every event of every bin was scrambled; ``hybrid``: only
        those of sparse bins.
    """

    value: float
    error: float
    significance: float
    trials: int
    mode: str = "events"

    @property
    def is_bound(self) -> bool:
        """Whether no trial reaches the observed value, so that only a bound is known."""
        return self.value == 0


def p_value(trials: FloatArray, observed: float) -> PValue:
    """Return the p-value of an observed test statistic.

    Raises
    ------
    ParameterError
        If there are no trials, or values that are not finite.
    """
    n = len(trials)
    if n == 0:
        raise ParameterError("p-value: there are no trials")
    if not (np.all(np.isfinite(trials)) and np.isfinite(observed)):
        raise ParameterError("p-value: test statistics must be finite")
    return binomial_p_value(int(np.count_nonzero(trials >= observed)), n)


def binomial_p_value(above: int, n: int, *, mode: str = "events") -> PValue:
    """Return the p-value where ``above`` of ``n`` trials reach the observed test statistic."""
    p = above / n
    error = np.sqrt(p * (1 - p) / n) if p > 0 else 1 - (1 - 0.6827) ** (1 / n)
    return PValue(
        value=p, error=float(error), significance=two_sided_significance(max(p, 1 / n)), trials=n, mode=mode
    )


def two_sided_significance(p: float) -> float:
    """Return the significance in sigma of a p-value, both tails of a Gaussian counted.

    Examples
    --------
    >>> round(two_sided_significance(0.23), 2)
    1.2
    """
    return float(-special.ndtri(p / 2)) + 0.0
