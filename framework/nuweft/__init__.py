"""Cross-correlation of astrophysical neutrinos with tracers of the large-scale structure."""

from nuweft.analysis import Analysis
from nuweft.datasets import DataFile, Dataset
from nuweft.hookspecs import hookimpl
from nuweft.registry import Registry, plugins

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "DataFile",
    "Dataset",
    "Registry",
    "__version__",
    "hookimpl",
    "plugins",
]
