"""Estimators of the cross-power spectrum."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import attrs
import numpy as np

from nuweft.interfaces.base import Component
from nuweft.sky.typing import FloatArray, IntArray

_CHUNK = 16384


@attrs.frozen(eq=False, kw_only=True)
class LinearResponse:
    """A cross-power spectrum as a linear function of weighted counts.

    The spectrum of weighted counts n w is ``offset + kernel @ (n w)[pixels] / mu``
    with ``mu`` the mean of n w over the mask.

    Attributes
    ----------
    ell : array of shape (n_ell,)
        Multipole (or its effective value) of each row.
    offset : array of shape (n_ell,)
        Value for vanishing counts, from the ``-1`` of the overdensity.
    kernel : array of shape (n_ell, n_used)
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
    kernel: FloatArray
    pixels: IntArray
    mask: FloatArray
    nside: int
    sky_fraction: float
    windows: FloatArray | None = None
    multipoles: FloatArray | None = None

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the mean over the mask of maps of shape (..., npix)."""
        return np.asarray((values[..., self.pixels] * self.mask[self.pixels]).sum(axis=-1) / self.mask.sum())

    def apply(self, weighted: FloatArray) -> FloatArray:
        """Return ``kernel @ weighted[pixels]`` for maps of shape (..., npix) as (..., n_ell)."""
        result = np.zeros((*np.shape(weighted)[:-1], len(self.ell)))
        for start in range(0, len(self.pixels), _CHUNK):
            part = slice(start, start + _CHUNK)
            result += weighted[..., self.pixels[part]] @ self.kernel[:, part].T
        return result

    def on_pixels(self, rows: FloatArray) -> FloatArray:
        """Return ``rows @ kernel`` as maps, shapes (n, n_ell) to (n, npix), zero outside the mask."""
        result = np.zeros((len(rows), len(self.mask)))
        for start in range(0, len(self.pixels), _CHUNK):
            part = slice(start, start + _CHUNK)
            result[:, self.pixels[part]] = rows @ self.kernel[:, part]
        return result

    def spectrum(self, weighted: FloatArray) -> FloatArray:
        """Return the spectrum of weighted counts n w, shape (npix,) to (n_ell,)."""
        return np.asarray(self.offset + self.apply(weighted) / self.mean(weighted))


@attrs.frozen(kw_only=True)
class PowerSpectrumEstimator(Component):
    """Estimates the cross-power spectrum of a tracer field and a neutrino field.

    An estimator is linear in the second field; everything known about the
    null distribution follows from its :class:`LinearResponse`.
    """

    kind: ClassVar[str] = "estimator"

    @abstractmethod
    def response(
        self, tracer_field: FloatArray, *, tracer_mask: FloatArray, mask: FloatArray, sky_fraction: float
    ) -> LinearResponse:
        """Return the response to counts in the joint mask.

        Parameters
        ----------
        tracer_field
            Masked overdensity of the tracer, shape (npix,).
        tracer_mask
            Mask it was multiplied by, shape (npix,).
        mask
            Joint mask of the neutrinos, shape (npix,).
        sky_fraction
            Mean of the joint mask.
        """

    @abstractmethod
    def spectrum(
        self,
        tracer_field: FloatArray,
        sample_field: FloatArray,
        *,
        tracer_mask: FloatArray,
        mask: FloatArray,
        sky_fraction: float,
    ) -> FloatArray:
        """Return the spectrum of two masked overdensity fields, shape (n_ell,).

        Parameters
        ----------
        tracer_field, sample_field
            Shape (npix,).
        tracer_mask, mask
            Masks they were multiplied by, shape (npix,).
        sky_fraction
            Mean of the joint mask.
        """
