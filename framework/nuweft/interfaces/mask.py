"""Masks: which part of the sky was observed, and how completely."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import ClassVar

import attrs
import numpy as np

from nuweft.answers import array
from nuweft.errors import DataError, NsideError
from nuweft.interfaces.base import Component
from nuweft.parameters import components
from nuweft.sky.pixels import pixel_centres, pixel_count, pixel_index
from nuweft.sky.subpixels import subpixel_mean
from nuweft.typing import BoolArray, FloatArray

_LOOK_UP = 1024


@attrs.frozen(kw_only=True)
class Mask(Component):
    """Part of the sky that was observed.

    A mask says two things, which are never exchanged: its *coverage*, the
    expected fraction of the objects that were observed (area times
    completeness), and its *apodization*, a weight by which a field is
    multiplied.
    """

    kind: ClassVar[str] = "mask"

    @abstractmethod
    def coverage(self, nside: int) -> FloatArray:
        """Return the covered part of each pixel, times its completeness.

        Parameters
        ----------
        nside
            Resolution.

        Returns
        -------
        array of shape (npix,)
            In [0, 1]; ICRS, RING order. A pixel that the edge of the mask
            cuts has the mean over its area.
        """

    def apodization(self, nside: int) -> FloatArray:
        """Return the weight by which fields are multiplied; 1 everywhere by default.

        Parameters
        ----------
        nside
            Resolution.

        Returns
        -------
        array of shape (npix,)
            In [0, 1]; ICRS, RING order.
        """
        return np.ones(pixel_count(nside))

    def completeness(self, ra: FloatArray, dec: FloatArray) -> FloatArray:
        """Return the expected fraction of objects that were observed at directions.

        By default the coverage of the pixel of NSIDE 1024 that holds each
        direction; a mask that knows its edge better overrides this.

        Parameters
        ----------
        ra, dec
            Directions in radians, shape (n,).

        Returns
        -------
        array of shape (n,)
            In [0, 1].
        """
        return coverage_of(self, _LOOK_UP)[pixel_index(_LOOK_UP, ra, dec)]

    def contains(self, ra: FloatArray, dec: FloatArray) -> BoolArray:
        """Return which directions lie inside the mask, where the completeness is above zero.

        Parameters
        ----------
        ra, dec
            Directions in radians, shape (n,).

        Returns
        -------
        array of bool, shape (n,)
        """
        return np.asarray(self.completeness(ra, dec) > 0)

    def inside(self, nside: int) -> BoolArray:
        """Return which pixels have their centre inside the mask, shape (npix,)."""
        return np.asarray(self.contains(*pixel_centres(nside)), dtype=bool)

    def weights(self, nside: int) -> FloatArray:
        """Return coverage times apodization, shape (npix,); for a sharp mask, its value at pixel centres.

        .. deprecated:: 0.2
            Use :meth:`coverage`, :meth:`apodization` or :meth:`contains`.
        """
        warnings.warn(
            "Mask.weights is deprecated: coverage(nside), apodization(nside) and contains(ra, dec) say "
            "which of them is meant",
            DeprecationWarning,
            stacklevel=2,
        )
        if isinstance(self, SharpMask):
            return self.inside(nside).astype(float)
        return self.coverage(nside) * self.apodization(nside)

    def __and__(self, other: Mask) -> Mask:
        """Return the mask that keeps what both keep."""
        if not isinstance(other, Mask):
            return NotImplemented
        parts: list[Mask] = []
        for mask in (self, other):
            for part in mask.masks if isinstance(mask, Intersection) else (mask,):
                if part not in parts:
                    parts.append(part)
        return parts[0] if len(parts) == 1 else Intersection(masks=tuple(parts))


@attrs.frozen(kw_only=True)
class SharpMask(Mask):
    """A mask with an edge: a direction is inside or outside.

    A subclass answers :meth:`contains`; the coverage of pixels follows as the
    mean over 64 or more points within each.
    """

    @abstractmethod
    def contains(self, ra: FloatArray, dec: FloatArray) -> BoolArray:
        """Return which directions lie inside, shape (n,); right ascension and declination in radians."""

    def completeness(self, ra: FloatArray, dec: FloatArray) -> FloatArray:
        """Return 1 inside and 0 outside."""
        return np.asarray(self.contains(ra, dec), dtype=float)

    def coverage(self, nside: int) -> FloatArray:
        """Return the part of each pixel that lies inside."""
        return subpixel_mean(self.completeness, nside)


@attrs.frozen(kw_only=True)
class Intersection(Mask):
    r"""What all of several masks keep; written ``a & b`` in Python.

    Notes
    -----
    .. math::

        c(\hat n) = \prod_i c_i(\hat n), \qquad a_p = \prod_i a_{i,p}
    """

    plugin_name: ClassVar[str] = "intersection"
    masks: tuple[Mask, ...] = components(
        "mask", default=(), doc="masks of which all must keep a direction; the whole sky without any"
    )

    def completeness(self, ra: FloatArray, dec: FloatArray) -> FloatArray:
        """Return the product of the completenesses of all masks."""
        result = np.ones(len(ra))
        for mask in self.masks:
            result *= mask.completeness(ra, dec)
        return result

    def coverage(self, nside: int) -> FloatArray:
        """Return the mean over each pixel of what all masks keep.

        A pixel that one mask leaves whole has the coverage of the others; one
        that several masks cut is looked at point by point.
        """
        parts = [np.ones(pixel_count(nside)), *(coverage_of(mask, nside) for mask in self.masks)]
        result = np.asarray(np.prod(parts, axis=0))
        cut = np.flatnonzero((result > 0) & (np.sum([part < 1 for part in parts], axis=0) > 1))
        result[cut] = subpixel_mean(self.completeness, nside, pixels=cut)
        return result

    def apodization(self, nside: int) -> FloatArray:
        """Return the product of the apodizations of all masks."""
        return np.asarray(
            np.prod(
                [np.ones(pixel_count(nside)), *(apodization_of(mask, nside) for mask in self.masks)], axis=0
            )
        )


def coverage_of(mask: Mask | None, nside: int) -> FloatArray:
    """Return the coverage of a mask, or of the whole sky where there is none.

    Raises
    ------
    NsideError
        If the mask returns another resolution than asked for.
    DataError
        If its coverage is not finite or outside [0, 1].
    """
    if mask is None:
        return np.ones(pixel_count(nside))
    return _checked(mask, "coverage", mask.coverage(nside), nside)


def apodization_of(mask: Mask | None, nside: int) -> FloatArray:
    """Return the apodization of a mask, or ones where there is none; errors as :func:`coverage_of`."""
    if mask is None:
        return np.ones(pixel_count(nside))
    return _checked(mask, "apodization", mask.apodization(nside), nside)


def _checked(mask: Mask, what: str, answer: FloatArray, nside: int) -> FloatArray:
    values = array(answer, mask, what, shape=(None,), finite=False)
    if values.shape != (pixel_count(nside),):
        raise NsideError(
            f"mask {mask.plugin_name}: {what} returned shape {values.shape}, "
            f"expected ({pixel_count(nside)},) for NSIDE {nside}"
        )
    if not np.all(np.isfinite(values)) or values.min() < 0 or values.max() > 1:
        raise DataError(
            f"mask {mask.plugin_name}: {what} must lie in [0, 1], got "
            f"{np.nanmin(values):g} to {np.nanmax(values):g} ({np.sum(~np.isfinite(values))} not finite)"
        )
    return values
