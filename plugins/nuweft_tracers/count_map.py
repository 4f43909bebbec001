"""A tracer from a HEALPix map of counts."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np

from nuweft.data import locate
from nuweft.errors import ParameterError
from nuweft.interfaces import Tracer
from nuweft.io import map_frame, map_ordering, read_map, read_redshifts, write_map
from nuweft.model import RedshiftDistribution, Sources
from nuweft.parameters import numbers, path, text
from nuweft.sky import check_counts, degrade_sum, pixel_count, resolution
from nuweft.typing import FloatArray

_SQUARE_DEGREES = 4 * np.pi * np.degrees(1) ** 2


@attrs.frozen(kw_only=True)
class CountMap(Tracer):
    r"""Counts of objects per pixel from a HEALPix map in equatorial coordinates.

    The tracer is cut and correlated events start on the map's own pixels, also
    where the analysis is coarser. Pixels that are UNSEEN were not observed;
    those that the edge of the mask cuts are left out.

    Notes
    -----
    .. math::

        n_P = \sum_{p \in P} n_p

    at a coarser resolution, whose pixels P hold those of the file.
    """

    plugin_name: ClassVar[str] = "map"
    file: Path | None = path(default=None, optional=True, doc="FITS file with a full-sky map of counts")
    dataset: str | None = text(default=None, optional=True, doc="named data set, instead of a file")
    values: str = text(
        default="counts",
        choices=("counts", "per-square-degree"),
        doc="whether the map holds (weighted) counts, or objects per square degree of the pixel",
    )
    squares: Path | None = path(
        default=None,
        optional=True,
        doc="FITS file with the sums of the squared weights, needed where counts are weighted",
    )
    within_pixels: str = text(
        default="uniform",
        choices=("uniform", "centre"),
        doc="where in a pixel correlated events start",
    )
    ordering: str | None = map_ordering()
    frame: str | None = map_frame()
    redshifts: Path | None = path(
        default=None,
        optional=True,
        doc="table with dN/dz in the column density, and z (points) or z_min and z_max (bins)",
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
        if self.squares is not None and self.values != "counts":
            raise ParameterError("map: squares go with values: counts")

    def _map_file(self) -> Path:
        return self.file if self.file is not None else locate(str(self.dataset))

    def inputs(self) -> tuple[Path, ...]:
        """Return the maps and the table of redshifts."""
        return (self._map_file(), *(p for p in (self.squares, self.redshifts) if p is not None))

    def _read(self, source: Path) -> FloatArray:
        # named data sets are equatorial
        frame = self.frame if self.dataset is None else "icrs"
        values = read_map(source, ordering=self.ordering, frame=frame)
        check_counts(np.nan_to_num(values, nan=0.0), str(source))
        return values

    @cached_property
    def _sources(self) -> Sources:
        counts = self._read(self._map_file())
        if self.values == "per-square-degree":
            counts = counts * (_SQUARE_DEGREES / len(counts))
        square = None
        if self.squares is not None:
            square = self._read(self.squares)
            if resolution(square) != resolution(counts):
                raise ParameterError(
                    f"squares: NSIDE {resolution(square)}, expected NSIDE {resolution(counts)} of the counts"
                )
        return Sources.pixels(counts, square=square, centred=self.within_pixels == "centre")

    def counts(self, nside: int) -> FloatArray:
        """Return the counts in each pixel; a coarser resolution adds pixels up, UNSEEN ones as zero."""
        counts = self._sources.density
        assert counts is not None
        return degrade_sum(np.nan_to_num(counts, nan=0.0), nside)

    def sources(self, nside: int) -> Sources:
        """Return the map's own pixels."""
        return self._sources

    def redshift_distribution(self) -> RedshiftDistribution | None:
        """Return dN/dz from the table or flat in a range, or None without either."""
        if self.z_range is not None:
            low, high = self.z_range
            source = f"flat from {low:g} to {high:g}"
            return RedshiftDistribution.normalised(np.linspace(low, high, 101), np.ones(101), source)
        return None if self.redshifts is None else read_redshifts(self.redshifts)
