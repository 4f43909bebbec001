"""The ready WISE-2MASS count map."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar

import attrs
import numpy as np

from nuweft.data import locate
from nuweft.interfaces import Mask, Tracer
from nuweft.io import read_map, read_redshifts
from nuweft.model import RedshiftDistribution, Sources
from nuweft.parameters import component, path
from nuweft.sky import check_counts, degrade_sum
from nuweft.typing import FloatArray
from nuweft_unwise.data import CATALOG_MASK, WISE_2MASS_MAP, stand_in


@attrs.frozen(kw_only=True)
class WISE2MASSMap(Tracer):
    r"""Galaxies of WISE and 2MASS as counts per pixel (Fang et al. 2020).

    Without a table of redshifts, n(z) is a smooth stand-in that has the
    published percentiles of the unWISE-2MASS catalog.

    Notes
    -----
    .. math::

        n_P = \sum_{p \in P} n_p
    """

    plugin_name: ClassVar[str] = "wise-2mass"
    mask: Mask | None = component(
        "mask", default=CATALOG_MASK, optional=True, doc="galactic plane and Magellanic Clouds"
    )
    file: Path | None = path(
        default=None, optional=True, doc="the count map; the named data set where none is given"
    )
    redshifts: Path | None = path(
        default=None, optional=True, doc="table with the columns z and density (dN/dz, any normalisation)"
    )

    def _map_file(self) -> Path:
        return self.file if self.file is not None else locate(WISE_2MASS_MAP.name)

    def inputs(self) -> tuple[Path, ...]:
        """Return the map and the table of redshifts."""
        return (self._map_file(), *(() if self.redshifts is None else (self.redshifts,)))

    @cached_property
    def _counts(self) -> FloatArray:
        source = self._map_file()
        values = read_map(source, frame="icrs")
        check_counts(np.nan_to_num(values, nan=0.0), str(source))
        return values

    def counts(self, nside: int) -> FloatArray:
        """Return the counts in each pixel; a coarser resolution adds pixels up."""
        return degrade_sum(np.nan_to_num(self._counts, nan=0.0), nside)

    def sources(self, nside: int) -> Sources:
        """Return the map's own pixels: events start uniformly within them."""
        return Sources.pixels(self._counts)

    def redshift_distribution(self) -> RedshiftDistribution:
        """Return dN/dz from the table, or the stand-in."""
        return stand_in() if self.redshifts is None else read_redshifts(self.redshifts)
