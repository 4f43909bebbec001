"""Densities that follow a power of (1 + z)."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from nuweft.interfaces import DensityModel
from nuweft.parameters import number
from nuweft.typing import FloatArray


@attrs.frozen(kw_only=True)
class PowerLaw(DensityModel):
    r"""Comoving source density growing as a power of (1 + z).

    Notes
    -----
    .. math:: dN_s/dV \propto (1 + z)^k

    Abbasi et al. 2025, section 6.
    """

    plugin_name: ClassVar[str] = "power-law"
    k: float = number(default=0.0, ge=-50, le=50, scan=(-4.0, 4.0), doc="index of (1 + z)")

    def density(self, z: FloatArray) -> FloatArray:
        """Return ``(1 + z)**k``."""
        return np.asarray((1.0 + z) ** self.k)


@attrs.frozen(kw_only=True)
class PowerLawCutoff(DensityModel):
    r"""Comoving source density growing as a power of (1 + z), with an exponential cutoff.

    Notes
    -----
    .. math:: dN_s/dV \propto (1 + z)^k \, e^{-z/z_\mathrm{cut}}

    Abbasi et al. 2025, section 6, who write the cutoff as xi = -z_cut.
    """

    plugin_name: ClassVar[str] = "power-law-cutoff"
    k: float = number(default=0.0, ge=-50, le=50, scan=(-4.0, 4.0), doc="index of (1 + z)")
    z_cut: float = number(default=2.0, gt=0, le=1e4, scan=(0.05, 4.0), doc="redshift scale of the cutoff")

    def density(self, z: FloatArray) -> FloatArray:
        """Return ``(1 + z)**k exp(-z/z_cut)``."""
        return np.asarray((1.0 + z) ** self.k * np.exp(-z / self.z_cut))


@attrs.frozen(kw_only=True)
class Constant(DensityModel):
    r"""Constant comoving source density.

    Notes
    -----
    .. math:: dN_s/dV = \mathrm{const.}

    Abbasi et al. 2025, section 6.
    """

    plugin_name: ClassVar[str] = "constant"

    def density(self, z: FloatArray) -> FloatArray:
        """Return 1."""
        return np.ones_like(z)
