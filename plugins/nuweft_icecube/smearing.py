"""Smearing matrices in the layout of the 10-year release.

Each row of the file is one cell of P(E_reco, PSF, AngErr | E_true, dec): the
bounds of log10(E_nu), declination, log10(E_reco), separation and angular
error, and the fraction of the simulated events of its (E_nu, dec) cell. Bin
edges of the last three differ from cell to cell; cells that are not listed
hold nothing.

No real matrix was at hand when this reader was written: it follows the
readme of the release and is tested on generated files.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nuweft.errors import DataError, UnitError
from nuweft.irf import SmearingMatrix
from nuweft_icecube.area import check_declinations, check_energies
from nuweft_icecube.events import SMALLEST_MEDIAN_ERROR
from nuweft_icecube.text import read_table

_FRACTION = 10


def read_smearing(path: Path) -> SmearingMatrix:
    """Return the smearing matrix of a season.

    Raises
    ------
    DataError
        If fractions are negative or do not sum to one per cell, or bins of
        true energy or declination overlap.
    UnitError
        If a column seems to be in another unit.
    """
    table = read_table(path, 11, str(path))
    if not np.all(np.isfinite(table)):
        raise DataError(f"{path}: negative or non-finite fractions")
    pairs = [table[:, k : k + 2] for k in range(0, _FRACTION, 2)]
    energy, i = _bins(pairs[0], f"{path}: true energy")
    dec, j = _bins(pairs[1], f"{path}: declination")
    cell = i * (len(dec) - 1) + j
    order = np.argsort(cell, kind="stable")
    reco, separation, error = (pair[order] for pair in pairs[2:])
    matrix = SmearingMatrix(
        log10_energy_edges=energy,
        sin_dec_edges=np.sin(np.radians(dec)),
        cell=cell[order],
        log10_reco=reco,
        separation=np.radians(separation),
        angular_error=np.radians(error),
        fraction=table[order, _FRACTION],
        source=f"{path.name} of the 10-year release",
    )
    check_energies(table[:, :2], str(path))
    check_declinations(table[:, 2:4], str(path))
    if table[:, 6:10].min() < 0 or table[:, 6:8].max() > 180 + 1e-6:
        raise UnitError(
            f"{path}: separations and angular errors from {table[:, 6:10].min():g} to "
            f"{table[:, 6:10].max():g}, expected degrees from 0 to 180"
        )
    for first, name in ((6, "separations"), (8, "angular errors")):
        middle = float(np.average(table[:, first : first + 2].mean(axis=1), weights=table[:, _FRACTION]))
        if middle < SMALLEST_MEDIAN_ERROR:
            raise UnitError(
                f"{path}: {name} have the mean {middle:g}, expected about one degree; are they in radians?"
            )
    return matrix


def _bins(bounds: np.ndarray, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Return edges, and the bin of each row."""
    bounds = bounds.round(6)
    edges = np.unique(bounds)
    low, high = np.searchsorted(edges, bounds.T)
    if np.any(high - low != 1):
        row = int(np.argmax(high - low != 1))
        raise DataError(f"{what}: bin {bounds[row, 0]:g} to {bounds[row, 1]:g} overlaps another or is empty")
    return edges, low
