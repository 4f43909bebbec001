"""Redshifts of objects: unit, and which values can be a redshift."""

from __future__ import annotations

import numpy as np

from nuweft.errors import RedshiftError, UnitError
from nuweft.io.columns import Column, numbers_in, stated_unit
from nuweft.typing import BoolArray, FloatArray

SMALLEST, LARGEST = 0.002, 15.0
"""Range of redshifts of galaxies: below it stars are not told apart, and none is known above."""

SPEED_OF_LIGHT = 299792.458
"""In km/s."""

UNITS = ("redshift", "km/s")
"""Units of a redshift column: the redshift itself, or c z."""

_NEGATIVE = -0.01  # lower than any star or neighbour galaxy
_FEW = 0.05  # more values that cannot be a redshift mean another unit or another column
_REPEATED, _APART = 5, 1.5  # a code for failures is one value, repeated, apart from all others
_DISTINCT = 3  # more negative values that are repeated are no codes, but another quantity


def redshifts_in(
    column: Column, what: str, *, unit: str | None = None, setting: str = "z_unit"
) -> FloatArray:
    """Return the redshifts in a column, NaN where they are missing.

    Parameters
    ----------
    column
        Redshifts, or velocities c z where the file or ``unit`` says so.
    what
        Name of the table, for messages.
    unit
        One of :data:`UNITS`; without it the one that the file states.
    setting
        Name of the setting that says the unit, for messages.

    Raises
    ------
    UnitError
        If the file states a unit that is not one of velocity.
    """
    from astropy import units

    values = numbers_in(column, what)
    word = stated_unit(column)
    if unit == "redshift" or (unit is None and word is None):
        return values
    if unit == "km/s":
        scale = 1 / SPEED_OF_LIGHT
    else:
        try:
            stated = units.Unit(word)
            scale = (
                stated.to("")
                if stated.is_equivalent(units.dimensionless_unscaled)
                else stated.to("km/s") / SPEED_OF_LIGHT
            )
        except (ValueError, TypeError, units.UnitConversionError):
            raise UnitError(
                f"{what}: column {column.name!r} is in {word!r}, expected redshifts (no unit) or velocities "
                f"c z in km/s; set {setting}: redshift or {setting}: km/s if the values are that"
            ) from None
    codes = _codes(values)
    return np.asarray(np.where(codes, values, values * scale))


def plausible(
    z: FloatArray,
    what: str,
    *,
    low: float | None = None,
    high: float | None = None,
    setting: str = "z_unit",
) -> tuple[BoolArray, str]:
    """Return which values are redshifts of galaxies, and a sentence on those that are not.

    Codes for failures (-9.999, 99, 9999; any value above all others that is
    repeated and far from them), negative values, values of stars (below 0.002
    unless ``low`` says otherwise) and values beyond 15 are not.

    Parameters
    ----------
    z
        Shape (n,), NaN where a value is missing.
    what
        Name of the table and its column, for messages.
    low, high
        Bounds, where they are set; they replace 0.002 and 15.
    setting
        Name of the setting that says the unit, for messages.

    Returns
    -------
    mask : array of bool, shape (n,)
    note : str
        Empty if all are.

    Raises
    ------
    RedshiftError
        If so many values cannot be redshifts that they must be something else.
    """
    low = SMALLEST if low is None else low
    high = LARGEST if high is None or high > LARGEST else high
    missing = ~np.isfinite(z)
    codes = ~missing & _codes(z)
    rest = ~missing & ~codes
    large, negative = rest & (z > LARGEST), rest & (z < _NEGATIVE)
    for bad, words in ((large, f"above {LARGEST:g}"), (negative, f"below {_NEGATIVE:g}")):
        if np.count_nonzero(bad) > _FEW * max(int(rest.sum()), 1):
            middle = float(np.median(z[rest]))
            hint = (
                f"; velocities c z in km/s? set {setting}: km/s"
                if bad is large and middle > 100
                else "; is it another quantity?"
            )
            raise RedshiftError(
                f"{what}: {np.count_nonzero(bad)} of {len(z)} values are {words} (median {middle:g}): "
                f"they cannot be redshifts{hint}"
            )
    near, outside = rest & ~negative & (z <= min(low, SMALLEST)), np.zeros_like(rest)
    if low == 0:
        near = rest & ~negative & (z <= 0)
    good = rest & ~large & ~negative & ~near
    outside = good & ((z < low) | (z > high))
    counts = {
        "missing": np.count_nonzero(missing),
        f"codes for a failure ({_listed(z[codes])})": np.count_nonzero(codes),
        "negative": np.count_nonzero(negative),
        f"above {LARGEST:g}": np.count_nonzero(large),
        f"up to {min(low, SMALLEST):g} (stars, or too near)": np.count_nonzero(near),
        f"outside {low:g} to {high:g}": np.count_nonzero(outside),
    }
    found = [f"{number} {words}" for words, number in counts.items() if number]
    note = f"{len(z) - np.count_nonzero(good & ~outside)} of {len(z)} values left out of n(z): "
    return good & ~outside, note + ", ".join(found) if found else ""


def check_range(z: FloatArray, what: str) -> FloatArray:
    """Return the redshifts of a table of n(z) if galaxies can have them.

    Raises
    ------
    RedshiftError
        If they reach beyond 15.
    """
    z = np.asarray(z, dtype=float)
    if len(z) and np.nanmax(z) > LARGEST:
        raise RedshiftError(
            f"{what}: redshifts up to {np.nanmax(z):g}, expected at most {LARGEST:g}; are they velocities, "
            "distances or per cent?"
        )
    return z


def _codes(z: FloatArray) -> BoolArray:
    """Return which values are codes for a failure and no measurements."""
    finite = np.isfinite(z)
    values, counts = np.unique(z[finite], return_counts=True)
    nines = [v for v in values[np.abs(values) >= 9] if set(f"{abs(v):.10g}".replace(".", "")) == {"9"}]
    below = values[(values < _NEGATIVE) & (counts >= _REPEATED)]
    codes = np.isin(z, nines) | (
        np.isin(z, below) if len(below) <= _DISTINCT else np.zeros(len(z), dtype=bool)
    )
    rest = np.sort(z[finite & ~codes])
    while len(rest) > _REPEATED:
        top = rest[-1]
        below = rest[rest < top]
        if len(rest) - len(below) < _REPEATED or not len(below) or top < _APART * max(below[-1], 1e-3):
            break
        if len(below) < len(rest) - len(below):  # most values: no code
            break
        codes |= z == top
        rest = below
    return codes


def _listed(values: FloatArray) -> str:
    found = [f"{v:g}" for v in np.unique(values)]
    return ", ".join(found[:4]) + (", ..." if len(found) > 4 else "")
