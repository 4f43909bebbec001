"""Folders with data that users have, and of what is downloaded or kept."""

from __future__ import annotations

import os
from pathlib import Path

DATA_VARIABLE = "NUWEFT_DATA"
"""Environment variable with local data folders."""


CACHE_VARIABLE = "NUWEFT_CACHE"
"""Environment variable with the download folder, instead of the user's cache."""


def local_folders() -> tuple[Path, ...]:
    """Return the folders named in ``NUWEFT_DATA``."""
    value = os.environ.get(DATA_VARIABLE, "")
    return tuple(Path(p).expanduser() for p in value.split(os.pathsep) if p)


def cache_folder() -> Path:
    """Return the download folder; it is made when something is downloaded."""
    import pooch

    return Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("nuweft"))
