"""A mask read from a HEALPix map."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np

from nuweft.data import locate
from nuweft.errors import DataError, NsideError, ParameterError
from nuweft.interfaces import Mask
from nuweft.io import map_frame, map_ordering, read_map, write_map
from nuweft.parameters import boolean, number, path, text
from nuweft.sky import degrade_mean, pixel_centres, pixel_index, resolution, upgrade
from nuweft.typing import FloatArray

_ROUNDING = 1e-5  # maps are often single precision


@attrs.frozen(kw_only=True)
class MapFile(Mask):
    r"""A mask from a HEALPix map in a FITS file or a named data set.

    Pixels that are UNSEEN or NaN are not covered.

    Notes
    -----
    .. math::

        c(\hat n) = 1 \ \mathrm{where}\ m(\hat n) > t, \ 0\ \mathrm{elsewhere}

    for a threshold t. Without one, the values are the coverage (completeness,
    observed part of a pixel) or, with ``values: apodization``, a weight that
    multiplies the field of what is covered wherever it is above zero.
    """

    plugin_name: ClassVar[str] = "map-file"
    file: Path | None = path(default=None, optional=True, doc="FITS file with a full-sky map")
    dataset: str | None = text(default=None, optional=True, doc="named data set, instead of a file")
    threshold: float | None = number(
        default=0.5,
        ge=0,
        lt=1,
        optional=True,
        doc="covered where the map exceeds this; none keeps fractional values",
    )
    values: str = text(
        default="coverage",
        choices=("coverage", "apodization"),
        doc="whether fractional values (threshold: none) are the observed fraction of the objects, or a "
        "weight that multiplies the field",
    )
    ordering: str | None = map_ordering()
    frame: str | None = map_frame()
    regrid: bool = boolean(
        default=False, doc="whether a map of another resolution than that of the analysis is converted"
    )

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return a map that keeps the northern sky, in a file."""
        _, dec = pixel_centres(64)
        write_map(folder / "mask.fits", (dec > 0).astype(float))
        return cls(file=folder / "mask.fits", regrid=True)

    def __attrs_post_init__(self) -> None:
        if (self.file is None) == (self.dataset is None):
            raise ParameterError("map-file: give either file or dataset")
        if self.values == "apodization" and self.threshold is not None:
            raise ParameterError("map-file: values: apodization needs threshold: null")

    def inputs(self) -> tuple[Path, ...]:
        """Return the map file."""
        return (self.file if self.file is not None else locate(str(self.dataset)),)

    @cached_property
    def _map(self) -> FloatArray:
        (source,) = self.inputs()
        # named data sets are equatorial
        frame = self.frame if self.dataset is None else "icrs"
        values = np.nan_to_num(read_map(source, ordering=self.ordering, frame=frame), nan=0.0)
        if values.min() < -_ROUNDING or values.max() > 1 + _ROUNDING:
            raise DataError(f"{source}: a mask must lie in [0, 1], got {values.min():g} to {values.max():g}")
        return np.clip(values, 0.0, 1.0)

    @cached_property
    def _covered(self) -> FloatArray:
        if self.threshold is not None:
            return (self._map > self.threshold).astype(float)
        return self._map if self.values == "coverage" else (self._map > 0).astype(float)

    def completeness(self, ra: FloatArray, dec: FloatArray) -> FloatArray:
        """Return the coverage of the map's own pixel that holds each direction."""
        return self._covered[pixel_index(resolution(self._covered), ra, dec)]

    def coverage(self, nside: int) -> FloatArray:
        """Return the mean coverage of each pixel.

        Raises
        ------
        NsideError
            If the map has another resolution and ``regrid`` is off.
        DataError
            If it holds values outside [0, 1].
        """
        return self._regridded(self._covered, nside)

    def apodization(self, nside: int) -> FloatArray:
        """Return the map where it is an apodization, else ones; errors as :meth:`coverage`."""
        if self.values == "coverage":
            return super().apodization(nside)
        return self._regridded(self._map, nside)

    def _regridded(self, values: FloatArray, nside: int) -> FloatArray:
        have = resolution(values)
        if have == nside:
            return values.copy()
        if not self.regrid:
            raise NsideError(
                f"{self.inputs()[0]}: the mask has NSIDE {have}, the analysis NSIDE {nside}; "
                "set regrid: true to convert it"
            )
        return degrade_mean(values, nside) if have > nside else upgrade(values, nside)
