"""Axisymmetric beams as harmonic windows b_l."""

from __future__ import annotations

import numpy as np
from scipy import integrate, special

from nuweft.sky.typing import FloatArray


def gaussian_window(sigma: float, lmax: int) -> FloatArray:
    """Return ``exp(-l (l + 1) sigma**2 / 2)`` for l = 0..lmax; sigma in radians."""
    ell = np.arange(lmax + 1)
    return np.exp(-0.5 * ell * (ell + 1) * sigma**2)


def rayleigh_sigma(median: float) -> float:
    """Return sigma of a two-dimensional Gaussian whose median separation is ``median``."""
    return float(median / np.sqrt(2 * np.log(2)))


def profile_window(separation: FloatArray, density: FloatArray, lmax: int) -> FloatArray:
    """Return b_l of a profile given as probability density per separation.

    Parameters
    ----------
    separation
        Angles in radians, increasing, shape (n,).
    density
        Probability per radian of separation (any normalisation), shape (n,).
    lmax
        Largest multipole.
    """
    norm = integrate.trapezoid(density, separation)
    cosine = np.cos(separation)
    window = np.empty(lmax + 1)
    for ell in range(lmax + 1):
        window[ell] = integrate.trapezoid(special.eval_legendre(ell, cosine) * density, separation) / norm
    return window
