"""Rows of a table that are kept: conditions written as pyarrow writes filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import attrs
import numpy as np

from nuweft.errors import CorruptFileError, DataError, EmptySampleError, ParameterError, did_you_mean
from nuweft.io.columns import Column, numbers_in
from nuweft.typing import BoolArray

OPERATORS = ("==", "=", "!=", "<", "<=", ">", ">=", "in", "not in")
"""Operators of a condition."""

_EXPECTED = "a list of [column, operator, value] such as [[NQ, '>', 2], [primary, '==', 1]]"

Condition = tuple[str, str, Any]
"""Column, operator and value."""


def selection(*, doc: str) -> Any:
    """Declare a list of conditions ``[column, operator, value]`` that every kept row of a table meets.

    Parameters
    ----------
    doc
        Which table it is.
    """

    def convert(value: Any, field: attrs.Attribute[Any]) -> tuple[Condition, ...]:
        return conditions(value, field.name)

    return attrs.field(
        default=(),
        converter=attrs.Converter(convert, takes_field=True),
        metadata={"doc": doc, "bounds": f"column, one of {' '.join(OPERATORS)}, value", "optional": True},
        kw_only=True,
    )


def conditions(value: Any, name: str) -> tuple[Condition, ...]:
    """Return conditions after checking them.

    Raises
    ------
    ParameterError
        If they are not written as expected.
    """
    if value is None:
        return ()
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise ParameterError(f"{name}: expected {_EXPECTED}, got {value!r}")
    items = list(value)
    if len(items) == 3 and isinstance(items[0], str) and items[1] in OPERATORS:
        raise ParameterError(f"{name}: expected {_EXPECTED}, got one condition; write [{items!r}]")
    return tuple(_condition(item, name) for item in items)


def _condition(item: Any, name: str) -> Condition:
    if isinstance(item, str) or not isinstance(item, Sequence) or len(item) != 3:
        raise ParameterError(f"{name}: expected {_EXPECTED}, got {item!r} in it")
    column, operator, value = item
    if not isinstance(column, str):
        raise ParameterError(f"{name}: expected {_EXPECTED}, got the column {column!r} in it")
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise ParameterError(
            f"{name}: {operator!r} is no operator; {did_you_mean(str(operator), OPERATORS, label='possible')}"
        )
    if operator in ("in", "not in"):
        if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
            raise ParameterError(f"{name}: {column} {operator}: expected a list of values, got {value!r}")
        values = [_scalar(v, f"{name}: {column} {operator}") for v in value]
        if not values or len({isinstance(v, str) for v in values}) > 1:
            raise ParameterError(
                f"{name}: {column} {operator}: expected numbers or strings, got {list(value)!r}"
            )
        return column, operator, tuple(values)
    return column, operator, _scalar(value, f"{name}: {column} {operator}")


def _scalar(value: Any, what: str) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, str | bool | Real) or value != value:
        raise ParameterError(f"{what}: expected a number, a string, true or false, got {value!r}")
    return value


def describe(condition: Condition) -> str:
    """Return a condition as text.

    Examples
    --------
    >>> describe(("NQ", ">", 2)), describe(("class", "in", ("GALAXY", "QSO")))
    ('NQ > 2', "class in ['GALAXY', 'QSO']")
    """
    column, operator, value = condition
    return f"{column} {operator} {list(value) if isinstance(value, tuple) else value!r}"


def columns_of(chosen: Iterable[Condition]) -> tuple[str, ...]:
    """Return the names of the columns in conditions."""
    return tuple(dict.fromkeys(column for column, _, _ in chosen))


def selected(
    columns: Mapping[str, Column], chosen: Sequence[Condition], what: str
) -> tuple[BoolArray, tuple[str, ...]]:
    """Return which rows meet all conditions, and what each condition left out.

    A missing value meets no condition.

    Parameters
    ----------
    columns
        Columns of the table, by name.
    chosen
        Conditions.
    what
        Name of the table, for messages.

    Raises
    ------
    DataError
        If a number is compared with text.
    EmptySampleError
        If no row is left; says how many each condition left out.
    """
    number = len(next(iter(columns.values()))) if columns else 0
    keep, notes = np.ones(number, dtype=bool), []
    for condition in chosen:
        meets = _meets(columns[condition[0]], condition, what)
        out, of = np.count_nonzero(keep & ~meets), np.count_nonzero(keep)
        notes.append(f"{describe(condition)} left out {out} of {of} rows")
        keep &= meets
    if chosen and number and not keep.any():
        raise EmptySampleError(f"{what}: no row is left: {'; '.join(notes)}")
    return keep, tuple(f"{what}: {note}" for note in notes)


def _meets(column: Column, condition: Condition, what: str) -> BoolArray:
    column = column.flat(what)
    name, operator, value = condition
    there = ~column.missing
    values = list(value) if isinstance(value, tuple) else [value]
    if isinstance(values[0], str):
        if not column.is_text:
            raise DataError(
                f"{what}: column {name!r} holds numbers, which cannot be compared with {values[0]!r}; "
                f"write {describe(condition)} with a number"
            )
        have: Any = np.array(column.texts(), dtype=object).astype(str)
        given: Any = np.array(values)
    else:
        try:
            have = _exact(column, what)
        except CorruptFileError as error:
            raise DataError(
                f"{error}; {describe(condition)} compares it with a number, write it in quotation marks"
            ) from None
        given = np.array([float(v) if isinstance(v, bool) else v for v in values])
    first = given[0]
    with np.errstate(invalid="ignore"):
        if operator in ("in", "not in"):
            result = np.isin(have, given) == (operator == "in")
        elif operator in ("==", "="):
            result = have == first
        elif operator == "!=":
            result = have != first
        elif operator == "<":
            result = have < first
        elif operator == "<=":
            result = have <= first
        elif operator == ">":
            result = have > first
        else:
            result = have >= first
    return np.asarray(result & there)


def _exact(column: Column, what: str) -> Any:
    """Return numbers of a column; whole numbers keep all their digits."""
    values = np.ma.getdata(np.ma.asanyarray(column.values))
    return values if values.dtype.kind in "iu" else numbers_in(column, what)
