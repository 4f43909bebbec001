"""Declare a plugin's parameters once: type, unit, default, bounds, meaning.

Each function returns an :func:`attrs.field` whose converter and validator
enforce the declaration, whether the value comes from Python or from YAML.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import attrs
from astropy import units

from nuweft.defaults import made
from nuweft.errors import ParameterError, did_you_mean
from nuweft.parameters.bounds import Bounds, Slip, bounds_of

REQUIRED = attrs.NOTHING
"""The default of a parameter that has none."""

NO_SLIP = Slip()
_EXACT = 2**53  # whole numbers up to here are exact as floats
_SWITCH = {"yes": True, "on": True, "no": False, "off": False}


def _fail(field: attrs.Attribute[Any], expected: str, got: object) -> ParameterError:
    return ParameterError(f"{field.name}: expected {expected}, got {got!r}")


def _field(
    convert: Callable[[Any, attrs.Attribute[Any]], Any],
    *,
    default: Any,
    doc: str,
    optional: bool = False,
    **metadata: Any,
) -> Any:
    def converter(value: Any, field: attrs.Attribute[Any]) -> Any:
        if value is None and optional:
            return None
        return convert(value, field)

    return attrs.field(
        default=default,
        converter=attrs.Converter(converter, takes_field=True),
        metadata={"doc": doc, **metadata},
        kw_only=True,
    )


def _as_number(value: Any, field: attrs.Attribute[Any]) -> float:
    if isinstance(value, str) and _is_number(value):
        raise ParameterError(f"{field.name}: expected a number, got {value!r}; remove the quotes")
    if isinstance(value, bool) or not isinstance(value, Real):
        raise _fail(field, "a number", value)
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise ParameterError(f"{field.name}: expected a number that is finite, got {result:g}")
    return result


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _in_range(value: float, bounds: Bounds, field: attrs.Attribute[Any], what: str, got: object) -> None:
    if fault := bounds.fault(value):
        raise _fail(field, f"{what} {fault}", got)


def number(
    *,
    default: Any = REQUIRED,
    doc: str,
    unit: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    scan: tuple[float, float] | None = None,
    vary: tuple[float, ...] | None = None,
    optional: bool = False,
    slip: Slip = NO_SLIP,
) -> Any:
    """Declare a dimensionless number, or one whose unit is fixed by convention.

    Parameters
    ----------
    default
        Value where none is given; without it the parameter is required.
    doc
        What the parameter means.
    unit
        Unit; where no bound is given, what no one can mean in it is refused.
    ge, gt, le, lt
        Inclusive and exclusive bounds.
    scan
        Range over which figures show the parameter.
    vary
        Values for which tables show what depends on the parameter.
    optional
        Whether ``None`` is allowed.
    slip
        What a value outside of the bounds is likely to be.
    """
    bounds = bounds_of(Bounds(ge=ge, gt=gt, le=le, lt=lt, slip=slip), unit)

    def convert(value: Any, field: attrs.Attribute[Any]) -> float:
        result = _as_number(value, field)
        _in_range(result, bounds, field, "a number", value)
        return result

    return _field(
        convert,
        default=default,
        doc=doc,
        unit=unit,
        bounds=bounds.text,
        limits=bounds.limits,
        scan=scan,
        vary=vary,
        optional=optional,
    )


def integer(
    *,
    default: Any = REQUIRED,
    doc: str,
    ge: int | None = None,
    le: int | None = None,
    optional: bool = False,
    slip: Slip = NO_SLIP,
) -> Any:
    """Declare a whole number, which may be written as 1e4. Parameters as in :func:`number`."""
    bounds = Bounds(ge=ge, le=le, slip=slip)

    def convert(value: Any, field: attrs.Attribute[Any]) -> int:
        if isinstance(value, bool) or not (isinstance(value, Integral) or _is_whole(value)):
            raise _fail(field, "an integer", value)
        result = int(value)
        _in_range(result, bounds, field, "an integer", value)
        return result

    return _field(
        convert, default=default, doc=doc, bounds=bounds.text, limits=bounds.limits, optional=optional
    )


def _is_whole(value: Any) -> bool:
    """Return whether a value is a float that stands for exactly one whole number."""
    return isinstance(value, float) and value.is_integer() and abs(value) < _EXACT


def boolean(*, default: Any = REQUIRED, doc: str) -> Any:
    """Declare a switch; the words ``yes``, ``no``, ``on`` and ``off`` of older YAML are understood."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> bool:
        if isinstance(value, str) and value.lower() in _SWITCH:
            return _SWITCH[value.lower()]
        if not isinstance(value, bool):
            raise _fail(field, "true or false", value)
        return value

    return _field(convert, default=default, doc=doc)


def text(
    *, default: Any = REQUIRED, doc: str, choices: Sequence[str] | None = None, optional: bool = False
) -> Any:
    """Declare a string, free or one of ``choices``."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> str:
        if isinstance(value, bool | Real):
            raise ParameterError(f"{field.name}: expected a string, got {value!r}; put it into quotes")
        if not isinstance(value, str):
            raise _fail(field, "a string", value)
        if choices is not None and value not in choices:
            raise ParameterError(f"{field.name}: {value!r} is not possible; {did_you_mean(value, choices)}")
        return value

    return _field(convert, default=default, doc=doc, choices=choices, optional=optional)


def numbers(
    *,
    default: Any = REQUIRED,
    doc: str,
    unit: str = "",
    increasing: bool = False,
    distinct: bool = False,
    length: int | None = None,
    at_least: int = 0,
    ge: float | None = None,
    le: float | None = None,
    optional: bool = False,
    slip: Slip = NO_SLIP,
) -> Any:
    """Declare a tuple of numbers.

    Parameters
    ----------
    default, doc, unit, ge, le, optional, slip
        As in :func:`number`, of each number.
    increasing
        Whether they must strictly increase.
    distinct
        Whether each may stand there once only.
    length, at_least
        How many there must be.
    """
    bounds = bounds_of(Bounds(ge=ge, le=le, slip=slip), unit)

    def convert(value: Any, field: attrs.Attribute[Any]) -> tuple[float, ...]:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise _fail(field, "a list of numbers", value)
        result = tuple(_as_number(v, field) for v in value)
        if len(result) < at_least:
            raise _fail(field, f"at least {at_least} number{'s' if at_least > 1 else ''}", value)
        if length is not None and len(result) != length:
            raise _fail(field, f"{length} numbers", value)
        if increasing and any(b <= a for a, b in pairwise(result)):
            raise _fail(field, "strictly increasing numbers", value)
        for item in result:
            _in_range(item, bounds, field, "numbers", value)
        if twice := sorted({item for item in result if distinct and result.count(item) > 1}):
            raise _fail(field, f"each number once (twice: {', '.join(f'{v:g}' for v in twice)})", value)
        return result

    return _field(convert, default=default, doc=doc, unit=unit, bounds=bounds.text, optional=optional)


def texts(*, default: Any = REQUIRED, doc: str, optional: bool = False) -> Any:
    """Declare a tuple of strings."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> tuple[str, ...]:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise _fail(field, "a list of strings", value)
        result = tuple(value)
        if not all(isinstance(v, str) for v in result):
            raise _fail(field, "a list of strings", value)
        return result

    return _field(convert, default=default, doc=doc, optional=optional)


def as_quantity(value: Any, unit: str, name: str) -> units.Quantity:
    """Return ``value`` as a scalar quantity in ``unit``.

    Raises
    ------
    ParameterError
        For a bare number, an unreadable string or a wrong dimension.
    """
    if isinstance(value, str):
        try:
            value = units.Quantity(value)
        except (TypeError, ValueError) as error:
            raise ParameterError(
                f"{name}: expected a quantity such as '10 {unit}', got {value!r} ({error})"
            ) from None
    if not isinstance(value, units.Quantity) or value.unit == units.dimensionless_unscaled:
        raise ParameterError(f"{name}: expected a quantity with a unit such as '10 {unit}', got {value!r}")
    try:
        result = value.to(unit)
    except units.UnitConversionError:
        raise ParameterError(f"{name}: expected a unit convertible to {unit!r}, got {value!r}") from None
    if not result.isscalar or not math.isfinite(result.value):
        raise ParameterError(f"{name}: expected one finite quantity, got {value!r}")
    return result


def quantity(
    unit: str,
    *,
    default: Any = REQUIRED,
    doc: str,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    optional: bool = False,
    slip: Slip = NO_SLIP,
) -> Any:
    """Declare a quantity with a unit; it accepts a Quantity or a string such as ``"10 deg"``.

    The value is kept in the declared ``unit`` (so that it equals itself after
    a round trip through YAML) and converted where it is used. Bounds are in
    ``unit``; a bare number and a wrong dimension are refused.
    """
    bounds = bounds_of(Bounds(ge=ge, gt=gt, le=le, lt=lt, unit=unit, slip=slip), unit)

    def convert(value: Any, field: attrs.Attribute[Any]) -> units.Quantity:
        result = as_quantity(value, unit, field.name)
        _in_range(result.value, bounds, field, "a quantity", str(value))
        return result

    return _field(
        convert,
        default=default,
        doc=doc,
        unit=unit,
        bounds=bounds.text,
        limits=bounds.limits,
        optional=optional,
        quantity=unit,
    )


def path(*, default: Any = REQUIRED, doc: str, optional: bool = False, words: Sequence[str] = ()) -> Any:
    """Declare a file or folder; it is not opened before it is used.

    In a YAML file it is relative to that file's folder; ``~`` is the user's.

    Parameters
    ----------
    default, doc, optional
        As in :func:`number`.
    words
        Values that stand for themselves, beside paths.
    """

    def convert(value: Any, field: attrs.Attribute[Any]) -> Path | str:
        if isinstance(value, str) and value in words:
            return value
        return _as_path(value, field)

    bounds = ", ".join([*words, "a path"]) if words else ""
    return _field(convert, default=default, doc=doc, optional=optional, path=True, words=words, bounds=bounds)


def _as_path(value: Any, field: attrs.Attribute[Any]) -> Path:
    if not isinstance(value, str | Path) or str(value).strip() == "" or "\0" in str(value):
        raise _fail(field, "a path", value)
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise _fail(field, f"a path ({error})", value) from None


def table(*, default: Any = REQUIRED, doc: str, optional: bool = False, files: bool = False) -> Any:
    """Declare a mapping from names to strings, such as the column names of a file.

    Parameters
    ----------
    default, doc, optional
        As in :func:`number`.
    files
        Whether the strings are paths of files; see :func:`path`.
    """

    def convert(value: Any, field: attrs.Attribute[Any]) -> Mapping[str, str]:
        if not isinstance(value, Mapping):
            raise _fail(field, "a mapping from names to strings", value)
        if not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
            raise _fail(field, "a mapping from names to strings", value)
        return {k: str(_as_path(v, field)) for k, v in value.items()} if files else dict(value)

    if isinstance(default, Mapping):
        frozen = dict(default)
        default = attrs.Factory(lambda: dict(frozen))
    return _field(convert, default=default, doc=doc, optional=optional, table=True, files=files)


def number_table(
    *,
    default: Any = REQUIRED,
    doc: str,
    unit: str = "",
    ge: float | None = None,
    le: float | None = None,
    slip: Slip = NO_SLIP,
) -> Any:
    """Declare a mapping from names to numbers. Parameters as in :func:`number`, of each number."""
    bounds = bounds_of(Bounds(ge=ge, le=le, slip=slip), unit)

    def convert(value: Any, field: attrs.Attribute[Any]) -> Mapping[str, float]:
        if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
            raise _fail(field, "a mapping from names to numbers", value)
        result = {k: _as_number(v, field) for k, v in value.items()}
        for key, item in result.items():
            _in_range(item, bounds, field, "numbers", {key: value[key]})
        return result

    if isinstance(default, Mapping):
        frozen = dict(default)
        default = attrs.Factory(lambda: dict(frozen))
    return _field(convert, default=default, doc=doc, unit=unit, bounds=bounds.text, table=True)


def component(
    kind: str, *, default: Any = REQUIRED, doc: str, optional: bool = False, words: Sequence[str] = ()
) -> Any:
    """Declare another plugin as a parameter.

    Parameters
    ----------
    kind
        Kind of the plugin, such as ``"mask"``.
    default
        A plugin name or a mapping with ``plugin`` and its settings, resolved
        through the shared registry when an object is made; or one of ``words``.
    doc, optional
        As in :func:`number`.
    words
        Values that stand for themselves, beside plugins.
    """
    if isinstance(default, str | Mapping) and default not in words:
        default = attrs.Factory(_component_factory(kind, default))
    expected = " or ".join([f"a {kind} plugin", *map(repr, words)])

    def convert(value: Any, field: attrs.Attribute[Any]) -> Any:
        if isinstance(value, str) and value in words:
            return value
        if getattr(value, "kind", None) != kind:
            raise _fail(field, expected, value)
        return value

    bounds = ", ".join([*words, f"any {kind}"]) if words else ""
    return _field(
        convert, default=default, doc=doc, optional=optional, component=kind, words=words, bounds=bounds
    )


def components(kind: str, *, default: Any = REQUIRED, doc: str) -> Any:
    """Declare a tuple of plugins of one kind."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> tuple[Any, ...]:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise _fail(field, f"a list of {kind} plugins", value)
        result = tuple(value)
        for item in result:
            if getattr(item, "kind", None) != kind:
                raise _fail(field, f"a list of {kind} plugins", item)
        return result

    return _field(convert, default=default, doc=doc, components=kind)


def _component_factory(kind: str, settings: str | Mapping[str, Any]) -> Callable[[], Any]:
    return lambda: made(kind, settings)
