"""Models of the background: events that know nothing of the tracer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

import attrs
import numpy as np

from nuweft.interfaces.base import Component
from nuweft.irf.events import Events
from nuweft.model.bin_data import BinData
from nuweft.model.linear_kernel import LinearKernel
from nuweft.model.matched_filter import MatchedFilter
from nuweft.typing import FloatArray


@attrs.frozen(kw_only=True)
class BackgroundModel(Component):
    """Describes events that are not correlated with the tracer, from the data or from theory."""

    kind: ClassVar[str] = "background"

    @abstractmethod
    def template_counts(self, bin_data: BinData) -> FloatArray:
        """Return the expected counts of the background template, shape (npix,), any normalisation."""

    @abstractmethod
    def moments(self, kernel: LinearKernel, bin_data: BinData) -> tuple[FloatArray, FloatArray]:
        """Return mean (n_ell,) and covariance (n_ell, n_ell) of the spectrum under the null."""

    def repeated_moments(
        self, kernel: LinearKernel
    ) -> Callable[[Sequence[BinData]], list[tuple[FloatArray, FloatArray]]]:
        """Return what gives :meth:`moments` of many data sets with one response.

        A background may compute once what they share.
        """
        return lambda bins: [self.moments(kernel, bin_data) for bin_data in bins]

    @abstractmethod
    def realize(self, bin_data: BinData, *, rng: np.random.Generator) -> Events:
        """Return one set of events drawn under the null."""

    @abstractmethod
    def trial_counts(self, bin_data: BinData, *, seed: int, trial: int) -> FloatArray:
        """Return the counts per pixel of one trial of :meth:`trials`, shape (npix,)."""

    @abstractmethod
    def trials(
        self, statistics: MatchedFilter, bin_data: BinData, *, seed: int, start: int, count: int
    ) -> FloatArray:
        """Return statistics of null trials, shape (count, n_stat).

        Trial number ``start + k`` depends on ``seed``, the null input and its
        number only, not on how trials are grouped.
        """
