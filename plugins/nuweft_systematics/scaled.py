"""Variations that scale area, energies and point spread."""

from __future__ import annotations

from typing import ClassVar

import attrs

from nuweft.interfaces import ResponseVariation
from nuweft.irf import DetectorResponse, scaled_response
from nuweft.parameters import number, text


@attrs.frozen(kw_only=True)
class Scaled(ResponseVariation):
    r"""A response whose area, energies and point spread are scaled by given factors.

    Notes
    -----
    .. math::

        A \to a\, A, \quad \log_{10} E \to \log_{10} E + \Delta, \quad \sigma \to s\, \sigma
    """

    plugin_name: ClassVar[str] = "scaled"
    area: float = number(default=1.0, gt=0, le=1e3, doc="factor on the effective area")
    energy_shift: float = number(default=0.0, unit="dex", doc="shift of reconstructed energies")
    spread: float = number(default=1.0, gt=0, le=1e3, doc="factor on the point spread")
    meaning: str = text(default="scaled response", doc="what the variation stands for")

    def vary(self, response: DetectorResponse) -> DetectorResponse:
        """Return the scaled response."""
        return scaled_response(response, area=self.area, energy_shift=self.energy_shift, spread=self.spread)

    def description(self) -> str:
        """Return what is varied."""
        return (
            f"{self.meaning}: area x {self.area:g}, energies {self.energy_shift:+.3f} dex, "
            f"spread x {self.spread:g}"
        )
