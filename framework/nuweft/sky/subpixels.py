"""Means over pixels from points within them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ducc0.healpix import Healpix_Base

from nuweft.sky.pixels import check_nside, geometry, pixel_count
from nuweft.typing import BoolArray, FloatArray, IntArray

_COARSE, _FINE = 64, 8

_BLOCK = 2**20  # points at a time


def subdivision(nside: int) -> int:
    """Return along how many subpixels of each side means are taken: 16 up to NSIDE 64, then 8."""
    return 2 * _FINE if nside <= _COARSE else _FINE


def subpixel_mean(
    function: Callable[[FloatArray, FloatArray], FloatArray | BoolArray],
    nside: int,
    *,
    pixels: IntArray | None = None,
    per_side: int | None = None,
) -> FloatArray:
    """Return the mean of a function of direction over each pixel.

    Parameters
    ----------
    function
        Of right ascension and declination in radians, shapes (n,) to (n,).
    nside
        Resolution.
    pixels
        RING pixels that are wanted, shape (n,); all where none are given.
    per_side
        Subpixels along the side of a pixel, a power of two; the function is
        evaluated at their centres. Those of :func:`subdivision` where none are given.

    Returns
    -------
    array of shape (n,)
        Of the wanted pixels, in their order; shape (npix,) in RING order for all.

    Raises
    ------
    NsideError
        If ``nside`` or ``per_side`` is no power of two.
    """
    per_side = subdivision(nside) if per_side is None else per_side
    grid, children = geometry(nside), check_nside(per_side) ** 2
    fine, step = Healpix_Base(nside * per_side, "NEST"), max(1, _BLOCK // children)
    if pixels is None:
        pixels = np.arange(pixel_count(nside))
    result = np.empty(len(pixels))
    for start in range(0, len(pixels), step):
        part = slice(start, start + step)
        nested = grid.ring2nest(pixels[part])[:, None] * children + np.arange(children)
        theta, phi = fine.pix2ang(nested.ravel()).T
        values = np.asarray(function(np.ascontiguousarray(phi), np.pi / 2 - theta), dtype=float)
        result[part] = values.reshape(-1, children).mean(axis=1)
    return result
