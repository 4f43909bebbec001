"""Point spread: the angle between the true and the reconstructed direction."""

from __future__ import annotations

from abc import ABC, abstractmethod

import attrs
import numpy as np

from nuweft.errors import DataError
from nuweft.sky.beams import gaussian_window, profile_window, rayleigh_sigma
from nuweft.typing import FloatArray, IntArray

_QUANTILES = 4096


@attrs.frozen(eq=False, kw_only=True)
class PSF(ABC):
    """Point spread of given median separation per bin of true energy.

    Energies outside the table take the nearest bin.

    Attributes
    ----------
    log10_energy_edges : array of shape (n_energy + 1,)
    median : array of shape (n_energy,)
        Median separation in radians.
    source : str
        Where the table comes from.
    """

    log10_energy_edges: FloatArray
    median: FloatArray
    source: str = "parametric"

    def __attrs_post_init__(self) -> None:
        if len(self.log10_energy_edges) != len(self.median) + 1 or np.any(
            np.diff(self.log10_energy_edges) <= 0
        ):
            raise DataError("point spread: energy edges do not increase or do not fit the table")
        if np.any(~(self.median > 0)) or np.any(self.median > np.pi):
            raise DataError(f"point spread: median separations must be in (0, pi) radians, got {self.median}")

    def bin(self, log10_energy: FloatArray) -> IntArray:
        """Return the energy bin of each event, the nearest one outside the table."""
        index = np.searchsorted(self.log10_energy_edges, log10_energy, side="right") - 1
        return np.clip(index, 0, len(self.median) - 1)

    def uncertainty(self, log10_energy: FloatArray) -> FloatArray:
        """Return sigma of the circular Gaussian with the median of each event, in radians."""
        return np.asarray(self.median[self.bin(log10_energy)] / np.sqrt(2 * np.log(2)))

    @abstractmethod
    def windows(self, lmax: int) -> FloatArray:
        """Return b_l of each energy bin, shape (n_energy, lmax + 1)."""

    @abstractmethod
    def sample(self, log10_energy: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return the separation in radians drawn for each event."""


@attrs.frozen(eq=False, kw_only=True)
class RayleighPSF(PSF):
    """Two-dimensional Gaussian: the separation has a Rayleigh distribution."""

    def windows(self, lmax: int) -> FloatArray:
        """Return b_l of each energy bin, shape (n_energy, lmax + 1)."""
        return np.stack([gaussian_window(rayleigh_sigma(m), lmax) for m in self.median])

    def sample(self, log10_energy: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return the separation in radians drawn for each event.

        A Gaussian step in the tangent plane; the window is that of the heat
        kernel on the sphere (equal to it within sigma**2/6 relative).
        """
        sigma = self.uncertainty(log10_energy)
        return np.asarray(sigma * np.sqrt(-2 * np.log1p(-rng.random(len(sigma)))))


@attrs.frozen(eq=False, kw_only=True)
class KingPSF(PSF):
    """King function: a core with a power-law tail.

    The density is ``(1 + psi**2 / (2 tail sigma**2))**-tail`` in the tangent
    plane, sigma from the median.

    Attributes
    ----------
    tail : float
        Index of the tail, above 1; a Gaussian where it is large.

    Notes
    -----
    King 1962, AJ 67, 471; as used for the point spread of Fermi-LAT.
    """

    tail: float = 2.0

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not self.tail > 1:
            raise DataError(f"point spread: the tail of a King function must be above 1, got {self.tail:g}")

    def quantile(self, probability: FloatArray, median: FloatArray) -> FloatArray:
        """Return the separation below which a fraction of events lies, in radians, at most pi."""
        power = 1 / (1 - self.tail)
        half = 2 ** (1 / (self.tail - 1)) - 1
        wide = np.expm1(power * np.log1p(-np.asarray(probability)))
        return np.asarray(np.minimum(median * np.sqrt(wide / half), np.pi))

    def windows(self, lmax: int) -> FloatArray:
        """Return b_l of each energy bin, shape (n_energy, lmax + 1)."""
        # steps that crowd towards the tail
        edge = 1 - (1 - np.arange(_QUANTILES + 1) / _QUANTILES) ** 3
        middle, weight = 0.5 * (edge[1:] + edge[:-1]), np.diff(edge)
        return np.stack([profile_window(self.quantile(middle, m), weight, lmax) for m in self.median])

    def sample(self, log10_energy: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return the separation in radians drawn for each event."""
        return self.quantile(rng.random(len(log10_energy)), self.median[self.bin(log10_energy)])
