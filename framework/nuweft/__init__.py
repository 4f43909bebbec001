"""Cross-correlation of astrophysical neutrinos with tracers of the large-scale structure."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nuweft.analysis import Analysis
    from nuweft.datasets import DataFile, Dataset
    from nuweft.hookspecs import hookimpl
    from nuweft.published import PublishedResult
    from nuweft.registry import Registry, plugins

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "DataFile",
    "Dataset",
    "PublishedResult",
    "Registry",
    "__version__",
    "hookimpl",
    "plugins",
]

_HOMES = {
    "Analysis": "nuweft.analysis",
    "DataFile": "nuweft.datasets",
    "Dataset": "nuweft.datasets",
    "PublishedResult": "nuweft.published",
    "Registry": "nuweft.registry",
    "hookimpl": "nuweft.hookspecs",
    "plugins": "nuweft.registry",
}


def __getattr__(name: str) -> Any:
    """Return a public name, or a module of the package, at its first use."""
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    elif name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    else:
        try:
            value = import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
