"""The cosmic star-formation history."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from nuweft.interfaces import DensityModel
from nuweft.parameters import text
from nuweft.references import Reference, article
from nuweft.typing import FloatArray

MADAU_DICKINSON = article(
    "Madau2014",
    "Madau, P. and Dickinson, M.",
    "Cosmic Star-Formation History",
    "Annual Review of Astronomy and Astrophysics",
    52,
    "415--486",
    2014,
)
HOPKINS_BEACOM = article(
    "Hopkins2006",
    "Hopkins, A. M. and Beacom, J. F.",
    "On the Normalization of the Cosmic Star Formation History",
    "Astrophysical Journal",
    651,
    "142--154",
    2006,
)


@attrs.frozen(kw_only=True)
class StarFormationRate(DensityModel):
    r"""Comoving source density that follows the star-formation rate.

    Notes
    -----
    Madau & Dickinson 2014, ARA&A 52, 415, equation 15:

    .. math:: dN_s/dV \propto \frac{(1 + z)^{2.7}}{1 + [(1 + z)/2.9]^{5.6}}

    Hopkins & Beacom 2006, ApJ 651, 142, table 1 (modified Salpeter A, form of
    Cole et al. 2001):

    .. math:: dN_s/dV \propto \frac{0.0170 + 0.13 z}{1 + (z/3.3)^{5.3}}
    """

    plugin_name: ClassVar[str] = "star-formation-rate"
    references: ClassVar[tuple[Reference, ...]] = (MADAU_DICKINSON, HOPKINS_BEACOM)
    history: str = text(
        default="madau-dickinson-2014",
        choices=("madau-dickinson-2014", "hopkins-beacom-2006"),
        doc="fit to the star-formation history",
    )

    def density(self, z: FloatArray) -> FloatArray:
        """Return the star-formation rate density, in arbitrary units."""
        if self.history == "madau-dickinson-2014":
            return np.asarray((1 + z) ** 2.7 / (1 + ((1 + z) / 2.9) ** 5.6))
        return np.asarray((0.0170 + 0.13 * z) / (1 + (z / 3.3) ** 5.3))
