"""Beams and pixels as harmonic windows b_l."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from ducc0.healpix import Healpix_Base

from nuweft.sky.pixels import check_nside, pixel_count
from nuweft.typing import FloatArray

_FINER = 16
_SEEN = 400
_SEPARATIONS = 4096


def gaussian_window(sigma: float, lmax: int) -> FloatArray:
    """Return ``exp(-l (l + 1) sigma**2 / 2)`` for l = 0..lmax; sigma in radians."""
    ell = np.arange(lmax + 1)
    return np.asarray(np.exp(-0.5 * ell * (ell + 1) * sigma**2))


def rayleigh_sigma(median: float) -> float:
    """Return sigma of a two-dimensional Gaussian whose median separation is ``median``."""
    return float(median / np.sqrt(2 * np.log(2)))


def point_window(nside: int, lmax: int) -> FloatArray:
    """Return the window of pixels that are small beside the scales in question, shape (lmax + 1,).

    That of a square to second order, ``exp(-l (l + 1) Omega / 24)``: the mean
    over a pixel, of which only the centre is known.
    """
    return gaussian_window(np.sqrt(np.pi / 3 / pixel_count(nside)), lmax)


def legendre_sums(cosine: FloatArray, weight: FloatArray, lmax: int) -> FloatArray:
    """Return ``sum_i weight_i P_l(cosine_i)`` for l = 0..lmax, by upward recurrence.

    Parameters
    ----------
    cosine, weight
        Shape (n,).
    lmax
        Largest multipole.
    """
    result = np.empty(lmax + 1)
    previous, current = np.zeros_like(cosine), np.ones_like(cosine)
    for ell in range(lmax + 1):
        result[ell] = weight @ current
        previous, current = current, ((2 * ell + 1) * cosine * current - ell * previous) / (ell + 1)
    return result


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
    sums = legendre_sums(np.cos(separation), probability, lmax)
    return np.asarray(sums / sums[0])


@lru_cache(maxsize=4)
def pixel_window(nside: int, lmax: int) -> FloatArray:
    """Return the pixel window p_l, the root mean square over pixels, shape (lmax + 1,).

    A field averaged over pixels has the spectrum ``p_l**2 C_l``. With
    ``p_l**2 = <P_l(cos gamma)>`` over pairs of points within one pixel, it is
    computed from the centres of finer pixels, in pixels spread over the sky.
    (healpy's ``pixwin`` downloads its tables.)
    """
    nested = np.unique(np.linspace(0, pixel_count(nside) - 1, _SEEN).astype(np.int64))
    fine = Healpix_Base(check_nside(nside) * _FINER, "NEST")
    counts = np.zeros(_SEPARATIONS)
    widest = 4.0 / nside  # twice the size of a pixel
    for pixel in nested:
        points = fine.pix2vec(pixel * _FINER**2 + np.arange(_FINER**2))
        chord = np.sqrt(np.clip(2 - 2 * points @ points.T, 0, None))
        counts += np.histogram(chord, bins=_SEPARATIONS, range=(0, widest))[0]
    separation = 2 * np.arcsin((np.arange(_SEPARATIONS) + 0.5) * widest / _SEPARATIONS / 2)
    separation[0] = 0.0  # points with themselves
    square = profile_window(separation, counts, lmax)
    # the finer pixels have a window too
    square *= point_window(nside * _FINER, lmax) ** 2
    window = np.sqrt(np.clip(square, 0.0, None))
    window.flags.writeable = False
    return window
