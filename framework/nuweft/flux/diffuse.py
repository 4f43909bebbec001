"""The diffuse astrophysical flux that limits are compared with."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from nuweft.errors import ParameterError
from nuweft.flux.power_law import PIVOT_ENERGY
from nuweft.parameters import number, text
from nuweft.parameters.bounds import FLUX_AT_100_TEV, Slip


def _flux(default: float, doc: str) -> Any:
    known = FLUX_AT_100_TEV
    return number(
        default=default, gt=known.gt, le=known.le, slip=known.slip, unit="GeV^-1 cm^-2 s^-1 sr^-1", doc=doc
    )


@attrs.frozen(kw_only=True)
class DiffuseFlux:
    """A measured power-law flux of nu_mu + anti-nu_mu, one flavour, per steradian.

    Defaults: Abbasi et al. 2022, ApJ 928, 50 (9.5 years of northern tracks).
    """

    normalisation: float = _flux(1.44e-18, "flux at 100 TeV")
    normalisation_low: float = _flux(1.18e-18, "lower end of its 68 % interval")
    normalisation_high: float = _flux(1.69e-18, "upper end of its 68 % interval")
    gamma: float = number(
        default=2.37, gt=0, le=6, doc="spectral index", slip=Slip(below="an index of E**-gamma is positive")
    )
    gamma_error: float = number(default=0.09, ge=0, le=5, doc="its uncertainty")
    reference: str = text(default="Abbasi et al. 2022, ApJ 928, 50", doc="citation")

    def __attrs_post_init__(self) -> None:
        if self.normalisation_low > self.normalisation_high:
            raise ParameterError(
                f"normalisation_low: {self.normalisation_low:g} lies above normalisation_high "
                f"{self.normalisation_high:g}"
            )

    def fraction(self, flux: float, gamma: float, low: float, high: float) -> float:
        """Return the energy flux of a power law between two energies, over that of the diffuse flux.

        Parameters
        ----------
        flux
            At 100 TeV, in GeV^-1 cm^-2 s^-1 sr^-1.
        gamma
            Spectral index.
        low, high
            Energies in GeV.
        """
        ratio = _energy_integral(gamma, low, high) / _energy_integral(self.gamma, low, high)
        return flux / self.normalisation * ratio


def _energy_integral(gamma: float, low: float, high: float) -> float:
    """Return the integral of E (E/100 TeV)**-gamma in units of (100 TeV)**2."""
    a, b = low / PIVOT_ENERGY, high / PIVOT_ENERGY
    power = 2 - gamma
    return float(np.log(b / a)) if abs(power) < 1e-9 else float((b**power - a**power) / power)
