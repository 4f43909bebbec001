"""Where events that follow a tracer start."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.sky.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class Sources:
    """Where correlated events start: points, or pixels in which they start uniformly.

    Attributes
    ----------
    ra, dec : arrays of shape (n,) or None
        Positions of point sources in radians.
    weight : array of shape (n,) or None
        Relative number of events of each point source.
    density : array of shape (npix,) or None
        Counts per pixel at any resolution.
    """

    ra: FloatArray | None = None
    dec: FloatArray | None = None
    weight: FloatArray | None = None
    density: FloatArray | None = None

    @classmethod
    def points(cls, ra: FloatArray, dec: FloatArray, weight: FloatArray | None = None) -> Sources:
        """Return point sources; positions in radians."""
        return cls(ra=ra, dec=dec, weight=np.ones(len(ra)) if weight is None else weight)

    @classmethod
    def pixels(cls, counts: FloatArray) -> Sources:
        """Return sources spread uniformly within pixels."""
        return cls(density=counts)
