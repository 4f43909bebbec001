"""What plugins answer, checked where it enters: type, shape, range, and that it stays the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from nuweft.errors import PluginAnswerError
from nuweft.typing import FloatArray

T = TypeVar("T")


class Plugin(Protocol):
    """What messages name a plugin by."""

    kind: ClassVar[str]
    plugin_name: ClassVar[str]


_REAL = "biuf"


def refused(plugin: Plugin, method: str, came: str, expected: str) -> PluginAnswerError:
    """Return the error that names plugin and method, what came and what was expected."""
    return PluginAnswerError(
        f"{plugin.kind} {plugin.plugin_name!r}: {method} returned {came}, expected {expected}"
    )


def array(
    value: Any,
    plugin: Plugin,
    method: str,
    *,
    shape: Sequence[int | None],
    lowest: float | None = None,
    highest: float | None = None,
    finite: bool = True,
) -> FloatArray:
    """Return an array that a plugin gave, as real numbers.

    Parameters
    ----------
    value
        What came.
    plugin, method
        Where it came from, for messages.
    shape
        Length of each axis; None for any.
    lowest, highest
        Bounds of the values.
    finite
        Whether values that are not finite are refused.

    Raises
    ------
    PluginAnswerError
        For complex, masked, non-finite or textual values, a quantity with a
        unit, another shape, or a value outside of the bounds.
    """
    axes = ", ".join("any" if n is None else str(n) for n in shape)
    expected = f"real numbers of shape ({axes}{',' if len(shape) == 1 else ''})"
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise refused(plugin, method, f"{int(np.sum(np.ma.getmaskarray(value)))} masked values", expected)
    if hasattr(value, "unit"):
        raise refused(plugin, method, f"a quantity in {value.unit}", f"{expected}, without a unit")
    try:
        found = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise refused(plugin, method, f"{type(value).__name__} ({error})", expected) from error
    if found.dtype.kind not in _REAL:
        came = type(value).__name__ if found.dtype.kind == "O" else f"values of type {found.dtype}"
        raise refused(plugin, method, came, expected)
    if found.ndim != len(shape) or any(
        n is not None and n != m for n, m in zip(shape, found.shape, strict=True)
    ):
        raise refused(plugin, method, f"shape {found.shape}", expected)
    result = found.astype(float, copy=False)
    if finite and not np.all(np.isfinite(result)):
        bad = int(np.count_nonzero(~np.isfinite(result)))
        raise refused(plugin, method, f"{bad} values that are not finite", expected)
    if lowest is not None and result.size and result.min() < lowest:
        raise refused(plugin, method, f"values down to {result.min():g}", f"{expected}, at least {lowest:g}")
    if highest is not None and result.size and result.max() > highest:
        raise refused(plugin, method, f"values up to {result.max():g}", f"{expected}, at most {highest:g}")
    return result


def instance(value: Any, plugin: Plugin, method: str, cls: type[T]) -> T:
    """Return an object that a plugin gave.

    Raises
    ------
    PluginAnswerError
        If it is of another class.
    """
    if not isinstance(value, cls):
        raise refused(plugin, method, repr(value)[:80], f"a {cls.__module__}.{cls.__name__}")
    return value


def constant(ask: Callable[[], FloatArray], plugin: Plugin, method: str) -> FloatArray:
    """Return what a plugin answers, after asking it twice.

    Raises
    ------
    PluginAnswerError
        If it answers differently the second time.
    """
    first = ask()
    same(first, ask(), plugin, method)
    return first


def same(first: FloatArray, again: FloatArray, plugin: Plugin, method: str) -> None:
    """Refuse answers to one question that differ.

    Raises
    ------
    PluginAnswerError
        Says by how much.
    """
    if not np.array_equal(first, again, equal_nan=True):
        by = f" by up to {np.max(np.abs(first - again)):.3g}" if first.shape == again.shape else " in shape"
        raise refused(
            plugin,
            method,
            f"answers to the same question that differ{by}",
            "the same each time; what is random depends on a seed that is a setting or an argument",
        )
