"""Spectral models of neutrino fluxes."""

from nuweft.flux.atmosphere import TabulatedFlux, conventional_flux, effective_cosine
from nuweft.flux.diffuse import DiffuseFlux
from nuweft.flux.power_law import PIVOT_ENERGY, PowerLawFlux, check_gamma, power_law_integrals

__all__ = [
    "PIVOT_ENERGY",
    "DiffuseFlux",
    "PowerLawFlux",
    "TabulatedFlux",
    "check_gamma",
    "conventional_flux",
    "effective_cosine",
    "power_law_integrals",
]
