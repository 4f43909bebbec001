"""Read the tables of the releases: numbers in columns, separated by blanks or commas."""

from __future__ import annotations

import gzip
import io
import re
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import dropwhile, islice
from pathlib import Path
from typing import TextIO

import attrs
import numpy as np

from nuweft.errors import CorruptFileError, EmptySampleError, MissingDataError, UnitError
from nuweft.io import decode
from nuweft.typing import FloatArray

_NAMES = 0.7  # of the words of a line that names columns are known names


@attrs.frozen(kw_only=True)
class Heading:
    """What a column of a layout is called, in what unit.

    Attributes
    ----------
    name : str
        As the release writes it.
    pattern : str
        Regular expression of the beginnings of its names, in lower case.
    unit : str
        Unit in brackets, or scale in parentheses; empty where none is checked.
    """

    name: str
    pattern: str
    unit: str = ""


def read_table(source: Path | bytes, columns: int | Sequence[Heading], what: str) -> FloatArray:
    """Return a numeric table, shape (n, columns).

    Lines that start with ``#`` are left out, and a first line of words. Where
    a line of words names the columns, their order and units must be those
    of the layout.

    Parameters
    ----------
    source
        File, or the content of one.
    columns
        Number of columns, or the headings of the layout.
    what
        Name of the table, for messages.

    Raises
    ------
    MissingDataError
        If there is no such file.
    CorruptFileError
        If a line does not hold so many numbers.
    UnitError
        If the names of the columns say another unit.
    """
    number = columns if isinstance(columns, int) else len(columns)
    try:
        words, skip, delimiter = _first_lines(source, number)
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        if isinstance(error, MissingDataError):
            raise
        raise CorruptFileError(f"{what}: cannot be read ({error})") from error
    if not isinstance(columns, int):
        _check_headings(words, columns, what)
    try:
        with _opened(source) as stream, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "loadtxt: input contained no data", UserWarning)
            table = np.loadtxt(stream, comments="#", skiprows=skip, ndmin=2, delimiter=delimiter)
    except ValueError as error:
        raise CorruptFileError(f"{what}: not a table of numbers ({error})") from error
    except (OSError, EOFError, zlib.error) as error:
        raise CorruptFileError(f"{what}: cannot be read ({error})") from error
    if table.size == 0:
        raise EmptySampleError(f"{what}: the table has no rows")
    if table.shape[1] != number:
        raise CorruptFileError(f"{what}: {table.shape[1]} columns, expected {number}")
    return table


@contextmanager
def _opened(source: Path | bytes) -> Iterator[TextIO]:
    """Open a table as text; numbers are ASCII, so that only a byte-order mark matters."""
    if isinstance(source, bytes):
        yield io.StringIO(decode(source))
        return
    with source.open("rb") as stream:
        opened = gzip.open if stream.read(2) == b"\x1f\x8b" else open
    with opened(source, "rb") as stream:
        start = stream.read(4)
    encoding = "utf-8-sig" if start.startswith(b"\xef\xbb\xbf") else "latin-1"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    with opened(source, "rt", encoding=encoding) as text:
        yield text


def _first_lines(source: Path | bytes, columns: int) -> tuple[list[str], int, str | None]:
    """Return the words of the line that names the columns, the lines to skip, and the delimiter."""
    if isinstance(source, Path) and not source.is_file():
        raise MissingDataError(f"{source}: no such file")
    with _opened(source) as stream:
        lines = list(islice(dropwhile(lambda line: not line.strip(), stream), 200))
    named: list[str] = []
    for line in lines:
        bare = line.strip()
        if bare.startswith("#"):
            found = bare.lstrip("#").replace(",", " ").split()
            named = found if len(found) == columns and not named else named
            continue
        if not bare:
            continue
        delimiter = next((d for d in ",;" if len(bare.split(d)) == columns), None)
        fields = [f.strip() for f in (bare.split(delimiter) if delimiter else bare.split())]
        if any(map(_is_number, fields)):
            return named, 0, delimiter
        return (fields if len(fields) == columns else named), _line_number(source, line), delimiter
    return named, 0, None


def _line_number(source: Path | bytes, wanted: str) -> int:
    """Return how many lines there are up to and with a line."""
    with _opened(source) as stream:
        for number, line in enumerate(stream):
            if line == wanted:
                return number + 1
    return 0


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _check_headings(words: Sequence[str], layout: Sequence[Heading], what: str) -> None:
    """Raise if names of columns are in another order than those of a layout, or in other units."""
    names = [word for word in words if any(re.match(h.pattern, word.lower()) for h in layout)]
    if len(words) != len(layout) or len(names) < _NAMES * len(words):
        return  # other words
    for number, (word, heading) in enumerate(zip(words, layout, strict=True), start=1):
        known = [h for h in layout if re.match(h.pattern, word.lower())]
        if known and heading not in known:
            raise CorruptFileError(
                f"{what}: column {number} is called {word!r}, expected {heading.name}; the layout is "
                f"{' '.join(h.name for h in layout)}"
            )
        inside = re.search(r"[\[(]([^\])]*)[\])]", word)
        if heading.unit and inside and not re.match(heading.unit, inside[1].lower()):
            raise UnitError(
                f"{what}: column {number} is called {word!r}, expected {heading.name}; convert its values"
            )
