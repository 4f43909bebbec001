"""Cross-correlation of astrophysical neutrinos with tracers of the large-scale structure."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nuweft import moved
from nuweft.defaults import provide

if TYPE_CHECKING:
    from nuweft.analysis import Analysis
    from nuweft.interpretation.finished_run import read_run
    from nuweft.model.dataset import DataFile, Dataset
    from nuweft.model.published_result import PublishedResult
    from nuweft.plugin.hookspecs import hookimpl
    from nuweft.plugin.registry import Registry, create, plugins
    from nuweft.runs.folder import run
    from nuweft.studies.scans import scan
    from nuweft.studies.sensitivity import sensitivity

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "DataFile",
    "Dataset",
    "PublishedResult",
    "Registry",
    "__version__",
    "create",
    "hookimpl",
    "plugins",
    "read_run",
    "run",
    "scan",
    "sensitivity",
]

_HOMES = {
    "create": "nuweft.plugin.registry",
    "read_run": "nuweft.interpretation.finished_run",
    "run": "nuweft.runs.folder",
    "scan": "nuweft.studies.scans",
    "sensitivity": "nuweft.studies.sensitivity",
    "Analysis": "nuweft.analysis",
    "DataFile": "nuweft.data.locate",
    "Dataset": "nuweft.data.locate",
    "PublishedResult": "nuweft.model.published_result",
    "Registry": "nuweft.plugin.registry",
    "hookimpl": "nuweft.plugin.hookspecs",
    "plugins": "nuweft.plugin.registry",
}


def _made(kind: str, settings: Any) -> Any:
    """Return the plugin that a default of a parameter names."""
    build = import_module("nuweft.plugin.compose").build
    return build(kind, settings, registry=import_module("nuweft.plugin.registry").plugins)


provide(_made)
moved.install()


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
