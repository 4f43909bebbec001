"""Simulated galaxies: a Poisson sample of a log-normal field."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np

from nuweft import seeds
from nuweft.evolution import Cosmology, Projection, angular_spectrum
from nuweft.interfaces import Tracer
from nuweft.model import RedshiftDistribution, Sources
from nuweft.parameters import integer, number, numbers
from nuweft.sky import degrade_sum, pixel_count
from nuweft.typing import FloatArray
from nuweft_mocks.lognormal import lognormal_field


@attrs.frozen(kw_only=True)
class MockGalaxies(Tracer):
    r"""Galaxies drawn from a log-normal density field with a CCL power spectrum.

    n(z) is ``z**alpha exp(-(z/z0)**beta)``; its default has the percentiles
    0.05, 0.12, 0.22 published for unWISE-2MASS.

    Notes
    -----
    .. math::

        n_p \sim \mathrm{Poisson}\left[\bar n\, e^{g_p - \sigma_g^2 / 2}\right], \qquad
        C_\ell = b^2 \int \frac{H(z)}{c\, \chi^2}\, n(z)^2\, P\left(\frac{\ell + 1/2}{\chi}, z\right) dz

    with a Gaussian field g whose exponential has the power C_l.
    """

    plugin_name: ClassVar[str] = "mock-galaxies"
    galaxies: float = number(
        default=2_000_000.0, gt=0, le=1e12, doc="mean number of galaxies on the whole sky"
    )
    n_of_z: tuple[float, ...] = numbers(
        default=(1.38880, 0.109472, 1.61597), length=3, doc="alpha, z0 and beta of n(z)"
    )
    field_nside: int = integer(default=256, ge=8, le=1024, doc="resolution of the density field")
    seed: int = integer(default=1, ge=0, doc="seed of the field and of the galaxies")
    bias: float = number(default=1.2, gt=0, le=1e3, doc="linear bias of the galaxies")

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return a sky of 200,000 galaxies."""
        return cls(galaxies=2e5, field_nside=64)

    @cached_property
    def _counts(self) -> FloatArray:
        distribution = self.redshift_distribution()
        galaxies = Projection(z=distribution.z, density=distribution.density, bias=self.bias)
        lmax = 2 * self.field_nside
        ell = np.arange(lmax + 1)
        cosmology = Cosmology(transfer_function="eisenstein_hu").ccl()
        spectrum = angular_spectrum(cosmology, ell, galaxies, galaxies)
        spectrum[0] = 0.0
        field = lognormal_field(spectrum, self.field_nside, rng=seeds.generator(self.seed, "mock density"))
        mean = self.galaxies / pixel_count(self.field_nside)
        return seeds.generator(self.seed, "mock galaxies").poisson(mean * (1 + field)).astype(float)

    def counts(self, nside: int) -> FloatArray:
        """Return the counts in each pixel; a coarser resolution adds pixels up."""
        return degrade_sum(self._counts, nside)

    def sources(self, nside: int) -> Sources:
        """Return the pixels of the density field: events start uniformly within them."""
        return Sources.pixels(self._counts)

    def redshift_distribution(self) -> RedshiftDistribution:
        """Return the n(z) from which the field was made."""
        alpha, z0, beta = self.n_of_z
        return RedshiftDistribution.smail(alpha, z0, beta, source="input of the simulation")
