"""The scan over gamma of many data sets at once.

At fixed gamma score and information of f_corr are closed forms in the
sufficient statistics. Both are tabulated on a fine grid of gamma; a data set
is scanned over every 64th point, refined to its neighbours, and its maximum
is placed by a parabola between points 2e-4 apart.
"""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.model.gaussian_model import GaussianModel
from nuweft.process.threads import in_threads
from nuweft.typing import FloatArray

_COARSE = 240
_FINE = 64
_AT_ONCE = 64  # data sets


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
    def of(cls, model: GaussianModel) -> GammaTable:
        """Return the table of a likelihood."""
        gamma = np.linspace(model.gammas[0], model.gammas[-1], _COARSE * _FINE + 1)
        amplitudes = model.amplitudes(gamma)
        total = sum(
            np.einsum("ga,ab,gb->g", a, block.information, a)
            for a, block in zip(amplitudes, model.blocks, strict=True)
        )
        amplitude = np.concatenate(amplitudes, axis=1)
        return cls(gamma, amplitude, np.ascontiguousarray(amplitude[::_FINE].T), np.asarray(total))


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
    from nuweft.statistics.gamma_kernel import largest_statistic  # compiles

    rows = np.ascontiguousarray(scores, dtype=float)

    def part(first: int, number: int) -> tuple[FloatArray, FloatArray]:
        statistic, gamma = largest_statistic(
            table.coarse, table.amplitude, table.information, rows[first : first + number], table.gamma
        )
        return statistic, gamma

    statistic, gamma = in_threads(part, len(rows), step=_AT_ONCE)
    return statistic, gamma
