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

from nuweft.errors import DataError
from nuweft.response import TabulatedEnergyResponse, TabulatedPointSpread
from nuweft.sky.typing import FloatArray
from nuweft_icecube.text import header_lines, read_table

_E_MIN, _E_MAX, _DEC_MIN, _DEC_MAX, _RECO_MIN, _RECO_MAX, _PSF_MIN, _PSF_MAX = range(8)
_FRACTION = 10


def read_smearing(path: Path) -> tuple[TabulatedEnergyResponse, TabulatedPointSpread]:
    """Return energy response and point spread of a smearing matrix.

    The two are the marginal distributions of the matrix; their correlation
    within a cell is not kept.

    Raises
    ------
    DataError
        If fractions are negative or do not sum to one per cell.
    """
    table = read_table(path, 11, str(path), skip=header_lines(path))
    fraction = table[:, _FRACTION]
    if np.any(fraction < 0) or not np.all(np.isfinite(table)):
        raise DataError(f"{path}: negative or non-finite fractions")
    energy = np.unique(table[:, [_E_MIN, _E_MAX]].round(6))
    dec = np.unique(table[:, [_DEC_MIN, _DEC_MAX]].round(6))
    i = np.searchsorted(energy, table[:, _E_MIN].round(6))
    j = np.searchsorted(dec, table[:, _DEC_MIN].round(6))
    shape = (len(energy) - 1, len(dec) - 1)
    reco = _marginals(table[:, _RECO_MIN], table[:, _RECO_MAX], fraction, i, j, shape, f"{path}: energy")
    spread = _marginals(table[:, _PSF_MIN], table[:, _PSF_MAX], fraction, i, j, shape, f"{path}: separation")
    sin_dec = np.sin(np.radians(dec))
    return (
        TabulatedEnergyResponse(energy, sin_dec, *reco),
        TabulatedPointSpread(energy, sin_dec, np.radians(spread[0]), spread[1]),
    )


def _marginals(
    low: FloatArray,
    high: FloatArray,
    fraction: FloatArray,
    i: np.ndarray,
    j: np.ndarray,
    shape: tuple[int, int],
    what: str,
) -> tuple[FloatArray, FloatArray]:
    """Return edges (.., n + 1) and fractions (.., n) of one axis in each cell."""
    found: dict[tuple[int, int], tuple[FloatArray, FloatArray]] = {}
    for a in range(shape[0]):
        for b in range(shape[1]):
            rows = (i == a) & (j == b)
            if not rows.any() or fraction[rows].sum() == 0:
                continue
            total = fraction[rows].sum()
            if abs(total - 1) > 0.02:
                raise DataError(f"{what}: fractions of cell ({a}, {b}) sum to {total:.3f}, expected 1")
            edges = np.unique(np.concatenate([low[rows], high[rows]]).round(6))
            bins = np.searchsorted(edges, low[rows].round(6))
            found[a, b] = edges, np.bincount(bins, weights=fraction[rows] / total, minlength=len(edges) - 1)
    if not found:
        raise DataError(f"{what}: the matrix holds nothing")
    size = max(len(f) for _, f in found.values())
    all_edges = np.tile(np.linspace(0.0, 1.0, size + 1), (*shape, 1))
    all_fractions = np.zeros((*shape, size))
    for (a, b), (edges, values) in found.items():
        extra = size + 1 - len(edges)  # pad with empty bins, all cells have one shape
        padding = edges[-1] + (edges[-1] - edges[-2]) * np.arange(1, extra + 1)
        all_edges[a, b] = np.concatenate([edges, padding])
        all_fractions[a, b, : len(values)] = values
    return all_edges, all_fractions
