"""Axisymmetric beams as harmonic windows b_l."""

from __future__ import annotations

import numpy as np
from scipy import special

from nuweft.sky.typing import FloatArray


def gaussian_window(sigma: float, lmax: int) -> FloatArray:
    """Return ``exp(-l (l + 1) sigma**2 / 2)`` for l = 0..lmax; sigma in radians."""
    ell = np.arange(lmax + 1)
    return np.asarray(np.exp(-0.5 * ell * (ell + 1) * sigma**2))


def rayleigh_sigma(median: float) -> float:
    """Return sigma of a two-dimensional Gaussian whose median separation is ``median``."""
    return float(median / np.sqrt(2 * np.log(2)))


def profile_window(separation: FloatArray, probability: FloatArray, lmax: int) -> FloatArray:
    """Return b_l of a profile given by the probability of separations.

    Parameters
    ----------
    separation
        Angles in radians, shape (n,).
    probability
        Probability of each (any normalisation), shape (n,).
    lmax
        Largest multipole.
    """
    share = probability / probability.sum()
    cosine = np.cos(separation)
    return np.array([special.eval_legendre(ell, cosine) @ share for ell in range(lmax + 1)])
