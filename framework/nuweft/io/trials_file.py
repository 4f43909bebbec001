"""Trials on disk: appended chunk by chunk, resumed, and merged from several machines.

A chunk is written under a temporary name and renamed, so that a process that
is killed at any moment leaves whole chunks only; they are gathered into one
HDF5 file in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs
import h5py
import numpy as np

from nuweft.errors import CorruptFileError, MissingDataError, NuweftError, OutputExistsError, OutputHeldError
from nuweft.io.output import disk_faults, written
from nuweft.typing import FloatArray, IntArray

_GATHER_FROM = 64
_TEST_STATISTIC = "test_statistic"
_ROUNDING = 1e-7  # relative, by which a trial may differ between processors
_WORD = 2**64  # what HDF5 holds as a number


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
    source : str
        File they were read from, for messages.
    """

    identity: str
    seed: int
    labels: tuple[str, ...]
    number: IntArray
    rows: dict[str, FloatArray]
    source: str = ""

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
    """Open a file of trials to read; say so where it is none, or held by another process."""
    if not path.is_file():
        raise MissingDataError(f"{path}: no such file of trials")
    try:
        with h5py.File(path, "r") as store:
            yield store
    except NuweftError:
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        if isinstance(error, BlockingIOError) or "unable to lock" in str(error):
            raise OutputHeldError(
                f"{path}: in use by another process, which holds it open for writing; wait until it has "
                "ended, and try again"
            ) from error
        if isinstance(error, PermissionError):
            raise MissingDataError(f"{path}: cannot be read ({error.strerror})") from error
        raise CorruptFileError(
            f"{path}: not a readable file of trials ({error}); where its trials are known to be damaged, "
            "move it away: they are then computed again"
        ) from error


def _array(store: h5py.File, name: str, path: Path) -> FloatArray:
    """Return an array that lies in the file itself; what a link leads to elsewhere is not read."""
    link = store.get(name, getlink=True)
    if link is None:
        raise CorruptFileError(f"{path}: no entry {name!r}; expected a file of trials")
    found = store[name] if isinstance(link, h5py.HardLink) else None
    if not isinstance(found, h5py.Dataset) or found.is_virtual or found.external:
        raise CorruptFileError(f"{path}: {name!r} is a link to somewhere else; expected an array in the file")
    return np.asarray(found[:])


def read_trials(path: Path) -> TrialSet:
    """Return the trials of one HDF5 file.

    Raises
    ------
    MissingDataError, CorruptFileError
        If it does not exist or is no file of trials; says which entry is wrong.
    OutputHeldError
        If another process holds it open.
    """
    with _opened(path) as store:
        for name in ("identity", "seed", "labels"):
            if name not in store.attrs:
                raise CorruptFileError(f"{path}: no attribute {name!r}; expected a file of trials")
        labels = tuple(str(name) for name in store.attrs["labels"])
        found = TrialSet(
            identity=str(store.attrs["identity"]),
            seed=int(store.attrs["seed"]),
            labels=labels,
            number=np.asarray(_array(store, "trial", path), dtype=np.int64),
            rows={name: _array(store, name, path) for name in (*labels, _TEST_STATISTIC)},
            source=str(path),
        )
    if found.number.ndim != 1 or np.any(np.diff(found.number) <= 0) or np.any(found.number < 0):
        raise CorruptFileError(f"{path}: 'trial' is damaged; expected the increasing numbers of the trials")
    for name, values in found.rows.items():
        numbers = values.dtype.kind in "iuf" and len(values) == len(found.number)
        if not numbers or not np.all(np.isfinite(values)):
            raise CorruptFileError(
                f"{path}: {name!r} is damaged; expected finite numbers of {len(found.number)} trials"
            )
    return found


def parts_folder(path: Path) -> Path:
    """Return the folder of chunks that are not gathered into a file yet."""
    return path.with_name(path.name + ".parts")


def known_trials(path: Path) -> tuple[list[TrialSet], int]:
    """Return the trials of a file and of its chunks that are not gathered yet, and their number in chunks.

    Raises
    ------
    MissingDataError
        If there is neither.
    """
    chunks = [read_trials(part) for part in sorted(parts_folder(path).glob("*.h5"))]
    whole = [read_trials(path)] if path.exists() or not chunks else []
    return [*whole, *chunks], sum(len(chunk.number) for chunk in chunks)


def check_identity(path: Path, identity: str) -> None:
    """Refuse a file, or chunks of it, with trials of another analysis; one that does not exist will do.

    Raises
    ------
    OutputExistsError
        If it holds trials of another analysis.
    """
    for name in (path, *sorted(parts_folder(path).glob("*.h5"))):
        if not name.exists():
            continue
        with _opened(name) as store:
            found = str(store.attrs["identity"])
        if found != identity:
            raise OutputExistsError(f"{name}: holds trials of another analysis; choose another file")


def write_trials(path: Path, trials: TrialSet) -> None:
    """Write trials under a temporary name until the file is complete."""
    with written(path) as part:
        try:
            with h5py.File(part, "w") as store:
                store.attrs["identity"] = trials.identity
                store.attrs["seed"] = trials.seed if trials.seed < _WORD else str(trials.seed)
                store.attrs["labels"] = list(trials.labels)
                store["trial"] = trials.number
                store["ranges"] = np.array(trials.ranges, dtype=np.int64).reshape(-1, 2)
                for name, values in trials.rows.items():
                    store[name] = values
        except RuntimeError as error:  # of HDF5, where the disk is full at the end
            raise OSError(str(error)) from error


def merge_trials(sets: Sequence[TrialSet]) -> TrialSet:
    """Return the trials of several sets; a trial that is in two of them counts once, as in the first.

    Raises
    ------
    OutputExistsError
        If they belong to different analyses.
    CorruptFileError
        If the same trial differs between two sets by more than rounding, as
        between kinds of processors.
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
    origin = np.repeat(np.arange(len(filled)), [len(s.number) for s in filled])
    rows = {name: np.concatenate([s.rows[name] for s in filled]) for name in first.rows}
    order = np.argsort(number, kind="stable")
    number = number[order]
    again = np.flatnonzero(np.diff(number) == 0)
    for name, values in rows.items() if len(again) else ():
        one, two = order[again], order[again + 1]
        scale = np.abs(values[one]) + np.sqrt(np.mean(values**2, axis=0))
        differs = np.abs(values[one] - values[two]) > _ROUNDING * scale
        if np.any(differs):
            at = int(np.flatnonzero(differs.reshape(len(one), -1).any(axis=1))[0])
            places = " and ".join(filled[origin[i[at]]].source or "a set" for i in (one, two))
            raise CorruptFileError(
                f"trials that are in two files differ in {name} by more than rounding, first trial "
                f"{number[again[at]]} ({places}): one of them is damaged"
            )
    keep = np.delete(order, again + 1)
    return attrs.evolve(
        first, number=np.delete(number, again + 1), rows={name: values[keep] for name, values in rows.items()}
    )


def missing_chunks(trials: TrialSet, start: int, count: int, *, chunk: int) -> list[tuple[int, int]]:
    """Return (start, count) of chunks of the trials of a range that are not in a set."""
    present = np.zeros(count, dtype=bool)
    for low, high in trials.ranges:
        present[max(low - start, 0) : max(high - start, 0)] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[True], present, [True]]).astype(int)))
    result = []
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        result += [(int(start + i), int(min(chunk, high - i))) for i in range(low, high, chunk)]
    return result


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
        self._parts = parts_folder(path)
        check_identity(path, identity)
        if not path.exists():
            self.gather()

    def gather(self) -> TrialSet:
        """Return all trials after gathering chunks into the one file."""
        chunks = sorted(self._parts.glob("*.h5"))
        sets = [read_trials(path) for path in ([self._path] if self._path.exists() else []) + chunks]
        trials = merge_trials(sets or [self._none()])
        if chunks or not self._path.exists():
            write_trials(self._path, trials)
        if self._parts.is_dir():
            with disk_faults(self._parts, "cannot be removed"):
                for leftover in (*chunks, *self._parts.glob("*.part")):
                    leftover.unlink()
                if not any(self._parts.iterdir()):
                    self._parts.rmdir()
        return trials

    def _none(self) -> TrialSet:
        return TrialSet(
            identity=self._identity,
            seed=self._seed,
            labels=self._labels,
            number=np.zeros(0, dtype=np.int64),
            rows={name: np.zeros(0) for name in (*self._labels, _TEST_STATISTIC)},
        )

    def missing(self, start: int, count: int, *, chunk: int) -> list[tuple[int, int]]:
        """Return (start, count) of chunks of the trials that are not there yet."""
        return missing_chunks(self.gather(), start, count, chunk=chunk)

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
