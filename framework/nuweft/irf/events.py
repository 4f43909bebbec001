"""Tables of events."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.typing import BoolArray, FloatArray, IntArray


@attrs.frozen(eq=False, kw_only=True)
class Events:
    """A table of events.

    Attributes
    ----------
    ra, dec : arrays of shape (n,)
        Reconstructed direction, ICRS, radians.
    log10_energy : array of shape (n,)
        Reconstructed energy, log10(E/GeV).
    angular_error : array of shape (n,)
        Estimated uncertainty of the direction, radians.
    time : array of shape (n,)
        Modified Julian date.
    season : array of int, shape (n,)
        Index of the season in the response.
    """

    ra: FloatArray
    dec: FloatArray
    log10_energy: FloatArray
    angular_error: FloatArray
    time: FloatArray
    season: IntArray

    def __len__(self) -> int:
        return len(self.ra)

    def select(self, chosen: BoolArray | IntArray) -> Events:
        """Return some of the events."""
        return Events(**{f.name: getattr(self, f.name)[chosen] for f in attrs.fields(Events)})

    @classmethod
    def concatenate(cls, parts: list[Events]) -> Events:
        """Return the events of several tables, in order."""
        return cls(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in attrs.fields(cls)})
