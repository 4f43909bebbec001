"""The null hypothesis by scrambling right ascensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import attrs
import numpy as np

from nuweft import seeds
from nuweft.errors import ParameterError
from nuweft.interfaces import BackgroundModel
from nuweft.model import BinData, Events, LinearKernel, MatchedFilter
from nuweft.parameters import component, number, text
from nuweft.sky import rings
from nuweft.typing import FloatArray
from nuweft_scramble import exchanges, moments, sweeps
from nuweft_scramble.blocks import SIDEREAL_DAY, Blocks


@attrs.frozen(kw_only=True)
class RAScramble(BackgroundModel):
    r"""Events keep declination and energy and take a uniform right ascension.

    Within seasons or blocks of time, they instead take the time of a random
    event of their own season or block and their right ascension moves with the
    sky, so that its distribution follows when the detector took data. An event
    keeps its time with probability 1/n among n: a block should hold many.

    Mean and covariance are exact (to first order in 1/N); the template of the
    atmospheric component is that exact mean, a kernel density estimate in
    sin(dec) as in Abbasi et al. 2025, or that of another background.

    Notes
    -----
    .. math::

        \bar C_\ell = \sum_p F_{\ell p} \left(\frac{\lambda_p w_p}{\mu} - 1\right)

        \Sigma_{\ell \ell'} = \sum_p \lambda_p G_{\ell p} G_{\ell' p}
        - \sum_{r r'} S_{r r'}\, \bar g_{\ell r}\, \bar g_{\ell' r'}

    with the expected counts of the scrambled events in pixel p, the response F
    of the estimator, that of the spectrum to one event G, its mean over rings,
    and the coupling S of neighbouring rings.
    """

    plugin_name: ClassVar[str] = "ra-scramble"
    keeps: ClassVar[tuple[str, ...]] = ("dec", "log10_energy")
    template: str | BackgroundModel = component(
        "background",
        default="exact-mean",
        words=("exact-mean", "kde"),
        doc="where the atmospheric template comes from",
    )
    kde_bandwidth: float = number(
        default=0.01, gt=0, le=0.5, unit="sin(dec)", doc="width of the Gaussian kernel in sin(dec)"
    )
    within: str = text(
        default="all",
        choices=("all", "season", "block"),
        doc="where events exchange times; all: right ascensions are uniform",
    )
    block_days: float = number(
        default=30.0, gt=0, unit="d", doc="length of a block, counted from the first event of its season"
    )

    def __attrs_post_init__(self) -> None:
        if self.block_days < SIDEREAL_DAY:
            raise ParameterError(
                f"block_days: expected at least one sidereal day ({SIDEREAL_DAY:.5f} d), within which the "
                f"sky turns once, got {self.block_days:g}"
            )

    @property
    def uniform_in_ra(self) -> bool:
        """Whether right ascensions are uniform: where events exchange times with all others."""
        return self.within == "all"

    def template_counts(self, bin_data: BinData) -> FloatArray:
        """Return the expected counts of the template, shape (npix,)."""
        if isinstance(self.template, BackgroundModel):
            return self.template.template_counts(bin_data)
        if self.template == "exact-mean":
            return self._expected_counts(bin_data)
        return kernel_density(bin_data, self.kde_bandwidth)

    def _expected_counts(self, bin_data: BinData) -> FloatArray:
        if self.within == "all":
            return moments.expected_counts(bin_data)
        return sweeps.expected_counts(bin_data, self._blocks(bin_data))

    def _blocks(self, bin_data: BinData) -> Blocks:
        return Blocks.of(bin_data, self.block_days if self.within == "block" else None)

    def moments(self, kernel: LinearKernel, bin_data: BinData) -> tuple[FloatArray, FloatArray]:
        """Return the exact mean and covariance of the spectrum."""
        if self.within == "all":
            return moments.exact_moments(kernel, bin_data)
        return sweeps.exact_moments(kernel, bin_data, self._blocks(bin_data))

    def repeated_moments(
        self, kernel: LinearKernel
    ) -> Callable[[Sequence[BinData]], list[tuple[FloatArray, FloatArray]]]:
        """Return the exact moments, without a pass over the pixels where right ascensions are uniform.

        Products within rings then serve all data sets; weights must depend on
        declination only.
        """
        if self.within == "all":
            return moments.RingGrams.of(kernel).moments
        return super().repeated_moments(kernel)

    def realize(self, bin_data: BinData, *, rng: np.random.Generator) -> Events:
        """Return the events with new right ascensions, at the times of these."""
        if self.within == "all":
            return attrs.evolve(bin_data.events, ra=rng.uniform(0, 2 * np.pi, len(bin_data.events)))
        return exchanges.exchange(bin_data, self._blocks(bin_data), rng=rng)

    def trial_counts(self, bin_data: BinData, *, seed: int, trial: int) -> FloatArray:
        """Return the counts per pixel of one scrambled trial, shape (npix,)."""
        if self.within != "all":
            return exchanges.exchange_counts(bin_data, self._blocks(bin_data), seed=seed, trial=trial)
        from nuweft_scramble.trials import scramble_counts

        return scramble_counts(bin_data, key=self._key(seed, bin_data), trial=trial)

    def _key(self, seed: int, bin_data: BinData) -> int:
        return seeds.key(seed, f"ra-scramble {bin_data.label}")

    def trials(
        self, statistics: MatchedFilter, bin_data: BinData, *, seed: int, start: int, count: int
    ) -> FloatArray:
        """Return statistics of scrambled trials, shape (count, n_stat)."""
        if self.within != "all":
            blocks = self._blocks(bin_data)
            return exchanges.exchange_sums(statistics, bin_data, blocks, seed=seed, start=start, count=count)
        from nuweft_scramble.trials import scramble_sums

        return scramble_sums(statistics, bin_data, key=self._key(seed, bin_data), start=start, count=count)


def kernel_density(bin_data: BinData, bandwidth: float) -> FloatArray:
    """Return counts per pixel of a Gaussian kernel density estimate in sin(dec).

    Kernels are reflected at the poles; the density is evaluated at the ring
    centres, from events binned in steps of 0.0005 in sin(dec).
    """
    edges = np.linspace(-1, 1, 4001)
    counts, _ = np.histogram(np.sin(bin_data.events.dec), bins=edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    filled = counts > 0
    grid = rings(bin_data.nside)
    z = grid.sin_dec
    density = np.zeros(len(z))
    for image in (middle, 2 - middle, -2 - middle):
        u = (z[:, None] - image[None, filled]) / bandwidth
        density += np.exp(-0.5 * u**2) @ counts[filled]
    norm = bandwidth * np.sqrt(2 * np.pi)
    return grid.expand(density / norm * 2 / (12 * bin_data.nside**2))
