"""A mask read from a HEALPix map."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np

from nuweft.datasets import locate
from nuweft.errors import DataError, NsideError, ParameterError
from nuweft.interfaces import Mask
from nuweft.parameters import boolean, number, path, text
from nuweft.sky.maps import read_map, write_map
from nuweft.sky.pixels import degrade_mean, pixel_centres, resolution, upgrade
from nuweft.sky.typing import FloatArray

_ROUNDING = 1e-5  # maps are often single precision


@attrs.frozen(kw_only=True)
class MapFile(Mask):
    r"""Weights from a HEALPix map in a FITS file or a named data set.

    Notes
    -----
    .. math::

        w_p = 1 \ \mathrm{where}\ m_p > t, \ 0\ \mathrm{elsewhere}

    for a threshold t; without one, the map itself.
    """

    plugin_name: ClassVar[str] = "map-file"
    file: Path | None = path(default=None, optional=True, doc="FITS file with a full-sky map")
    dataset: str | None = text(default=None, optional=True, doc="named data set, instead of a file")
    threshold: float | None = number(
        default=0.5,
        ge=0,
        lt=1,
        optional=True,
        doc="weight is 1 where the map exceeds this, else 0; none keeps fractional values",
    )
    ordering: str = text(default="ring", choices=("ring", "nested"), doc="pixel order of the file")
    regrid: bool = boolean(
        default=False, doc="whether a map of another resolution is averaged or refined before the threshold"
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

    def inputs(self) -> tuple[Path, ...]:
        """Return the map file."""
        return (self.file if self.file is not None else locate(str(self.dataset)),)

    def weights(self, nside: int) -> FloatArray:
        """Return the map as weights.

        Raises
        ------
        NsideError
            If the map has another resolution and ``regrid`` is off.
        DataError
            If it holds values outside [0, 1].
        """
        (source,) = self.inputs()
        values = read_map(source, ordering=self.ordering)
        have = resolution(values)
        if not np.all(np.isfinite(values)) or values.min() < -_ROUNDING or values.max() > 1 + _ROUNDING:
            raise DataError(
                f"{source}: a mask must lie in [0, 1], got {np.nanmin(values):g} to {np.nanmax(values):g}"
            )
        values = np.clip(values, 0.0, 1.0)
        if have != nside:
            if not self.regrid:
                raise NsideError(
                    f"{source}: the mask has NSIDE {have}, the analysis NSIDE {nside}; "
                    "set regrid: true to convert it"
                )
            values = degrade_mean(values, nside) if have > nside else upgrade(values, nside)
        return values if self.threshold is None else (values > self.threshold).astype(float)
