"""Positional matching of two catalogs."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from nuweft.typing import FloatArray, IntArray


def _vectors(ra: FloatArray, dec: FloatArray) -> FloatArray:
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def nearest(
    ra: FloatArray, dec: FloatArray, other_ra: FloatArray, other_dec: FloatArray, radius: float
) -> IntArray:
    """Return the index of the nearest object of another catalog, -1 where none is near.

    Parameters
    ----------
    ra, dec
        Positions in radians, shape (n,).
    other_ra, other_dec
        Positions of the other catalog in radians, shape (m,).
    radius
        Largest separation in radians.

    Returns
    -------
    array of int, shape (n,)
    """
    tree = KDTree(_vectors(other_ra, other_dec))
    chord = 2 * np.sin(radius / 2)
    distance, index = tree.query(_vectors(ra, dec), distance_upper_bound=np.nextafter(chord, np.inf))
    return np.where(np.isfinite(distance), index, -1).astype(np.int64)
