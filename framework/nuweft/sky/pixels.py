"""HEALPix pixels: resolution, centres, counting, degrading."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from ducc0.healpix import Healpix_Base
from numpy.typing import NDArray

from nuweft.errors import CountsError, NsideError
from nuweft.typing import BoolArray, FloatArray, IntArray

MAX_NSIDE = 8192
"""Finest resolution of a map; one has 8e8 pixels."""


def check_nside(nside: int) -> int:
    """Return ``nside`` if it is a power of two.

    Raises
    ------
    NsideError
        For anything else.
    """
    if isinstance(nside, bool) or int(nside) != nside or nside < 1 or int(nside) & (int(nside) - 1):
        raise NsideError(f"NSIDE must be a power of two, got {nside!r}")
    return int(nside)


def pixel_count(nside: int) -> int:
    """Return the number of pixels, ``12 nside**2``."""
    return 12 * check_nside(nside) ** 2


def resolution(values: FloatArray | BoolArray) -> int:
    """Return the NSIDE of a full-sky map.

    Raises
    ------
    NsideError
        If the length is no ``12 * 4**k``.
    """
    nside = round(np.sqrt(values.shape[-1] / 12))
    if values.shape[-1] != 12 * nside**2 or nside < 1 or nside & (nside - 1):
        raise NsideError(f"a full-sky HEALPix map has 12 * 4**k pixels, got {values.shape[-1]}")
    return int(nside)


def geometry(nside: int) -> Healpix_Base:
    """Return the RING geometry of ducc0."""
    return Healpix_Base(check_nside(nside), "RING")


def pixel_centres(nside: int) -> tuple[FloatArray, FloatArray]:
    """Return right ascension and declination of the pixel centres.

    Returns
    -------
    ra, dec : arrays of shape (npix,)
        In radians.
    """
    theta, phi = geometry(nside).pix2ang(np.arange(pixel_count(nside))).T
    return np.ascontiguousarray(phi), np.pi / 2 - theta


def pixel_index(nside: int, ra: FloatArray, dec: FloatArray) -> IntArray:
    """Return the RING pixel of each direction, given in radians."""
    pointing = np.stack([np.pi / 2 - np.asarray(dec), np.mod(np.asarray(ra), 2 * np.pi)], axis=-1)
    return np.asarray(geometry(nside).ang2pix(pointing), dtype=np.int64)


def neighbours(nside: int, pixels: IntArray) -> IntArray:
    """Return the (up to) eight neighbours of RING pixels, shapes (n,) to (n, 8); -1 where there is none."""
    return np.asarray(geometry(nside).neighbors(np.asarray(pixels)), dtype=np.int64)


def count_map(nside: int, ra: FloatArray, dec: FloatArray, weight: FloatArray | None = None) -> FloatArray:
    """Return the (weighted) number of directions in each pixel.

    Parameters
    ----------
    nside
        Resolution.
    ra, dec
        Directions in radians, shape (n,).
    weight
        Weight of each direction, shape (n,); 1 where none is given.

    Returns
    -------
    array of shape (npix,)
    """
    pixels = pixel_index(nside, ra, dec)
    return np.bincount(pixels, weights=weight, minlength=pixel_count(nside)).astype(float)


@lru_cache(maxsize=2)
def _parents(nside: int, nside_out: int) -> NDArray[np.int32]:
    """Return the RING index at ``nside_out`` of the parent of each RING pixel of ``nside``."""
    ratio = nside // nside_out
    nested = geometry(nside).ring2nest(np.arange(pixel_count(nside)))
    return np.asarray(geometry(nside_out).nest2ring(nested // ratio**2), dtype=np.int32)


def degrade_sum(values: FloatArray, nside: int) -> FloatArray:
    """Return a count map at a coarser resolution: children are added.

    Raises
    ------
    NsideError
        If ``nside`` is finer than the map.
    """
    have = resolution(values)
    if nside == have:
        return np.array(values, dtype=float)
    if check_nside(nside) > have:
        raise NsideError(f"a map of NSIDE {have} cannot be refined to NSIDE {nside}")
    summed = np.bincount(_parents(have, nside), weights=values, minlength=pixel_count(nside))
    return np.asarray(summed, dtype=float)


def degrade_mean(values: FloatArray, nside: int) -> FloatArray:
    """Return a map at a coarser resolution: children are averaged."""
    have = resolution(values)
    return degrade_sum(values, nside) * (nside / have) ** 2


def upgrade(values: FloatArray, nside: int) -> FloatArray:
    """Return a map at a finer resolution: each child takes its parent's value."""
    have = resolution(values)
    if nside == have:
        return np.array(values, dtype=float)
    if check_nside(nside) < have:
        raise NsideError(f"a map of NSIDE {have} is finer than NSIDE {nside}; degrade it instead")
    return np.asarray(values[_parents(nside, have)], dtype=float)


def check_counts(values: FloatArray, what: str) -> FloatArray:
    """Return ``values`` if they can be counts: finite and not negative.

    Raises
    ------
    CountsError
        Says what was found; an overdensity is recognised by its negative values.
    """
    if not np.all(np.isfinite(values)):
        bad = int(np.count_nonzero(~np.isfinite(values)))
        raise CountsError(f"{what}: {bad} pixels are not finite; expected counts >= 0")
    if np.any(values < 0):
        low = float(values.min())
        hint = " (an overdensity map was given where counts are needed?)" if low >= -1.0000001 else ""
        raise CountsError(f"{what}: values down to {low:g}; expected counts >= 0{hint}")
    if not np.any(values > 0):
        raise CountsError(f"{what}: all pixels are zero")
    return values
