"""Models of the background: events that know nothing of the tracer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

import attrs
import numpy as np

from nuweft.errors import EmptySampleError
from nuweft.interfaces.base import Component
from nuweft.interfaces.estimator import LinearResponse
from nuweft.response.detector import DetectorResponse
from nuweft.sky.events import Events
from nuweft.sky.typing import FloatArray, IntArray


@attrs.frozen(eq=False, kw_only=True)
class NullInput:
    """What the null distribution of one energy bin depends on.

    Attributes
    ----------
    events : Events
        All events of the bin, also those outside the mask.
    weights : array of shape (npix,)
        Weight map w of the bin.
    mask : array of shape (npix,)
        Joint mask.
    nside : int
    label : str
        Name of the energy bin.
    energy_range : tuple of float or None
        Bounds of the bin in log10(E_reco/GeV), where it is one.
    response : DetectorResponse or None
        Response of the sample, where it is known.
    """

    events: Events
    weights: FloatArray
    mask: FloatArray
    nside: int
    label: str
    energy_range: tuple[float, float] | None = None
    response: DetectorResponse | None = None


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
    def from_response(cls, rows: FloatArray, response: LinearResponse, weights: FloatArray) -> MatchedFilter:
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
            maps=response.on_pixels(rows) * weights,
            weight=(response.mask * weights)[None],
            area=np.array([response.mask.sum()]),
            offset=rows @ response.offset,
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


@attrs.frozen(kw_only=True)
class BackgroundModel(Component):
    """Describes events that are not correlated with the tracer, from the data or from theory."""

    kind: ClassVar[str] = "background"

    @abstractmethod
    def template_counts(self, null: NullInput) -> FloatArray:
        """Return the expected counts of the background template, shape (npix,), any normalisation."""

    @abstractmethod
    def moments(self, response: LinearResponse, null: NullInput) -> tuple[FloatArray, FloatArray]:
        """Return mean (n_ell,) and covariance (n_ell, n_ell) of the spectrum under the null."""

    def repeated_moments(
        self, response: LinearResponse
    ) -> Callable[[Sequence[NullInput]], list[tuple[FloatArray, FloatArray]]]:
        """Return what gives :meth:`moments` of many data sets with one response.

        A background may compute once what they share.
        """
        return lambda nulls: [self.moments(response, null) for null in nulls]

    @abstractmethod
    def realize(self, null: NullInput, *, rng: np.random.Generator) -> Events:
        """Return one set of events drawn under the null."""

    @abstractmethod
    def trial_counts(self, null: NullInput, *, seed: int, trial: int) -> FloatArray:
        """Return the counts per pixel of one trial of :meth:`trials`, shape (npix,)."""

    @abstractmethod
    def trials(
        self, statistics: MatchedFilter, null: NullInput, *, seed: int, start: int, count: int
    ) -> FloatArray:
        """Return statistics of null trials, shape (count, n_stat).

        Trial number ``start + k`` depends on ``seed``, the null input and its
        number only, not on how trials are grouped.
        """
