"""Parametric energy response of IC86, where no smearing matrix is at hand.

The public 3-year release has no energy response. This stand-in is a
log-normal whose mean flattens at low energy; its parameters reproduce the
reconstructed-energy histogram of the events above dec = -5 deg, predicted
from the release's effective area with the MCEq conventional flux (SIBYLL2.3d,
H3a). Slope and width above some 10 TeV are nearly degenerate there (the fit had a
prior of 0.65 +- 0.02 on the slope), so that predictions for hard spectra are
uncertain.
"""

from __future__ import annotations

from nuweft.response import LogNormalEnergyResponse

_IC79 = LogNormalEnergyResponse(
    floor=3.246, slope=0.744, turn=3.201, softness=0.312, sigma_low=0.117, sigma_high=0.312
)
_IC86_2011 = LogNormalEnergyResponse(
    floor=2.902, slope=0.660, turn=3.525, softness=0.473, sigma_low=0.112, sigma_high=0.443
)
_IC86_2012 = LogNormalEnergyResponse(
    floor=2.929, slope=0.601, turn=3.631, softness=0.399, sigma_low=0.139, sigma_high=0.493
)

PARAMETRIC = {
    "IC79-2010": _IC79,
    "IC86-2011": _IC86_2011,
    "IC86-2012": _IC86_2012,
}
"""Energy response per season of the 3-year release."""
