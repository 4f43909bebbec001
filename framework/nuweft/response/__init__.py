"""What a detector makes of a flux: effective area, smearing, acceptance, weights, simulated events."""

from nuweft.response.detector import DetectorResponse, SeasonResponse
from nuweft.response.effective_area import EffectiveArea
from nuweft.response.energy_response import EnergyResponse, LogNormalEnergyResponse
from nuweft.response.point_spread import KingPointSpread, PointSpread, RayleighPointSpread
from nuweft.response.smearing import (
    AngularErrorSmearing,
    IndependentSmearing,
    Reconstruction,
    Smearing,
    SmearingMatrix,
)

__all__ = [
    "AngularErrorSmearing",
    "DetectorResponse",
    "EffectiveArea",
    "EnergyResponse",
    "IndependentSmearing",
    "KingPointSpread",
    "LogNormalEnergyResponse",
    "PointSpread",
    "RayleighPointSpread",
    "Reconstruction",
    "SeasonResponse",
    "Smearing",
    "SmearingMatrix",
]
