"""Expected angular power spectra of galaxies and neutrinos, by CCL (Limber, halofit)."""

from __future__ import annotations

from typing import Any

import numpy as np

from nuweft.errors import RedshiftError
from nuweft.interfaces.tracer import RedshiftDistribution
from nuweft.sky.typing import FloatArray

_NARROWEST = 1e-3


def angular_spectrum(
    cosmology: Any,
    ell: FloatArray,
    first: tuple[FloatArray, FloatArray],
    second: tuple[FloatArray, FloatArray],
    *,
    bias: tuple[float, float] = (1.0, 1.0),
) -> FloatArray:
    """Return C_l of two populations with redshift distributions ``(z, dN/dz)``.

    No shot noise, redshift-space distortions or magnification.

    Parameters
    ----------
    cosmology
        A ``pyccl.Cosmology``.
    ell
        Multipoles, shape (n,).
    first, second
        Redshifts and densities.
    bias
        Linear bias of each.

    Notes
    -----
    Equations D10 and D11 of Abbasi et al. 2025.
    """
    import pyccl

    tracers = [
        pyccl.NumberCountsTracer(
            cosmology, has_rsd=False, dndz=pair, bias=(pair[0], np.full(len(pair[0]), b))
        )
        for pair, b in zip((first, second), bias, strict=True)
    ]
    return np.asarray(pyccl.angular_cl(cosmology, *tracers, ell))


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
