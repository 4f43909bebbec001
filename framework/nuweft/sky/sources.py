"""Where events that follow a tracer start."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class Sources:
    """The objects of a tracer: points, or counts in pixels. Correlated events start from them.

    Attributes
    ----------
    ra, dec : arrays of shape (n,) or None
        Positions of point sources in radians.
    weight : array of shape (n,) or None
        Weight of each point source, in counts and as relative number of events.
    density : array of shape (npix,) or None
        Counts per pixel at any resolution; NaN where nothing was observed.
    square : array of shape (npix,) or None
        Sums of the squared weights in the pixels of ``density``; the counts
        themselves where none are given, as for objects of weight 1.
    centred : bool
        Whether events start at the centres of the pixels instead of uniformly
        within them.
    """

    ra: FloatArray | None = None
    dec: FloatArray | None = None
    weight: FloatArray | None = None
    density: FloatArray | None = None
    square: FloatArray | None = None
    centred: bool = False

    @classmethod
    def points(cls, ra: FloatArray, dec: FloatArray, weight: FloatArray | None = None) -> Sources:
        """Return point sources; positions in radians."""
        return cls(ra=ra, dec=dec, weight=np.ones(len(ra)) if weight is None else weight)

    @classmethod
    def pixels(
        cls, counts: FloatArray, *, square: FloatArray | None = None, centred: bool = False
    ) -> Sources:
        """Return counts in pixels."""
        return cls(density=counts, square=square, centred=centred)
