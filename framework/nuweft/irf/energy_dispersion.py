"""Energy response: the probability of a reconstructed energy given the true one."""

from __future__ import annotations

from typing import Protocol

import attrs
import numpy as np
from numpy.polynomial import polynomial
from scipy import special

from nuweft.errors import DataError
from nuweft.irf.energy_bins import EnergyBins
from nuweft.typing import FloatArray

_BAND = 0.05  # in sin(dec)


class EnergyDispersion(Protocol):
    """What an energy response answers."""

    @property
    def source(self) -> str:
        """Where the response comes from."""

    @property
    def sin_dec_edges(self) -> FloatArray:
        """Edges of the declination bands in which the response is constant."""

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> FloatArray:
        """Return log10(E_reco/GeV) drawn for each event."""


def _coefficients(value: float | tuple[float, ...]) -> tuple[float, ...]:
    return tuple(float(v) for v in value) if isinstance(value, tuple) else (float(value),)


@attrs.frozen(kw_only=True)
class LogNormalEnergyDispersion:
    """Reconstructed energy log-normal around a mean that flattens at low energy.

    With x = log10(E_true/GeV), log10(E_reco/GeV) is normal with mean
    ``floor + slope * s * ln(1 + exp((x - turn) / s))`` and width
    ``sigma_low`` far below ``turn`` and ``sigma_high`` far above it. The
    flattening stands for muons below the critical energy, whose light does
    not tell their energy. Floor and width may vary with declination, in bands
    of 0.05 in sin(dec).

    Attributes
    ----------
    floor : tuple of float
        Polynomial in sin(dec), lowest power first; a number is a constant.
    slope, turn, softness : float
        Shape of the mean; ``softness`` is s.
    sigma_low, sigma_high : float
        Width in dex.
    widening : tuple of float
        Coefficients of sin(dec), sin(dec)**2, ... in the logarithm of a factor on the width.
    sin_dec_range : tuple of float
        Range in which the polynomials hold; constant beyond.
    source : str
        Where the response comes from.
    """

    floor: tuple[float, ...] = attrs.field(converter=_coefficients)
    slope: float
    turn: float
    softness: float
    sigma_low: float
    sigma_high: float
    widening: tuple[float, ...] = ()
    sin_dec_range: tuple[float, float] = (-1.0, 1.0)
    source: str = "parametric"

    def __attrs_post_init__(self) -> None:
        for name in ("softness", "sigma_low", "sigma_high"):
            if not getattr(self, name) > 0:
                raise DataError(f"energy response: {name} must be positive, got {getattr(self, name):g}")

    @property
    def sin_dec_edges(self) -> FloatArray:
        """Bands of declination; one where nothing varies."""
        if len(self.floor) == 1 and not self.widening:
            return np.array([-1.0, 1.0])
        return np.linspace(-1.0, 1.0, round(2 / _BAND) + 1)

    def _band_centre(self, sin_dec: FloatArray) -> FloatArray:
        edges = self.sin_dec_edges
        index = np.clip(np.searchsorted(edges, sin_dec, side="right") - 1, 0, len(edges) - 2)
        return np.clip(0.5 * (edges[index] + edges[index + 1]), *self.sin_dec_range)

    def mean(self, log10_energy: FloatArray, sin_dec: FloatArray | float) -> FloatArray:
        """Return the mean log10(E_reco/GeV); arguments broadcast."""
        u = (np.asarray(log10_energy) - self.turn) / self.softness
        floor = polynomial.polyval(self._band_centre(np.asarray(sin_dec)), self.floor)
        return np.asarray(floor + self.slope * self.softness * np.logaddexp(0.0, u))

    def width(self, log10_energy: FloatArray, sin_dec: FloatArray | float) -> FloatArray:
        """Return the standard deviation in dex; arguments broadcast."""
        u = (np.asarray(log10_energy) - self.turn) / self.softness
        factor = np.exp(polynomial.polyval(self._band_centre(np.asarray(sin_dec)), (0.0, *self.widening)))
        return np.asarray(factor * (self.sigma_low + (self.sigma_high - self.sigma_low) * special.expit(u)))

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""
        edges = np.asarray(bins.edges)
        mean, width = self.mean(log10_energy, sin_dec), self.width(log10_energy, sin_dec)
        return np.diff(special.ndtr((edges - mean[:, None]) / width[:, None]), axis=1)

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> FloatArray:
        """Return log10(E_reco/GeV) drawn for each event."""
        noise = rng.standard_normal(len(log10_energy))
        return self.mean(log10_energy, sin_dec) + self.width(log10_energy, sin_dec) * noise
