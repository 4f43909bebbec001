"""The scan over gamma of many data sets at once, compiled.

At fixed gamma score and information of f_corr are closed forms in the
sufficient statistics. Both are tabulated on a fine grid of gamma; a data set
is scanned over every 64th point, refined to its neighbours, and its maximum
is placed by a parabola between points 2e-4 apart.
"""

from __future__ import annotations

import attrs
import numba
import numpy as np

from nuweft.interfaces.likelihood import GaussianModel
from nuweft.sky.typing import FloatArray

_COARSE = 240
_FINE = 64
_STEPS = (8, 1)


@attrs.frozen(eq=False)
class GammaTable:
    """Amplitudes and information on a fine grid of gamma.

    Attributes
    ----------
    gamma : array of shape (n,)
    amplitude : array of shape (n, rank)
        Of all blocks, one after another.
    coarse : array of shape (rank, n_coarse)
        The same at every 64th point.
    information : array of shape (n,)
        Of f_corr, f_atm profiled.
    """

    gamma: FloatArray
    amplitude: FloatArray
    coarse: FloatArray
    information: FloatArray

    @classmethod
    def of(cls, model: GaussianModel, information: list[FloatArray]) -> GammaTable:
        """Return the table of a likelihood.

        Parameters
        ----------
        model
            The likelihood.
        information
            Information matrix of the signal basis of each block.
        """
        gamma = np.linspace(model.gammas[0], model.gammas[-1], _COARSE * _FINE + 1)
        amplitudes = model.amplitudes(gamma)
        total = sum(np.einsum("ga,ab,gb->g", a, q, a) for a, q in zip(amplitudes, information, strict=True))
        amplitude = np.concatenate(amplitudes, axis=1)
        return cls(gamma, amplitude, np.ascontiguousarray(amplitude[::_FINE].T), np.asarray(total))


@numba.njit
def _value(amplitude, information, score, k):  # type: ignore[no-untyped-def]
    """Return the test statistic at grid point k; 0 where f_corr would be negative."""
    total = 0.0
    for a in range(score.shape[0]):
        total += amplitude[k, a] * score[a]
    return total * total / information[k] if total > 0 else 0.0


@numba.njit
def _refined(amplitude, information, score, best, value):  # type: ignore[no-untyped-def]
    """Return the grid point of the maximum round a coarse one, and its value."""
    last = information.shape[0] - 1
    reach = _FINE
    for step in _STEPS:
        centre = best
        for k in range(max(centre - reach, 0), min(centre + reach, last) + 1, step):
            v = _value(amplitude, information, score, k)
            if v > value:
                best, value = k, v
        reach = step
    return best, value


@numba.njit(parallel=True)
def _scan(coarse, amplitude, information, scores, gamma):  # type: ignore[no-untyped-def]
    n, rank, n_coarse = scores.shape[0], scores.shape[1], coarse.shape[1]
    fine = (information.shape[0] - 1) // (n_coarse - 1)
    statistic, position = np.zeros(n), np.full(n, np.nan)
    for i in numba.prange(n):
        score = scores[i]
        total = np.zeros(n_coarse)
        for a in range(rank):
            s, row = score[a], coarse[a]
            for g in range(n_coarse):
                total[g] += s * row[g]
        best, value = -1, 0.0
        for g in range(n_coarse):
            if total[g] > 0:
                v = total[g] * total[g] / information[g * fine]
                if v > value:
                    best, value = g * fine, v
        if best < 0:
            continue
        best, value = _refined(amplitude, information, score, best, value)
        at = gamma[best]
        if 0 < best < information.shape[0] - 1:
            below = _value(amplitude, information, score, best - 1)
            above = _value(amplitude, information, score, best + 1)
            curvature = below - 2 * value + above
            if curvature < 0:
                shift = 0.5 * (below - above) / curvature
                value -= 0.125 * (below - above) * (below - above) / curvature
                at += shift * (gamma[1] - gamma[0])
        statistic[i], position[i] = value, at
    return statistic, position


def scan_gamma(table: GammaTable, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return test statistic and best gamma of data sets, shapes (n,).

    Parameters
    ----------
    table
        Of the likelihood.
    scores
        Scores of the signal basis, f_atm profiled, all blocks one after
        another, shape (n, rank).

    Returns
    -------
    test_statistic, gamma : arrays of shape (n,)
        0 and NaN where f_corr would be negative at every gamma.
    """
    statistic, gamma = _scan(
        table.coarse,
        table.amplitude,
        table.information,
        np.ascontiguousarray(scores, dtype=float),
        table.gamma,
    )
    return statistic, gamma
