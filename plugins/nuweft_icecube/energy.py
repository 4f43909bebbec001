"""Parametric energy response of each season, where no smearing matrix is at hand.

The public 3-year release has no energy response. These stand-ins are fitted by
:func:`nuweft.irf.energy_fit.fit_energy_dispersion`, so that the MCEq
conventional flux (SIBYLL2.3d, H3a) plus the diffuse flux, times the release's
effective area, reproduces the reconstructed energies in each of 12 bands of
declination above -5 degrees; `examples/plot_energy_response.py` makes them
again. Slope and width above some 10 TeV are nearly degenerate in atmospheric
events (priors 0.65 +- 0.05 and 0.45 +- 0.05 dex), so that predictions for hard
spectra stay uncertain.
"""

from __future__ import annotations

import numpy as np

from nuweft.irf import LogNormalEnergyDispersion

_RANGE = (float(np.sin(np.radians(-5.0))), 1.0)
_SOURCE = "log-normal fitted to the season's atmospheric events, a stand-in for a smearing matrix"

PARAMETRIC = {
    "IC79-2010": LogNormalEnergyDispersion(
        floor=(3.2508, -0.2523, 0.6783, -0.5113),
        slope=0.8865,
        turn=3.3461,
        softness=0.3837,
        sigma_low=0.1107,
        sigma_high=0.3206,
        widening=(0.2054, -0.1107),
        sin_dec_range=_RANGE,
        source=_SOURCE,
    ),
    "IC86-2011": LogNormalEnergyDispersion(
        floor=(2.9309, -0.5282, 1.2476, -0.8679),
        slope=0.6819,
        turn=3.7571,
        softness=0.6516,
        sigma_low=0.0706,
        sigma_high=0.5889,
        widening=(0.0464, 0.0223),
        sin_dec_range=_RANGE,
        source=_SOURCE,
    ),
    "IC86-2012": LogNormalEnergyDispersion(
        floor=(3.0204, -0.5638, 1.3432, -0.9950),
        slope=0.4411,
        turn=3.6500,
        softness=0.4000,
        sigma_low=0.1055,
        sigma_high=0.5443,
        widening=(0.2269, -0.0191),
        sin_dec_range=_RANGE,
        source=_SOURCE,
    ),
}
"""Energy response per season of the 3-year release."""
