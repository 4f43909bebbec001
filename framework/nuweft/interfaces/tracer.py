"""Tracers of the large-scale structure."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import attrs

from nuweft.interfaces.base import Component
from nuweft.interfaces.mask import Mask
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.parameters import component, number
from nuweft.sky.sources import Sources
from nuweft.typing import FloatArray


@attrs.frozen(kw_only=True)
class Tracer(Component):
    """A catalog or map of objects that trace the large-scale structure."""

    kind: ClassVar[str] = "tracer"

    mask: Mask | None = component(
        "mask", default=None, optional=True, doc="part of the sky the catalog covers; all where none is given"
    )
    bias: float = number(default=1.0, gt=0, doc="linear bias of the tracer")
    magnification: float | None = number(
        default=None,
        optional=True,
        doc="slope dlog10 N/dm of the counts at the magnitude limit; no magnification where none is given",
    )

    @abstractmethod
    def counts(self, nside: int) -> FloatArray:
        """Return the number of objects (or their summed weight) in each pixel.

        Parameters
        ----------
        nside
            Resolution.

        Returns
        -------
        array of shape (npix,)
            Not negative, not masked; ICRS, RING order.

        Raises
        ------
        NsideError
            If the tracer is not known at this resolution.
        """

    def sources(self, nside: int) -> Sources:
        """Return the objects as they are known: points with weights, or counts in pixels.

        The tracer's field is made from them and correlated events start from
        them: at points, or uniformly within pixels. By default they are the
        pixels of :meth:`counts`.

        Parameters
        ----------
        nside
            Resolution of the analysis; a tracer may know its objects better,
            and then returns points, or the pixels of a finer map.

        Returns
        -------
        Sources
            Not cut by the mask. Points are cut at their own positions; pixels
            that the edge of the mask cuts are left out.
        """
        return Sources.pixels(self.counts(nside))

    def redshift_distribution(self) -> RedshiftDistribution | None:
        """Return dN/dz, or None where it is not known."""
        return None
