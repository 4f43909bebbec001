"""Declare a plugin's parameters once: type, unit, default, bounds, meaning.

Each function returns an :func:`attrs.field` whose converter and validator
enforce the declaration, whether the value comes from Python or from YAML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import attrs
from astropy import units

from nuweft.errors import ParameterError, did_you_mean

REQUIRED = attrs.NOTHING
"""The default of a parameter that has none."""


def _fail(field: attrs.Attribute[Any], expected: str, got: object) -> ParameterError:
    return ParameterError(f"{field.name}: expected {expected}, got {got!r}")


def _bounds(
    ge: float | None, gt: float | None, le: float | None, lt: float | None, unit: str = ""
) -> tuple[list[tuple[str, Callable[[float], bool]]], str]:
    checks: list[tuple[str, Callable[[float], bool]]] = []
    suffix = f" {unit}" if unit else ""
    if ge is not None:
        checks.append((f">= {ge:g}{suffix}", lambda v: v >= ge))
    if gt is not None:
        checks.append((f"> {gt:g}{suffix}", lambda v: v > gt))
    if le is not None:
        checks.append((f"<= {le:g}{suffix}", lambda v: v <= le))
    if lt is not None:
        checks.append((f"< {lt:g}{suffix}", lambda v: v < lt))
    return checks, " and ".join(text for text, _ in checks)


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
    if isinstance(value, bool) or not isinstance(value, Real):
        raise _fail(field, "a number", value)
    if value != value:
        raise _fail(field, "a number", value)
    return float(value)


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
) -> Any:
    """Declare a dimensionless number, or one whose unit is fixed by convention.

    Parameters
    ----------
    default
        Value where none is given; without it the parameter is required.
    doc
        What the parameter means.
    unit
        Unit, for the documentation.
    ge, gt, le, lt
        Inclusive and exclusive bounds.
    scan
        Range over which figures show the parameter.
    vary
        Values for which tables show what depends on the parameter.
    optional
        Whether ``None`` is allowed.
    """
    checks, text = _bounds(ge, gt, le, lt)

    def convert(value: Any, field: attrs.Attribute[Any]) -> float:
        result = _as_number(value, field)
        if not all(check(result) for _, check in checks):
            raise _fail(field, f"a number {text}", value)
        return result

    return _field(
        convert,
        default=default,
        doc=doc,
        unit=unit,
        bounds=text,
        limits=(ge, gt, le, lt),
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
) -> Any:
    """Declare a whole number. Parameters as in :func:`number`."""
    checks, text = _bounds(ge, None, le, None)

    def convert(value: Any, field: attrs.Attribute[Any]) -> int:
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise _fail(field, "an integer", value)
        result = int(value)
        if not all(check(result) for _, check in checks):
            raise _fail(field, f"an integer {text}", value)
        return result

    return _field(
        convert, default=default, doc=doc, bounds=text, limits=(ge, None, le, None), optional=optional
    )


def boolean(*, default: Any = REQUIRED, doc: str) -> Any:
    """Declare a switch."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> bool:
        if not isinstance(value, bool):
            raise _fail(field, "true or false", value)
        return value

    return _field(convert, default=default, doc=doc)


def text(
    *, default: Any = REQUIRED, doc: str, choices: Sequence[str] | None = None, optional: bool = False
) -> Any:
    """Declare a string, free or one of ``choices``."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> str:
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
    length: int | None = None,
    ge: float | None = None,
    optional: bool = False,
) -> Any:
    """Declare a tuple of numbers, optionally of fixed length or strictly increasing."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> tuple[float, ...]:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise _fail(field, "a list of numbers", value)
        result = tuple(_as_number(v, field) for v in value)
        if length is not None and len(result) != length:
            raise _fail(field, f"{length} numbers", value)
        if increasing and any(b <= a for a, b in pairwise(result)):
            raise _fail(field, "strictly increasing numbers", value)
        if ge is not None and any(v < ge for v in result):
            raise _fail(field, f"numbers >= {ge:g}", value)
        return result

    return _field(convert, default=default, doc=doc, unit=unit, optional=optional)


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
    if not result.isscalar or result.value != result.value:
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
) -> Any:
    """Declare a quantity with a unit; it accepts a Quantity or a string such as ``"10 deg"``.

    The value is kept in the declared ``unit`` (so that it equals itself after
    a round trip through YAML) and converted where it is used. Bounds are in
    ``unit``; a bare number and a wrong dimension are refused.
    """
    checks, text = _bounds(ge, gt, le, lt, unit)

    def convert(value: Any, field: attrs.Attribute[Any]) -> units.Quantity:
        result = as_quantity(value, unit, field.name)
        if not all(check(result.value) for _, check in checks):
            raise _fail(field, f"a quantity {text}", str(value))
        return result

    return _field(
        convert,
        default=default,
        doc=doc,
        unit=unit,
        bounds=text,
        limits=(ge, gt, le, lt),
        optional=optional,
        quantity=unit,
    )


def path(*, default: Any = REQUIRED, doc: str, optional: bool = False) -> Any:
    """Declare a file or folder; it is not opened before it is used."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> Path:
        if not isinstance(value, str | Path) or str(value) == "":
            raise _fail(field, "a path", value)
        return Path(value)

    return _field(convert, default=default, doc=doc, optional=optional, path=True)


def table(*, default: Any = REQUIRED, doc: str, optional: bool = False) -> Any:
    """Declare a mapping from names to strings, such as the column names of a file."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> Mapping[str, str]:
        if not isinstance(value, Mapping):
            raise _fail(field, "a mapping from names to strings", value)
        if not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
            raise _fail(field, "a mapping from names to strings", value)
        return dict(value)

    if isinstance(default, Mapping):
        frozen = dict(default)
        default = attrs.Factory(lambda: dict(frozen))
    return _field(convert, default=default, doc=doc, optional=optional, table=True)


def number_table(*, default: Any = REQUIRED, doc: str, unit: str = "") -> Any:
    """Declare a mapping from names to numbers."""

    def convert(value: Any, field: attrs.Attribute[Any]) -> Mapping[str, float]:
        if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
            raise _fail(field, "a mapping from names to numbers", value)
        return {k: _as_number(v, field) for k, v in value.items()}

    if isinstance(default, Mapping):
        frozen = dict(default)
        default = attrs.Factory(lambda: dict(frozen))
    return _field(convert, default=default, doc=doc, unit=unit, table=True)


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
    def make() -> Any:
        from nuweft.compose import build  # the declaration must not load the registry
        from nuweft.registry import plugins

        return build(kind, settings, registry=plugins)

    return make
