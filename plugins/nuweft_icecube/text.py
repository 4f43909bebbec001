"""Read the whitespace-separated tables of the releases."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np

from nuweft.errors import CorruptFileError, DataError, EmptySampleError, MissingDataError, UnitError
from nuweft.interfaces import Events
from nuweft.response import EffectiveArea
from nuweft.sky.coordinates import check_radec
from nuweft.sky.typing import FloatArray

EVENT_COLUMNS = "MJD, log10(E/GeV), AngErr, RA, Dec, Azimuth, Zenith"


def read_table(source: Path | bytes, columns: int, what: str, *, skip: int = 0) -> FloatArray:
    """Return a numeric table, shape (n, columns).

    Lines that start with ``#`` are left out, and ``skip`` lines at the top.

    Raises
    ------
    MissingDataError
        If there is no such file.
    CorruptFileError
        If a line does not hold ``columns`` numbers.
    """
    if isinstance(source, Path) and not source.is_file():
        raise MissingDataError(f"{source}: no such file")
    stream = io.StringIO(source.decode("ascii", "replace")) if isinstance(source, bytes) else source
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "loadtxt: input contained no data", UserWarning)
            table = np.loadtxt(stream, comments="#", skiprows=skip, ndmin=2)
    except ValueError as error:
        raise CorruptFileError(f"{what}: not a table of numbers ({error})") from error
    if table.size == 0:
        raise EmptySampleError(f"{what}: the table has no rows")
    if table.shape[1] != columns:
        raise CorruptFileError(f"{what}: {table.shape[1]} columns, expected {columns}")
    return table


def header_lines(path: Path) -> int:
    """Return 1 if the first line of a file is a header without ``#``, else 0."""
    if not path.is_file():
        raise MissingDataError(f"{path}: no such file")
    with path.open() as stream:
        first = stream.readline().split()
    try:
        [float(word) for word in first]
    except ValueError:
        return 0 if first and first[0].startswith("#") else 1
    return 0


def to_events(table: FloatArray, season: int, floor: float, what: str) -> Events:
    """Return a release's event table as events.

    Parameters
    ----------
    table
        Columns as in :data:`EVENT_COLUMNS`, angles in degrees.
    season
        Index of the season.
    floor
        Smallest angular uncertainty in radians.
    what
        Name of the table, for messages.
    """
    ra, dec = check_radec(table[:, 3], table[:, 4], what)
    if not np.all(np.isfinite(table[:, :3])):
        row = int(np.flatnonzero(~np.isfinite(table[:, :3]).all(axis=1))[0])
        raise DataError(f"{what}: time, energy or angular error is not finite in row {row}")
    return Events(
        ra=np.radians(ra),
        dec=np.radians(dec),
        log10_energy=table[:, 1].copy(),
        angular_error=np.maximum(np.radians(table[:, 2]), floor),
        time=table[:, 0].copy(),
        season=np.full(len(table), season, dtype=np.int64),
    )


def check_area(area: EffectiveArea, unit: str) -> EffectiveArea:
    """Return an effective area after checking that its largest value is one of IceCube.

    Raises
    ------
    UnitError
        If the table seems to be in another unit than that of its layout.
    """
    largest = float(area.area.max())
    if not 3e4 <= largest <= 1e9:
        raise UnitError(
            f"{area.source}: the largest area is {largest:.3g} cm2, expected 3e4 to 1e9; "
            f"the layout has {unit}: is the table in another unit?"
        )
    return area


def uptime_days(path: Path) -> float:
    """Return the livetime of a good-run list in days.

    Raises
    ------
    DataError
        If runs end before they start or overlap.
    """
    runs = read_table(path, 2, str(path), skip=header_lines(path))
    if np.any(runs[:, 1] < runs[:, 0]):
        raise DataError(f"{path}: a run ends before it starts")
    order = np.argsort(runs[:, 0])
    if np.any(runs[order][1:, 0] < runs[order][:-1, 1] - 1e-6):
        raise DataError(f"{path}: runs overlap")
    return float((runs[:, 1] - runs[:, 0]).sum())
