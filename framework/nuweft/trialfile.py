"""Trials on disk: appended chunk by chunk, resumed, and merged from several machines.

A chunk is written under a temporary name and renamed, so that a process that
is killed at any moment leaves whole chunks only; they are gathered into one
HDF5 file in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs
import h5py
import numpy as np

from nuweft.errors import CorruptFileError, MissingDataError, OutputExistsError
from nuweft.sky.typing import FloatArray, IntArray

_GATHER_FROM = 64
_TEST_STATISTIC = "test_statistic"


@attrs.frozen(eq=False, kw_only=True)
class TrialSet:
    """Sufficient statistics and test statistics of trials.

    Attributes
    ----------
    identity : str
        Hash of the analysis.
    seed : int
    labels : tuple of str
        Names of the energy bins.
    number : array of shape (n,)
        Number of each trial, increasing.
    rows : dict of str to array
        Statistics per energy bin, shape (n, n_stat), and ``test_statistic``, shape (n,).
    """

    identity: str
    seed: int
    labels: tuple[str, ...]
    number: IntArray
    rows: dict[str, FloatArray]

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """First and one past the last number of each gapless stretch of trials."""
        if not len(self.number):
            return []
        breaks = np.flatnonzero(np.diff(self.number) != 1) + 1
        parts = np.split(self.number, breaks)
        return [(int(part[0]), int(part[-1]) + 1) for part in parts]


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    """Open a file of trials to read; say so where it is none."""
    if not path.is_file():
        raise MissingDataError(f"{path}: no such file of trials")
    try:
        with h5py.File(path, "r") as store:
            yield store
    except (OSError, KeyError, ValueError) as error:
        raise CorruptFileError(
            f"{path}: not a readable file of trials ({error}); if it was one and is damaged, delete it"
        ) from error


def read_trials(path: Path) -> TrialSet:
    """Return the trials of one HDF5 file.

    Raises
    ------
    MissingDataError, CorruptFileError
        If it does not exist or cannot be read.
    """
    with _opened(path) as store:
        labels = tuple(str(name) for name in store.attrs["labels"])
        return TrialSet(
            identity=str(store.attrs["identity"]),
            seed=int(store.attrs["seed"]),
            labels=labels,
            number=np.asarray(store["trial"][:], dtype=np.int64),
            rows={name: np.asarray(store[name][:]) for name in (*labels, _TEST_STATISTIC)},
        )


def check_identity(path: Path, identity: str) -> None:
    """Refuse a file with trials of another analysis; one that does not exist will do.

    Raises
    ------
    OutputExistsError
        If it holds trials of another analysis.
    """
    if not path.exists():
        return
    with _opened(path) as store:
        found = str(store.attrs["identity"])
    if found != identity:
        raise OutputExistsError(f"{path}: holds trials of another analysis")


def write_trials(path: Path, trials: TrialSet) -> None:
    """Write trials under a temporary name until the file is complete."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with h5py.File(part, "w") as store:
        store.attrs["identity"] = trials.identity
        store.attrs["seed"] = trials.seed
        store.attrs["labels"] = list(trials.labels)
        store["trial"] = trials.number
        store["ranges"] = np.array(trials.ranges, dtype=np.int64).reshape(-1, 2)
        for name, values in trials.rows.items():
            store[name] = values
    part.replace(path)


def merge_trials(sets: Sequence[TrialSet]) -> TrialSet:
    """Return the trials of several sets; a trial that is in two of them counts once.

    Raises
    ------
    OutputExistsError
        If they belong to different analyses.
    CorruptFileError
        If the same trial differs between two sets.
    """
    first = sets[0]
    for other in sets[1:]:
        if (other.identity, other.labels) != (first.identity, first.labels):
            raise OutputExistsError(
                "trials of different analyses cannot be mixed: "
                f"{first.identity[:12]} and {other.identity[:12]}"
            )
    filled = [s for s in sets if len(s.number)] or [first]
    number = np.concatenate([s.number for s in filled])
    rows = {name: np.concatenate([s.rows[name] for s in filled]) for name in first.rows}
    order = np.argsort(number, kind="stable")
    number = number[order]
    again = np.flatnonzero(np.diff(number) == 0)
    for name, values in rows.items():
        if not np.array_equal(values[order[again]], values[order[again + 1]]):
            raise CorruptFileError(f"trials that are in two files differ in {name}: one of them is damaged")
    keep = np.delete(order, again + 1)
    return attrs.evolve(
        first, number=np.delete(number, again + 1), rows={name: values[keep] for name, values in rows.items()}
    )


class TrialFile:
    """A file of trials that grows.

    Parameters
    ----------
    path
        HDF5 file; made where it does not exist.
    identity
        Hash of the analysis; a file of another analysis is refused.
    labels
        Names of the energy bins.
    seed
        Seed of the analysis.
    """

    def __init__(self, path: Path, identity: str, labels: Sequence[str], seed: int) -> None:
        self._path, self._identity, self._labels, self._seed = path, identity, tuple(labels), seed
        self._parts = path.with_name(path.name + ".parts")
        check_identity(path, identity)
        if not path.exists():
            self.gather()

    def _sets(self) -> Iterator[TrialSet]:
        if self._path.exists():
            yield read_trials(self._path)
        for part in sorted(self._parts.glob("*.h5")):
            found = read_trials(part)
            if found.identity == self._identity:
                yield found

    def gather(self) -> TrialSet:
        """Return all trials after gathering chunks into the one file."""
        sets = list(self._sets())
        empty = not sets
        if empty:
            sets = [
                TrialSet(
                    identity=self._identity,
                    seed=self._seed,
                    labels=self._labels,
                    number=np.zeros(0, dtype=np.int64),
                    rows={name: np.zeros(0) for name in (*self._labels, _TEST_STATISTIC)},
                )
            ]
        trials = merge_trials(sets)
        if empty or len(sets) > 1 or not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_trials(self._path, trials)
        if self._parts.is_dir():
            for leftover in self._parts.iterdir():
                leftover.unlink()
            self._parts.rmdir()
        return trials

    def missing(self, start: int, count: int, *, chunk: int) -> list[tuple[int, int]]:
        """Return (start, count) of chunks of the trials that are not there yet."""
        present = np.zeros(count, dtype=bool)
        for low, high in self.gather().ranges:
            present[max(low - start, 0) : max(high - start, 0)] = True
        edges = np.flatnonzero(np.diff(np.concatenate([[True], present, [True]]).astype(int)))
        result = []
        for low, high in zip(edges[::2], edges[1::2], strict=True):
            result += [(int(start + i), int(min(chunk, high - i))) for i in range(low, high, chunk)]
        return result

    def append(self, start: int, statistics: Sequence[FloatArray], *, test_statistic: FloatArray) -> None:
        """Add trials ``start``, ``start + 1``, ..."""
        rows = {**dict(zip(self._labels, statistics, strict=True)), _TEST_STATISTIC: test_statistic}
        chunk = TrialSet(
            identity=self._identity,
            seed=self._seed,
            labels=self._labels,
            number=start + np.arange(len(test_statistic)),
            rows=rows,
        )
        self._parts.mkdir(exist_ok=True)
        write_trials(self._parts / f"{start:012d}.h5", chunk)
        if len(list(self._parts.glob("*.h5"))) >= _GATHER_FROM:
            self.gather()

    def test_statistics(self, count: int) -> FloatArray:
        """Return the test statistics of trials 0 to ``count - 1``.

        Raises
        ------
        MissingDataError
            If some are missing.
        """
        trials = self.gather()
        chosen = trials.number < count
        if np.count_nonzero(chosen) != count:
            raise MissingDataError(f"{self._path}: {np.count_nonzero(chosen)} of {count} trials are there")
        return trials.rows[_TEST_STATISTIC][chosen]
