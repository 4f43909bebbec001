"""What a mask promises."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nuweft.interfaces import Mask
from nuweft.sky.pixels import pixel_centres, pixel_count
from nuweft.sky.subpixels import subpixel_mean
from nuweft.testing.base import Answers, ComponentContract
from nuweft.testing.fakes import FakeMask


class MaskContract(ComponentContract):
    """Coverage and apodization lie in [0, 1], and masks combine as products.

    Attributes
    ----------
    nside : int
        Resolution at which the mask is asked.
    """

    kind: ClassVar[str] = "mask"
    nside: ClassVar[int] = 16

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return what the mask says of each pixel."""
        return {
            "coverage": component.coverage(cls.nside),
            "apodization": component.apodization(cls.nside),
            "inside": component.contains(*pixel_centres(cls.nside)),
        }

    def test_there_is_one_value_per_pixel(self, answered: Answers) -> None:
        for values in answered.values():
            assert np.shape(values) == (pixel_count(self.nside),)

    def test_coverage_and_apodization_lie_between_0_and_1(self, answered: Answers) -> None:
        for name in ("coverage", "apodization"):
            assert np.all(np.isfinite(answered[name])), name
            assert np.min(answered[name]) >= 0, name
            assert np.max(answered[name]) <= 1, name

    def test_some_sky_is_covered(self, answered: Answers) -> None:
        assert np.sum(answered["coverage"] * answered["apodization"]) > 0

    def test_coverage_is_the_mean_over_each_pixel(self, component: Mask, answered: Answers) -> None:
        mean = subpixel_mean(component.completeness, self.nside)
        # points of 1/64 of a pixel on either side of the edge
        np.testing.assert_allclose(answered["coverage"], mean, atol=0.15)
        assert abs(np.mean(answered["coverage"]) - np.mean(mean)) < 1e-3

    def test_what_is_covered_lies_inside(self, component: Mask) -> None:
        ra, dec = pixel_centres(self.nside)
        inside = np.asarray(component.contains(ra, dec), dtype=bool)
        np.testing.assert_array_equal(inside, component.completeness(ra, dec) > 0)

    def test_a_mask_combined_with_itself_is_itself(self, component: Mask, answered: Answers) -> None:
        both = component & component
        np.testing.assert_array_equal(both.coverage(self.nside), answered["coverage"])
        np.testing.assert_array_equal(both.apodization(self.nside), answered["apodization"])

    def test_combined_masks_keep_what_both_keep_in_any_order(self, component: Mask) -> None:
        other, (ra, dec) = FakeMask(), pixel_centres(self.nside)
        product = component.completeness(ra, dec) * other.completeness(ra, dec)
        np.testing.assert_allclose((component & other).completeness(ra, dec), product, atol=1e-15)
        np.testing.assert_allclose((other & component).completeness(ra, dec), product, atol=1e-15)
        one, two = (component & other).coverage(self.nside), (other & component).coverage(self.nside)
        np.testing.assert_allclose(one, two, atol=1e-15)
