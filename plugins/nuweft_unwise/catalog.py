"""The unWISE-2MASS catalog: match, selection, redshifts."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np
from astropy import units

from nuweft.errors import EmptySampleError, ParameterError
from nuweft.interfaces import Mask, RedshiftDistribution, Sources, Tracer
from nuweft.parameters import component, number, path, quantity, text
from nuweft.redshift_table import read_redshifts
from nuweft.sky.coordinates import check_radec
from nuweft.sky.crossmatch import nearest
from nuweft.sky.pixels import count_map
from nuweft.sky.tables import read_columns, write_columns
from nuweft.sky.typing import FloatArray
from nuweft_unwise.data import CATALOG_MASK, stand_in
from nuweft_unwise.selection import is_galaxy, vega_magnitude


@attrs.frozen(kw_only=True)
class UnWISE2MASS(Tracer):
    r"""Galaxies selected from a table of unWISE sources and the 2MASS point-source catalog.

    Sources are matched within ``match_radius``; those with W1 - J below
    ``colour_max``, W1 up to ``w1_max`` and J below ``j_max`` (Vega) are kept.
    Without ``twomass_file`` the table must hold J magnitudes already. n(z) comes
    from matching a spectroscopic catalog, from a table, or is the stand-in.

    Notes
    -----
    Appendix A of Abbasi et al. 2025, whose text states the colour cut with the
    opposite sign; Kovacs & Szapudi 2015 keep W1 - J < -1.7 as galaxies.

    .. math::

        W1 - J < -1.7, \qquad W1 \le 15.2, \qquad J < 16.5
    """

    plugin_name: ClassVar[str] = "unwise-2mass"
    mask: Mask | None = component(
        "mask", default=CATALOG_MASK, optional=True, doc="galactic plane and Magellanic Clouds"
    )
    file: Path = path(doc="table of unWISE sources: FITS, Parquet or CSV")
    ra: str = text(default="ra", doc="column with the right ascension in degrees")
    dec: str = text(default="dec", doc="column with the declination in degrees")
    w1: str = text(default="w1", doc="column with W1")
    w1_unit: str = text(
        default="vega-mag", choices=("vega-mag", "nanomaggies"), doc="whether W1 is a magnitude or a flux"
    )
    j: str = text(default="j_m", doc="column with the J magnitude, in file or in twomass_file")
    twomass_file: Path | None = path(
        default=None, optional=True, doc="table of 2MASS sources to be matched: FITS, Parquet or CSV"
    )
    twomass_ra: str = text(default="ra", doc="right ascension column of twomass_file, degrees")
    twomass_dec: str = text(default="dec", doc="declination column of twomass_file, degrees")
    match_radius: units.Quantity = quantity(
        "arcsec", default="3 arcsec", gt=0, doc="largest separation of a match"
    )
    colour_max: float = number(default=-1.7, unit="mag", doc="W1 - J below which a source is a galaxy")
    w1_max: float = number(default=15.2, unit="mag", doc="largest W1 that is kept")
    j_max: float = number(default=16.5, unit="mag", doc="J magnitude below which a source is kept")
    redshift_file: Path | None = path(
        default=None, optional=True, doc="spectroscopic catalog (columns below) matched for n(z)"
    )
    redshift_ra: str = text(default="ra", doc="right ascension column of redshift_file, degrees")
    redshift_dec: str = text(default="dec", doc="declination column of redshift_file, degrees")
    redshift_z: str = text(default="z", doc="redshift column of redshift_file")
    redshifts: Path | None = path(
        default=None,
        optional=True,
        doc="table with dN/dz in the column density, and z (points) or z_min and z_max (bins)",
    )

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return a table of 4,000 sources, on the whole sky."""
        rng = np.random.default_rng(1)
        table = {
            "ra": rng.uniform(0, 360, 4000),
            "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, 4000))),
            "w1": rng.uniform(12.0, 15.0, 4000),
        }
        table["j_m"] = table["w1"] + rng.normal(1.8, 0.2, 4000)
        write_columns(folder / "unwise.csv", table)
        return cls(file=folder / "unwise.csv", mask=None)

    def __attrs_post_init__(self) -> None:
        if self.redshift_file is not None and self.redshifts is not None:
            raise ParameterError("unwise-2mass: give redshift_file or redshifts, not both")

    def inputs(self) -> tuple[Path, ...]:
        """Return all tables."""
        return tuple(
            p for p in (self.file, self.twomass_file, self.redshift_file, self.redshifts) if p is not None
        )

    @cached_property
    def _galaxies(self) -> tuple[FloatArray, FloatArray]:
        """Right ascension and declination of the selected galaxies, radians."""
        names = [self.ra, self.dec, self.w1] + ([self.j] if self.twomass_file is None else [])
        table = read_columns(self.file, names)
        ra, dec = (np.radians(v) for v in check_radec(table[self.ra], table[self.dec], str(self.file)))
        w1 = vega_magnitude(table[self.w1]) if self.w1_unit == "nanomaggies" else table[self.w1]
        if self.twomass_file is None:
            j = table[self.j]
        else:
            other = read_columns(self.twomass_file, (self.twomass_ra, self.twomass_dec, self.j))
            other_ra, other_dec = check_radec(
                other[self.twomass_ra], other[self.twomass_dec], str(self.twomass_file)
            )
            match = nearest(
                ra, dec, np.radians(other_ra), np.radians(other_dec), self.match_radius.to_value("rad")
            )
            j = np.where(match >= 0, other[self.j][match], np.nan)
        keep = is_galaxy(w1, j, colour_max=self.colour_max, w1_max=self.w1_max, j_max=self.j_max)
        if not keep.any():
            raise EmptySampleError(
                f"{self.file}: none of {len(ra)} sources passes W1 - J < {self.colour_max:g}, "
                f"W1 <= {self.w1_max:g}, J < {self.j_max:g} (are magnitudes Vega? is w1_unit right?)"
            )
        return ra[keep], dec[keep]

    def counts(self, nside: int) -> FloatArray:
        """Return the number of selected galaxies in each pixel."""
        return count_map(nside, *self._galaxies)

    def sources(self, nside: int) -> Sources:
        """Return the selected galaxies: correlated events start at their positions."""
        return Sources.points(*self._galaxies)

    def redshift_distribution(self) -> RedshiftDistribution:
        """Return dN/dz by match, from the table, or the stand-in."""
        if self.redshifts is not None:
            return read_redshifts(self.redshifts)
        if self.redshift_file is None:
            return stand_in()
        spectra = read_columns(self.redshift_file, (self.redshift_ra, self.redshift_dec, self.redshift_z))
        ra, dec = check_radec(spectra[self.redshift_ra], spectra[self.redshift_dec], str(self.redshift_file))
        match = nearest(*self._galaxies, np.radians(ra), np.radians(dec), self.match_radius.to_value("rad"))
        matched = spectra[self.redshift_z][match[match >= 0]]
        return RedshiftDistribution.from_redshifts(
            matched, source=f"{len(matched)} matches within {self.match_radius} of {self.redshift_file.name}"
        )
