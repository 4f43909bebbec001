"""The events of one energy bin, and how they are weighted and masked."""

from __future__ import annotations

import attrs

from nuweft.irf.detector import DetectorResponse
from nuweft.irf.events import Events
from nuweft.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class BinData:
    """What the null distribution of one energy bin depends on.

    Attributes
    ----------
    events : Events
        All events of the bin, also those outside the mask.
    weights : array of shape (npix,)
        Weight map w of the bin.
    mask : array of shape (npix,)
        Joint mask.
    nside : int
    label : str
        Name of the energy bin.
    energy_range : tuple of float or None
        Bounds of the bin in log10(E_reco/GeV), where it is one.
    response : DetectorResponse or None
        Response of the sample, where it is known.
    """

    events: Events
    weights: FloatArray
    mask: FloatArray
    nside: int
    label: str
    energy_range: tuple[float, float] | None = None
    response: DetectorResponse | None = None
