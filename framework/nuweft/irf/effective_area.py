"""Effective area as a table in true energy and declination."""

from __future__ import annotations

import attrs
import numpy as np
from astropy import units

from nuweft.errors import DataError, UnitError
from nuweft.typing import FloatArray

_HOUR_ANGLES = 720
_FINER = 8
_LARGEST_ENERGY = 16.0
"""In log10(E/GeV); an energy beyond is one in GeV."""


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
    convention : str
        What the area is to be multiplied with, in words.
    """

    log10_energy_edges: FloatArray
    sin_dec_edges: FloatArray
    area: FloatArray
    source: str = ""
    convention: str = "mean of nu_mu and anti-nu_mu, times their summed flux"

    def __attrs_post_init__(self) -> None:
        shape = (len(self.log10_energy_edges) - 1, len(self.sin_dec_edges) - 1)
        if self.area.shape != shape:
            raise DataError(f"effective area ({self.source}): shape {self.area.shape}, expected {shape}")
        for name, edges in (("energy", self.log10_energy_edges), ("declination", self.sin_dec_edges)):
            if np.any(np.diff(edges) <= 0) or not np.all(np.isfinite(edges)):
                raise DataError(f"effective area ({self.source}): {name} edges do not increase")
        top, reach = float(self.log10_energy_edges[-1]), float(np.abs(self.sin_dec_edges).max())
        if top > _LARGEST_ENERGY:
            raise UnitError(
                f"effective area ({self.source}): energies up to {top:g}, expected log10(E/GeV) up to "
                f"{_LARGEST_ENERGY:g}; are they in GeV? take their decimal logarithm"
            )
        if reach > 1 + 1e-6:
            raise UnitError(
                f"effective area ({self.source}): sines of declination up to {reach:g}, expected -1 to 1"
            )
        if not np.all(np.isfinite(self.area)) or np.any(self.area < 0):
            raise DataError(f"effective area ({self.source}): negative or non-finite values")

    @classmethod
    def from_cells(
        cls,
        log10_energy: tuple[FloatArray, FloatArray],
        sin_dec: tuple[FloatArray, FloatArray],
        area: units.Quantity,
        source: str = "",
    ) -> EffectiveArea:
        """Return the area of a list of cells in any order.

        Parameters
        ----------
        log10_energy, sin_dec
            Lower and upper bounds of each cell, arrays of shape (n,).
        area
            With its unit, shape (n,).
        source
            Where the table comes from.

        Raises
        ------
        DataError
            If the cells overlap, leave gaps or do not form a grid.
        UnitError
            If the area has no unit of area.
        """
        area = _in_cm2(area, source)
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

    @classmethod
    def from_zenith(
        cls,
        log10_energy: tuple[FloatArray, FloatArray],
        cos_zenith: tuple[FloatArray, FloatArray],
        area: units.Quantity,
        *,
        latitude: units.Quantity,
        source: str = "",
    ) -> EffectiveArea:
        """Return the area of cells in the cosine of the zenith angle, over whole sidereal days.

        Parameters
        ----------
        log10_energy, area, source
            As in :meth:`from_cells`.
        cos_zenith
            Lower and upper bounds of each cell; -1 are events from below.
        latitude
            Geographic latitude of the detector. At a pole zenith is
            declination; elsewhere a declination passes through many zenith
            angles, over which the area is averaged.
        """
        angle = float(latitude.to_value("rad"))
        polar = abs(abs(angle) - np.pi / 2) < 1e-3
        sign = np.sign(angle) if polar else 1.0
        low, high = cos_zenith if sign > 0 else (-cos_zenith[1], -cos_zenith[0])
        table = cls.from_cells(log10_energy, (low, high), area, source)
        if polar:
            return table
        # here the "declination" of the table is the altitude
        altitude = table.sin_dec_edges
        edges = np.linspace(-1.0, 1.0, len(altitude))
        hour = 2 * np.pi * (np.arange(_HOUR_ANGLES) + 0.5) / _HOUR_ANGLES
        fine = np.linspace(-1.0, 1.0, _FINER * (len(altitude) - 1) + 1)
        middle = 0.5 * (fine[1:] + fine[:-1])
        sin_altitude = np.sin(angle) * middle[:, None] + np.cos(angle) * np.sqrt(
            1 - middle[:, None] ** 2
        ) * np.cos(hour)
        energy = 0.5 * (table.log10_energy_edges[1:] + table.log10_energy_edges[:-1])
        seen = np.stack([table(np.array(e), sin_altitude).mean(axis=1) for e in energy])
        mean = seen.reshape(len(energy), len(altitude) - 1, _FINER).mean(axis=2)
        return cls(table.log10_energy_edges, edges, mean, f"{source}, averaged over the sidereal day")

    def __call__(self, log10_energy: FloatArray, sin_dec: FloatArray) -> FloatArray:
        """Return the area in cm^2, zero outside the table; arguments broadcast."""
        i = np.searchsorted(self.log10_energy_edges, log10_energy, side="right") - 1
        j = np.searchsorted(self.sin_dec_edges, sin_dec, side="right") - 1
        j = np.where(np.asarray(sin_dec) == self.sin_dec_edges[-1], self.area.shape[1] - 1, j)
        inside = (i >= 0) & (i < self.area.shape[0]) & (j >= 0) & (j < self.area.shape[1])
        return np.where(inside, self.area[np.where(inside, i, 0), np.where(inside, j, 0)], 0.0)


def _in_cm2(area: units.Quantity, source: str) -> FloatArray:
    if not isinstance(area, units.Quantity):
        raise UnitError(f"effective area ({source}): a bare number; give it a unit such as cm2 or m2")
    try:
        return np.asarray(area.to_value("cm2"), dtype=float)
    except units.UnitConversionError:
        raise UnitError(f"effective area ({source}): unit {area.unit}, expected one of area") from None


def _edges(low: FloatArray, high: FloatArray, *, what: str) -> FloatArray:
    pairs = np.unique(np.stack([low, high], axis=1).round(6), axis=0)
    if np.any(pairs[:, 1] <= pairs[:, 0]):
        raise DataError(f"{what} bins: a bin has its upper edge at or below its lower edge")
    if np.any(np.abs(pairs[1:, 0] - pairs[:-1, 1]) > 1e-3 * (pairs[1:, 1] - pairs[1:, 0])):
        where = int(np.argmax(np.abs(pairs[1:, 0] - pairs[:-1, 1])))
        kind = "overlap" if pairs[where + 1, 0] < pairs[where, 1] else "have a gap"
        raise DataError(f"{what} bins {kind} at {pairs[where, 1]:g}, {pairs[where + 1, 0]:g}")
    return np.append(pairs[:, 0], pairs[-1, 1])
