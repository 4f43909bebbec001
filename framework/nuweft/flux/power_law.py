"""Power-law spectra."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.errors import GammaRangeError
from nuweft.typing import FloatArray


def check_gamma(gamma: float, low: float, high: float) -> float:
    """Return ``gamma`` if it lies on the grid.

    Raises
    ------
    GammaRangeError
        Otherwise: templates are not extrapolated.
    """
    if not low - 1e-12 <= gamma <= high + 1e-12:
        raise GammaRangeError(f"spectral index {gamma:g} lies outside the computed range {low:g} to {high:g}")
    return float(min(max(gamma, low), high))


@attrs.frozen
class PowerLawFlux:
    """Isotropic flux ``normalisation (E/100 TeV)^-gamma``.

    Attributes
    ----------
    normalisation : float
        In GeV^-1 cm^-2 s^-1 sr^-1.
    gamma : float
    """

    normalisation: float
    gamma: float

    def __call__(self, energy: FloatArray, sin_dec: FloatArray) -> FloatArray:
        """Return the flux; it does not depend on ``sin_dec``."""
        return np.asarray(
            self.normalisation * (energy / PIVOT_ENERGY) ** -self.gamma * np.ones_like(np.asarray(sin_dec))
        )


PIVOT_ENERGY = 1e5
"""Energy in GeV at which fluxes are quoted."""


def power_law_integrals(log10_edges: FloatArray, gammas: FloatArray) -> FloatArray:
    """Return the integral of ``(E/100 TeV)^-gamma`` over energy bins, in GeV.

    Returns
    -------
    array of shape (n_gamma, n_bin)
    """
    x = np.log(10.0) * (np.asarray(log10_edges) - np.log10(PIVOT_ENERGY))
    slope = 1.0 - np.asarray(gammas, dtype=float)[:, None]
    centre, half = 0.5 * (x[1:] + x[:-1]), 0.5 * np.diff(x)
    u = slope * half
    # int exp(slope x) dx = exp(slope centre) * width * sinh(u)/u
    ratio = np.where(np.abs(u) < 1e-6, 1 + u**2 / 6, np.sinh(u) / np.where(u == 0, 1, u))
    return np.asarray(PIVOT_ENERGY * np.exp(slope * centre) * 2 * half * ratio)
