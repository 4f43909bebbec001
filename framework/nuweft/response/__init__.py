"""What a detector makes of a flux: effective area, energy response, point spread, acceptance."""

from nuweft.response.detector import DetectorResponse, SeasonResponse
from nuweft.response.effective_area import EffectiveArea
from nuweft.response.energy_response import EnergyResponse, LogNormalEnergyResponse, TabulatedEnergyResponse
from nuweft.response.point_spread import PointSpread, RayleighPointSpread, TabulatedPointSpread

__all__ = [
    "DetectorResponse",
    "EffectiveArea",
    "EnergyResponse",
    "LogNormalEnergyResponse",
    "PointSpread",
    "RayleighPointSpread",
    "SeasonResponse",
    "TabulatedEnergyResponse",
    "TabulatedPointSpread",
]
