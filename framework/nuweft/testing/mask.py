"""What a mask promises."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nuweft.interfaces import Mask
from nuweft.sky.pixels import pixel_count
from nuweft.testing.base import Answers, ComponentContract
from nuweft.testing.fakes import FakeMask


class MaskContract(ComponentContract):
    """Weights lie in [0, 1], and masks combine as products.

    Attributes
    ----------
    nside : int
        Resolution at which the mask is asked.
    """

    kind: ClassVar[str] = "mask"
    nside: ClassVar[int] = 16

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return the weights."""
        return {"weights": component.weights(cls.nside)}

    def test_there_is_one_weight_per_pixel(self, answered: Answers) -> None:
        assert np.shape(answered["weights"]) == (pixel_count(self.nside),)

    def test_weights_lie_between_0_and_1(self, answered: Answers) -> None:
        weights = answered["weights"]
        assert np.all(np.isfinite(weights))
        assert np.min(weights) >= 0
        assert np.max(weights) <= 1

    def test_some_sky_is_kept(self, answered: Answers) -> None:
        assert np.sum(answered["weights"]) > 0

    def test_a_mask_combined_with_itself_is_itself(self, component: Mask, answered: Answers) -> None:
        both = component & component
        np.testing.assert_array_equal(both.weights(self.nside), answered["weights"])

    def test_combined_masks_multiply_in_any_order(self, component: Mask, answered: Answers) -> None:
        other = FakeMask()
        product = answered["weights"] * other.weights(self.nside)
        np.testing.assert_allclose((component & other).weights(self.nside), product, atol=1e-15)
        np.testing.assert_allclose((other & component).weights(self.nside), product, atol=1e-15)
