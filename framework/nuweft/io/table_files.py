"""Readers of table files: the tables that a file holds, and the wanted columns of one of them."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs
import numpy as np

from nuweft.errors import ColumnError, CorruptFileError, MissingDataError, did_you_mean
from nuweft.io.columns import Column, as_text
from nuweft.io.text_files import decode, read_bytes


class Loader(Protocol):
    """Reads columns, given by their positions in a table."""

    def __call__(self, positions: Sequence[int], /) -> list[Column]:
        """Return the columns at these positions."""


@attrs.frozen(eq=False, kw_only=True)
class StoredTable:
    """One of the tables that a file holds; its columns are read when they are asked for.

    Attributes
    ----------
    label : str
        Name of the table in the file.
    number : int
        Number by which it can be chosen too.
    names : tuple of str
        Names of its columns, in order, as they are written.
    load : callable
        Reads columns.
    """

    label: str
    number: int
    names: tuple[str, ...]
    load: Loader

    def positions(self, wanted: Sequence[str], what: str) -> list[int]:
        """Return where the wanted columns are.

        Raises
        ------
        ColumnError
            If a column is missing (names the nearest) or there are two of its name.
        """
        names = [plain(name) for name in self.names]
        number = Counter(names)
        for name in wanted:
            if number[plain(name)] == 0:
                same = [n for n in names if n.lower() == name.lower()]
                hint = f"did you mean {same[0]!r}? " if same else ""
                hint += did_you_mean("" if same else name, names, label="columns")
                raise ColumnError(f"{what}: no column {name!r}; {hint}")
            if number[plain(name)] > 1:
                raise ColumnError(
                    f"{what}: {number[plain(name)]} columns are named {name!r}; give each a name of its own"
                )
        return [names.index(plain(name)) for name in wanted]


def plain(name: str) -> str:
    """Return the name of a column in the composed form of its letters, without blanks around it."""
    import unicodedata

    return unicodedata.normalize("NFC", name).strip().strip("\ufeff")


# --- text ------------------------------------------------------------------------

_DELIMITERS = ",;\t|"


def text_tables(path: Path, kind: str) -> list[StoredTable]:
    """Return the table of a text file: ``csv`` (any delimiter), ``text``, or one of astropy's formats."""
    text = decode(read_bytes(path))
    if kind.startswith("ascii.") or text.startswith("# %ECSV"):
        return [_astropy_table(text, kind if kind.startswith("ascii.") else "ascii.ecsv")]
    start, header, delimiter, names, units = _header(text, kind)
    if header is None:
        raise CorruptFileError(
            f"{path}: no line with the names of the columns before the first line of numbers; write one"
        )
    body = text[start:]
    escaped = not body.isascii()
    if escaped:  # the fast reader takes ASCII only
        body = body.encode("ascii", "backslashreplace").decode("ascii")

    def load(positions: Sequence[int]) -> list[Column]:
        from astropy.io import ascii as astropy_ascii

        keys = [f"c{i}" for i in range(len(names))]
        reader = {"\t": "fast_tab", " ": "fast_basic"}.get(delimiter, "fast_csv")
        options = {} if reader == "fast_tab" else {"delimiter": delimiter}
        table = astropy_ascii.read(
            delimiter.join(keys) + "\n" + body,
            format=reader,
            guess=False,
            comment="#",
            include_names=[keys[i] for i in set(positions)],
            fast_reader={"exponent_style": "E"},
            **options,
        )
        found = []
        for i in positions:
            values = np.ma.asanyarray(table[keys[i]])
            if escaped and values.dtype.kind in "SU":
                values = np.ma.masked_array([_unescaped(as_text(v)) for v in values.data], values.mask)
            unit = units[i] if i < len(units) else None
            found.append(
                Column(name=names[i], values=values, unit=unit or None, decimal_comma=delimiter == ";")
            )
        return found

    return [StoredTable(label=path.name, number=0, names=tuple(names), load=load)]


def _header(text: str, kind: str) -> tuple[int, str | None, str, list[str], list[str]]:
    """Return where the data start, the header line, the delimiter, names and units."""
    position, comments, lines = 0, [], []
    told = re.match(r"sep=(.)\n", text)  # of a spreadsheet
    if told:
        position, text = len(told[0]), text[len(told[0]) :]
    for line in _lines(text):
        stripped = line.strip()
        if stripped.startswith("#"):
            comments.append(stripped.lstrip("#").strip())
        elif stripped:
            lines.append((position, line))
        position += len(line)
        if len(lines) == 3:
            break
    if not lines:
        return position, (comments[-1] if comments else None), ",", _fields((comments or [""])[-1], ","), []
    first = lines[0][1].rstrip("\n")
    delimiter = _delimiter(first, kind)
    fields = _fields(first, delimiter)
    if all(_is_number(field.replace(",", ".") if delimiter == ";" else field) for field in fields):
        for comment in reversed(comments):
            for candidate in dict.fromkeys((delimiter, " ", ",")):
                if len(_fields(comment, candidate)) == len(fields):
                    return lines[0][0], comment, delimiter, _fields(comment, candidate), []
        return lines[0][0], None, delimiter, fields, []
    start = lines[0][0] + len(lines[0][1])
    units: list[str] = []
    if len(lines) > 2 and re.fullmatch(r"[-\s|,;]*---[-\s|,;]*", lines[2][1].strip()):  # VizieR
        units = [unit.strip() for unit in lines[1][1].rstrip("\n").split(delimiter)]
        start = lines[2][0] + len(lines[2][1])
    return start, first, delimiter, fields, units


def _lines(text: str) -> Iterator[str]:
    return iter(io.StringIO(text))


def _delimiter(header: str, kind: str) -> str:
    bare = re.sub(r'"[^"]*"', "", header)
    if ";" in bare and all(_is_number(part.strip().replace(",", ".")) for part in bare.split(";")):
        return ";"  # numbers with decimal commas, without a header
    most = max(_DELIMITERS, key=bare.count)
    if bare.count(most):
        return most
    return "," if kind == "csv" and " " not in bare.strip() else " "


def _fields(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        line = " ".join(line.split())
    row = next(csv.reader([line.strip("\n")], delimiter=delimiter, skipinitialspace=True), [])
    return [plain(field) for field in row]


def _is_number(field: str) -> bool:
    try:
        float(field or "nan")
    except ValueError:
        return False
    return True


def _unescaped(value: str) -> str:
    return re.sub(
        r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})",
        lambda m: chr(int(m[1] or m[2] or m[3], 16)),
        value,
    )


def _astropy_table(text: str, kind: str) -> StoredTable:
    from astropy.table import Table

    table = Table.read(text.splitlines(), format=kind)
    return _table_in_memory(table, label=kind, number=0)


def _table_in_memory(table: Any, *, label: str, number: int) -> StoredTable:
    def load(positions: Sequence[int]) -> list[Column]:
        found = []
        for i in positions:
            column = table.columns[i]
            unit = getattr(column, "unit", None)
            values = getattr(column, "value", column)  # of a quantity
            found.append(
                Column(
                    name=table.colnames[i],
                    values=np.ma.asanyarray(values),
                    unit=None if unit is None else str(unit),
                )
            )
        return found

    return StoredTable(label=label, number=number, names=tuple(table.colnames), load=load)


# --- FITS ------------------------------------------------------------------------


def fits_tables(path: Path) -> list[StoredTable]:
    """Return the tables of a FITS file, one per table extension."""
    from astropy.io import fits

    raw = read_bytes(path) if path.suffix.lower() in (".bz2", ".xz") else None
    tables = []
    with fits.open(path if raw is None else io.BytesIO(raw), memmap=False, lazy_load_hdus=False) as units:
        for number, unit in enumerate(units):
            if isinstance(unit, fits.BinTableHDU | fits.TableHDU) and not isinstance(unit, fits.CompImageHDU):
                tables.append((number, unit.name or f"extension {number}", tuple(unit.columns.names)))
    return [
        StoredTable(label=label, number=number, names=names, load=_fits_loader(path, raw, number))
        for number, label, names in tables
    ]


def _fits_loader(path: Path, raw: bytes | None, number: int) -> Loader:
    def load(positions: Sequence[int]) -> list[Column]:
        from astropy.io import fits

        found = []
        with fits.open(path if raw is None else io.BytesIO(raw), memmap=raw is None) as units:
            unit = units[number]
            for i in positions:
                column = unit.columns[i]
                values = np.array(unit.data.field(i))
                if column.null is not None and values.dtype.kind in "iu":
                    values = np.ma.masked_equal(values, column.null, copy=False)
                found.append(Column(name=column.name, values=values, unit=column.unit))
        return found

    return load


# --- VOTable -----------------------------------------------------------------------

_UCD_FRAMES = {"pos.galactic": "galactic", "pos.ecliptic": "ecliptic", "pos.supergalactic": "supergalactic"}
_COOSYS_FRAMES = {
    "galactic": "galactic",
    "supergalactic": "supergalactic",
    "ecl_fk4": "ecliptic",
    "ecl_fk5": "ecliptic",
    "ecliptic": "ecliptic",
    "eq_fk4": "fk4",
    "fk4": "fk4",
}


def votable_tables(path: Path) -> list[StoredTable]:
    """Return the tables of a VOTable."""
    from astropy.io import votable

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deviations from the standard, of which real files have many
        document = votable.parse(io.BytesIO(read_bytes(path)), verify="ignore")
        tables = [table for table in document.iter_tables() if table.fields]
    systems = {system.ID: system.system for system in document.iter_coosys()}
    return [
        StoredTable(
            label=table.name or table.ID or f"table {number}",
            number=number,
            names=tuple(field.name for field in table.fields),
            load=_votable_loader(table, systems),
        )
        for number, table in enumerate(tables)
    ]


def _votable_loader(table: Any, systems: Mapping[str, str]) -> Loader:
    def load(positions: Sequence[int]) -> list[Column]:
        found = []
        for i in positions:
            field = table.fields[i]
            ucd = (field.ucd or "").lower()
            frame = next((f for start, f in _UCD_FRAMES.items() if start in ucd), None)
            if frame is None and field.ref in systems:
                frame = _COOSYS_FRAMES.get(str(systems[field.ref]).lower())
            found.append(
                Column(
                    name=field.name,
                    values=np.ma.asanyarray(table.array[table.array.dtype.names[i]]),
                    unit=None if field.unit is None else str(field.unit),
                    frame=frame,
                )
            )
        return found

    return load


# --- HDF5 ------------------------------------------------------------------------


def hdf5_tables(path: Path) -> list[StoredTable]:
    """Return the tables of an HDF5 file: arrays of records, and groups of arrays of equal length.

    Raises
    ------
    CorruptFileError
        If it refers to another file.
    """
    import h5py

    tables: list[StoredTable] = []
    with h5py.File(path, "r") as file:
        _walk(file, "", path, tables)
    return tables


def _walk(group: Any, where: str, path: Path, tables: list[StoredTable]) -> None:
    import h5py

    columns: dict[str, int] = {}
    for name in group:
        inside = f"{where}/{name}" if where else name
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            raise CorruptFileError(
                f"{path}: {inside} is a link to another file ({link.filename}), which is not followed; "
                "write a file that holds the table itself"
            )
        if isinstance(link, h5py.SoftLink):
            continue  # what it points to is found in its own place
        item = group[name]
        if isinstance(item, h5py.Group):
            _walk(item, inside, path, tables)
        elif not isinstance(item, h5py.Dataset):
            continue
        elif item.external or item.is_virtual:
            raise CorruptFileError(f"{path}: {inside} is kept in another file, which is not read")
        elif item.dtype.names:
            tables.append(
                StoredTable(
                    label=inside,
                    number=len(tables),
                    names=item.dtype.names,
                    load=_records_loader(path, inside),
                )
            )
        elif item.ndim >= 1 and not name.endswith(".__table_column_meta__"):
            columns[name] = item.shape[0]
    if columns and len(set(columns.values())) == 1:
        tables.append(
            StoredTable(
                label=where or "/",
                number=len(tables),
                names=tuple(columns),
                load=_group_loader(path, where or "/", tuple(columns)),
            )
        )


def _records_loader(path: Path, where: str) -> Loader:
    def load(positions: Sequence[int]) -> list[Column]:
        import h5py

        with h5py.File(path, "r") as file:
            item = file[where]
            meta = f"{where}.__table_column_meta__"
            units = _yaml_units([as_text(v) for v in file[meta][()]]) if meta in file else {}
            names = item.dtype.names
            return [
                Column(name=names[i], values=item.fields(names[i])[()], unit=units.get(names[i]))
                for i in positions
            ]

    return load


def _group_loader(path: Path, where: str, names: tuple[str, ...]) -> Loader:
    def load(positions: Sequence[int]) -> list[Column]:
        import h5py

        found = []
        with h5py.File(path, "r") as file:
            for i in positions:
                item = file[where][names[i]]
                unit = next((item.attrs[key] for key in ("unit", "units") if key in item.attrs), None)
                unit = None if unit is None else as_text(unit)
                found.append(Column(name=names[i], values=item[()], unit=unit))
        return found

    return load


def _yaml_units(lines: list[str]) -> dict[str, str]:
    """Return the units in the description of a table that astropy writes into HDF5 and Parquet files."""
    from astropy.table.meta import get_header_from_yaml

    return {str(c["name"]): str(c["unit"]) for c in get_header_from_yaml(lines)["datatype"] if c.get("unit")}


def array_tables(path: Path) -> list[StoredTable]:
    """Return the table in an array of records that NumPy wrote.

    Raises
    ------
    CorruptFileError
        If it is another array.
    """
    records = np.load(io.BytesIO(read_bytes(path)), allow_pickle=False)
    names = records.dtype.names
    if names is None or records.ndim != 1:
        raise CorruptFileError(f"{path}: is an array without named columns, expected one of records")

    def load(positions: Sequence[int]) -> list[Column]:
        return [Column(name=names[i], values=records[names[i]]) for i in positions]

    return [StoredTable(label=path.name, number=0, names=names, load=load)]


# --- Parquet -----------------------------------------------------------------------


def parquet_tables(path: Path) -> list[StoredTable]:
    """Return the table of a Parquet file, or of a folder of Parquet files that are its parts.

    Raises
    ------
    CorruptFileError
        If a folder holds no part, or those of several tables.
    MissingDataError
        If pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDataError(
            f"{path}: reading Parquet needs pyarrow: pip install 'nuweft[parquet]' ({error})"
        ) from error
    parts = parquet_parts(path) if path.is_dir() else [path]
    schema = parquet.read_schema(parts[0])
    for part in parts[1:]:
        other = parquet.read_schema(part)
        if list(other.names) != list(schema.names):
            different = sorted(set(other.names) ^ set(schema.names)) or ["their order"]
            raise CorruptFileError(
                f"{path}: {parts[0].name} and {part.name} have different columns ({', '.join(different)}); "
                "expected a folder whose files are parts of one table"
            )

    def load(positions: Sequence[int]) -> list[Column]:
        import pyarrow

        tables = []
        for part in parts:
            names = list(dict.fromkeys(schema.names[i] for i in positions))
            tables.append(parquet.ParquetFile(part).read(columns=names))
        table = pyarrow.concat_tables(tables, promote_options="permissive")
        meta = (schema.metadata or {}).get(b"table_meta_yaml")
        units = _yaml_units(meta.decode().splitlines()) if meta else {}
        found = []
        for i in positions:
            name, own = schema.names[i], schema.field(i).metadata or {}
            stated = own.get(b"unit", own.get(b"units"))
            unit = units.get(name) if stated is None else stated.decode()
            found.append(Column(name=name, values=_arrow_values(table[name]), unit=unit))
        return found

    return [StoredTable(label=path.name, number=0, names=tuple(schema.names), load=load)]


def _arrow_values(column: Any) -> Any:
    import pyarrow
    from pyarrow import compute

    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    elif pyarrow.types.is_decimal(kind):
        column = compute.cast(column, pyarrow.float64())
    if column.null_count and not pyarrow.types.is_nested(column.type):
        mask = compute.is_null(column).to_numpy()
        if pyarrow.types.is_boolean(column.type) or pyarrow.types.is_integer(column.type):
            filled = compute.fill_null(column, pyarrow.scalar(0).cast(column.type))
            return np.ma.masked_array(filled.to_numpy(), mask)
    values = column.to_numpy()
    return values


def parquet_parts(folder: Path) -> list[Path]:
    """Return the Parquet files in a folder that together are one table, in the order of their names.

    Folders named ``key=value`` are partitions; of a folder in HEALPix
    partitions (HATS) the files within ``Norder=...`` are the table.

    Raises
    ------
    CorruptFileError
        If there is no such file, or folders without such names hold different tables.
    """
    parts = sorted(
        p
        for suffix in ("*.parquet", "*.pq", "*.parq")
        for p in folder.rglob(suffix)
        if p.is_file() and not any(w.startswith(("_", ".")) for w in p.relative_to(folder).parts)
    )
    if not parts:
        raise CorruptFileError(
            f"{folder}: is a folder without Parquet files; expected a table, or a folder of its Parquet parts"
        )
    partitioned = [p for p in parts if any(w.startswith("Norder=") for w in p.relative_to(folder).parts)]
    parts = partitioned or parts
    owners: dict[str, int] = {}
    for part in parts:
        words = part.relative_to(folder).parts[:-1]
        own = [w for w in words if "=" not in w]
        owners["/".join(own) or "."] = owners.get("/".join(own) or ".", 0) + 1
    if len(owners) > 1:
        listed = ", ".join(f"{name} ({number} files)" for name, number in sorted(owners.items()))
        raise CorruptFileError(
            f"{folder}: holds Parquet files in several folders: {listed}; give the folder of one table"
        )
    return parts
