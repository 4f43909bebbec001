"""Masks: which part of the sky is used."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar, Self, cast

import attrs
import numpy as np

from nuweft.errors import DataError, NsideError
from nuweft.interfaces.base import Component
from nuweft.parameters import components
from nuweft.sky.pixels import pixel_count
from nuweft.sky.typing import FloatArray


@attrs.frozen(kw_only=True)
class Mask(Component):
    """Weights in [0, 1] on the sky, evaluated at pixel centres."""

    kind: ClassVar[str] = "mask"

    @abstractmethod
    def weights(self, nside: int) -> FloatArray:
        """Return the weight of each pixel.

        Parameters
        ----------
        nside
            Resolution.

        Returns
        -------
        array of shape (npix,)
            In [0, 1]; ICRS, RING order.
        """

    def __and__(self, other: Mask) -> Mask:
        """Return the mask that keeps what both keep (the product of the weights)."""
        if not isinstance(other, Mask):
            return NotImplemented
        parts: list[Mask] = []
        for mask in (self, other):
            for part in mask.masks if isinstance(mask, Intersection) else (mask,):
                if part not in parts:
                    parts.append(part)
        return parts[0] if len(parts) == 1 else Intersection(masks=tuple(parts))


@attrs.frozen(kw_only=True)
class Intersection(Mask):
    r"""What all of several masks keep; written ``a & b`` in Python.

    Notes
    -----
    .. math::

        w_p = \prod_i w_{i,p}
    """

    plugin_name: ClassVar[str] = "intersection"
    masks: tuple[Mask, ...] = components("mask", doc="masks whose weights are multiplied")

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return what two other registered masks keep."""
        from nuweft.registry import plugins

        others = [info.cls for info in plugins.collect()["mask"].values() if info.cls is not cls]
        return cls(masks=tuple(cast("Mask", other.example(folder)) for other in others[:2]))

    def weights(self, nside: int) -> FloatArray:
        """Return the product of the weights of all masks."""
        result = np.ones(pixel_count(nside))
        for mask in self.masks:
            result *= mask.weights(nside)
        return result


def mask_weights(mask: Mask | None, nside: int) -> FloatArray:
    """Return the weights of a mask, or of the whole sky where there is none.

    Raises
    ------
    NsideError
        If the mask returns another resolution than asked for.
    DataError
        If its weights are not finite or outside [0, 1].
    """
    if mask is None:
        return np.ones(pixel_count(nside))
    weights = np.asarray(mask.weights(nside), dtype=float)
    if weights.shape != (pixel_count(nside),):
        raise NsideError(
            f"mask {mask.plugin_name}: returned shape {weights.shape}, expected ({pixel_count(nside)},) "
            f"for NSIDE {nside}"
        )
    if not np.all(np.isfinite(weights)) or weights.min() < 0 or weights.max() > 1:
        raise DataError(
            f"mask {mask.plugin_name}: weights must lie in [0, 1], got "
            f"{np.nanmin(weights):g} to {np.nanmax(weights):g} ({np.sum(~np.isfinite(weights))} not finite)"
        )
    return weights
