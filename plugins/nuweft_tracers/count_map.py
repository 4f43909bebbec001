"""A tracer from a HEALPix map of counts."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np

from nuweft.datasets import locate
from nuweft.errors import ParameterError
from nuweft.interfaces import RedshiftDistribution, Tracer
from nuweft.parameters import numbers, path, text
from nuweft.sky.maps import read_map, write_map
from nuweft.sky.pixels import check_counts, degrade_sum, pixel_count
from nuweft.sky.tables import read_columns
from nuweft.sky.typing import FloatArray


@attrs.frozen(kw_only=True)
class CountMap(Tracer):
    r"""Counts of objects per pixel from a HEALPix map in equatorial coordinates.

    Notes
    -----
    .. math::

        n_P = \sum_{p \in P} n_p

    at a coarser resolution, whose pixels P hold those of the file.
    """

    plugin_name: ClassVar[str] = "map"
    file: Path | None = path(default=None, optional=True, doc="FITS file with a full-sky map of counts")
    dataset: str | None = text(default=None, optional=True, doc="named data set, instead of a file")
    ordering: str = text(default="ring", choices=("ring", "nested"), doc="pixel order of the file")
    redshifts: Path | None = path(
        default=None, optional=True, doc="table with the columns z and density (dN/dz, any normalisation)"
    )

    z_range: tuple[float, ...] | None = numbers(
        default=None,
        optional=True,
        length=2,
        increasing=True,
        ge=0,
        doc="range of redshift within which dN/dz is flat, instead of redshifts",
    )

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return a map of Poisson counts, in a file."""
        counts = np.random.default_rng(1).poisson(5.0, pixel_count(64))
        write_map(folder / "counts.fits", counts.astype(float))
        return cls(file=folder / "counts.fits")

    def __attrs_post_init__(self) -> None:
        if (self.file is None) == (self.dataset is None):
            raise ParameterError("map: give either file or dataset")
        if self.redshifts is not None and self.z_range is not None:
            raise ParameterError("map: give redshifts or z_range, not both")

    def _map_file(self) -> Path:
        return self.file if self.file is not None else locate(str(self.dataset))

    def inputs(self) -> tuple[Path, ...]:
        """Return the map and the table of redshifts."""
        return (self._map_file(), *(() if self.redshifts is None else (self.redshifts,)))

    @cached_property
    def _counts(self) -> FloatArray:
        source = self._map_file()
        return check_counts(read_map(source, ordering=self.ordering), str(source))

    def counts(self, nside: int) -> FloatArray:
        """Return the counts in each pixel; a coarser resolution adds pixels up."""
        return degrade_sum(self._counts, nside)

    def redshift_distribution(self) -> RedshiftDistribution | None:
        """Return dN/dz from the table or flat in a range, or None without either."""
        if self.z_range is not None:
            low, high = self.z_range
            source = f"flat from {low:g} to {high:g}"
            return RedshiftDistribution.normalised(np.linspace(low, high, 101), np.ones(101), source)
        if self.redshifts is None:
            return None
        table = read_columns(self.redshifts, ("z", "density"))
        return RedshiftDistribution.normalised(table["z"], table["density"], str(self.redshifts))
