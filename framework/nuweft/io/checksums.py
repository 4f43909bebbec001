"""Checksums of the content of files."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

from nuweft.errors import (
    ChecksumError,
    CorruptFileError,
)


def content_sha256(path: Path) -> str:
    """Return the sha256 of a file's content, of the uncompressed content for ``.gz``.

    That of a folder is of the names and contents of its files.

    Raises
    ------
    CorruptFileError
        If a ``.gz`` file is truncated.
    """
    digest = hashlib.sha256()
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            digest.update(f"{file.relative_to(path).as_posix()} {content_sha256(file)}\n".encode())
        return digest.hexdigest()
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CorruptFileError(f"{path}: not a complete gzip file ({error})") from error
    except OSError as error:
        raise CorruptFileError(f"{path}: cannot be read ({error.strerror})") from error
    return digest.hexdigest()


def verify(path: Path, expected: str | None, what: str) -> None:
    """Check a file's content.

    Raises
    ------
    ChecksumError
        Says both checksums.
    """
    if expected is None:
        return
    found = content_sha256(path)
    if found != expected:
        raise ChecksumError(f"{what}: {path} has sha256 {found}, expected {expected}")
