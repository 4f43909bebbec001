"""Text files as people have them: compressed or not, in several encodings, with any line end."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import zlib
from pathlib import Path

from nuweft.errors import CorruptFileError, MissingDataError

COMPRESSED = (".gz", ".bz2", ".xz")
"""Suffixes of compressed files, after that of the format."""

_DECOMPRESS = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file, uncompressed.

    Raises
    ------
    MissingDataError
        If there is no such file.
    CorruptFileError
        If it cannot be read, or is compressed and not complete.
    """
    if not path.is_file():
        raise MissingDataError(f"{path}: no such file")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CorruptFileError(f"{path}: cannot be read ({error.strerror})") from error
    for magic, decompress in _DECOMPRESS.items():
        if raw.startswith(magic):
            try:
                return decompress(raw)
            except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
                raise CorruptFileError(f"{path}: not a complete compressed file ({error})") from error
    return raw


def decode(raw: bytes) -> str:
    r"""Return text, with ``\n`` at the end of each line.

    A byte-order mark says the encoding; without one it is UTF-16 where every
    second byte of the beginning is zero, UTF-8 where the bytes are valid UTF-8,
    and Latin-1 otherwise. The language settings of the machine play no part.

    Examples
    --------
    >>> decode("Größe\r\n".encode("latin-1")) == decode("Größe\n".encode("utf-16")) == "Größe\n"
    True
    """
    text = raw.decode(_encoding(raw), errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(raw: bytes) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return encoding
    start = raw[:1000]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(start) > 3 and start[offset::2].count(0) > 0.9 * len(start[offset::2]):
            return encoding
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def read_text(path: Path) -> str:
    r"""Return the text of a file, uncompressed and decoded, with ``\n`` at the end of each line.

    Raises
    ------
    MissingDataError
        If there is no such file.
    CorruptFileError
        If it cannot be read, or is compressed and not complete.
    """
    return decode(read_bytes(path))
