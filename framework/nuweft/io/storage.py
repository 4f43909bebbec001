"""Large arrays: in memory, or in a file of the cache that is keyed by content."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nuweft.errors import CapacityError
from nuweft.io.folders import cache_folder
from nuweft.process.capacity import free_memory

_SHARE = 0.5  # of the memory that is free, which one array may take
STORAGE = ("auto", "memory", "disk")
"""Where an array may be kept."""


def content_key(*parts: Any) -> str:
    """Return a hash of arrays and plain values."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()


def stored(
    shape: tuple[int, int],
    dtype: type,
    fill: Callable[[Any], None],
    *,
    key: str,
    where: str = "auto",
) -> Any:
    """Return an array after filling it, or the one that was filled before.

    Parameters
    ----------
    shape, dtype
        Of the array.
    fill
        Writes the rows of the array it is given.
    key
        Hash of everything the content depends on; names the file.
    where
        ``memory``; ``disk``: a file in the cache, mapped into memory;
        ``auto``: memory where it fits into half of what is free.

    Raises
    ------
    CapacityError
        Before anything is computed, if there is not enough memory or disk.
    """
    needed = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = free_memory()
    if where == "memory" or (where == "auto" and needed <= _SHARE * memory):
        if needed > memory:
            raise CapacityError(
                f"the kernel needs {needed / 2**30:.1f} GiB of memory, {memory / 2**30:.1f} GiB are free; "
                "use storage: disk, precision: single, a lower nside or fewer multipoles"
            )
        result: Any = np.empty(shape, dtype)
        fill(result)
        return result
    folder = cache_folder() / "kernels"
    path = folder / f"{key}.npy"
    found = _mapped(path, shape, dtype)
    if found is None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CapacityError(
                f"the kernel needs {needed / 2**30:.1f} GiB, and {folder} cannot be made ({error.strerror}); "
                "name another folder in NUWEFT_CACHE, or use storage: memory"
            ) from error
        disk = shutil.disk_usage(folder).free
        if needed > disk:
            raise CapacityError(
                f"the kernel needs {needed / 2**30:.1f} GiB of disk in {folder}, "
                f"{disk / 2**30:.1f} GiB are free; use precision: single, a lower nside or fewer multipoles"
            )
        part = folder / f"{key}.{os.getpid()}.part"
        try:
            mapped = np.lib.format.open_memmap(part, mode="w+", dtype=dtype, shape=shape)
            fill(mapped)
            mapped.flush()
            del mapped
            part.replace(path)
        except OSError as error:
            raise CapacityError(
                f"the kernel cannot be written into {folder} ({error.strerror}); free space, or name another "
                "folder in NUWEFT_CACHE"
            ) from error
        finally:
            part.unlink(missing_ok=True)
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    return found


def _mapped(path: Path, shape: tuple[int, int], dtype: type) -> Any:
    """Return the array of a file, or None where there is none or a damaged one."""
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.shape == shape and found.dtype == dtype else None
