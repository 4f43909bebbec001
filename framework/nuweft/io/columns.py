"""Columns of a table with the unit they are in, and their values as numbers."""

from __future__ import annotations

import re
from typing import Any

import attrs
import numpy as np

from nuweft.errors import ColumnError, CorruptFileError, UnitError
from nuweft.typing import BoolArray, FloatArray

NULL_WORDS = frozenset({"", "--", "-", "null", "nan", "na", "n/a", "none", "\\n", "<na>"})
"""Words that stand for a missing value in text, in lower case."""

NO_UNIT = frozenset(
    {"", "-", "--", "---", "none", "unitless", "dimensionless", "1", "na", "n/a", "null", "redshift", "z"}
)
"""Words that tables write where a column has no unit, in lower case."""


@attrs.frozen(eq=False, kw_only=True)
class Column:
    """A column of a table as the file holds it.

    Attributes
    ----------
    name : str
    values : array of shape (n,)
        Numbers, strings or booleans; masked where the file says that a value is missing.
    unit : str or None
        As written in the file; None where the file states none.
    frame : str or None
        Celestial frame that the file states (VOTable UCD or COOSYS): ``galactic``, ``ecliptic``, ``fk4``.
    decimal_comma : bool
        Whether ``1,5`` is a number.
    """

    name: str
    values: Any
    unit: str | None = None
    frame: str | None = None
    decimal_comma: bool = False

    def __len__(self) -> int:
        return len(self.values)

    def select(self, chosen: BoolArray) -> Column:
        """Return some rows of the column."""
        return attrs.evolve(self, values=self.values[chosen])

    def flat(self, what: str) -> Column:
        """Return the column with one value per row.

        Raises
        ------
        ColumnError
            If a row holds several values; names the column and its shape.
        """
        values = np.ma.asanyarray(self.values)
        if values.dtype.names is not None:
            raise ColumnError(f"{what}: column {self.name!r} is a structure with {values.dtype.names}")
        if values.ndim > 1:
            if values[:1].size != 1:
                shape = ", ".join(["n", *map(str, values.shape[1:])])
                raise ColumnError(
                    f"{what}: column {self.name!r} has the shape ({shape}), expected one value per row; "
                    "write the element that is meant into a column of its own"
                )
            values = values.reshape(len(values))
        elif values.dtype == object and len(values):
            data = np.ma.getdata(values)
            sizes = {np.size(v) for v in data}
            if sizes == {1}:
                values = np.ma.masked_array(
                    [np.ravel(v)[0] if isinstance(v, list | np.ndarray) else v for v in data],
                    np.ma.getmask(values),
                    dtype=None if isinstance(data[0], list | np.ndarray) else object,
                )
            else:
                raise ColumnError(
                    f"{what}: column {self.name!r} holds lists of {min(sizes)} to {max(sizes)} values, "
                    "expected one value per row"
                )
        return attrs.evolve(self, values=values)

    @property
    def missing(self) -> BoolArray:
        """Which values are missing: masked, not a number, or a word that says so."""
        values = np.ma.asanyarray(self.values)
        missing = np.ma.getmaskarray(values).copy()
        data = np.ma.getdata(values)
        if data.dtype.kind == "f":
            missing |= np.isnan(data)
        elif data.dtype.kind in "SUO":
            missing |= np.array([is_null(v) for v in data], dtype=bool).reshape(missing.shape)
        return missing

    @property
    def is_text(self) -> bool:
        """Whether the values are strings."""
        data = np.ma.getdata(np.ma.asanyarray(self.values))
        return data.dtype.kind in "SU" or (
            data.dtype == object and any(isinstance(v, str | bytes) for v in data.ravel())
        )

    def texts(self) -> list[str]:
        """Return the values as strings without blanks around them."""
        return [as_text(v) for v in np.ma.getdata(np.ma.asanyarray(self.values))]


def as_text(value: Any) -> str:
    """Return a value of a table as a string without blanks around it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return str(value).strip()


def is_null(value: Any) -> bool:
    """Return whether a value of a table says that it is missing.

    Examples
    --------
    >>> [is_null(v) for v in (None, " ", "NULL", b"nan", float("nan"), "0", 0)]
    [True, True, True, True, True, False, False]
    """
    if value is None:
        return True
    if isinstance(value, str | bytes):
        return as_text(value).lower() in NULL_WORDS
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return False


def numbers_in(column: Column, what: str) -> FloatArray:
    """Return the values of a column as native float64, NaN where they are missing.

    Parameters
    ----------
    column
        Numbers, booleans, or strings that all hold a number.
    what
        Name of the table, for messages.

    Raises
    ------
    ColumnError
        If a row holds several values.
    CorruptFileError
        If a value is no number; names the first one and its row.
    """
    column = column.flat(what)
    values = np.ma.asanyarray(column.values)
    if values.dtype.kind in "biuf":
        return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
    if values.dtype.kind not in "SUO":
        raise CorruptFileError(f"{what}: column {column.name!r} is not numeric ({values.dtype})")
    missing = column.missing
    result = np.full(len(values), np.nan)
    for row in np.flatnonzero(~missing):
        value = np.ma.getdata(values)[row]
        if isinstance(value, str | bytes):
            value = as_text(value)
            if column.decimal_comma and value.count(",") == 1 and "." not in value:
                value = value.replace(",", ".")
        try:
            result[row] = float(value)
        except (TypeError, ValueError):
            raise CorruptFileError(
                f"{what}: column {column.name!r} is not numeric (row {row} holds {value!r})"
            ) from None
    return result


def stated_unit(column: Column) -> str | None:
    """Return the unit that the file states for a column, without quotation marks; None without one.

    Examples
    --------
    >>> stated_unit(Column(name="RA", values=[], unit="'h:m:s'"))
    'h:m:s'
    >>> stated_unit(Column(name="RA", values=[], unit="---")) is None
    True
    """
    word = (column.unit or "").strip().strip("\"'").strip()
    return None if word.lower() in NO_UNIT else word


def unit_in_name(column: Column) -> str | None:
    """Return what stands in brackets at the end of a column's name.

    Examples
    --------
    >>> unit_in_name(Column(name="RA[deg]", values=[])), unit_in_name(Column(name="Dec (rad)", values=[]))
    ('deg', 'rad')
    """
    found = re.search(r"[\[(]\s*([^\])]+?)\s*[\])]\s*$", column.name)
    return found[1] if found else None


def in_unit(column: Column, unit: str, what: str) -> FloatArray:
    """Return the values of a column in a unit; a column without a unit is taken to be in it.

    Raises
    ------
    UnitError
        If the unit of the column is unknown or of another kind.
    """
    from astropy import units

    values, word = numbers_in(column, what), stated_unit(column)
    if word is None:
        return values
    try:
        return np.asarray(values * units.Unit(word).to(unit))
    except (ValueError, TypeError, units.UnitConversionError):
        raise UnitError(
            f"{what}: column {column.name!r} is in {word!r}, expected a unit that can be converted to "
            f"{unit!r}"
        ) from None
