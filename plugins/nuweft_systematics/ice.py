"""Stand-ins for the optical properties of the ice."""

from __future__ import annotations

from typing import ClassVar

import attrs

from nuweft.interfaces import ResponseVariation
from nuweft.irf import DetectorResponse, scaled_response
from nuweft.parameters import number
from nuweft_systematics.light import brighter


@attrs.frozen(kw_only=True)
class IceAbsorption(ResponseVariation):
    r"""Absorption of light in the ice; a parametric stand-in, not a simulation.

    More absorption is less light, in proportion.

    Notes
    -----
    .. math::

        \Delta \log_{10} E = \log_{10}(1 - x), \quad A \to (1 - 0.5\, x) A, \quad
        \sigma \to (1 + 0.3\, x)\, \sigma
    """

    plugin_name: ClassVar[str] = "ice-absorption"
    change: float = number(default=0.05, gt=-0.9, lt=0.9, doc="relative change of the absorption coefficient")

    def vary(self, response: DetectorResponse) -> DetectorResponse:
        """Return the varied response."""
        return brighter(response, -self.change)

    def description(self) -> str:
        """Return what is varied."""
        return f"absorption in the ice {self.change:+.0%} (parametric stand-in)"


@attrs.frozen(kw_only=True)
class IceScattering(ResponseVariation):
    r"""Scattering of light in the ice; a parametric stand-in, not a simulation.

    The point spread grows with the root of the scattering coefficient, and the
    light with a fifth of it.

    Notes
    -----
    .. math::

        \sigma \to (1 + x)^{1/2} (1 + 0.06\, x)\, \sigma, \quad A \to (1 - 0.1\, x) A, \quad
        \Delta \log_{10} E = \log_{10}(1 - 0.2\, x)
    """

    plugin_name: ClassVar[str] = "ice-scattering"
    change: float = number(default=0.05, gt=-0.9, lt=9, doc="relative change of the scattering coefficient")

    def vary(self, response: DetectorResponse) -> DetectorResponse:
        """Return the varied response."""
        return scaled_response(brighter(response, -0.2 * self.change), spread=(1 + self.change) ** 0.5)

    def description(self) -> str:
        """Return what is varied."""
        return f"scattering in the ice {self.change:+.0%} (parametric stand-in)"


@attrs.frozen(kw_only=True)
class HoleIce(ResponseVariation):
    r"""Scattering in the refrozen holes; a parametric stand-in, not a simulation.

    A unit of the parameter p0 of the modules' angular acceptance changes the
    point spread by a tenth and the light by a fiftieth.

    Notes
    -----
    .. math::

        \sigma \to (1 + 0.1\, p_0) (1 - 0.006\, p_0)\, \sigma, \quad A \to (1 + 0.01\, p_0) A, \quad
        \Delta \log_{10} E = \log_{10}(1 + 0.02\, p_0)
    """

    plugin_name: ClassVar[str] = "hole-ice"
    change: float = number(default=1.0, ge=-5, le=5, doc="change of the hole-ice parameter p0")

    def vary(self, response: DetectorResponse) -> DetectorResponse:
        """Return the varied response."""
        return scaled_response(brighter(response, 0.02 * self.change), spread=1 + 0.1 * self.change)

    def description(self) -> str:
        """Return what is varied."""
        return f"hole ice p0 {self.change:+g} (parametric stand-in)"
