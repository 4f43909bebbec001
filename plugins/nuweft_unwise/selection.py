"""Selection of galaxies by colour and magnitude (Kovacs & Szapudi 2015)."""

from __future__ import annotations

import numpy as np

from nuweft.errors import UnitError
from nuweft.io import Column, numbers_in, stated_unit
from nuweft.typing import BoolArray, FloatArray

_ZERO_POINT = 22.5
_UNITS = {
    "vega-mag": ("mag", "mags", "magnitude", "magnitudes", "vega", "vegamag", "magvega"),
    "nanomaggies": ("nanomaggy", "nanomaggies", "nmgy", "vegananomaggy", "vegananomaggies", "nanomgy"),
}


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


def magnitudes(column: Column, unit: str, what: str, *, setting: str | None = None) -> FloatArray:
    """Return the Vega magnitudes in a column.

    Parameters
    ----------
    column
        Magnitudes or fluxes.
    unit
        ``vega-mag`` or ``nanomaggies``.
    what
        Name of the table, for messages.
    setting
        Name of the setting that says the unit, for messages.

    Raises
    ------
    UnitError
        If the file states another unit.
    """
    stated = stated_unit(column)
    word = "".join(c for c in (stated or "").lower() if c.isalpha())
    if stated is not None and word not in _UNITS[unit]:
        other = next((name for name, words in _UNITS.items() if word in words), None)
        hint = f"; set {setting}: {other}" if other and setting else ""
        raise UnitError(f"{what}: column {column.name!r} is in {stated!r}, expected {unit}{hint}")
    values = numbers_in(column, what)
    return vega_magnitude(values) if unit == "nanomaggies" else values


def is_galaxy(w1: FloatArray, j: FloatArray, *, colour_max: float, w1_max: float, j_max: float) -> BoolArray:
    """Return which sources are galaxies: ``W1 - J < colour_max``, ``W1 <= w1_max``, ``J < j_max``.

    Sources without a magnitude are not.
    """
    with np.errstate(invalid="ignore"):
        return np.asarray((w1 - j < colour_max) & (w1 <= w1_max) & (j < j_max))
