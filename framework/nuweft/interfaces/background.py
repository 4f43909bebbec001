"""Models of the background: events that know nothing of the tracer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import attrs
import numpy as np

from nuweft import seeds
from nuweft.interfaces.base import Component
from nuweft.irf.events import Events
from nuweft.model.bin_data import BinData
from nuweft.model.linear_kernel import LinearKernel
from nuweft.model.matched_filter import MatchedFilter
from nuweft.sky.pixels import count_map
from nuweft.typing import FloatArray

_TOGETHER = 64  # maps to which a kernel is applied at once


@attrs.frozen(kw_only=True)
class BackgroundModel(Component):
    """Describes events that are not correlated with the tracer, from the data or from theory.

    A subclass answers :meth:`realize`. Template, moments and trials then follow
    from drawing; a subclass that knows them better overrides them.

    Attributes
    ----------
    keeps : tuple of str
        Columns of the events whose values each realisation keeps, in any order
        (``dec``, ``log10_energy``); empty where it keeps none.
    draws : int
        Realisations from which template and moments are made by default.
    """

    kind: ClassVar[str] = "background"
    keeps: ClassVar[tuple[str, ...]] = ()
    draws: ClassVar[int] = 2000

    @property
    def uniform_in_ra(self) -> bool:
        """Whether the right ascensions of realisations are uniform; not claimed by default."""
        return False

    @abstractmethod
    def realize(self, bin_data: BinData, *, rng: np.random.Generator) -> Events:
        """Return one set of background events.

        Parameters
        ----------
        bin_data
            Events, weights and mask of one energy bin.
        rng
            Random generator.
        """

    def template_counts(self, bin_data: BinData) -> FloatArray:
        """Return the expected counts of the background template, shape (npix,), any normalisation.

        By default the mean of :attr:`draws` realisations.
        """
        return np.asarray(np.mean(list(self._drawn(bin_data)), axis=0))

    def moments(self, kernel: LinearKernel, bin_data: BinData) -> tuple[FloatArray, FloatArray]:
        """Return mean (n_ell,) and covariance (n_ell, n_ell) of the spectrum without signal.

        By default those of :attr:`draws` realisations; see :meth:`moments_error`.
        """
        spectra, maps = [], list(self._drawn(bin_data))
        for start in range(0, len(maps), _TOGETHER):
            weighted = np.stack(maps[start : start + _TOGETHER]) * bin_data.weights
            spectra.append(kernel.offset + kernel.apply(weighted) / kernel.mean(weighted)[:, None])
        found = np.concatenate(spectra)
        return found.mean(axis=0), np.atleast_2d(np.cov(found.T))

    def moments_error(self) -> float:
        """Return the relative error of the variances of :meth:`moments`; 0 where they are exact."""
        own = type(self).moments is not BackgroundModel.moments
        return 0.0 if own else float(np.sqrt(2 / self.draws))

    def repeated_moments(
        self, kernel: LinearKernel
    ) -> Callable[[Sequence[BinData]], list[tuple[FloatArray, FloatArray]]]:
        """Return what gives :meth:`moments` of many data sets with one kernel.

        A background may compute once what they share.
        """
        return lambda bins: [self.moments(kernel, bin_data) for bin_data in bins]

    def trial_counts(self, bin_data: BinData, *, seed: int, trial: int) -> FloatArray:
        """Return the counts per pixel of one trial of :meth:`trials`, shape (npix,)."""
        rng = seeds.generator(seed, f"{self.plugin_name} {bin_data.label}", trial)
        return self._counts(bin_data, rng)

    def trials(
        self, statistics: MatchedFilter, bin_data: BinData, *, seed: int, start: int, count: int
    ) -> FloatArray:
        """Return statistics of trials without signal, shape (count, n_stat).

        Trial number ``start + k`` depends on ``seed``, the data and its number
        only, not on how trials are grouped.
        """
        rows = np.concatenate([statistics.maps, statistics.weight])
        sums = np.empty((count, len(rows)))
        for k in range(count):
            sums[k] = rows @ self.trial_counts(bin_data, seed=seed, trial=start + k)
        n_stat = len(statistics.maps)
        return statistics.finish(sums[:, :n_stat], sums[:, n_stat:])

    def _drawn(self, bin_data: BinData) -> Iterator[FloatArray]:
        for number in range(self.draws):
            # the same draws each time: template and moments of the same data do not change
            rng = seeds.generator(0, f"{self.plugin_name} moments {bin_data.label}", number)
            yield self._counts(bin_data, rng)

    def _counts(self, bin_data: BinData, rng: np.random.Generator) -> FloatArray:
        events = self.realize(bin_data, rng=rng)
        return count_map(bin_data.nside, events.ra, events.dec)
