"""What a tracer promises."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from nuweft.interfaces import Tracer
from nuweft.interfaces.mask import coverage_of
from nuweft.sky.fields import overdensity
from nuweft.sky.pixels import count_map, degrade_sum, pixel_count
from nuweft.testing.base import Answers, ComponentContract


class TracerContract(ComponentContract):
    """Counts are counts at every resolution, and redshifts can be normalised.

    Attributes
    ----------
    nside : int
        Finer of the two resolutions at which the tracer is asked.
    """

    kind: ClassVar[str] = "tracer"
    nside: ClassVar[int] = 32

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return counts, mask and redshifts."""
        found = {
            "counts": component.counts(cls.nside),
            "coarse counts": component.counts(cls.nside // 2),
            "coverage": coverage_of(component.mask, cls.nside),
        }
        redshifts = component.redshift_distribution()
        if redshifts is not None:
            found |= {"z": redshifts.z, "dN/dz": redshifts.density}
        return found

    def test_there_is_one_count_per_pixel(self, answered: Answers) -> None:
        assert np.shape(answered["counts"]) == (pixel_count(self.nside),)

    def test_counts_are_finite_and_not_negative(self, answered: Answers) -> None:
        assert np.all(np.isfinite(answered["counts"]))
        assert np.min(answered["counts"]) >= 0

    def test_objects_lie_where_the_mask_covers_the_sky(self, answered: Answers) -> None:
        assert np.sum(answered["counts"] * answered["coverage"]) > 0

    def test_a_coarser_resolution_adds_pixels_up(self, answered: Answers) -> None:
        summed = degrade_sum(np.asarray(answered["counts"], dtype=float), self.nside // 2)
        np.testing.assert_allclose(answered["coarse counts"], summed, rtol=1e-9, atol=1e-9)

    def test_mean_overdensity_in_the_mask_is_zero(self, answered: Answers) -> None:
        field = overdensity(np.asarray(answered["counts"], dtype=float), answered["coverage"])
        assert abs(np.sum(field)) < 1e-10 * np.sum(np.abs(field)) + 1e-12

    def test_sources_are_the_objects_that_are_counted(self, component: Tracer, answered: Answers) -> None:
        sources = component.sources(self.nside)
        total = np.zeros(pixel_count(self.nside))
        if sources.density is not None:
            if len(sources.density) < len(total):
                pytest.skip("sources are known at a coarser resolution only")
            total += degrade_sum(np.nan_to_num(sources.density, nan=0.0), self.nside)
        if sources.ra is not None and sources.dec is not None:
            total += count_map(self.nside, sources.ra, sources.dec, sources.weight)
        counts = answered["counts"]
        # relative numbers matter only
        np.testing.assert_allclose(total / total.sum(), counts / np.sum(counts), rtol=1e-9, atol=1e-15)

    def test_redshift_distribution_integrates_to_1(self, answered: Answers) -> None:
        if "z" not in answered:
            pytest.skip("the tracer has no redshifts")
        z, density = answered["z"], answered["dN/dz"]
        assert np.all(np.diff(z) > 0)
        assert z[0] >= 0
        assert np.all(np.isfinite(density))
        assert np.min(density) >= 0
        assert np.trapezoid(density, z) == pytest.approx(1.0, rel=1e-9)

    def test_bias_is_positive(self, component: Tracer) -> None:
        assert component.bias > 0
