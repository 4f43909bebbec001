"""Point spread: the angle between the true and the reconstructed direction."""

from __future__ import annotations

from typing import Protocol

import attrs
import numpy as np

from nuweft.errors import DataError
from nuweft.response.energy_response import _sample_cells
from nuweft.sky.beams import gaussian_window, profile_window, rayleigh_sigma
from nuweft.sky.typing import FloatArray

_SUBDIVISIONS = 8


class PointSpread(Protocol):
    """What a point spread answers: it is constant in cells of true energy and declination."""

    @property
    def log10_energy_edges(self) -> FloatArray:
        """Edges in log10(E_true/GeV), shape (n_energy + 1,)."""

    @property
    def sin_dec_edges(self) -> FloatArray:
        """Edges in the sine of the declination, shape (n_dec + 1,)."""

    def windows(self, lmax: int) -> FloatArray:
        """Return b_l of each cell, shape (n_energy, n_dec, lmax + 1)."""

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> FloatArray:
        """Return the separation in radians drawn for each event."""


@attrs.frozen(eq=False)
class RayleighPointSpread:
    """Two-dimensional Gaussian of given median separation per bin of true energy.

    Energies outside the table take the nearest bin.

    Attributes
    ----------
    log10_energy_edges : array of shape (n_energy + 1,)
    median : array of shape (n_energy,)
        Median separation in radians.
    """

    log10_energy_edges: FloatArray
    median: FloatArray

    def __attrs_post_init__(self) -> None:
        if len(self.log10_energy_edges) != len(self.median) + 1 or np.any(
            np.diff(self.log10_energy_edges) <= 0
        ):
            raise DataError("point spread: energy edges do not increase or do not fit the table")
        if np.any(~(self.median > 0)) or np.any(self.median > np.pi):
            raise DataError(f"point spread: median separations must be in (0, pi) radians, got {self.median}")

    @property
    def sin_dec_edges(self) -> FloatArray:
        """One band: the point spread does not depend on declination."""
        return np.array([-1.0, 1.0])

    def windows(self, lmax: int) -> FloatArray:
        """Return b_l of each cell, shape (n_energy, 1, lmax + 1)."""
        return np.stack([gaussian_window(rayleigh_sigma(m), lmax) for m in self.median])[:, None, :]

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> FloatArray:
        """Return the separation in radians drawn for each event.

        Drawn so that the harmonic window is exactly that of :meth:`windows`:
        the heat kernel on the sphere, by a Gaussian step in the tangent plane
        (equal to it within sigma**2/6 relative).
        """
        index = np.clip(
            np.searchsorted(self.log10_energy_edges, log10_energy, side="right") - 1, 0, len(self.median) - 1
        )
        sigma = self.median[index] / np.sqrt(2 * np.log(2))
        return np.asarray(sigma * np.sqrt(-2 * np.log1p(-rng.random(len(index)))))


@attrs.frozen(eq=False)
class TabulatedPointSpread:
    """Histogram of the separation for each cell of true energy and declination.

    Attributes
    ----------
    log10_energy_edges : array of shape (n_energy + 1,)
    sin_dec_edges : array of shape (n_dec + 1,)
    separation_edges : array of shape (n_energy, n_dec, n_sep + 1)
        In radians; edges differ from cell to cell.
    fractions : array of shape (n_energy, n_dec, n_sep)
        Sum to 1 in each cell that holds events, else to 0.
    """

    log10_energy_edges: FloatArray
    sin_dec_edges: FloatArray
    separation_edges: FloatArray
    fractions: FloatArray

    def windows(self, lmax: int) -> FloatArray:
        """Return b_l of each cell, shape (n_energy, n_dec, lmax + 1)."""
        n_energy, n_dec, _ = self.fractions.shape
        result = np.zeros((n_energy, n_dec, lmax + 1))
        for a in range(n_energy):
            for b in range(n_dec):
                if self.fractions[a, b].sum() <= 0:
                    continue
                low, step = self.separation_edges[a, b][:-1], np.diff(self.separation_edges[a, b])
                inside = (np.arange(_SUBDIVISIONS) + 0.5) / _SUBDIVISIONS
                separation = low[:, None] + step[:, None] * inside
                probability = np.repeat(self.fractions[a, b] / _SUBDIVISIONS, _SUBDIVISIONS)
                result[a, b] = profile_window(separation.ravel(), probability, lmax)
        return result

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> FloatArray:
        """Return the separation in radians drawn for each event."""
        i = np.clip(
            np.searchsorted(self.log10_energy_edges, log10_energy, side="right") - 1,
            0,
            self.fractions.shape[0] - 1,
        )
        j = np.clip(
            np.searchsorted(self.sin_dec_edges, sin_dec, side="right") - 1, 0, self.fractions.shape[1] - 1
        )
        return _sample_cells(i, j, self.separation_edges, self.fractions, rng=rng)
