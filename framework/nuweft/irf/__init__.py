"""What a detector makes of a flux: effective area, energy dispersion, point spread, exposure, events."""

from nuweft.irf.counts import CountTable, count_table, predicted_counts, true_rates
from nuweft.irf.detector import SECONDS_PER_DAY, DetectorResponse, SeasonResponse
from nuweft.irf.effective_area import EffectiveArea
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.energy_dispersion import EnergyDispersion, LogNormalEnergyDispersion
from nuweft.irf.energy_fit import EnergyFit, fit_energy_dispersion
from nuweft.irf.events import Events
from nuweft.irf.exposure import Exposure, Spectra, exposure, sliced_exposure, subdivide
from nuweft.irf.psf import PSF, KingPSF, RayleighPSF
from nuweft.irf.ring_counts import ring_counts
from nuweft.irf.simulation import Flux, displace, expected_cells, simulate_events, uniform_in_pixels
from nuweft.irf.smearing import (
    AngularErrorSmearing,
    IndependentSmearing,
    Reconstruction,
    Smearing,
    SmearingMatrix,
)
from nuweft.irf.variations import ScaledSmearing, scaled_response
from nuweft.moved import renamed

__all__ = [
    "PSF",
    "SECONDS_PER_DAY",
    "AngularErrorSmearing",
    "CountTable",
    "DetectorResponse",
    "EffectiveArea",
    "EnergyBins",
    "EnergyDispersion",
    "EnergyFit",
    "Events",
    "Exposure",
    "Flux",
    "IndependentSmearing",
    "KingPSF",
    "LogNormalEnergyDispersion",
    "RayleighPSF",
    "Reconstruction",
    "ScaledSmearing",
    "SeasonResponse",
    "Smearing",
    "SmearingMatrix",
    "Spectra",
    "count_table",
    "displace",
    "expected_cells",
    "exposure",
    "fit_energy_dispersion",
    "predicted_counts",
    "ring_counts",
    "scaled_response",
    "simulate_events",
    "sliced_exposure",
    "subdivide",
    "true_rates",
    "uniform_in_pixels",
]

__getattr__ = renamed(
    __name__,
    {
        "EnergyResponse": "nuweft.irf.EnergyDispersion",
        "KingPointSpread": "nuweft.irf.KingPSF",
        "LogNormalEnergyResponse": "nuweft.irf.LogNormalEnergyDispersion",
        "PointSpread": "nuweft.irf.PSF",
        "RayleighPointSpread": "nuweft.irf.RayleighPSF",
    },
)
