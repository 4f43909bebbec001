"""Objects of a table: where they are, in ICRS, with the columns that are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from nuweft.errors import CoordinateError, ParameterError
from nuweft.io.angles import ANGLE_UNITS, angle_degrees, check_frame
from nuweft.io.columns import Column
from nuweft.io.selection import Condition, columns_of, selected
from nuweft.io.tables import read_table
from nuweft.parameters import text
from nuweft.sky.coordinates import FRAMES, check_declination, check_radec, to_icrs
from nuweft.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class Objects:
    """Objects of a table, those that were selected.

    Attributes
    ----------
    ra, dec : arrays of shape (n,)
        ICRS, degrees, right ascension in [0, 360).
    columns : mapping of str to Column
        Further columns, by what they are.
    notes : tuple of str
        What was left out, and why.
    """

    ra: FloatArray
    dec: FloatArray
    columns: Mapping[str, Column]
    notes: tuple[str, ...] = ()


def table_name(*, doc: str) -> Any:
    """Declare the name or number of a table in a file; None where none is given."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None and not isinstance(value, str):
            raise ParameterError(f"{field.name}: expected the name or number of a table, got {value!r}")
        return value

    return attrs.field(
        default=None,
        converter=attrs.Converter(convert, takes_field=True),
        metadata={"doc": doc, "optional": True, "bounds": "name or number"},
        kw_only=True,
    )


def angle_unit(*, doc: str) -> Any:
    """Declare the unit of a column of angles; the one that the file states where none is given."""
    return text(default=None, optional=True, choices=ANGLE_UNITS, doc=doc)


def celestial_frame(*, doc: str) -> Any:
    """Declare the frame of two columns of coordinates; equatorial (ICRS) where none is given."""
    return text(default=None, optional=True, choices=FRAMES, doc=doc)


def read_objects(
    path: Path,
    *,
    ra: str,
    dec: str,
    columns: Mapping[str, str] | None = None,
    select: Sequence[Condition] = (),
    table: str | None = None,
    ra_unit: str | None = None,
    dec_unit: str | None = None,
    frame: str | None = None,
    guess_radians: bool = True,
    prefix: str = "",
) -> Objects:
    """Return the objects of a table.

    Rows are selected first, then coordinates are converted and checked.

    Parameters
    ----------
    path
        The table, as for :func:`nuweft.io.tables.read_table`.
    ra, dec
        Names of the columns with right ascension and declination, or with
        longitude and latitude in ``frame``.
    columns
        Names of further columns, by what they are.
    select
        Conditions that an object meets.
    table
        Name or number of the table in a file that holds several.
    ra_unit, dec_unit
        Units of the coordinates; those that the file states, degrees without
        one. Where ``ra_unit`` is deg or rad, it holds for both.
    frame
        Celestial frame of the coordinates.
    guess_radians
        Whether coordinates that look like radians or hours are refused.
    prefix
        What the names of the settings begin with, for messages.

    Raises
    ------
    FrameError, UnitError, CoordinateError
        If the coordinates are in another frame or unit; says the setting that mends it.
    EmptySampleError
        If no row is left.
    """
    what, more = str(path), dict(columns or {})
    names = [ra, dec, *more.values(), *columns_of(select)]
    read = read_table(path, names, table=table, setting=f"{prefix}table")
    keep, notes = selected(read, select, what)
    if select:
        read = {name: column.select(keep) for name, column in read.items()}
    longitude, latitude = read[ra], read[dec]
    named = check_frame(longitude, latitude, frame, what, setting=f"{prefix}frame")
    if dec_unit is None and ra_unit in ("deg", "rad"):
        dec_unit = ra_unit
    settings = (f"{prefix}ra_unit", f"{prefix}dec_unit")
    hours = "hourangle" if named in ("icrs", "fk5", "fk4") else "deg"
    lon = angle_degrees(longitude, what, longitude=True, strings=hours, unit=ra_unit, setting=settings[0])
    lat = angle_degrees(latitude, what, longitude=False, unit=dec_unit, setting=settings[1])
    guess = guess_radians and ra_unit is None and dec_unit is None
    try:
        lon, lat = check_radec(lon, lat, what, guess_radians=guess, settings=settings)
    except CoordinateError as error:
        if "not finite" not in str(error):
            raise
        raise CoordinateError(
            f"{error}; leave out rows without coordinates with {prefix}select: [[{ra}, '>=', 0]]"
        ) from None
    if guess_radians and not guess and dec_unit is None:
        check_declination(lon, lat, what, settings[1])
    lon, lat = to_icrs(lon, lat, named)
    return Objects(ra=lon, dec=lat, columns={role: read[name] for role, name in more.items()}, notes=notes)
