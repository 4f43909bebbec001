"""The rate of long gamma-ray bursts as a model of source evolution."""

from typing import ClassVar

import attrs
import numpy as np

from nuweft.interfaces import DensityModel
from nuweft.parameters import number


@attrs.frozen(kw_only=True)
class LongGRBRate(DensityModel):
    r"""Rate of long gamma-ray bursts, a power law of (1 + z) that breaks.

    Notes
    -----
    .. math:: \rho(z) \propto (1 + z)^{2.1} \ (z \le 3.1), \quad (1 + z)^{-1.4} \ (z > 3.1)

    Wanderman & Piran 2010, MNRAS 406, 1944.
    """

    plugin_name: ClassVar[str] = "long-grb-rate"
    rise: float = number(default=2.1, doc="index of (1 + z) below the break")
    fall: float = number(default=-1.4, doc="index of (1 + z) above the break")
    z_break: float = number(default=3.1, gt=0, doc="redshift of the break")

    def density(self, z):
        """Return the comoving rate, any normalisation."""
        x = (1 + np.asarray(z)) / (1 + self.z_break)
        return np.where(x <= 1, x**self.rise, x**self.fall)
