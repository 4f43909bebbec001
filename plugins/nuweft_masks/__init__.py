"""Masks: galactic cut, declination, circles, map file, and their intersection."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_mask() -> list[type]:
    """Register the masks."""
    from nuweft.interfaces import Intersection
    from nuweft_masks.geometric import Circles, Declination, GalacticCut
    from nuweft_masks.map_file import MapFile

    return [GalacticCut, Declination, Circles, MapFile, Intersection]
