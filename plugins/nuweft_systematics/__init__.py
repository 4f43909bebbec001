"""Variations of the detector's response."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_response_variation() -> list[type]:
    """Register the variations."""
    from nuweft_systematics.ice import HoleIce, IceAbsorption, IceScattering
    from nuweft_systematics.light import DOMEfficiency
    from nuweft_systematics.sample import ResponseOfSample
    from nuweft_systematics.scaled import Scaled

    return [DOMEfficiency, HoleIce, IceScattering, IceAbsorption, Scaled, ResponseOfSample]
