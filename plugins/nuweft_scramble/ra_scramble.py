"""The null hypothesis by scrambling right ascensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import attrs
import numpy as np

from nuweft import seeds
from nuweft.interfaces import BackgroundModel, Events, LinearResponse, MatchedFilter, NullInput
from nuweft.parameters import number, text
from nuweft.sky.rings import rings
from nuweft.sky.typing import FloatArray
from nuweft_scramble.moments import RingGrams, exact_moments, expected_counts


@attrs.frozen(kw_only=True)
class RAScramble(BackgroundModel):
    """Events keep declination and energy and take a uniform right ascension.

    Mean and covariance are exact (to first order in 1/N); the template of the
    atmospheric component is that exact mean, or a kernel density estimate in
    sin(dec) as in Abbasi et al. 2025.
    """

    plugin_name: ClassVar[str] = "ra-scramble"
    template: str = text(
        default="exact-mean", choices=("exact-mean", "kde"), doc="where the atmospheric template comes from"
    )
    kde_bandwidth: float = number(
        default=0.01, gt=0, le=0.5, unit="sin(dec)", doc="width of the Gaussian kernel in sin(dec)"
    )

    def template_counts(self, null: NullInput) -> FloatArray:
        """Return the expected counts of the template, shape (npix,)."""
        if self.template == "exact-mean":
            return expected_counts(null)
        return kernel_density(null, self.kde_bandwidth)

    def moments(self, response: LinearResponse, null: NullInput) -> tuple[FloatArray, FloatArray]:
        """Return the exact mean and covariance of the spectrum."""
        return exact_moments(response, null)

    def repeated_moments(
        self, response: LinearResponse
    ) -> Callable[[Sequence[NullInput]], list[tuple[FloatArray, FloatArray]]]:
        """Return the exact moments by products within rings; weights must depend on declination only."""
        return RingGrams.of(response).moments

    def realize(self, null: NullInput, *, rng: np.random.Generator) -> Events:
        """Return the events with new right ascensions."""
        return attrs.evolve(null.events, ra=rng.uniform(0, 2 * np.pi, len(null.events)))

    def trial_counts(self, null: NullInput, *, seed: int, trial: int) -> FloatArray:
        """Return the counts per pixel of one scrambled trial, shape (npix,)."""
        from nuweft_scramble.trials import scramble_counts

        return scramble_counts(null, key=self._key(seed, null), trial=trial)

    def _key(self, seed: int, null: NullInput) -> int:
        return seeds.key(seed, f"ra-scramble {null.label}")

    def trials(
        self, statistics: MatchedFilter, null: NullInput, *, seed: int, start: int, count: int
    ) -> FloatArray:
        """Return statistics of scrambled trials, shape (count, n_stat)."""
        from nuweft_scramble.trials import scramble_sums

        return scramble_sums(statistics, null, key=self._key(seed, null), start=start, count=count)


def kernel_density(null: NullInput, bandwidth: float) -> FloatArray:
    """Return counts per pixel of a Gaussian kernel density estimate in sin(dec).

    Kernels are reflected at the poles; the density is evaluated at the ring
    centres, from events binned in steps of 0.0005 in sin(dec).
    """
    edges = np.linspace(-1, 1, 4001)
    counts, _ = np.histogram(np.sin(null.events.dec), bins=edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    filled = counts > 0
    grid = rings(null.nside)
    z = grid.sin_dec
    density = np.zeros(len(z))
    for image in (middle, 2 - middle, -2 - middle):
        u = (z[:, None] - image[None, filled]) / bandwidth
        density += np.exp(-0.5 * u**2) @ counts[filled]
    norm = bandwidth * np.sqrt(2 * np.pi)
    return grid.expand(density / norm * 2 / (12 * null.nside**2))
