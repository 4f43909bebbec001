"""Tables of sources: FITS, Parquet, CSV and other text, VOTable, HDF5."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from nuweft.errors import ColumnError, CorruptFileError, MissingDataError, NuweftError
from nuweft.io.columns import Column, in_unit, numbers_in
from nuweft.io.table_files import (
    StoredTable,
    array_tables,
    fits_tables,
    hdf5_tables,
    parquet_tables,
    plain,
    text_tables,
    votable_tables,
)
from nuweft.io.text_files import COMPRESSED
from nuweft.typing import FloatArray

_FORMATS = {
    ".fits": "fits",
    ".fit": "fits",
    ".fts": "fits",
    ".csv": "ascii.csv",
    ".tsv": "ascii.tab",
    ".txt": "ascii",
    ".dat": "ascii",
    ".tbl": "ascii.ipac",
    ".mrt": "ascii.mrt",
    ".ecsv": "ascii.ecsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".vot": "votable",
    ".votable": "votable",
    ".xml": "votable",
    ".npy": "npy",
    ".h5": "hdf5",
    ".hdf5": "hdf5",
    ".hdf": "hdf5",
}

_MAGIC = {b"SIMPLE  ": "fits", b"PAR1": "parquet", b"\x93NUMPY": "npy", b"\x89HDF\r\n\x1a\n": "hdf5"}

_READERS: Mapping[str, Callable[[Path], list[StoredTable]]] = {
    "fits": fits_tables,
    "parquet": parquet_tables,
    "votable": votable_tables,
    "hdf5": hdf5_tables,
    "npy": array_tables,
    "ascii.csv": partial(text_tables, kind="csv"),
    "ascii.tab": partial(text_tables, kind="csv"),
    "ascii": partial(text_tables, kind="text"),
    "ascii.ipac": partial(text_tables, kind="ascii.ipac"),
    "ascii.mrt": partial(text_tables, kind="ascii.mrt"),
    "ascii.ecsv": partial(text_tables, kind="ascii.ecsv"),
}


def table_format(path: Path) -> str:
    """Return astropy's name of a file's format, from its suffix (``.gz``, ``.bz2``, ``.xz`` ignored).

    A folder is one of Parquet files.

    Raises
    ------
    CorruptFileError
        For a suffix that is not known.
    """
    if path.is_dir():
        return "parquet"
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in COMPRESSED]
    if not suffixes or suffixes[-1] not in _FORMATS:
        raise CorruptFileError(f"{path}: cannot tell the format of this table; known: {', '.join(_FORMATS)}")
    return _FORMATS[suffixes[-1]]


def read_table(
    path: Path, columns: Iterable[str], *, table: str | None = None, setting: str = "table"
) -> dict[str, Column]:
    """Return columns of a table as the file holds them, with their units.

    Parameters
    ----------
    path
        FITS, Parquet, CSV, other text, ECSV, VOTable, HDF5 or NumPy (array of
        records) file, optionally compressed, or a folder of Parquet files.
    columns
        Names of the wanted columns.
    table
        Name or number of the table, in a file that holds several. Without it
        the one that has the wanted columns is read.
    setting
        Name of the setting that says ``table``, for messages; empty where there is none.

    Raises
    ------
    MissingDataError
        If there is no such file.
    ColumnError
        If a column is missing (names the nearest ones) or there are two of its name.
    CorruptFileError
        If the file cannot be read, or holds several tables that could be meant.
    """
    if not path.exists():
        raise MissingDataError(f"{path}: no such file")
    wanted = list(dict.fromkeys(columns))
    kind = _kind(path)
    try:
        chosen = _choose(path, _READERS[kind](path), wanted, table, setting)
        positions = chosen.positions(wanted, str(path))
        found = chosen.load(positions)
    except NuweftError:
        raise
    except Exception as error:
        raise CorruptFileError(f"{path}: not readable as {kind}: {type(error).__name__}: {error}") from error
    return dict(zip(wanted, found, strict=True))


def read_columns(
    path: Path,
    columns: Iterable[str],
    *,
    units: Mapping[str, str] | None = None,
    table: str | None = None,
) -> dict[str, FloatArray]:
    """Return columns of a table as native float64 arrays, NaN where a value is missing.

    Parameters
    ----------
    path, columns, table
        As in :func:`read_table`.
    units
        Unit in which a column is wanted, by name: a column for which the file
        states another unit is converted. Other columns are returned as they are.

    Raises
    ------
    MissingDataError, ColumnError, CorruptFileError
        As in :func:`read_table`, and if a value is no number.
    UnitError
        If the unit of a column is unknown or of another kind.
    """
    read = read_table(path, columns, table=table, setting="")
    wanted = units or {}
    return {
        name: in_unit(column, wanted[name], str(path)) if name in wanted else numbers_in(column, str(path))
        for name, column in read.items()
    }


def _kind(path: Path) -> str:
    """Return the format that the first bytes of a file say, or else its suffix."""
    if path.is_file():
        try:
            with path.open("rb") as stream:
                start = stream.read(8)
        except OSError as error:
            raise CorruptFileError(f"{path}: cannot be read ({error.strerror})") from error
        for magic, kind in _MAGIC.items():
            if start.startswith(magic):
                return kind
    return table_format(path)


def _choose(
    path: Path, tables: list[StoredTable], wanted: list[str], table: str | None, setting: str
) -> StoredTable:
    """Return the table that is named, or the only one that has the wanted columns."""
    if not tables:
        raise CorruptFileError(f"{path}: holds no table")
    listed = ", ".join(f"{t.number} {t.label!r}" for t in tables)
    if table is not None:
        found = [t for t in tables if t.label.lower() == table.strip().lower()]
        found = found or [t for t in tables if str(t.number) == table.strip()]
        if len(found) == 1:
            return found[0]
        problem = f"{len(found)} tables are" if found else "no table is"
        raise CorruptFileError(f"{path}: {problem} named {table!r}; the file holds {listed}")
    if len(tables) == 1:
        return tables[0]
    names = {plain(name) for name in wanted}
    found = [t for t in tables if names <= {plain(n) for n in t.names}]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ColumnError(
            f"{path}: none of its tables ({listed}) has the columns {', '.join(map(repr, wanted))}"
        )
    candidates = ", ".join(f"{t.number} {t.label!r}" for t in found)
    mend = "give a file that holds one of them"
    if setting:
        mend = f"say which one is meant with the setting {setting}, its name or number"
    raise CorruptFileError(f"{path}: holds several tables with these columns: {candidates}; {mend}")


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
