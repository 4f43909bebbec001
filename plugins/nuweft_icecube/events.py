"""Event lists of the releases: units, values that cannot be, events that are listed twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nuweft.errors import DataError, UnitError
from nuweft.model import Events
from nuweft.sky import check_radec
from nuweft.typing import BoolArray, FloatArray
from nuweft_icecube.text import Heading, read_table

_ANGLE = r"deg|.*°"
EVENT_COLUMNS = (
    Heading(name="MJD[days]", pattern=r"mjd|time", unit="d"),
    Heading(name="log10(E/GeV)", pattern=r"log|e\b|e\[|energy", unit=r".*gev"),
    Heading(name="AngErr[deg]", pattern=r"ang|sigma", unit=_ANGLE),
    Heading(name="RA[deg]", pattern=r"ra\b|ra\[|r\.a", unit=_ANGLE),
    Heading(name="Dec[deg]", pattern=r"dec", unit=_ANGLE),
    Heading(name="Azimuth[deg]", pattern=r"az", unit=_ANGLE),
    Heading(name="Zenith[deg]", pattern=r"zen", unit=_ANGLE),
)
"""Columns of an event list."""

MJD_RANGE = (45000.0, 90000.0)
"""Modified Julian dates from 1982 to 2105."""

_FEW_REPEATED = 1e-3
SMALLEST_MEDIAN_ERROR = 0.05
"""Smallest angular error in degrees that is the middle of a sample of tracks."""

_SMALL_ERRORS = 0.02  # fraction of angular errors below it; at most 0.0002 in the releases
_LARGEST_MEDIAN_ERROR, _LARGEST_ERROR = 15.0, 90.0  # deg
_LOG10_ENERGY = (-1.0, 10.0)
_SMALLEST_MEDIAN_ENERGY = 1.5


def read_events(
    seasons: Sequence[tuple[str, Path | bytes, str]], floor: float
) -> tuple[Events, tuple[str, ...]]:
    """Return the events of several seasons, each listed once, and notes on what was left out.

    Parameters
    ----------
    seasons
        Name, event list and its name for messages, of each season.
    floor
        Smallest angular uncertainty in radians.

    Raises
    ------
    DataError
        If a value cannot be, if more than 0.1 % of the events of a season are
        repeated, or if seasons share events.
    """
    tables, notes = [], []
    for _, source, what in seasons:
        table = read_table(source, EVENT_COLUMNS, what)
        check_events(table, what)
        again = repeated(table)
        number = int(np.count_nonzero(again))
        if number > _FEW_REPEATED * len(table):
            raise DataError(
                f"{what}: {number} of {len(table)} events are exact repeats of others; expected each event "
                "once (was a file written twice, or are files of other releases mixed in?)"
            )
        if number:
            notes.append(f"{what}: {number} of {len(table)} events, exact repeats of others, left out")
            table = table[~again]
        tables.append(table)
    both = np.concatenate(tables)
    season = np.repeat(np.arange(len(tables)), [len(t) for t in tables])
    shared = repeated(both)
    if shared.any():
        row = int(np.flatnonzero(shared)[0])
        first = int(np.flatnonzero((both == both[row]).all(axis=1))[0])
        one, other = seasons[season[first]][2], seasons[season[row]][2]
        raise DataError(
            f"{one} and {other}: {np.count_nonzero(shared)} events are in both; expected seasons without "
            "common events (is one file a copy, or a part, of another?)"
        )
    events = Events.concatenate([to_events(table, i, floor, seasons[i][2]) for i, table in enumerate(tables)])
    return events, tuple(notes)


def repeated(table: FloatArray) -> BoolArray:
    """Return which rows equal an earlier one in all columns."""
    result = np.zeros(len(table), dtype=bool)
    order = np.argsort(table[:, 0], kind="stable")
    same = np.diff(table[order, 0]) == 0
    candidates = np.sort(order[np.append(same, False) | np.append(False, same)])  # of equal times
    if len(candidates):
        _, first = np.unique(table[candidates], axis=0, return_index=True)
        result[np.delete(candidates, first)] = True
    return result


def check_events(table: FloatArray, what: str) -> None:
    """Check times, energies and angular errors.

    Raises
    ------
    DataError
        If a value is not finite or cannot be.
    UnitError
        If a column is in another unit than that of the layout.
    """
    if not np.all(np.isfinite(table[:, :3])):
        row = int(np.flatnonzero(~np.isfinite(table[:, :3]).all(axis=1))[0])
        raise DataError(f"{what}: time, energy or angular error is not finite in row {row}")
    check_mjd(table[:, 0], what)
    energy, error = table[:, 1], table[:, 2]
    if energy.max() > _LOG10_ENERGY[1]:
        raise UnitError(
            f"{what}: energies up to {energy.max():g}, expected log10(E/GeV) up to {_LOG10_ENERGY[1]:g}; "
            "are they in GeV or TeV? take the decimal logarithm of GeV"
        )
    middle = float(np.median(energy))
    if energy.min() < _LOG10_ENERGY[0] or middle < _SMALLEST_MEDIAN_ENERGY:
        raise UnitError(
            f"{what}: energies from {energy.min():g}, median {middle:g}, expected log10(E/GeV) with a median "
            f"above {_SMALLEST_MEDIAN_ENERGY:g}; are they log10(E/TeV)? add 3"
        )
    if error.min() < 0:
        rows = np.flatnonzero(error < 0)
        raise DataError(
            f"{what}: {len(rows)} angular errors are negative (first in row {rows[0]}: {error[rows[0]]:g}), "
            "expected degrees above zero; leave out events without one"
        )
    middle = float(np.median(error))
    small = (error > 0) & (error < SMALLEST_MEDIAN_ERROR)
    if middle == 0:
        raise DataError(f"{what}: most angular errors are zero, expected degrees above zero")
    if middle < SMALLEST_MEDIAN_ERROR or small.mean() > _SMALL_ERRORS:
        raise UnitError(
            f"{what}: angular errors have the median {middle:g}, {np.count_nonzero(small)} of {len(error)} "
            f"are below {SMALLEST_MEDIAN_ERROR:g}, expected about one degree; are they in radians? multiply "
            "them by 180 / pi"
        )
    if middle > _LARGEST_MEDIAN_ERROR or error.max() > _LARGEST_ERROR:
        raise UnitError(
            f"{what}: angular errors have the median {middle:g} and reach {error.max():g}, expected about "
            "one degree; are they in minutes or seconds of arc?"
        )


def check_mjd(times: FloatArray, what: str) -> None:
    """Check that times are modified Julian dates.

    Raises
    ------
    UnitError
        If they are not; says what they seem to be.
    """
    low, high = float(times.min()), float(times.max())
    if low >= MJD_RANGE[0] and high <= MJD_RANGE[1]:
        return
    hint = ""
    if low > 2_400_000 and high < 2_500_000:
        hint = "; are they Julian dates? subtract 2400000.5"
    elif low >= 1990 and high <= 2100:
        hint = "; are they years?"
    elif high > 1e5:
        hint = "; are they in seconds or hours? (unix time: seconds / 86400 + 40587)"
    raise UnitError(
        f"{what}: times from {low:.10g} to {high:.10g}, expected modified Julian dates in days, "
        f"{MJD_RANGE[0]:g} to {MJD_RANGE[1]:g}{hint}"
    )


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
    return Events(
        ra=np.radians(ra),
        dec=np.radians(dec),
        log10_energy=table[:, 1].copy(),
        angular_error=np.maximum(np.radians(table[:, 2]), floor),
        time=table[:, 0].copy(),
        season=np.full(len(table), season, dtype=np.int64),
    )
