"""A parametric response that resembles IceCube's 86-string tracks."""

from __future__ import annotations

import numpy as np

from nuweft.irf import (
    SECONDS_PER_DAY,
    DetectorResponse,
    EffectiveArea,
    IndependentSmearing,
    LogNormalEnergyDispersion,
    RayleighPSF,
    SeasonResponse,
)
from nuweft.typing import FloatArray

_HORIZON = np.sin(np.radians(-8.0))


def _area(log10_energy: FloatArray, sin_dec: FloatArray) -> FloatArray:
    """Return an effective area in cm^2 with Earth absorption, zero far above the horizon."""
    energy_tev = 10 ** (log10_energy - 3)
    threshold = 1 / (1 + (0.3 / energy_tev) ** 2)
    area = 0.36e4 * energy_tev**1.9 * threshold / (1 + (energy_tev / 3.0) ** 0.9)
    cross_section = 5.5e-36 * energy_tev**0.95 / (1 + (energy_tev / 50.0) ** 0.55)  # cm^2 per nucleon
    depth = 1.1e10 * np.clip(sin_dec, 0, None) ** 1.35  # g/cm^2 through the Earth
    return np.where(sin_dec > _HORIZON, area * np.exp(-6.022e23 * cross_section * depth), 0.0)


def ic86_like(livetime_days: float) -> DetectorResponse:
    """Return the response of one simulated season.

    Parameters
    ----------
    livetime_days
        Livetime in days.
    """
    energy = np.linspace(2.0, 8.0, 61)
    dec = np.concatenate([[-1.0], np.linspace(_HORIZON, 1.0, 101)])
    middle_energy, middle_dec = 0.5 * (energy[1:] + energy[:-1]), 0.5 * (dec[1:] + dec[:-1])
    season = SeasonResponse(
        name="mock-IC86",
        livetime=livetime_days * SECONDS_PER_DAY,
        effective_area=EffectiveArea(
            energy, dec, _area(middle_energy[:, None], middle_dec[None, :]), "parametric, IC86-like"
        ),
        smearing=IndependentSmearing(
            LogNormalEnergyDispersion(
                floor=2.9, slope=0.65, turn=3.5, softness=0.45, sigma_low=0.12, sigma_high=0.44
            ),
            RayleighPSF(
                log10_energy_edges=np.arange(2.0, 9.0, 1.0),
                median=np.radians([1.4, 0.8, 0.5, 0.38, 0.33, 0.33]),
            ),
        ),
        livetime_source="a setting",
    )
    return DetectorResponse((season,))
