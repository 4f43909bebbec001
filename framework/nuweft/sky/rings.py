"""HEALPix rings: where an event falls when its right ascension is redrawn."""

from __future__ import annotations

from functools import lru_cache

import attrs
import numpy as np

from nuweft.sky.pixels import geometry, pixel_count
from nuweft.typing import FloatArray, IntArray


@attrs.frozen(eq=False)
class Rings:
    """The iso-latitude rings of a HEALPix grid, from north to south.

    Attributes
    ----------
    nside : int
    start : array of shape (nring,)
        First RING pixel.
    size : array of shape (nring,)
        Number of pixels.
    sin_dec : array of shape (nring,)
        Sine of the declination of the pixel centres.
    """

    nside: int
    start: IntArray
    size: IntArray
    sin_dec: FloatArray

    def __len__(self) -> int:
        return len(self.start)

    @property
    def of_pixel(self) -> IntArray:
        """Ring of each pixel, shape (npix,)."""
        return np.repeat(np.arange(len(self)), self.size)

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the mean over each ring of maps of shape (..., npix) as (..., nring)."""
        sums = np.add.reduceat(values, self.start, axis=-1)
        return np.asarray(sums / self.size)

    def expand(self, values: FloatArray) -> FloatArray:
        """Return maps that hold on each pixel the value of its ring."""
        return np.repeat(values, self.size, axis=-1)


@lru_cache(maxsize=16)
def rings(nside: int) -> Rings:
    """Return the rings of a resolution."""
    info = geometry(nside).sht_info()
    start = np.asarray(info["ringstart"], dtype=np.int64)
    order = np.argsort(start)
    size = np.asarray(info["nphi"], dtype=np.int64)[order]
    assert int(size.sum()) == pixel_count(nside)
    return Rings(nside, start[order], size, np.cos(np.asarray(info["theta"])[order]))


def ring_fractions(nside: int, sin_dec: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the two rings that a direction of given declination can fall in.

    HEALPix pixels interlock: at uniform right ascension a direction lies in
    one of exactly two neighbouring rings. With ``z = sin(dec)``, rings counted
    from the north from 1 and ``s = nside (2 - 3z/2)``, ``m = floor(s)``,
    ``t = s - m``, the probabilities in the equatorial belt (``|z| <= 2/3``) are
    ``1 - t`` for ring ``m`` and ``t`` for ring ``m + 1``. In a polar cap,
    counted from its pole with ``s = nside sqrt(3 (1 - |z|))``, they are
    ``m (1 - t)/(m + t)`` and ``(m + 1) t/(m + t)``.

    Parameters
    ----------
    nside
        Resolution.
    sin_dec
        Sine of the declination, shape (n,).

    Returns
    -------
    ring : array of int, shape (n,)
        Index (from 0) of the northern ring of the pair; the other is ``ring + 1``.
    fraction : array, shape (n,)
        Probability of the northern ring.

    Notes
    -----
    The fractions follow from the pixel boundaries of Gorski et al. 2005,
    arXiv:astro-ph/0409513.

    Examples
    --------
    >>> ring, fraction = ring_fractions(1, np.array([0.0, 0.99]))
    >>> ring.tolist(), fraction.tolist()
    ([1, 0], [1.0, 1.0])
    """
    z = np.asarray(sin_dec, dtype=float)
    last = 4 * nside - 2
    belt = np.abs(z) <= 2 / 3
    s = np.where(belt, nside * (2 - 1.5 * z), nside * np.sqrt(3 * np.clip(1 - np.abs(z), 0, None)))
    m = np.floor(s)
    t = s - m
    with np.errstate(invalid="ignore"):
        outer = np.where(m > 0, (m + 1) * t / np.where(m + t > 0, m + t, 1), 1.0)  # ring m + 1 of a cap
    ring = np.where(belt, m - 1, np.where(z > 0, m - 1, 4 * nside - m - 2)).astype(np.int64)
    fraction = np.where(belt, 1 - t, np.where(z > 0, 1 - outer, outer))
    # At a pole only the first ring exists; name it as one of a pair of existing rings.
    north, south = ring < 0, ring > last - 1
    fraction = np.where(north, 1.0, np.where(south, 0.0, fraction))
    return np.clip(ring, 0, last - 1), fraction
