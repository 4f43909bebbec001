"""Trials in an HDF5 file: appended in chunks, resumed after an interruption."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from nuweft.errors import CorruptFileError, OutputExistsError
from nuweft.sky.typing import FloatArray


class TrialFile:
    """Sufficient statistics of trials 0, 1, 2, ... per energy bin.

    Parameters
    ----------
    path
        HDF5 file; made where it does not exist.
    identity
        Hash of the analysis; a file of another analysis is refused.
    labels
        Names of the energy bins.
    """

    def __init__(self, path: Path, identity: str, labels: Sequence[str]) -> None:
        self._path, self._labels = path, tuple(labels)
        if path.exists():
            try:
                with h5py.File(path, "r") as store:
                    found = store.attrs.get("identity")
            except OSError as error:
                raise CorruptFileError(f"{path}: not a readable HDF5 file, delete it ({error})") from error
            if found != identity:
                raise OutputExistsError(f"{path}: holds trials of another analysis")
            return
        part = path.with_name(path.name + ".part")
        with h5py.File(part, "w") as store:
            store.attrs["identity"] = identity
            store.attrs["complete"] = 0
        part.replace(path)

    def __len__(self) -> int:
        with h5py.File(self._path, "r") as store:
            return int(store.attrs["complete"])

    def append(self, statistics: Sequence[FloatArray], *, test_statistic: FloatArray) -> None:
        """Add the next trials; they count only once all of a chunk is written."""
        rows = {**dict(zip(self._labels, statistics, strict=True)), "test_statistic": test_statistic}
        with h5py.File(self._path, "r+") as store:
            start = int(store.attrs["complete"])
            stop = start + len(test_statistic)
            for name, values in rows.items():
                if name not in store:
                    store.create_dataset(
                        name,
                        shape=(0, *values.shape[1:]),
                        maxshape=(None, *values.shape[1:]),
                        chunks=True,
                        dtype="f8",
                    )
                store[name].resize(stop, axis=0)
                store[name][start:stop] = values
            store.flush()
            store.attrs["complete"] = stop

    def test_statistics(self, count: int | None = None) -> FloatArray:
        """Return the test statistics of the first ``count`` trials."""
        with h5py.File(self._path, "r") as store:
            stop = int(store.attrs["complete"]) if count is None else min(count, int(store.attrs["complete"]))
            return np.asarray(store["test_statistic"][:stop]) if stop else np.zeros(0)
