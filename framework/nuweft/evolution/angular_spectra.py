"""Expected angular power spectra of galaxies and neutrinos, by CCL (halofit)."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from nuweft.errors import RedshiftError
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.typing import FloatArray

_NARROWEST = 2.0
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


def check_width(distribution: RedshiftDistribution, ell_min: float) -> RedshiftDistribution:
    """Return a redshift distribution that is wide enough for the Limber approximation.

    Parameters
    ----------
    distribution
        The distribution.
    ell_min
        Smallest multipole.

    Raises
    ------
    RedshiftError
        If ``ell_min dz/z``, with dz from the 10 to the 90 percentile and z the
        median, is below 2: there Limber is wrong by 20 per cent and more.
    """
    median = distribution.percentile(50)
    width = distribution.percentile(90) - distribution.percentile(10)
    needed = _NARROWEST * median / max(ell_min, 1.0)
    if width < needed:
        raise RedshiftError(
            f"n(z) ({distribution.source}) is too narrow for the Limber approximation: 10 to 90 percentile "
            f"spans {width:.2g} at a median of {median:.2g}, expected at least {needed:.2g} for multipoles "
            f"from {ell_min:g}"
        )
    return distribution
