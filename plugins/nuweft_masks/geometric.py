"""Masks given by a formula."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np
from astropy import units
from astropy.coordinates import ICRS, Galactic, SkyCoord

from nuweft.errors import ParameterError
from nuweft.interfaces import SharpMask
from nuweft.parameters import numbers, quantity
from nuweft.typing import BoolArray, FloatArray


@attrs.frozen(kw_only=True)
class GalacticCut(SharpMask):
    r"""Keeps high galactic latitudes, ``|b| >= minimum``.

    Notes
    -----
    .. math::

        w = 1 \ \mathrm{where}\ |b| \ge b_\mathrm{min}, \ 0\ \mathrm{elsewhere}
    """

    plugin_name: ClassVar[str] = "galactic-cut"
    minimum: units.Quantity = quantity(
        "deg", default="10 deg", ge=0, lt=90, doc="smallest absolute galactic latitude that is kept"
    )

    def contains(self, ra: FloatArray, dec: FloatArray) -> BoolArray:
        """Return which directions have ``|b| >= minimum``."""
        pole = SkyCoord(Galactic(0 * units.deg, 90 * units.deg)).transform_to(ICRS())
        a, d = pole.ra.to_value("rad"), pole.dec.to_value("rad")
        sin_b = np.sin(d) * np.sin(dec) + np.cos(d) * np.cos(dec) * np.cos(ra - a)
        return np.asarray(np.abs(sin_b) >= np.sin(self.minimum.to_value("rad")))


@attrs.frozen(kw_only=True)
class Declination(SharpMask):
    r"""Keeps a range of declination, ``minimum < dec <= maximum``.

    Notes
    -----
    .. math::

        w = 1 \ \mathrm{where}\ \delta_\mathrm{min} < \delta \le \delta_\mathrm{max}, \ 0\ \mathrm{elsewhere}
    """

    plugin_name: ClassVar[str] = "declination"
    minimum: units.Quantity = quantity(
        "deg", default="-90 deg", ge=-90, le=90, doc="declination above which the sky is kept"
    )
    maximum: units.Quantity = quantity(
        "deg", default="90 deg", ge=-90, le=90, doc="declination up to which the sky is kept"
    )

    def __attrs_post_init__(self) -> None:
        if self.minimum >= self.maximum:
            raise ParameterError(
                f"declination mask: minimum {self.minimum} must be below maximum {self.maximum}"
            )

    def contains(self, ra: FloatArray, dec: FloatArray) -> BoolArray:
        """Return which directions lie in the range."""
        low, high = self.minimum.to_value("rad"), self.maximum.to_value("rad")
        keep = dec <= high
        if self.minimum.to_value("deg") > -90:
            keep &= dec > low
        return np.asarray(keep)


@attrs.frozen(kw_only=True)
class Circles(SharpMask):
    r"""Cuts out circles.

    ``ra``, ``dec`` and ``radius`` hold one entry per circle; a single radius
    serves them all.

    Notes
    -----
    .. math::

        w = 0 \ \mathrm{where\ any}\ \hat n \cdot \hat c_i \ge \cos r_i, \ 1\ \mathrm{elsewhere}
    """

    plugin_name: ClassVar[str] = "circles"
    ra: tuple[float, ...] = numbers(doc="right ascension of the centres", unit="deg")
    dec: tuple[float, ...] = numbers(doc="declination of the centres", unit="deg")
    radius: tuple[float, ...] = numbers(default=(5.0,), doc="radii", unit="deg", ge=0)

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return a mask of both Magellanic Clouds."""
        return cls(ra=(80.894, 13.187), dec=(-69.756, -72.829))

    def __attrs_post_init__(self) -> None:
        if len(self.ra) != len(self.dec) or len(self.radius) not in (1, len(self.ra)):
            raise ParameterError(
                f"circles: {len(self.ra)} right ascensions, {len(self.dec)} declinations and "
                f"{len(self.radius)} radii do not fit together"
            )
        if any(abs(d) > 90 for d in self.dec) or any(not -180 <= a <= 360 for a in self.ra):
            raise ParameterError(f"circles: centres out of range: ra {self.ra}, dec {self.dec}")

    def contains(self, ra: FloatArray, dec: FloatArray) -> BoolArray:
        """Return which directions lie in none of the circles."""
        direction = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
        keep = np.ones(len(ra), dtype=bool)
        radii = self.radius * len(self.ra) if len(self.radius) == 1 else self.radius
        for a, d, r in zip(np.radians(self.ra), np.radians(self.dec), np.radians(radii), strict=True):
            centre = np.array([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])
            keep &= centre @ direction < np.cos(r)
        return keep
