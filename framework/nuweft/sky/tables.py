"""Tables of sources: FITS, Parquet, CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nuweft.errors import ColumnError, CorruptFileError, MissingDataError, did_you_mean
from nuweft.sky.typing import FloatArray

_FORMATS = {
    ".fits": "fits",
    ".fit": "fits",
    ".csv": "ascii.csv",
    ".txt": "ascii",
    ".dat": "ascii",
    ".ecsv": "ascii.ecsv",
    ".parquet": "parquet",
}


def table_format(path: Path) -> str:
    """Return astropy's name of a file's format, from its suffix (``.gz`` ignored).

    Raises
    ------
    CorruptFileError
        For a suffix that is not known.
    """
    suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    if not suffixes or suffixes[-1] not in _FORMATS:
        raise CorruptFileError(f"{path}: cannot tell the format of this table; known: {', '.join(_FORMATS)}")
    return _FORMATS[suffixes[-1]]


def read_columns(path: Path, columns: Iterable[str]) -> dict[str, FloatArray]:
    """Return columns of a table as native float64 arrays.

    Parameters
    ----------
    path
        FITS, Parquet, CSV or ECSV file, optionally gzipped.
    columns
        Names of the wanted columns.

    Raises
    ------
    MissingDataError
        If there is no such file.
    ColumnError
        If a column is missing; names the nearest ones.
    CorruptFileError
        If the file cannot be read.
    """
    if not path.is_file():
        raise MissingDataError(f"{path}: no such file")
    wanted = list(columns)
    kind = table_format(path)
    try:
        found, names = _read_parquet(path, wanted) if kind == "parquet" else _read_astropy(path, kind, wanted)
    except ImportError as error:
        raise MissingDataError(
            f"{path}: reading Parquet needs pyarrow: pip install 'nuweft[parquet]' ({error})"
        ) from error
    except Exception as error:
        raise CorruptFileError(f"{path}: not readable as {kind}: {type(error).__name__}: {error}") from error
    result = {}
    for name in wanted:
        if name not in found:
            raise ColumnError(f"{path}: no column {name!r}; {did_you_mean(name, names, label='columns')}")
        try:
            result[name] = np.ma.filled(np.ma.asanyarray(found[name]).astype(np.float64), np.nan)
        except (TypeError, ValueError) as error:
            raise CorruptFileError(f"{path}: column {name!r} is not numeric ({error})") from error
    return result


def _read_astropy(path: Path, kind: str, wanted: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return wanted columns that exist, and the names of all."""
    from astropy.table import Table

    options: dict[str, Any] = {"fast_reader": {"exponent_style": "E"}} if kind == "ascii.csv" else {}
    table = Table.read(path, format=kind, **options)
    return {name: table[name] for name in wanted if name in table.colnames}, list(table.colnames)


def _read_parquet(path: Path, wanted: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return wanted columns that exist, and the names of all; only these are read."""
    from pyarrow import parquet

    names = list(parquet.read_schema(path).names)
    table = parquet.read_table(path, columns=[n for n in wanted if n in names])
    return {n: table[n].to_numpy() for n in table.column_names}, names


def write_columns(path: Path, columns: Mapping[str, FloatArray]) -> None:
    """Write a table in the format of the file's suffix; an existing file is replaced.

    Parameters
    ----------
    path
        FITS, CSV, ECSV or text file.
    columns
        Name and values, shape (n,), of each column.
    """
    from astropy.table import Table

    part = path.with_name(f".part-{path.name}")
    Table(dict(columns)).write(part, format=table_format(path), overwrite=True)
    part.replace(path)
