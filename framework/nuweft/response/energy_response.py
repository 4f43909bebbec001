"""Energy response: the probability of a reconstructed energy given the true one."""

from __future__ import annotations

from typing import Protocol

import attrs
import numpy as np
from scipy import special

from nuweft.errors import DataError
from nuweft.sky.bins import EnergyBins
from nuweft.sky.typing import FloatArray


class EnergyResponse(Protocol):
    """What an energy response answers."""

    @property
    def sin_dec_edges(self) -> FloatArray:
        """Edges of the declination bands in which the response is constant."""

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> FloatArray:
        """Return log10(E_reco/GeV) drawn for each event."""


_WHOLE_SKY = np.array([-1.0, 1.0])


@attrs.frozen(eq=False)
class LogNormalEnergyResponse:
    """Reconstructed energy log-normal around a mean that flattens at low energy.

    With x = log10(E_true/GeV), log10(E_reco/GeV) is normal with mean
    ``floor + slope * s * ln(1 + exp((x - turn) / s))`` and width
    ``sigma_low`` far below ``turn`` and ``sigma_high`` far above it. The
    flattening stands for muons below the critical energy, whose light does
    not tell their energy.

    Attributes
    ----------
    floor, slope, turn, softness : float
        Shape of the mean; ``softness`` is s.
    sigma_low, sigma_high : float
        Width in dex.
    """

    floor: float
    slope: float
    turn: float
    softness: float
    sigma_low: float
    sigma_high: float

    @property
    def sin_dec_edges(self) -> FloatArray:
        """One band: the response does not depend on declination."""
        return _WHOLE_SKY

    def mean(self, log10_energy: FloatArray) -> FloatArray:
        """Return the mean log10(E_reco/GeV)."""
        u = (np.asarray(log10_energy) - self.turn) / self.softness
        return np.asarray(self.floor + self.slope * self.softness * np.logaddexp(0.0, u))

    def width(self, log10_energy: FloatArray) -> FloatArray:
        """Return the standard deviation in dex."""
        u = (np.asarray(log10_energy) - self.turn) / self.softness
        return np.asarray(self.sigma_low + (self.sigma_high - self.sigma_low) * special.expit(u))

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""
        edges = np.asarray(bins.edges)
        mean, width = self.mean(log10_energy), self.width(log10_energy)
        return np.diff(special.ndtr((edges - mean[:, None]) / width[:, None]), axis=1)

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> FloatArray:
        """Return log10(E_reco/GeV) drawn for each event."""
        return self.mean(log10_energy) + self.width(log10_energy) * rng.standard_normal(len(log10_energy))


@attrs.frozen(eq=False)
class TabulatedEnergyResponse:
    """Histogram of reconstructed energy for each cell of true energy and declination.

    Attributes
    ----------
    log10_energy_edges : array of shape (n_true + 1,)
    sin_dec_edges : array of shape (n_dec + 1,)
    log10_reco_edges : array of shape (n_true, n_dec, n_reco + 1)
        Edges differ from cell to cell.
    fractions : array of shape (n_true, n_dec, n_reco)
        Sum to 1 in each cell that holds events, else to 0.
    """

    log10_energy_edges: FloatArray
    sin_dec_edges: FloatArray
    log10_reco_edges: FloatArray
    fractions: FloatArray

    def __attrs_post_init__(self) -> None:
        total = self.fractions.sum(axis=-1)
        if np.any(self.fractions < 0) or np.any((np.abs(total - 1) > 0.02) & (total > 0)):
            raise DataError("energy response: fractions are negative or do not sum to 1")

    def _cell(self, log10_energy: FloatArray, sin_dec: FloatArray) -> tuple[np.ndarray, np.ndarray]:
        i = np.searchsorted(self.log10_energy_edges, log10_energy, side="right") - 1
        j = np.searchsorted(self.sin_dec_edges, sin_dec, side="right") - 1
        return (
            np.clip(i, 0, self.fractions.shape[0] - 1),
            np.clip(j, 0, self.fractions.shape[1] - 1),
        )

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""
        i, j = self._cell(np.asarray(log10_energy), np.full(np.shape(log10_energy), sin_dec))
        result = np.empty((len(i), len(bins)))
        for row, (a, b) in enumerate(zip(i, j, strict=True)):
            cumulative = np.concatenate([[0.0], np.cumsum(self.fractions[a, b])])
            result[row] = np.diff(np.interp(bins.edges, self.log10_reco_edges[a, b], cumulative))
        return result

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> FloatArray:
        """Return log10(E_reco/GeV) drawn for each event."""
        return _sample_cells(
            *self._cell(log10_energy, sin_dec), self.log10_reco_edges, self.fractions, rng=rng
        )


def _sample_cells(
    i: np.ndarray,
    j: np.ndarray,
    edges: FloatArray,
    fractions: FloatArray,
    *,
    rng: np.random.Generator,
) -> FloatArray:
    """Return a draw from the histogram of each event's cell."""
    result = np.empty(len(i))
    cells = i * fractions.shape[1] + j
    for cell in np.unique(cells):
        chosen = cells == cell
        a, b = divmod(int(cell), fractions.shape[1])
        if fractions[a, b].sum() <= 0:
            raise DataError(f"response table: events in a cell (energy {a}, declination {b}) without entries")
        cumulative = np.concatenate([[0.0], np.cumsum(fractions[a, b])])
        u = rng.random(int(chosen.sum())) * cumulative[-1]
        result[chosen] = np.interp(u, cumulative, edges[a, b])
    return result
