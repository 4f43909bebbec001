"""Log-normal density fields with a given angular power spectrum."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import legendre

from nuweft.sky import alm_ell, legendre_sums, synthesis
from nuweft.typing import FloatArray


def gaussian_spectrum(spectrum: FloatArray) -> FloatArray:
    """Return C_l of the Gaussian field whose exponential has the given spectrum.

    Correlation functions are related by ``xi_G = ln(1 + xi)`` (Coles & Jones
    1991, MNRAS 248, 1); the transforms are exact Gauss-Legendre sums.

    Parameters
    ----------
    spectrum
        C_l of the overdensity, shape (lmax + 1,).
    """
    lmax = len(spectrum) - 1
    ell = np.arange(lmax + 1)
    nodes, weights = legendre.leggauss(2 * lmax + 2)
    xi = legendre.legval(nodes, (2 * ell + 1) / (4 * np.pi) * spectrum)
    return np.clip(2 * np.pi * legendre_sums(nodes, weights * np.log1p(xi), lmax), 0.0, None)


def lognormal_field(spectrum: FloatArray, nside: int, *, rng: np.random.Generator) -> FloatArray:
    """Return an overdensity field > -1 with the given spectrum, shape (npix,)."""
    gaussian = gaussian_spectrum(spectrum)
    lmax = len(spectrum) - 1
    ell = alm_ell(lmax)
    n = len(ell)
    alm = rng.standard_normal(n) + 1j * rng.standard_normal(n)
    alm *= np.sqrt(gaussian[ell] / 2)
    alm[: lmax + 1] = np.sqrt(2) * alm[: lmax + 1].real  # m = 0 is real
    variance = np.sum((2 * np.arange(lmax + 1) + 1) * gaussian) / (4 * np.pi)
    return np.exp(synthesis(alm, nside, lmax) - variance / 2) - 1
