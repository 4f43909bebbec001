"""Columns of angles: their units, and the frame that their names tell."""

from __future__ import annotations

import re
import warnings

import numpy as np

from nuweft.errors import CoordinateError, FrameError, ParameterError, UnitError
from nuweft.io.columns import Column, numbers_in, stated_unit, unit_in_name
from nuweft.typing import FloatArray

ANGLE_UNITS = ("deg", "rad", "hourangle")
"""Units of angle that can be set."""


_DEGREES = {"deg": 1.0, "rad": 180 / np.pi, "hourangle": 15.0}


_LARGEST = {"deg": 360.0, "rad": 2 * np.pi, "hourangle": 24.0}


_WORDS = {
    "deg": ("deg", "degree", "degrees", "degs", "°", "decimaldegrees", "decimaldegree", "equatorial;deg"),
    "rad": ("rad", "radian", "radians", "rads"),
    "hourangle": ("hourangle", "hour", "hours", "hr", "hrs", "h", "hourangles", "decimalhours"),
}


_SEXAGESIMAL = {
    "hourangle": ("h:m:s", "hms", "hh:mm:ss", "hhmmss", "hh:mm:ss.s", "hh:mm:ss.ss", "hour:min:sec"),
    "deg": ("d:m:s", "dms", "dd:mm:ss", "ddmmss", "dd:mm:ss.s", "deg:min:sec", "deg:arcmin:arcsec"),
}


_NAMES = {
    "galactic": {
        *("glon", "glat", "gall", "galb", "lgal", "bgal", "gall2", "galb2", "lii", "bii"),
        *(
            "gallon",
            "gallat",
            "gallong",
            "l2",
            "b2",
            "galacticlongitude",
            "galacticlatitude",
            "galacticlon",
            "galacticlat",
        ),
        *("galacticl", "galacticb", "longal", "latgal", "l2", "b2"),
    },
    "ecliptic": {
        *("elon", "elat", "eclon", "eclat", "ecllon", "ecllat", "eclipticlongitude", "eclipticlatitude"),
        *("eclipticlon", "eclipticlat"),
    },
    "supergalactic": {"sgl", "sgb", "sglon", "sglat", "supergalacticlon", "supergalacticlat"},
    "fk4": {"rab1950", "deb1950", "decb1950", "ra1950", "de1950", "dec1950"},
}


_SHORT_NAMES = {("l", "b"): "galactic", ("lambda", "beta"): "ecliptic"}


def angle_degrees(
    column: Column,
    what: str,
    *,
    longitude: bool,
    strings: str = "deg",
    unit: str | None = None,
    setting: str = "",
) -> FloatArray:
    """Return the angles in a column in degrees, NaN where they are missing.

    Parameters
    ----------
    column
        Numbers, or strings such as ``12:34:56.7`` or ``12h34m56.7s``.
    what
        Name of the table, for messages.
    longitude
        Whether it is right ascension or another longitude, which may be in hours.
    strings
        Unit of strings such as ``12:34:56.7`` where none is stated: ``hourangle`` or ``deg``.
    unit
        One of :data:`ANGLE_UNITS`; without it the one that the file states,
        the one in brackets in the column's name, or degrees.
    setting
        Name of the setting that says the unit, for messages.

    Raises
    ------
    UnitError
        If the unit is unknown, or the values do not fit it.
    CoordinateError
        If a string is no angle.
    """
    column = column.flat(what)
    factor, known, sexagesimal = _unit(column, what, unit, setting)
    hint = f"; set {setting} to what the values are ({', '.join(ANGLE_UNITS)})" if setting else ""
    if not longitude and known == "hourangle":
        raise UnitError(
            f"{what}: column {column.name!r} is in hours, expected a declination or latitude{hint}"
        )
    if column.is_text and not _all_numbers(column):
        default = known if known in ("deg", "hourangle") else strings
        return _sexagesimal(column, default, what, hint)
    if sexagesimal:
        raise UnitError(
            f"{what}: column {column.name!r} states {stated_unit(column)!r}, but holds numbers{hint}"
        )
    values = numbers_in(column, what)
    if known is not None and known != "deg":
        largest = np.nanmax(np.abs(values), initial=0.0)
        if largest > _LARGEST[known] * (1 + 1e-6):
            raise UnitError(
                f"{what}: column {column.name!r} is in {known} by "
                f"{'the setting ' + setting if unit else 'what the file states'}, "
                f"but holds values up to {largest:g}{hint}"
            )
    return values * factor


def _unit(column: Column, what: str, unit: str | None, setting: str) -> tuple[float, str | None, bool]:
    """Return degrees per unit, the unit (None where none is stated), and whether it is one of strings."""
    if unit is not None:
        if unit not in ANGLE_UNITS:
            raise ParameterError(f"{setting or 'unit'}: {unit!r} is not possible: {', '.join(ANGLE_UNITS)}")
        return _DEGREES[unit], unit, False
    stated = stated_unit(column)
    for word in (stated, unit_in_name(column)):
        if word is None:
            continue
        found = _angle_unit(word)
        if found is not None:
            return found
        if word is stated:
            hint = f"; if the values are good, set {setting}" if setting else ""
            raise UnitError(
                f"{what}: column {column.name!r} is in the unit {word!r}, expected one of angle "
                f"(deg, rad, hourangle, h:m:s, d:m:s, arcsec){hint}"
            )
    return 1.0, None, False


def _angle_unit(word: str) -> tuple[float, str, bool] | None:
    from astropy import units

    bare = re.sub(r"\s+", "", word.lower()).strip("\"'")
    if inside := re.fullmatch(r"angle[\[(](.+)[\])]", bare):
        bare = inside[1]
    for name, words in _WORDS.items():
        if bare in words:
            return _DEGREES[name], name, False
    for name, words in _SEXAGESIMAL.items():
        if bare in words:
            return _DEGREES[name], name, True
    try:
        return float(units.Unit(word).to("deg")), "deg", False
    except (ValueError, TypeError, units.UnitConversionError):
        return None


def _all_numbers(column: Column) -> bool:
    for value, missing in zip(column.texts(), column.missing, strict=True):
        if not missing:
            try:
                float(value.replace(",", ".") if column.decimal_comma else value)
            except ValueError:
                return False
    return True


def _sexagesimal(column: Column, unit: str, what: str, hint: str) -> FloatArray:
    from astropy.coordinates import Angle

    missing = column.missing
    rows = np.flatnonzero(~missing)
    texts = column.texts()
    result = np.full(len(missing), np.nan)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="astropy", message=".*60")  # 12:34:60 is 12:35:00
            values = Angle([texts[row] for row in rows], unit).to_value(unit)
    except Exception as error:  # astropy raises many kinds, and one bad value hides the others
        row = next((r for r in rows if not _is_angle(texts[r], unit)), rows[0])
        if unit == "hourangle" and _is_angle(texts[row], "deg"):
            raise CoordinateError(
                f"{what}: column {column.name!r} holds {texts[row]!r} in row {row}, no time of up to 24 hours"
                f"{hint}"
            ) from None
        raise CoordinateError(
            f"{what}: column {column.name!r} is no angle in row {row}: {texts[row]!r}, expected a number or "
            f"a string such as 12:34:56.7 ({type(error).__name__})"
        ) from None
    largest = np.abs(values).max(initial=0.0)
    if largest > _LARGEST[unit]:
        raise CoordinateError(
            f"{what}: column {column.name!r} holds strings up to {largest:g}, taken as {unit}{hint}"
        )
    result[rows] = values * _DEGREES[unit]
    return result


def _is_angle(text: str, unit: str) -> bool:
    from astropy.coordinates import Angle

    try:
        Angle(text, unit)
    except Exception:
        return False
    return True


def named_frame(longitude: Column, latitude: Column) -> str | None:
    """Return the frame other than equatorial that columns state, in their names or in the file.

    Examples
    --------
    >>> named_frame(Column(name="GLON", values=[]), Column(name="GLAT", values=[]))
    'galactic'
    >>> named_frame(Column(name="RA", values=[]), Column(name="b", values=[])) is None
    True
    """
    for column in (longitude, latitude):
        if column.frame is not None:
            return column.frame
        for frame, names in _NAMES.items():
            if _bare(column.name) in names:
                return frame
    return _SHORT_NAMES.get((_bare(longitude.name), _bare(latitude.name)))


def _bare(name: str) -> str:
    """Return the letters and digits of a name in lower case, without its unit."""
    bare = re.sub(r"[^a-z0-9]", "", re.sub(r"[\[(].*$", "", name.lower()))
    return re.sub(r"(?<=[a-z0-9])(degrees|degree|deg|radians|rad|j2000)$", "", bare)


def check_frame(longitude: Column, latitude: Column, frame: str | None, what: str, *, setting: str) -> str:
    """Return the frame of two columns: the one that is set, equatorial (ICRS) without one.

    Raises
    ------
    FrameError
        If none is set and the columns are in another; says the setting that mends it.
    """
    if frame is not None:
        return frame
    named = named_frame(longitude, latitude)
    if named is not None:
        raise FrameError(
            f"{what}: the columns {longitude.name!r} and {latitude.name!r} are {named} coordinates, where "
            f"right ascension and declination (ICRS) are expected; set {setting}: {named} and they are "
            f"converted ({setting}: icrs if they are equatorial nevertheless)"
        )
    return "icrs"
