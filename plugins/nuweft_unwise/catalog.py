"""The unWISE-2MASS catalog: match, selection, redshifts."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np
from astropy import units

from nuweft.errors import EmptySampleError, ParameterError
from nuweft.interfaces import Mask, Tracer
from nuweft.io import (
    UNITS,
    Condition,
    Objects,
    angle_unit,
    celestial_frame,
    plausible,
    read_objects,
    read_redshifts,
    redshifts_in,
    selection,
    table_name,
    write_columns,
)
from nuweft.model import RedshiftDistribution, Sources
from nuweft.parameters import component, number, path, quantity, text
from nuweft.sky import count_map, nearest
from nuweft.typing import FloatArray
from nuweft_unwise.data import CATALOG_MASK, stand_in
from nuweft_unwise.selection import is_galaxy, magnitudes


@attrs.frozen(kw_only=True)
class UnWISE2MASS(Tracer):
    r"""Galaxies selected from a table of unWISE sources and the 2MASS point-source catalog.

    Sources are matched within ``match_radius``; those with W1 - J below
    ``colour_max``, W1 up to ``w1_max`` and J below ``j_max`` (Vega) are kept.
    Without ``twomass_file`` the table must hold J magnitudes already. n(z) comes
    from matching a spectroscopic catalog, from a table, or is the stand-in.
    Units that a file states are converted; rows are chosen by ``select``,
    ``twomass_select`` and ``redshift_select``, and :meth:`notes` says how many
    were left out.

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
    file: Path = path(doc="table of unWISE sources, or folder of Parquet files")
    ra: str = text(default="ra", doc="column with the right ascension, or the longitude in frame")
    dec: str = text(default="dec", doc="column with the declination, or the latitude in frame")
    table: str | None = table_name(doc="the table, if file holds several")
    ra_unit: str | None = angle_unit(
        doc="unit of ra (deg and rad: of dec too); what the file states, or degrees"
    )
    dec_unit: str | None = angle_unit(doc="unit of dec; what the file states, or degrees")
    frame: str | None = celestial_frame(doc="frame of ra and dec, which are converted")
    select: tuple[Condition, ...] = selection(
        doc="conditions that a row of file meets; a missing value meets none"
    )
    w1: str = text(default="w1", doc="column with W1")
    w1_unit: str = text(
        default="vega-mag", choices=("vega-mag", "nanomaggies"), doc="whether W1 is a magnitude or a flux"
    )
    j: str = text(default="j_m", doc="column with the J magnitude, in file or in twomass_file")
    twomass_file: Path | None = path(default=None, optional=True, doc="table of 2MASS sources to be matched")
    twomass_ra: str = text(default="ra", doc="right ascension column of twomass_file")
    twomass_dec: str = text(default="dec", doc="declination column of twomass_file")
    twomass_table: str | None = table_name(doc="the table, if twomass_file holds several")
    twomass_ra_unit: str | None = angle_unit(
        doc="unit of twomass_ra (deg and rad: of twomass_dec too); what the file states, or degrees"
    )
    twomass_dec_unit: str | None = angle_unit(doc="unit of twomass_dec; what the file states, or degrees")
    twomass_frame: str | None = celestial_frame(
        doc="frame of twomass_ra and twomass_dec, which are converted"
    )
    twomass_select: tuple[Condition, ...] = selection(
        doc="conditions that a row of twomass_file meets; a missing value meets none"
    )
    match_radius: units.Quantity = quantity(
        "arcsec", default="3 arcsec", gt=0, doc="largest separation of a match"
    )
    colour_max: float = number(default=-1.7, unit="mag", doc="W1 - J below which a source is a galaxy")
    w1_max: float = number(default=15.2, unit="mag", doc="largest W1 that is kept")
    j_max: float = number(default=16.5, unit="mag", doc="J magnitude below which a source is kept")
    redshift_file: Path | None = path(
        default=None, optional=True, doc="spectroscopic catalog (columns below) matched for n(z)"
    )
    redshift_ra: str = text(default="ra", doc="right ascension column of redshift_file")
    redshift_dec: str = text(default="dec", doc="declination column of redshift_file")
    redshift_table: str | None = table_name(doc="the table, if redshift_file holds several")
    redshift_ra_unit: str | None = angle_unit(
        doc="unit of redshift_ra (deg and rad: of redshift_dec too); what the file states, or degrees"
    )
    redshift_dec_unit: str | None = angle_unit(doc="unit of redshift_dec; what the file states, or degrees")
    redshift_frame: str | None = celestial_frame(
        doc="frame of redshift_ra and redshift_dec, which are converted"
    )
    redshift_select: tuple[Condition, ...] = selection(
        doc="conditions that a row of redshift_file meets; a missing value meets none"
    )
    redshift_z: str = text(default="z", doc="redshift column of redshift_file")
    redshift_z_unit: str | None = text(
        default=None,
        optional=True,
        choices=UNITS,
        doc="unit of redshift_z; what the file states, or redshift, where none is given (km/s: c z)",
    )
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

    def _read(self, path: Path, prefix: str, **columns: str) -> Objects:
        """Return the objects of a table whose settings begin with a prefix."""
        names = ("ra", "dec", "table", "ra_unit", "dec_unit", "frame", "select")
        settings = {name: getattr(self, f"{prefix}{name}") for name in names}
        return read_objects(path, columns=columns, prefix=prefix, **settings)

    @cached_property
    def _selection(self) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
        """Right ascension and declination of the selected galaxies, radians; notes."""
        own = {"j": self.j} if self.twomass_file is None else {}
        table = self._read(self.file, "", w1=self.w1, **own)
        ra, dec, notes = np.radians(table.ra), np.radians(table.dec), list(table.notes)
        w1 = magnitudes(table.columns["w1"], self.w1_unit, str(self.file), setting="w1_unit")
        if self.twomass_file is None:
            j = magnitudes(table.columns["j"], "vega-mag", str(self.file))
        else:
            other = self._read(self.twomass_file, "twomass_", j=self.j)
            notes += other.notes
            match = nearest(
                ra, dec, np.radians(other.ra), np.radians(other.dec), self.match_radius.to_value("rad")
            )
            values = magnitudes(other.columns["j"], "vega-mag", str(self.twomass_file))
            j = np.where(match >= 0, values[match], np.nan)
        keep = is_galaxy(w1, j, colour_max=self.colour_max, w1_max=self.w1_max, j_max=self.j_max)
        cuts = f"W1 - J < {self.colour_max:g}, W1 <= {self.w1_max:g}, J < {self.j_max:g}"
        if not keep.any():
            raise EmptySampleError(
                f"{self.file}: none of {len(ra)} sources passes {cuts} "
                "(are magnitudes Vega? is w1_unit right?)"
            )
        notes.append(f"{self.file}: {keep.sum()} of {len(ra)} sources pass {cuts}")
        return ra[keep], dec[keep], tuple(notes)

    @property
    def _galaxies(self) -> tuple[FloatArray, FloatArray]:
        return self._selection[:2]

    @cached_property
    def _matched(self) -> tuple[FloatArray, tuple[str, ...]]:
        """Redshifts of the galaxies that have a spectrum, and notes."""
        path = self.redshift_file
        assert path is not None
        spectra = self._read(path, "redshift_", z=self.redshift_z)
        match = nearest(
            *self._galaxies,
            np.radians(spectra.ra),
            np.radians(spectra.dec),
            self.match_radius.to_value("rad"),
        )
        z = redshifts_in(
            spectra.columns["z"], str(path), unit=self.redshift_z_unit, setting="redshift_z_unit"
        )
        what = f"{path}: column {self.redshift_z!r}"
        good, note = plausible(z, what, setting="redshift_z_unit")
        found = match[match >= 0]
        matched = z[found][good[found]]
        return matched, (*spectra.notes, *([f"{what}: {note}"] if note else []))

    def notes(self) -> tuple[str, ...]:
        """Return what was left out of the tables and of n(z), and why."""
        return self._selection[2] + (() if self.redshift_file is None else self._matched[1])

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
        matched, _ = self._matched
        return RedshiftDistribution.from_redshifts(
            matched, source=f"{len(matched)} matches within {self.match_radius} of {self.redshift_file.name}"
        )
