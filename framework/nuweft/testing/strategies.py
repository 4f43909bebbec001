"""Hypothesis strategies for the inputs and settings of plugins."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nuweft.errors import ParameterError
from nuweft.interfaces import Component
from nuweft.sky.pixels import pixel_count
from nuweft.typing import FloatArray

_LARGE = 1e6


def nsides(largest: int = 64) -> st.SearchStrategy[int]:
    """Return resolutions, powers of two up to ``largest``."""
    return st.sampled_from([2**k for k in range(int(np.log2(largest)) + 1)])


def redshifts(largest: float = 8.0) -> st.SearchStrategy[FloatArray]:
    """Return arrays of redshifts, not ordered."""
    return arrays.arrays(np.float64, st.integers(1, 20), elements=st.floats(1e-4, largest))


def count_maps(nside: int, largest: int = 1000) -> st.SearchStrategy[FloatArray]:
    """Return maps of counts, shape (npix,)."""
    return arrays.arrays(np.float64, pixel_count(nside), elements=st.integers(0, largest).map(float))


def masks(nside: int) -> st.SearchStrategy[FloatArray]:
    """Return mask weights in [0, 1] that keep some sky, shape (npix,)."""
    weights = arrays.arrays(np.float64, pixel_count(nside), elements=st.floats(0, 1))
    return weights.filter(lambda w: w.sum() > 0)


def settings_of(component: Component) -> st.SearchStrategy[dict[str, Any]]:
    """Return allowed values of those fields of a plugin that hold a number, a choice or a switch.

    Parameters
    ----------
    component
        Says of which type its fields are.
    """
    cls: Any = type(component)
    known = {f.name: _values(f, getattr(component, f.name)) for f in attrs.fields(cls) if f.init}
    return st.fixed_dictionaries({name: values for name, values in known.items() if values is not None})


def variations(component: Component) -> st.SearchStrategy[Component]:
    """Return plugins like one, with other allowed settings."""

    def vary(settings: dict[str, Any]) -> list[Component]:
        plugin: Any = component
        try:
            return [attrs.evolve(plugin, **settings)]
        except ParameterError:
            return []  # fields that exclude each other

    return settings_of(component).map(vary).filter(bool).map(lambda made: made[0])


def _values(field: attrs.Attribute[Any], value: Any) -> st.SearchStrategy[Any] | None:
    metadata = field.metadata
    if metadata.get("choices"):
        return st.sampled_from(list(metadata["choices"]))
    if isinstance(value, bool):
        return st.booleans()
    if value is None or "limits" not in metadata:
        return None
    ge, gt, le, lt = metadata["limits"]
    low = -_LARGE if ge is None and gt is None else max(v for v in (ge, gt) if v is not None)
    high = max(_LARGE, low) if le is None and lt is None else min(v for v in (le, lt) if v is not None)
    if isinstance(value, int):
        return st.integers(int(low), int(high))
    numbers = st.floats(low, high, exclude_min=gt is not None, exclude_max=lt is not None)
    unit = metadata.get("quantity")
    return numbers if unit is None else numbers.map(lambda v: f"{v!r} {unit}")
