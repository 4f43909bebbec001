"""Celestial coordinates of a table: units, frames, and values that cannot be meant."""

from __future__ import annotations

import numpy as np

from nuweft.errors import CoordinateError, EmptySampleError
from nuweft.typing import FloatArray

FRAMES = ("icrs", "galactic", "ecliptic", "supergalactic", "fk5", "fk4")
"""Celestial frames that can be set; fk4 is B1950, fk5 J2000, ecliptic that of J2000."""

_ASTROPY_FRAMES = {"ecliptic": "barycentricmeanecliptic"}

_ENOUGH_FOR_RADIANS = 20
_WIDE_HOURS = 18.0  # right ascensions from 0 to 24 that spread over more are hours ...
_WIDE_DECLINATION = 60.0  # ... where declinations spread over more than this
_ENOUGH_FOR_DECLINATION = 100
_NEAR_POLE, _FEW_NEAR_POLE = (
    1.3,
    0.08,
)  # on a sphere few objects are near the poles, in a strip of degrees many


# --- frames ----------------------------------------------------------------------


def to_icrs(longitude: FloatArray, latitude: FloatArray, frame: str) -> tuple[FloatArray, FloatArray]:
    """Return right ascension and declination (ICRS) of directions in another frame, all in degrees."""
    if frame == "icrs":
        return longitude, latitude
    from astropy.coordinates import SkyCoord

    directions = SkyCoord(longitude, latitude, unit="deg", frame=_ASTROPY_FRAMES.get(frame, frame)).icrs
    return np.asarray(directions.ra.deg), np.asarray(directions.dec.deg)


# --- values ------------------------------------------------------------------------


def check_radec(
    ra: FloatArray,
    dec: FloatArray,
    what: str,
    *,
    guess_radians: bool = True,
    settings: tuple[str, str] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return ICRS coordinates in native float64 degrees, right ascension in [0, 360).

    Parameters
    ----------
    ra, dec
        Degrees, shape (n,).
    what
        Name of the table, for the message.
    guess_radians
        Whether coordinates that all fit into radians or hours are refused.
    settings
        Names of the settings that say the units of right ascension and
        declination, where there are such settings, for the message.

    Raises
    ------
    EmptySampleError
        For an empty table.
    CoordinateError
        For values that are not finite, out of range, swapped, in radians or in hours.
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
        if dec.min() >= 0 and dec.max() <= 180 and not swapped:
            hint = "; are they distances from the pole? declination is 90 minus these"
        raise CoordinateError(
            f"{what}: declination from {dec.min():g} to {dec.max():g}, expected -90 to 90 degrees{hint}"
        )
    if ra.min() < -180 or ra.max() > 360:
        raise CoordinateError(
            f"{what}: right ascension from {ra.min():g} to {ra.max():g}, expected 0 to 360 degrees"
        )
    if guess_radians and ra.size >= _ENOUGH_FOR_RADIANS:
        _check_units(ra, dec, what, settings)
    return np.mod(ra, 360.0), dec


def _check_units(ra: FloatArray, dec: FloatArray, what: str, settings: tuple[str, str] | None) -> None:
    """Raise if degrees are radians or hours by their range."""
    largest, span = np.abs(ra).max(), np.ptp(ra)
    high, spread = np.abs(dec).max(), np.ptp(dec)
    ra_unit, dec_unit = settings or ("", "")
    mend = "; set {0}: {1} if they are, or {0}: deg if they are degrees" if settings else ", expected degrees"
    if largest <= 2 * np.pi + 1e-6 and high <= np.pi / 2 + 1e-6:
        raise CoordinateError(
            f"{what}: all coordinates lie within (2 pi, pi/2): they seem to be radians"
            + mend.format(ra_unit, "rad")
        )
    if spread > _WIDE_DECLINATION and largest <= 2 * np.pi + 1e-6 and span > 1.5 * np.pi:
        raise CoordinateError(
            f"{what}: right ascensions from {ra.min():g} to {ra.max():g} over the whole sky "
            f"(declinations from {dec.min():g} to {dec.max():g} degrees) seem to be radians"
            + mend.format(ra_unit, "rad")
        )
    if spread > _WIDE_DECLINATION and largest <= 24 + 1e-6 and span > _WIDE_HOURS:
        raise CoordinateError(
            f"{what}: right ascensions from {ra.min():g} to {ra.max():g} over the whole sky "
            f"(declinations from {dec.min():g} to {dec.max():g} degrees) seem to be hours"
            + mend.format(ra_unit, "hourangle")
        )
    check_declination(ra, dec, what, dec_unit)


def check_declination(ra: FloatArray, dec: FloatArray, what: str, setting: str = "") -> None:
    """Check that declinations for right ascensions of the whole sky are degrees.

    Raises
    ------
    CoordinateError
        If all of them, from pole to pole, lie within pi/2.
    """
    high = np.abs(dec).max()
    mend = f"; set {setting}: rad if they are, or {setting}: deg if they are degrees"
    if (
        ra.size >= _ENOUGH_FOR_DECLINATION
        and np.ptp(ra) > 300
        and high <= np.pi / 2 + 1e-6
        and high > _NEAR_POLE
        and np.mean(np.abs(dec) > _NEAR_POLE) < _FEW_NEAR_POLE
    ):
        raise CoordinateError(
            f"{what}: declinations from {dec.min():g} to {dec.max():g} for right ascensions of the whole "
            "sky seem to be radians" + (mend if setting else ", expected degrees")
        )
