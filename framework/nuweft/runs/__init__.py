"""Folders of runs."""

from nuweft.moved import renamed
from nuweft.runs.folder import check_folder, missing_trials, prepare_folder, run, run_trials, write_windows
from nuweft.runs.provenance import NOT_IDENTITY, identity, input_checksums, provenance, used_plugins
from nuweft.runs.sensitivity import write_sensitivity

__all__ = [
    "NOT_IDENTITY",
    "check_folder",
    "identity",
    "input_checksums",
    "missing_trials",
    "prepare_folder",
    "provenance",
    "run",
    "run_trials",
    "used_plugins",
    "write_sensitivity",
    "write_windows",
]

__getattr__ = renamed(__name__, {"execute": "nuweft.runs.folder.run"})
