"""Linear statistics of spectra, brought to the pixels."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from nuweft.errors import EmptySampleError
from nuweft.model.linear_kernel import LinearKernel
from nuweft.typing import FloatArray, IntArray


@attrs.frozen(eq=False, kw_only=True)
class MatchedFilter:
    """Linear statistics of spectra, brought to the pixels.

    The statistics ``s = A C`` of the spectrum C of weighted counts are
    ``offset + sum_events maps / mu`` with mu the mean of ``weight`` over the
    mask area. Spectra of the same events with several tracers, or with
    several weights, each have their own ``weight`` and ``area``.

    Attributes
    ----------
    maps : array of shape (n_stat, npix)
        Contribution of an event in each pixel, times mu.
    weight : array of shape (n_spectrum, npix)
        What an event in each pixel adds to the weighted counts in the mask.
    area : array of shape (n_spectrum,)
        Sum of the mask.
    offset : array of shape (n_stat,)
    spectrum : array of int, shape (n_stat,)
        Spectrum that each statistic belongs to.
    """

    maps: FloatArray
    weight: FloatArray
    area: FloatArray
    offset: FloatArray
    spectrum: IntArray

    @classmethod
    def from_response(cls, rows: FloatArray, kernel: LinearKernel, weights: FloatArray) -> MatchedFilter:
        """Return the filter of statistics ``rows @ C``.

        Parameters
        ----------
        rows
            Shape (n_stat, n_ell).
        response
            Response of the estimator.
        weights
            Weight map, shape (npix,).
        """
        return cls(
            maps=kernel.on_pixels(rows) * weights,
            weight=(kernel.mask * weights)[None],
            area=np.array([kernel.mask.sum()]),
            offset=rows @ kernel.offset,
            spectrum=np.zeros(len(rows), dtype=np.int64),
        )

    @classmethod
    def joined(cls, filters: Sequence[MatchedFilter]) -> MatchedFilter:
        """Return the statistics of several filters, in their order, of the same events."""
        first = np.cumsum([0, *(len(f.area) for f in filters[:-1])])
        return cls(
            maps=np.concatenate([f.maps for f in filters]),
            weight=np.concatenate([f.weight for f in filters]),
            area=np.concatenate([f.area for f in filters]),
            offset=np.concatenate([f.offset for f in filters]),
            spectrum=np.concatenate([f.spectrum + n for f, n in zip(filters, first, strict=True)]),
        )

    def finish(self, sums: FloatArray, total_weight: FloatArray) -> FloatArray:
        """Return the statistics from sums over events.

        Parameters
        ----------
        sums
            Sum of ``maps`` over events, shape (..., n_stat).
        total_weight
            Sum of ``weight`` over events, shape (..., n_spectrum).

        Raises
        ------
        EmptySampleError
            If a set has no event in the mask: its spectrum is undefined.
        """
        if np.any(np.asarray(total_weight) <= 0):
            raise EmptySampleError(
                "a set of events has none inside the mask, so that its spectrum is undefined; "
                "merge energy bins or widen the mask"
            )
        return np.asarray(self.offset + sums * (self.area / np.asarray(total_weight))[..., self.spectrum])
