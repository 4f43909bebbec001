"""Stand-in for the efficiency of the optical modules."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from nuweft.interfaces import ResponseVariation
from nuweft.irf import DetectorResponse, scaled_response
from nuweft.parameters import number

AREA, SPREAD = 0.5, -0.3
"""Relative change of area and of point spread per relative change of the light: guesses."""


def brighter(response: DetectorResponse, light: float) -> DetectorResponse:
    """Return the response with more light: energies in proportion, more area, better directions.

    Parameters
    ----------
    response
        The nominal response.
    light
        Relative change of the light that is seen.
    """
    return scaled_response(
        response, area=1 + AREA * light, energy_shift=float(np.log10(1 + light)), spread=1 + SPREAD * light
    )


@attrs.frozen(kw_only=True)
class DOMEfficiency(ResponseVariation):
    r"""Efficiency of the optical modules; a parametric stand-in, not a simulation.

    Reconstructed energies follow the light; area and point spread change by
    guessed fractions of it.

    Notes
    -----
    .. math::

        \Delta \log_{10} E = \log_{10}(1 + x), \quad A \to (1 + 0.5\, x) A, \quad
        \sigma \to (1 - 0.3\, x)\, \sigma
    """

    plugin_name: ClassVar[str] = "dom-efficiency"
    change: float = number(default=0.1, gt=-0.9, lt=9, doc="relative change of the efficiency")

    def vary(self, response: DetectorResponse) -> DetectorResponse:
        """Return the varied response."""
        return brighter(response, self.change)

    def description(self) -> str:
        """Return what is varied."""
        return f"DOM efficiency {self.change:+.0%} (parametric stand-in)"
