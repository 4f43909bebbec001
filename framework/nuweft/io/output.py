"""Files of results: complete or not there, and one process at a time in a folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from nuweft.errors import NuweftError, OutputError, OutputHeldError

LOCK = ".lock"
"""Name of the file by which a process holds a folder."""

_PART = ".part"


@contextmanager
def disk_faults(path: Path, what: str = "cannot be written") -> Iterator[None]:
    """Name a file or folder in every error of the disk that a block meets.

    Raises
    ------
    OutputError
        For a full or read-only disk, a folder that is not there, a name that is too long, and the like.
    """
    try:
        yield
    except NuweftError:
        raise
    except OSError as error:
        told = re.search(r"error message = '(.*?)'", str(error))  # of HDF5
        reason = told[1] if told else error.strerror or " ".join(str(error).split())
        again = "and run the same again: what was completed before is kept"
        if error.filename and not _of_one_tree(Path(os.fsdecode(error.filename)), path):
            raise OutputError(f"{os.fsdecode(error.filename)}: {reason}; mend this {again}") from error
        raise OutputError(f"{path}: {what} ({reason}); free space or name another place {again}") from error


def _of_one_tree(one: Path, other: Path) -> bool:
    """Return whether one of two paths lies on the way to the other, or is its temporary name."""
    one, other = one.absolute(), other.absolute()
    return one.is_relative_to(other) or other.is_relative_to(one) or one.name.startswith(other.name)


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a temporary name to write a file under; it gets its own name when the block ends well.

    Parameters
    ----------
    path
        The file; its folder is made where it does not exist.

    Raises
    ------
    OutputError
        If the disk does not take it; nothing partial is left.
    """
    part = path.with_name(path.name + _PART)
    with disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name until it is complete."""
    with written(path) as part:
        part.write_text(text, encoding="utf-8")


def make_folder(folder: Path) -> None:
    """Make a folder that can be written to.

    Raises
    ------
    OutputError
        If it cannot be made, or nothing can be written into it.
    """
    with disk_faults(folder, "cannot be made"):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: cannot be written to; name another folder or change its permissions")


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep other processes from writing the same file, or into the same folder, during a block.

    The lock is a file in the folder, or beside the file; the system gives it
    back however this process ends.

    Raises
    ------
    OutputHeldError
        If another process is writing there.
    OutputError
        If the lock cannot be made.
    """
    name = path / LOCK if path.is_dir() else path.with_name(f".{path.name}{LOCK}")
    with disk_faults(path):
        name.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(name, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise OutputHeldError(
                f"{path}: in use by another process, which is writing there; wait until it has ended, "
                "or name another place"
            ) from None
    try:
        yield
    finally:
        name.unlink(missing_ok=True)
        lock.release()
