"""The cosmological model, by CCL."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from nuweft.interfaces.redshift_distribution import RedshiftDistribution
from nuweft.interfaces.source_evolution import LineOfSight
from nuweft.parameters import number, text
from nuweft.sky.typing import FloatArray

HUBBLE_DISTANCE = 2997.92458
"""c / (100 km/s/Mpc) in Mpc."""


@attrs.frozen(kw_only=True)
class Cosmology:
    """A flat LambdaCDM cosmology.

    Notes
    -----
    Defaults: Planck 2018 VI, arXiv:1807.06209, table 2 (TT,TE,EE+lowE+lensing+BAO).
    """

    hubble: float = number(default=0.6766, gt=0, doc="H0 / (100 km/s/Mpc)")
    omega_cdm: float = number(default=0.2607, gt=0, doc="density of cold dark matter today")
    omega_baryon: float = number(default=0.0490, gt=0, doc="density of baryons today")
    sigma8: float = number(default=0.8102, gt=0, doc="amplitude of matter fluctuations in 8 Mpc/h")
    n_s: float = number(default=0.9665, doc="index of the primordial spectrum")
    transfer_function: str = text(
        default="boltzmann_camb", choices=("boltzmann_camb", "eisenstein_hu"), doc="linear power spectrum"
    )

    def ccl(self) -> Any:
        """Return the ``pyccl.Cosmology``, with the halofit matter power spectrum."""
        import pyccl

        return pyccl.Cosmology(
            Omega_c=self.omega_cdm,
            Omega_b=self.omega_baryon,
            h=self.hubble,
            sigma8=self.sigma8,
            n_s=self.n_s,
            transfer_function=self.transfer_function,
            matter_power_spectrum="halofit",
        )


def line_of_sight(cosmology: Any, tracer: RedshiftDistribution | None) -> LineOfSight:
    """Return distances of a ``pyccl.Cosmology`` as source models need them."""

    def luminosity_distance(z: FloatArray) -> FloatArray:
        return np.asarray(cosmology.luminosity_distance(1 / (1 + np.asarray(z))))

    def volume_element(z: FloatArray) -> FloatArray:
        a = 1 / (1 + np.asarray(z))
        chi = cosmology.comoving_radial_distance(a)
        return np.asarray(chi**2 * HUBBLE_DISTANCE / cosmology["h"] / cosmology.h_over_h0(a))

    return LineOfSight(luminosity_distance=luminosity_distance, volume_element=volume_element, tracer=tracer)
