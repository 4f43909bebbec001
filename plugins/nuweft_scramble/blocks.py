"""Blocks of time within which events exchange their times.

An event keeps its declination and its place in the detector. At the time of
another event the sky has turned, and its right ascension with it: where the
detector was on and off shows in the right ascensions, as it does in the data.
"""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.errors import DataError
from nuweft.model import BinData, Events
from nuweft.typing import FloatArray, IntArray

TURNS_PER_DAY = 1.00273790935
"""Of the sky over the detector."""

SIDEREAL_DAY = 1 / TURNS_PER_DAY
"""In days."""


@attrs.frozen(eq=False)
class Blocks:
    """Events of one energy bin, by the block of time in which they exchange times.

    Attributes
    ----------
    block : array of int, shape (n_event,)
        Block of each event.
    first : array of int, shape (n_block + 1,)
        First event of each block in ``order``.
    order : array of int, shape (n_event,)
        Events by block and phase.
    phase : array of shape (n_event,)
        Rotation of the sky at the time of each event, in turns, from 0 to 1.
    place : array of shape (n_event,)
        Right ascension less phase, in turns: what an event keeps.
    key : array of shape (n_event,)
        Block plus phase, sorted as ``order``: one list to search for all blocks.
    """

    block: IntArray
    first: IntArray
    order: IntArray
    phase: FloatArray
    place: FloatArray
    key: FloatArray

    @classmethod
    def of(cls, bin_data: BinData, days: float | None = None) -> Blocks:
        """Return the blocks of an energy bin.

        Parameters
        ----------
        null
            Events of the bin.
        days
            Length of a block, counted from the first event of each season; what
            is left at the end of a season belongs to its last whole block. A
            season is one block where none is given.

        Raises
        ------
        DataError
            If all events of a block have the same time.
        """
        events = bin_data.events
        block = _block(events, days)
        phase: FloatArray = np.mod(TURNS_PER_DAY * events.time, 1.0)
        order = np.lexsort((phase, block))
        first = np.append(0, np.cumsum(np.bincount(block)))
        _check_times(bin_data, order, first, days)
        place = events.ra / (2 * np.pi) - phase
        key: FloatArray = np.add(block, phase, dtype=float)
        return cls(block, first, order, phase, place, key[order])

    @property
    def size(self) -> IntArray:
        """Number of events in each block, shape (n_block,)."""
        return np.diff(self.first)

    def draw(self, *, rng: np.random.Generator) -> IntArray:
        """Return for each event the one of its block whose time it takes, shape (n_event,)."""
        within = (rng.random(len(self.block)) * self.size[self.block]).astype(np.int64)
        return np.asarray(self.order[self.first[self.block] + within])

    def right_ascension(self, drawn: IntArray) -> FloatArray:
        """Return right ascensions at the times of the drawn events, radians, shape (n_event,)."""
        return np.asarray(2 * np.pi * np.mod(self.place + self.phase[drawn], 1.0))

    def events_below(self, turns: FloatArray, chosen: IntArray) -> IntArray:
        """Return how many events of its block bring an event to right ascensions below given ones.

        Differences between two right ascensions count the events between them;
        a full turn counts all events of the block.

        Parameters
        ----------
        turns
            Right ascensions, in turns of any number, shape (n_chosen, n).
        chosen
            Index of the events, shape (n_chosen,).

        Returns
        -------
        array of int, shape (n_chosen, n)
        """
        block = self.block[chosen, None]
        phase = turns - self.place[chosen, None]
        whole = np.floor(phase)
        below = np.searchsorted(self.key, phase - whole + block)
        return np.asarray(below + whole.astype(np.int64) * self.size[block] - self.first[block])


def _block(events: Events, days: float | None) -> IntArray:
    """Return the block of each event, numbered by season and time without gaps, shape (n_event,)."""
    seasons, season = np.unique(events.season, return_inverse=True)
    if days is None or not len(events):
        return np.asarray(season)
    start, end = np.full(len(seasons), np.inf), np.full(len(seasons), -np.inf)
    np.minimum.at(start, season, events.time)
    np.maximum.at(end, season, events.time)
    last = np.maximum(np.floor((end - start) / days) - 1, 0)
    number = np.minimum(np.floor((events.time - start[season]) / days), last[season]).astype(np.int64)
    return np.asarray(np.unique(season * (int(last.max()) + 1) + number, return_inverse=True)[1])


def _check_times(bin_data: BinData, order: IntArray, first: IntArray, days: float | None) -> None:
    """Raise where the events of a block have but one time."""
    if not len(order):
        return
    time = bin_data.events.time[order]
    start = np.minimum.reduceat(time, first[:-1])
    bad = np.flatnonzero(~(np.maximum.reduceat(time, first[:-1]) > start))
    if not len(bad):
        return
    b = int(bad[0])
    season, n = int(bin_data.events.season[order[first[b]]]), int(first[b + 1] - first[b])
    if days is None:
        where, other = f"season {season}", "within: all"
    else:
        where = f"a block of {days:g} days of season {season}"
        other = "longer blocks (block_days), within: season or within: all"
    raise DataError(
        f"energy bin {bin_data.label}: expected events at different times in each block to exchange them, "
        f"but {where} holds only the time MJD {start[b]:g} (events: {n}; such blocks: {len(bad)} of "
        f"{len(first) - 1}; simulated events have no times); use {other}"
    )
