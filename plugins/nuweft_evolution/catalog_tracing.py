"""Sources, or the neutrinos themselves, distributed in redshift as the tracer."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from nuweft.errors import RedshiftError
from nuweft.interfaces import LineOfSight, SourceEvolutionModel
from nuweft.model import RedshiftDistribution
from nuweft.parameters import number
from nuweft.typing import FloatArray


def _tracer(line_of_sight: LineOfSight, name: str) -> RedshiftDistribution:
    if line_of_sight.tracer is None:
        raise RedshiftError(f"{name}: the tracer has no redshift distribution")
    return line_of_sight.tracer


@attrs.frozen(kw_only=True)
class SourcesTraceCatalog(SourceEvolutionModel):
    r"""Sources with the redshift distribution of the tracer.

    For n(z) ~ z**1.4 at low z the flux distribution grows as z**-0.6 towards
    z = 0; the result depends on ``z_min`` and is to be quoted with it.

    Notes
    -----
    .. math:: dN_s/dz = dN_g/dz, \qquad
        dN_\nu/dz \propto dN_g/dz \, (1 + z)^{2 - \gamma} / D_L^2

    Abbasi et al. 2025, section 6.
    """

    plugin_name: ClassVar[str] = "sources-trace-catalog"
    signal: ClassVar[str] = "sources"
    z_min: float = number(
        default=1e-4, gt=0, vary=(1e-5, 1e-4, 1e-3, 1e-2), doc="redshift of the nearest sources"
    )

    @property
    def redshift_range(self) -> tuple[float, float]:
        """Smallest and largest redshift of the sources."""
        return self.z_min, 8.0

    def flux_distribution(self, z: FloatArray, gamma: float, line_of_sight: LineOfSight) -> FloatArray:
        """Return ``dN_g/dz (1 + z)**(2 - gamma) / D_L**2``."""
        tracer = _tracer(line_of_sight, self.plugin_name)
        return np.asarray(tracer(z) * (1 + z) ** (2 - gamma) / line_of_sight.luminosity_distance(z) ** 2)


@attrs.frozen(kw_only=True)
class CountsTraceCatalog(SourceEvolutionModel):
    r"""Neutrino counts with the redshift distribution of the tracer.

    Notes
    -----
    .. math:: dN_\nu/dz = dN_g/dz

    Abbasi et al. 2025, section 6.
    """

    plugin_name: ClassVar[str] = "counts-trace-catalog"
    signal: ClassVar[str] = "sources"

    def flux_distribution(self, z: FloatArray, gamma: float, line_of_sight: LineOfSight) -> FloatArray:
        """Return ``dN_g/dz``."""
        return _tracer(line_of_sight, self.plugin_name)(z)
