"""Smearing: reconstructed energy, separation and angular error given the true energy and declination."""

from __future__ import annotations

from typing import Protocol

import attrs
import numpy as np

from nuweft.errors import DataError
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.energy_dispersion import EnergyDispersion
from nuweft.irf.psf import PSF
from nuweft.sky.beams import gaussian_window, profile_window
from nuweft.typing import FloatArray, IntArray

_SUBDIVISIONS = 8
_SIGMAS = 128


@attrs.frozen(eq=False)
class Reconstruction:
    """What is reconstructed of simulated events.

    Attributes
    ----------
    log10_energy : array of shape (n,)
    separation : array of shape (n,)
        Angle to the true direction, in radians.
    angular_error : array of shape (n,)
        Estimated uncertainty of the direction, in radians.
    """

    log10_energy: FloatArray
    separation: FloatArray
    angular_error: FloatArray


class Smearing(Protocol):
    """What a smearing answers.

    Windows are constant in cells of true energy and declination; they may
    differ between bins of reconstructed energy.
    """

    @property
    def source(self) -> str:
        """Where the smearing comes from."""

    @property
    def log10_energy_edges(self) -> FloatArray:
        """Edges of the cells of the windows in log10(E_true/GeV)."""

    @property
    def sin_dec_edges(self) -> FloatArray:
        """Edges of the cells of the windows in the sine of the declination."""

    @property
    def energy_sin_dec_edges(self) -> FloatArray:
        """Edges of the declination bands in which the energy response is constant."""

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""

    def windows(self, bins: EnergyBins, lmax: int) -> FloatArray:
        """Return b_l of each cell, shape (n_energy, n_dec, n_bin, lmax + 1).

        One for all bins, shape (n_energy, n_dec, 1, lmax + 1), where they do not differ.
        """

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> Reconstruction:
        """Return what is reconstructed of each event."""


_WHOLE_SKY = np.array([-1.0, 1.0])


@attrs.frozen(eq=False)
class IndependentSmearing:
    """Energy and direction are reconstructed independently of each other.

    Attributes
    ----------
    energy : EnergyDispersion
    direction : PSF
    """

    energy: EnergyDispersion
    direction: PSF

    @property
    def source(self) -> str:
        """Where energy response and point spread come from."""
        return f"energy: {self.energy.source}; direction: {self.direction.source}"

    @property
    def log10_energy_edges(self) -> FloatArray:
        """Edges of the point spread."""
        return self.direction.log10_energy_edges

    @property
    def sin_dec_edges(self) -> FloatArray:
        """One cell: the point spread does not depend on declination."""
        return _WHOLE_SKY

    @property
    def energy_sin_dec_edges(self) -> FloatArray:
        """Bands of the energy response."""
        return self.energy.sin_dec_edges

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""
        return self.energy.probability(log10_energy, sin_dec, bins)

    def windows(self, bins: EnergyBins, lmax: int) -> FloatArray:
        """Return b_l of each cell, shape (n_energy, 1, 1, lmax + 1)."""
        return self.direction.windows(lmax)[:, None, None, :]

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> Reconstruction:
        """Return what is reconstructed of each event; the angular error is that of its energy bin."""
        return Reconstruction(
            log10_energy=self.energy.sample(log10_energy, sin_dec, rng=rng),
            separation=self.direction.sample(log10_energy, rng=rng),
            angular_error=self.direction.uncertainty(log10_energy),
        )


@attrs.frozen(eq=False)
class AngularErrorSmearing:
    """The point spread of events is what their own angular errors say.

    An event of a bin of reconstructed energy is displaced by a Gaussian whose
    width is drawn from the angular errors of the sample in that bin.

    Attributes
    ----------
    energy : EnergyDispersion
    log10_reco_edges : array of shape (n_reco + 1,)
        Bins of reconstructed energy; energies beyond take the nearest one.
    sigma : array of shape (n_reco, n_sigma)
        Equally likely angular errors of each bin, in radians.
    """

    energy: EnergyDispersion
    log10_reco_edges: FloatArray
    sigma: FloatArray

    @classmethod
    def from_events(
        cls, energy: EnergyDispersion, log10_energy: FloatArray, angular_error: FloatArray, edges: FloatArray
    ) -> AngularErrorSmearing:
        """Return the smearing that the angular errors of a sample imply.

        Parameters
        ----------
        energy
            Energy response.
        log10_energy, angular_error
            Reconstructed energy and angular error in radians of real events, shape (n,).
        edges
            Bins of log10(E_reco/GeV).

        Raises
        ------
        DataError
            If a bin holds no event.
        """
        rank = (np.arange(_SIGMAS) + 0.5) / _SIGMAS
        index = EnergyBins(tuple(edges)).index(log10_energy)
        rows = []
        for i in range(len(edges) - 1):
            chosen = angular_error[index == i]
            if len(chosen) == 0:
                raise DataError(
                    f"angular errors: no event with log10(E/GeV) in [{edges[i]:g}, {edges[i + 1]:g}); "
                    "use wider bins"
                )
            rows.append(np.quantile(chosen, rank))
        return cls(energy, np.asarray(edges, dtype=float), np.stack(rows))

    @property
    def source(self) -> str:
        """Where energy response and point spread come from."""
        return f"energy: {self.energy.source}; direction: angular errors of the events"

    @property
    def log10_energy_edges(self) -> FloatArray:
        """One cell: windows depend on reconstructed energy only."""
        return np.array([-np.inf, np.inf])

    @property
    def sin_dec_edges(self) -> FloatArray:
        """One cell."""
        return _WHOLE_SKY

    @property
    def energy_sin_dec_edges(self) -> FloatArray:
        """Bands of the energy response."""
        return self.energy.sin_dec_edges

    def _reco_bin(self, log10_energy: FloatArray) -> IntArray:
        index = np.searchsorted(self.log10_reco_edges, log10_energy, side="right") - 1
        return np.clip(index, 0, len(self.sigma) - 1)

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""
        return self.energy.probability(log10_energy, sin_dec, bins)

    def windows(self, bins: EnergyBins, lmax: int) -> FloatArray:
        """Return b_l of each bin, shape (1, 1, n_bin, lmax + 1): that of the bin's centre."""
        edges = np.asarray(bins.edges)
        index = self._reco_bin(0.5 * (edges[1:] + edges[:-1]))
        rows = [np.mean([gaussian_window(s, lmax) for s in self.sigma[i]], axis=0) for i in index]
        return np.stack(rows)[None, None]

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> Reconstruction:
        """Return what is reconstructed of each event."""
        reco = self.energy.sample(log10_energy, sin_dec, rng=rng)
        sigma = self.sigma[self._reco_bin(reco), rng.integers(0, self.sigma.shape[1], len(reco))]
        separation = sigma * np.sqrt(-2 * np.log1p(-rng.random(len(reco))))
        return Reconstruction(reco, separation, sigma)


@attrs.frozen(eq=False, kw_only=True)
class SmearingMatrix:
    """Joint table of reconstructed energy, separation and angular error.

    Energies and declinations beyond the table take the nearest cell; a cell
    without simulated events takes the nearest one in energy of the same
    declination that has some.

    Attributes
    ----------
    log10_energy_edges : array of shape (n_energy + 1,)
    sin_dec_edges : array of shape (n_dec + 1,)
    cell : array of int, shape (n,)
        Cell of each row, energy-major, not decreasing.
    log10_reco, separation, angular_error : arrays of shape (n, 2)
        Bounds of each row; angles in radians.
    fraction : array of shape (n,)
        Probability of each row; sums to 1 in a cell, within 2 %.
    source : str
        Where the table comes from.
    """

    log10_energy_edges: FloatArray
    sin_dec_edges: FloatArray
    cell: IntArray
    log10_reco: FloatArray
    separation: FloatArray
    angular_error: FloatArray
    fraction: FloatArray
    source: str = "smearing matrix"

    def __attrs_post_init__(self) -> None:
        if np.any(self.fraction < 0) or not np.all(np.isfinite(self.fraction)):
            raise DataError(f"{self.source}: negative or non-finite fractions")
        if np.any(np.diff(self.cell) < 0):
            raise DataError(f"{self.source}: cells are not in order")
        for name in ("log10_reco", "separation", "angular_error"):
            bounds = getattr(self, name)
            if not np.all(np.isfinite(bounds)) or np.any(bounds[:, 1] < bounds[:, 0]):
                raise DataError(f"{self.source}: bounds of {name} are not finite or do not increase")
        total = self.totals
        if not np.any(total > 0):
            raise DataError(f"{self.source}: the matrix holds nothing")
        bad = (np.abs(total - 1) > 0.02) & (total > 0)
        if np.any(bad):
            at = int(np.argmax(bad))
            raise DataError(
                f"{self.source}: fractions of cell {divmod(at, self.shape[1])} sum to "
                f"{total[at]:.3f}, expected 1"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Number of cells in energy and declination."""
        return len(self.log10_energy_edges) - 1, len(self.sin_dec_edges) - 1

    @property
    def totals(self) -> FloatArray:
        """Sum of the fractions of each cell, shape (n_energy * n_dec,)."""
        n_energy, n_dec = self.shape
        return np.asarray(np.bincount(self.cell, weights=self.fraction, minlength=n_energy * n_dec))

    @property
    def energy_sin_dec_edges(self) -> FloatArray:
        """Bands of declination."""
        return self.sin_dec_edges

    def _used(self) -> IntArray:
        """Return the cell that stands for each cell, shape (n_energy, n_dec)."""
        filled = self.totals.reshape(self.shape) > 0
        result = np.empty(self.shape, dtype=np.int64)
        for j in range(self.shape[1]):
            have = np.flatnonzero(filled[:, j])
            if len(have) == 0:
                raise DataError(f"{self.source}: declination band {j} holds nothing at any energy")
            nearest = have[np.argmin(np.abs(np.arange(self.shape[0])[:, None] - have), axis=1)]
            result[:, j] = nearest * self.shape[1] + j
        return result

    def _cell_of(self, log10_energy: FloatArray, sin_dec: FloatArray) -> IntArray:
        i = np.searchsorted(self.log10_energy_edges, log10_energy, side="right") - 1
        j = np.searchsorted(self.sin_dec_edges, sin_dec, side="right") - 1
        used: IntArray = self._used()
        return used[np.clip(i, 0, self.shape[0] - 1), np.clip(j, 0, self.shape[1] - 1)]

    def _fractions(self, bins: EnergyBins) -> FloatArray:
        """Return the probability that each row puts into each bin, shape (n, n_bin)."""
        low, high = self.log10_reco[:, :1], self.log10_reco[:, 1:]
        edges = np.asarray(bins.edges)
        point = (edges > low) & (high <= low)  # a row without width lies at its value
        wide = np.clip((edges - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
        inside = np.diff(np.where(high > low, wide, point.astype(float)), axis=1)
        return np.asarray(inside * (self.fraction / self.totals[self.cell])[:, None])

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""
        fractions = self._fractions(bins)
        table = np.stack(
            [np.bincount(self.cell, weights=s, minlength=len(self.totals)) for s in fractions.T], axis=1
        )
        where = np.broadcast_to(np.asarray(sin_dec, dtype=float), np.shape(log10_energy))
        return np.asarray(table[self._cell_of(log10_energy, where)])

    def windows(self, bins: EnergyBins, lmax: int) -> FloatArray:
        """Return b_l of events of each bin, shape (n_energy, n_dec, n_bin, lmax + 1); 0 without events."""
        fractions, used = self._fractions(bins), self._used()
        result = np.zeros((*self.shape, len(bins), lmax + 1))
        first = np.searchsorted(self.cell, np.arange(len(self.totals) + 1))
        step = (np.arange(_SUBDIVISIONS) + 0.5) / _SUBDIVISIONS
        for cell in np.unique(used):
            rows = slice(first[cell], first[cell + 1])
            bounds, index = np.unique(self.separation[rows], axis=0, return_inverse=True)
            angle = (bounds[:, :1] + np.diff(bounds, axis=1) * step).ravel()
            for i in range(len(bins)):
                weight = np.bincount(index.ravel(), weights=fractions[rows, i], minlength=len(bounds))
                if weight.sum() > 0:
                    result[used == cell, i] = profile_window(angle, np.repeat(weight, _SUBDIVISIONS), lmax)
        return result

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> Reconstruction:
        """Return what is reconstructed of each event, uniform within its row of the table."""
        cumulative = np.cumsum(self.fraction / self.totals[self.cell])
        end = np.append(0.0, cumulative)[np.searchsorted(self.cell, np.arange(len(self.totals) + 1))]
        cell = self._cell_of(log10_energy, sin_dec)
        u = end[cell] + rng.random(len(cell)) * (end[cell + 1] - end[cell])
        row = np.minimum(np.searchsorted(cumulative, u, side="right"), len(cumulative) - 1)

        def draw(bounds: FloatArray) -> FloatArray:
            low, high = bounds[row].T
            return np.asarray(low + rng.random(len(row)) * (high - low))

        return Reconstruction(draw(self.log10_reco), draw(self.separation), draw(self.angular_error))
