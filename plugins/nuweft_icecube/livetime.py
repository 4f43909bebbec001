"""Livetimes and good-run lists, and whether they belong to the events."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nuweft.errors import DataError
from nuweft.typing import FloatArray
from nuweft_icecube.events import check_mjd
from nuweft_icecube.text import Heading, read_table

RUN_COLUMNS = (
    Heading(name="MJD_start[days]", pattern=r".*start", unit="d"),
    Heading(name="MJD_stop[days]", pattern=r".*(stop|end)", unit="d"),
)
"""Columns of a good-run list."""

SEASON_DAYS = (10.0, 450.0)
"""Livetimes in days that a season of a release can have."""

_ROUNDING = 5 / 86400  # days by which runs of the public lists overlap: up to 0.9 s
_OUTSIDE = 0.01  # fraction of events outside all runs that is a fault of rounding
_EXPECTED = 20.0  # events that runs without any event should not hold
_EMPTY = 1 / 3  # of the livetime, where there are no events: more is refused
_MANY = 1000  # events that say how long a season is
_LEAST_DUTY = 0.2


def read_runs(path: Path) -> FloatArray:
    """Return begin and end of the runs of a good-run list in MJD, shape (n, 2), in order of time.

    Raises
    ------
    DataError
        If runs end before they start or overlap.
    UnitError
        If the times are no modified Julian dates.
    """
    runs = read_table(path, RUN_COLUMNS, str(path))
    if not np.all(np.isfinite(runs)):
        raise DataError(f"{path}: a run has a time that is not finite")
    if np.any(runs[:, 1] < runs[:, 0]):
        raise DataError(f"{path}: a run ends before it starts")
    runs = runs[np.argsort(runs[:, 0], kind="stable")]
    overlap = runs[:-1, 1] - runs[1:, 0]
    if np.any(overlap > _ROUNDING):
        row = int(np.argmax(overlap))
        raise DataError(
            f"{path}: runs overlap: one ends at {runs[row, 1]:.6f}, the next begins at {runs[row + 1, 0]:.6f}"
        )
    check_mjd(runs, str(path))
    return runs


def days(runs: FloatArray) -> float:
    """Return the livetime of runs in days; what two of them share counts once."""
    shared = np.clip(runs[:-1, 1] - runs[1:, 0], 0, None).sum()
    return float((runs[:, 1] - runs[:, 0]).sum() - shared)


def check_runs(runs: FloatArray, times: FloatArray, path: Path, events: str) -> str:
    """Return a note on the events outside all runs, empty without any.

    Parameters
    ----------
    runs
        As :func:`read_runs` returns them.
    times
        Times of the events in MJD.
    path
        The good-run list, for messages.
    events
        Name of the event list, for messages.

    Raises
    ------
    DataError
        If the list is not that of the events: more than 1 % of the events lie
        outside, or more than a third of it is where there are none.
    """
    index = np.clip(np.searchsorted(runs[:, 0], times, side="right") - 1, 0, None)
    outside = (times < runs[index, 0] - 1e-6) | (times > runs[index, 1] + 1e-6)
    number, first, last = int(outside.sum()), float(times.min()), float(times.max())
    spans = (
        f"the runs are from MJD {runs[0, 0]:.1f} to {runs[-1, 1]:.1f}, the events from {first:.1f} "
        f"to {last:.1f}"
    )
    if number > _OUTSIDE * len(times):
        raise DataError(
            f"{path}: {number} of {len(times)} events of {events} lie outside all runs of this good-run "
            f"list; {spans}: give the list of the same season"
        )
    before = np.clip(np.minimum(runs[:, 1], first) - runs[:, 0], 0, None).sum()
    after = np.clip(runs[:, 1] - np.maximum(runs[:, 0], last), 0, None).sum()
    empty, whole = float(before + after), days(runs)
    found = []
    if len(times) * empty > _EXPECTED * max(whole - empty, 1e-6):
        found.append(
            f"{empty:.1f} of the {whole:.1f} days of {path} are before the first or after the last event of "
            f"{events}"
        )
        if empty > _EMPTY * whole:
            raise DataError(f"{found[0]}; {spans}: give the list of the same season")
    if number:
        found.append(
            f"{number} of {len(times)} events of {events} lie outside all runs of {path}, and are kept"
        )
    return "; ".join(found)


def check_livetime(livetime: float, times: FloatArray, what: str) -> None:
    """Check a livetime in days against the time that the events span.

    Raises
    ------
    DataError
        If many events span less than the livetime, or much more.
    """
    span = float(np.ptp(times))
    if len(times) >= _MANY and not _LEAST_DUTY * span <= livetime <= 1.02 * span + 1.0:
        raise DataError(
            f"{what}: a livetime of {livetime:g} days, but the events span {span:.1f} days; is the livetime "
            "in another unit, or that of another season?"
        )
