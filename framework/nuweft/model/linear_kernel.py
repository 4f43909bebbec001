"""A cross-power spectrum as a linear function of weighted counts."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.moved import old_attribute
from nuweft.typing import FloatArray, IntArray

_CHUNK = 16384


@attrs.frozen(eq=False, kw_only=True)
class LinearKernel:
    """A cross-power spectrum as a linear function of weighted counts.

    The spectrum of weighted counts n w is ``offset + matrix @ (n w)[pixels] / mu``
    with ``mu`` the mean of n w over the mask.

    Attributes
    ----------
    ell : array of shape (n_ell,)
        Multipole (or its effective value) of each row.
    offset : array of shape (n_ell,)
        Value for vanishing counts, from the ``-1`` of the overdensity.
    matrix : array of shape (n_ell, n_used)
        Response to the overdensity of each used pixel; any precision, in
        memory or mapped from a file.
    pixels : array of int, shape (n_used,)
        Pixels where the mask is not zero.
    mask : array of shape (npix,)
        Mask of the second field.
    nside : int
    sky_fraction : float
        f_sky that normalises the spectrum.
    windows : array of shape (n_ell, lmax + 1) or None
        Bandpower windows; None where each row is one multipole.
    multipoles : array of shape (n_ell, lmax + 1) or None
        Where rows are sums of the multipoles ``1/(2l+1) sum_m conj(a_lm) b_lm``
        of the two masked fields, their weights.
    """

    ell: FloatArray
    offset: FloatArray
    matrix: FloatArray
    pixels: IntArray
    mask: FloatArray
    nside: int
    sky_fraction: float
    windows: FloatArray | None = None
    multipoles: FloatArray | None = None

    kernel = old_attribute("kernel", "matrix")

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the mean over the mask of maps of shape (..., npix)."""
        return np.asarray((values[..., self.pixels] * self.mask[self.pixels]).sum(axis=-1) / self.mask.sum())

    def apply(self, weighted: FloatArray) -> FloatArray:
        """Return ``matrix @ weighted[pixels]`` for maps of shape (..., npix) as (..., n_ell)."""
        result = np.zeros((*np.shape(weighted)[:-1], len(self.ell)))
        for start in range(0, len(self.pixels), _CHUNK):
            part = slice(start, start + _CHUNK)
            result += weighted[..., self.pixels[part]] @ self.matrix[:, part].T
        return result

    def on_pixels(self, rows: FloatArray) -> FloatArray:
        """Return ``rows @ matrix`` as maps, shapes (n, n_ell) to (n, npix), zero outside the mask."""
        result = np.zeros((len(rows), len(self.mask)))
        for start in range(0, len(self.pixels), _CHUNK):
            part = slice(start, start + _CHUNK)
            result[:, self.pixels[part]] = rows @ self.matrix[:, part]
        return result

    def spectrum(self, weighted: FloatArray) -> FloatArray:
        """Return the spectrum of weighted counts n w, shape (npix,) to (n_ell,)."""
        return np.asarray(self.offset + self.apply(weighted) / self.mean(weighted))
