"""Selection of galaxies by colour and magnitude (Kovacs & Szapudi 2015)."""

from __future__ import annotations

import numpy as np

from nuweft.sky.typing import BoolArray, FloatArray

_ZERO_POINT = 22.5


def vega_magnitude(nanomaggies: FloatArray) -> FloatArray:
    """Return Vega magnitudes of unWISE fluxes in Vega nanomaggies (Schlafly et al. 2019).

    Fluxes that are not positive have no magnitude: NaN.

    Examples
    --------
    >>> vega_magnitude(np.array([1.0, 100.0])).tolist()
    [22.5, 17.5]
    """
    flux = np.asarray(nanomaggies, dtype=float)
    positive = flux > 0
    return np.where(positive, _ZERO_POINT - 2.5 * np.log10(np.where(positive, flux, 1.0)), np.nan)


def is_galaxy(w1: FloatArray, j: FloatArray, *, colour_max: float, w1_max: float, j_max: float) -> BoolArray:
    """Return which sources are galaxies: ``W1 - J < colour_max``, ``W1 <= w1_max``, ``J < j_max``.

    Sources without a magnitude are not.
    """
    with np.errstate(invalid="ignore"):
        return np.asarray((w1 - j < colour_max) & (w1 <= w1_max) & (j < j_max))
