"""NGC and IC galaxies as a tracer."""

from functools import cached_property
from pathlib import Path
from typing import ClassVar

import attrs
import numpy as np

from nuweft.data import locate
from nuweft.interfaces import Mask, Tracer
from nuweft.io import read_columns, write_columns
from nuweft.model import RedshiftDistribution, Sources
from nuweft.parameters import component, number, path
from nuweft.sky import check_radec, count_map
from nuweft_openngc.data import CATALOG

COLUMNS = ("ra_deg", "dec_deg", "redshift")


@attrs.frozen(kw_only=True)
class OpenNGC(Tracer):
    """Galaxies of the New General Catalogue and its supplements, up to a redshift."""

    plugin_name: ClassVar[str] = "openngc"
    mask: Mask | None = component("mask", default="galactic-cut", optional=True, doc="galactic plane")
    file: Path | None = path(
        default=None, optional=True, doc="the catalog; the named data set where none is given"
    )
    z_max: float = number(default=0.05, gt=0, doc="largest redshift that is kept")

    @classmethod
    def example(cls, folder):
        """Return a small catalog, for tests and documentation."""
        rng = np.random.default_rng(1)
        table = {
            "ra_deg": rng.uniform(0, 360, 3000),
            "dec_deg": np.degrees(np.arcsin(rng.uniform(-1, 1, 3000))),
            "redshift": rng.gamma(3.0, 0.006, 3000),
        }
        write_columns(folder / "openngc.csv", table)
        return cls(file=folder / "openngc.csv")

    def inputs(self):
        """Return the catalog."""
        return (locate(CATALOG.name) if self.file is None else self.file,)

    @cached_property
    def _galaxies(self):
        (source,) = self.inputs()
        table = read_columns(source, COLUMNS)
        ra, dec = check_radec(table["ra_deg"], table["dec_deg"], str(source))
        keep = (table["redshift"] > 0) & (table["redshift"] <= self.z_max)
        return np.radians(ra[keep]), np.radians(dec[keep]), table["redshift"][keep]

    def counts(self, nside):
        """Return the number of galaxies in each pixel."""
        ra, dec, _ = self._galaxies
        return count_map(nside, ra, dec)

    def sources(self, nside):
        """Return the galaxies."""
        ra, dec, _ = self._galaxies
        return Sources.points(ra, dec)

    def redshift_distribution(self):
        """Return the histogram of the redshifts."""
        return RedshiftDistribution.from_redshifts(self._galaxies[2], step=0.002, source="OpenNGC")
