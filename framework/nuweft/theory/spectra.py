"""Expected angular power spectra of galaxies and neutrinos, by CCL (halofit)."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from nuweft.errors import RedshiftError
from nuweft.interfaces.tracer import RedshiftDistribution
from nuweft.sky.typing import FloatArray

_NARROWEST = 1e-3
_NEAREST = 1.0  # Mpc, where the logarithmic grid beyond Limber begins
_DISTANCES = 2048


@attrs.frozen(eq=False, kw_only=True)
class Projection:
    """A population seen in projection on the sky.

    Attributes
    ----------
    z, density : arrays of shape (n,)
        Redshifts and dN/dz, any normalisation.
    bias : float
        Linear bias.
    magnification : float or None
        Slope ``s = dlog10 N/dm`` of the counts at the limit of a
        magnitude-limited catalog; None leaves magnification out. Neutrino
        counts are not magnified: lensing keeps their surface brightness.
    """

    z: FloatArray
    density: FloatArray
    bias: float = 1.0
    magnification: float | None = None

    def ccl(self, cosmology: Any) -> Any:
        """Return the ``pyccl.NumberCountsTracer``."""
        import pyccl

        level = np.ones(len(self.z))
        lensed = None if self.magnification is None else (self.z, self.magnification * level)
        return pyccl.NumberCountsTracer(
            cosmology,
            has_rsd=False,
            dndz=(self.z, self.density),
            bias=(self.z, self.bias * level),
            mag_bias=lensed,
        )


def angular_spectrum(
    cosmology: Any, ell: FloatArray, first: Projection, second: Projection, *, limber_from: int = 0
) -> FloatArray:
    """Return C_l of two populations, without shot noise and redshift-space distortions.

    Parameters
    ----------
    cosmology
        A ``pyccl.Cosmology``.
    ell
        Multipoles, shape (n,).
    first, second
        The populations.
    limber_from
        Multipole from which the Limber approximation is used; below, the
        integrals are done in full (FKEM, arXiv:1911.11947).

    Notes
    -----
    Equations D10 and D11 of Abbasi et al. 2025.
    """
    import pyccl

    tracers = (first.ccl(cosmology), second.ccl(cosmology))
    if limber_from <= np.min(ell):
        return np.asarray(pyccl.angular_cl(cosmology, *tracers, ell))
    return np.asarray(
        pyccl.angular_cl(
            cosmology,
            *tracers,
            ell,
            l_limber=limber_from,
            fkem_chi_min=_NEAREST,
            fkem_Nchi=_DISTANCES,
        )
    )


def check_width(distribution: RedshiftDistribution) -> RedshiftDistribution:
    """Return a redshift distribution that is wide enough for the Limber approximation.

    Raises
    ------
    RedshiftError
        If its 10 and 90 percentiles are closer than 0.001.
    """
    width = distribution.percentile(90) - distribution.percentile(10)
    if width < _NARROWEST:
        raise RedshiftError(
            f"n(z) ({distribution.source}) is too narrow for the Limber approximation: 10 to 90 "
            f"percentile spans {width:.2g}, expected at least {_NARROWEST:g}"
        )
    return distribution
