"""Compiled loops of the scan over gamma."""

from __future__ import annotations

import numba
import numpy as np

_STEPS = (8, 1)


@numba.njit
def _value(amplitude, information, score, k):  # type: ignore[no-untyped-def]
    """Return the test statistic at grid point k; 0 where f_corr would be negative."""
    total = 0.0
    for a in range(score.shape[0]):
        total += amplitude[k, a] * score[a]
    return total * total / information[k] if total > 0 else 0.0


@numba.njit
def _refined(amplitude, information, score, best, value, fine):  # type: ignore[no-untyped-def]
    """Return the grid point of the maximum round a coarse one, and its value."""
    last = information.shape[0] - 1
    reach = fine
    for step in _STEPS:
        centre = best
        for k in range(max(centre - reach, 0), min(centre + reach, last) + 1, step):
            v = _value(amplitude, information, score, k)
            if v > value:
                best, value = k, v
        reach = step
    return best, value


@numba.njit(nogil=True)
def largest_statistic(coarse, amplitude, information, scores, gamma):  # type: ignore[no-untyped-def]
    """Return test statistic and best gamma of each data set; see :mod:`nuweft.statistics.gamma_scan`."""
    n, rank, n_coarse = scores.shape[0], scores.shape[1], coarse.shape[1]
    fine = (information.shape[0] - 1) // (n_coarse - 1)
    statistic, position = np.zeros(n), np.full(n, np.nan)
    for i in range(n):
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
        best, value = _refined(amplitude, information, score, best, value, fine)
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
