"""Checks of celestial coordinates."""

from __future__ import annotations

import numpy as np

from nuweft.errors import CoordinateError, EmptySampleError
from nuweft.sky.typing import FloatArray

_ENOUGH_FOR_RADIANS = 20


def check_radec(
    ra: FloatArray, dec: FloatArray, what: str, *, guess_radians: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Return ICRS coordinates in native float64 degrees, right ascension in [0, 360).

    Parameters
    ----------
    ra, dec
        Degrees, shape (n,).
    what
        Name of the table, for the message.
    guess_radians
        Whether coordinates that all fit into radians are refused.

    Raises
    ------
    EmptySampleError
        For an empty table.
    CoordinateError
        For values that are not finite, out of range, swapped or in radians.
    """
    ra = np.array(ra, dtype=np.float64)
    dec = np.array(dec, dtype=np.float64)
    if ra.size == 0:
        raise EmptySampleError(f"{what}: the table has no rows")
    for name, values in (("right ascension", ra), ("declination", dec)):
        bad = ~np.isfinite(values)
        if bad.any():
            raise CoordinateError(
                f"{what}: {int(bad.sum())} of {bad.size} values of {name} are not finite "
                f"(first in row {int(np.flatnonzero(bad)[0])})"
            )
    if np.abs(dec).max() > 90:
        swapped = np.abs(ra).max() <= 90
        hint = "; right ascension and declination seem to be swapped" if swapped else ""
        raise CoordinateError(
            f"{what}: declination from {dec.min():g} to {dec.max():g}, expected -90 to 90 degrees{hint}"
        )
    if ra.min() < -180 or ra.max() > 360:
        raise CoordinateError(
            f"{what}: right ascension from {ra.min():g} to {ra.max():g}, expected 0 to 360 degrees"
        )
    if (
        guess_radians
        and ra.size >= _ENOUGH_FOR_RADIANS
        and np.abs(ra).max() <= 2 * np.pi + 1e-6
        and np.abs(dec).max() <= np.pi / 2 + 1e-6
    ):
        raise CoordinateError(
            f"{what}: all coordinates lie within (2 pi, pi/2): they seem to be radians, expected degrees"
        )
    return np.mod(ra, 360.0), dec
