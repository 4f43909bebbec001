"""Effective area as a table in true energy and declination."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.errors import DataError
from nuweft.sky.typing import FloatArray


@attrs.frozen(eq=False)
class EffectiveArea:
    """Effective area for muon neutrinos, constant within each cell.

    Attributes
    ----------
    log10_energy_edges : array of shape (n_energy + 1,)
        True energy, log10(E/GeV), increasing.
    sin_dec_edges : array of shape (n_dec + 1,)
        Sine of the true declination, increasing.
    area : array of shape (n_energy, n_dec)
        In cm^2, the mean of neutrinos and antineutrinos: times the summed
        nu_mu + anti-nu_mu flux it gives the event rate.
    source : str
        Where the table comes from.
    """

    log10_energy_edges: FloatArray
    sin_dec_edges: FloatArray
    area: FloatArray
    source: str = ""

    def __attrs_post_init__(self) -> None:
        shape = (len(self.log10_energy_edges) - 1, len(self.sin_dec_edges) - 1)
        if self.area.shape != shape:
            raise DataError(f"effective area ({self.source}): shape {self.area.shape}, expected {shape}")
        for name, edges in (("energy", self.log10_energy_edges), ("declination", self.sin_dec_edges)):
            if np.any(np.diff(edges) <= 0) or not np.all(np.isfinite(edges)):
                raise DataError(f"effective area ({self.source}): {name} edges do not increase")
        if not np.all(np.isfinite(self.area)) or np.any(self.area < 0):
            raise DataError(f"effective area ({self.source}): negative or non-finite values")

    @classmethod
    def from_cells(
        cls,
        log10_energy: tuple[FloatArray, FloatArray],
        sin_dec: tuple[FloatArray, FloatArray],
        area: FloatArray,
        source: str = "",
    ) -> EffectiveArea:
        """Return the area of a list of cells in any order.

        Parameters
        ----------
        log10_energy, sin_dec
            Lower and upper bounds of each cell, arrays of shape (n,).
        area
            In cm^2, shape (n,).
        source
            Where the table comes from.

        Raises
        ------
        DataError
            If the cells overlap, leave gaps or do not form a grid.
        """
        energy_edges = _edges(*log10_energy, what=f"effective area ({source}): energy")
        dec_edges = _edges(*sin_dec, what=f"effective area ({source}): declination")
        n_energy, n_dec = len(energy_edges) - 1, len(dec_edges) - 1
        if len(area) != n_energy * n_dec:
            raise DataError(
                f"effective area ({source}): {len(area)} cells do not fill a grid of {n_energy} x {n_dec}"
            )
        i = np.argmin(np.abs(energy_edges[None, :] - log10_energy[0][:, None]), axis=1)
        j = np.argmin(np.abs(dec_edges[None, :] - sin_dec[0][:, None]), axis=1)
        if len(np.unique(i * n_dec + j)) != len(area):
            raise DataError(f"effective area ({source}): two rows describe the same cell")
        grid = np.zeros((n_energy, n_dec))
        grid[i, j] = area
        return cls(energy_edges, dec_edges, grid, source)

    def __call__(self, log10_energy: FloatArray, sin_dec: FloatArray) -> FloatArray:
        """Return the area in cm^2, zero outside the table; arguments broadcast."""
        i = np.searchsorted(self.log10_energy_edges, log10_energy, side="right") - 1
        j = np.searchsorted(self.sin_dec_edges, sin_dec, side="right") - 1
        j = np.where(np.asarray(sin_dec) == self.sin_dec_edges[-1], self.area.shape[1] - 1, j)
        inside = (i >= 0) & (i < self.area.shape[0]) & (j >= 0) & (j < self.area.shape[1])
        return np.where(inside, self.area[np.where(inside, i, 0), np.where(inside, j, 0)], 0.0)


def _edges(low: FloatArray, high: FloatArray, *, what: str) -> FloatArray:
    pairs = np.unique(np.stack([low, high], axis=1).round(6), axis=0)
    if np.any(pairs[:, 1] <= pairs[:, 0]):
        raise DataError(f"{what} bins: a bin has its upper edge at or below its lower edge")
    if np.any(np.abs(pairs[1:, 0] - pairs[:-1, 1]) > 1e-3 * (pairs[1:, 1] - pairs[1:, 0])):
        where = int(np.argmax(np.abs(pairs[1:, 0] - pairs[:-1, 1])))
        kind = "overlap" if pairs[where + 1, 0] < pairs[where, 1] else "have a gap"
        raise DataError(f"{what} bins {kind} at {pairs[where, 1]:g}, {pairs[where + 1, 0]:g}")
    return np.append(pairs[:, 0], pairs[-1, 1])
