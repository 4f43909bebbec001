"""The cosmological model, by CCL."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from nuweft.errors import ParameterError
from nuweft.interfaces.source_evolution import LineOfSight
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.parameters import number, text
from nuweft.parameters.bounds import Slip
from nuweft.typing import FloatArray

HUBBLE_DISTANCE = 2997.92458
"""c / (100 km/s/Mpc) in Mpc."""

_SHARE = Slip(
    below="Omega, a fraction of the critical density, is asked",
    above="Omega, a fraction of the critical density, is asked: 26 % is 0.26",
)


@attrs.frozen(kw_only=True)
class Cosmology:
    """A flat LambdaCDM cosmology.

    Notes
    -----
    Defaults: Planck 2018 VI, arXiv:1807.06209, table 2 (TT,TE,EE+lowE+lensing+BAO).
    """

    hubble: float = number(
        default=0.6766,
        ge=0.2,
        le=2,
        doc="H0 / (100 km/s/Mpc)",
        slip=Slip(above="h = H0 / (100 km/s/Mpc) is asked: H0 = 67.66 km/s/Mpc is 0.6766"),
    )
    omega_cdm: float = number(
        default=0.2607, ge=0.01, le=1, doc="density of cold dark matter today", slip=_SHARE
    )
    omega_baryon: float = number(default=0.0490, ge=1e-3, le=0.5, doc="density of baryons today", slip=_SHARE)
    sigma8: float = number(
        default=0.8102,
        ge=0.1,
        le=3,
        doc="amplitude of matter fluctuations in 8 Mpc/h",
        slip=Slip(
            below="sigma8, about 0.8, is asked: a primordial amplitude A_s, about 2e-9, is another thing",
            above="sigma8, about 0.8, is asked: ln(1e10 A_s), about 3, is another thing",
        ),
    )
    n_s: float = number(
        default=0.9665,
        ge=0.5,
        le=1.5,
        doc="index of the primordial spectrum",
        slip=Slip(below="n_s, about 0.97, is asked, not n_s - 1 nor with a minus sign"),
    )
    transfer_function: str = text(
        default="boltzmann_camb", choices=("boltzmann_camb", "eisenstein_hu"), doc="linear power spectrum"
    )

    def __attrs_post_init__(self) -> None:
        if self.omega_cdm + self.omega_baryon > 1:
            raise ParameterError(
                f"omega_cdm: {self.omega_cdm:g} and omega_baryon {self.omega_baryon:g} are more than the "
                "whole density; expected a sum of at most 1, with the cosmological constant as the rest"
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
