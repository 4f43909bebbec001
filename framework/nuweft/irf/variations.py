"""A response with other area, energy scale and point spread."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.irf.detector import DetectorResponse
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.smearing import Reconstruction, Smearing
from nuweft.typing import FloatArray


@attrs.frozen(eq=False)
class ScaledSmearing:
    """A smearing whose reconstructed energies are shifted and whose separations are stretched.

    Attributes
    ----------
    original : Smearing
    energy_shift : float
        Added to log10(E_reco), in dex.
    spread : float
        Factor on separations and angular errors.
    """

    original: Smearing
    energy_shift: float
    spread: float

    @property
    def source(self) -> str:
        """What was changed."""
        return f"{self.original.source}; energies {self.energy_shift:+.3f} dex, spread x {self.spread:g}"

    @property
    def log10_energy_edges(self) -> FloatArray:
        """Cells of the original."""
        return self.original.log10_energy_edges

    @property
    def sin_dec_edges(self) -> FloatArray:
        """Cells of the original."""
        return self.original.sin_dec_edges

    @property
    def energy_sin_dec_edges(self) -> FloatArray:
        """Bands of the original."""
        return self.original.energy_sin_dec_edges

    def _shifted(self, bins: EnergyBins) -> EnergyBins:
        return EnergyBins(tuple(edge - self.energy_shift for edge in bins.edges))

    def probability(self, log10_energy: FloatArray, sin_dec: float, bins: EnergyBins) -> FloatArray:
        """Return the probability of each reconstructed bin, shape (n, n_bin)."""
        return self.original.probability(log10_energy, sin_dec, self._shifted(bins))

    def windows(self, bins: EnergyBins, lmax: int) -> FloatArray:
        """Return b_l of each cell: that of the original at ``spread`` times l."""
        ell = np.arange(lmax + 1)
        reach = int(np.ceil(lmax * max(self.spread, 1.0)))
        original = self.original.windows(self._shifted(bins), reach)
        flat = original.reshape(-1, reach + 1)
        stretched = np.stack([np.interp(self.spread * ell, np.arange(reach + 1), row) for row in flat])
        return stretched.reshape(*original.shape[:-1], lmax + 1)

    def sample(
        self, log10_energy: FloatArray, sin_dec: FloatArray, *, rng: np.random.Generator
    ) -> Reconstruction:
        """Return what is reconstructed of each event."""
        seen = self.original.sample(log10_energy, sin_dec, rng=rng)
        return Reconstruction(
            seen.log10_energy + self.energy_shift,
            seen.separation * self.spread,
            seen.angular_error * self.spread,
        )


def scaled_response(
    response: DetectorResponse, *, area: float = 1.0, energy_shift: float = 0.0, spread: float = 1.0
) -> DetectorResponse:
    """Return a response with scaled effective area, energies and point spread.

    Parameters
    ----------
    response
        The nominal response.
    area
        Factor on the effective area.
    energy_shift
        Added to log10 of reconstructed energies, in dex.
    spread
        Factor on separations.
    """
    return attrs.evolve(
        response,
        seasons=tuple(
            attrs.evolve(
                season,
                effective_area=attrs.evolve(season.effective_area, area=season.effective_area.area * area),
                smearing=ScaledSmearing(season.smearing, energy_shift, spread),
            )
            for season in response.seasons
        ),
    )
