"""A tracer from any table of positions."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np

from nuweft.data import locate_file
from nuweft.errors import CountsError, ParameterError
from nuweft.interfaces import Tracer
from nuweft.io import (
    UNITS,
    Condition,
    angle_unit,
    celestial_frame,
    numbers_in,
    plausible,
    read_objects,
    read_redshifts,
    redshifts_in,
    selection,
    table_name,
    write_columns,
)
from nuweft.model import RedshiftDistribution, Sources
from nuweft.parameters import boolean, number, numbers, path, text
from nuweft.sky import count_map
from nuweft.typing import FloatArray


@attrs.frozen(kw_only=True)
class Catalog(Tracer):
    r"""Objects of a table with right ascension, declination, optional redshift and weight.

    The table is a file (FITS, Parquet, CSV or other text, ECSV, VOTable, HDF5;
    compressed or not), a folder of Parquet files, or a named data set (which
    knows its column names). Units that a file states are converted. Values of
    the redshift column that cannot be the redshift of a galaxy (codes for a
    failure such as -99 or 9.999, negative, up to 0.002, beyond 15) are left out
    of n(z), which ``z_min`` and ``z_max`` bound otherwise; :meth:`notes` says
    how many rows were left out, and why.

    Notes
    -----
    .. math::

        n_p = \sum_{i \in p} w_i

    Correlated events start at the positions of the objects, with their weights.
    """

    plugin_name: ClassVar[str] = "catalog"
    file: Path | None = path(default=None, optional=True, doc="table, or folder of Parquet files")
    dataset: str | None = text(default=None, optional=True, doc="named data set, instead of a file")
    table: str | None = table_name(doc="the table, in a file that holds several")
    ra: str | None = text(
        default=None, optional=True, doc="column with the right ascension, or the longitude in frame"
    )
    dec: str | None = text(
        default=None, optional=True, doc="column with the declination, or the latitude in frame"
    )
    ra_unit: str | None = angle_unit(
        doc="unit of ra (deg and rad: of dec too); what the file states, or degrees, where none is given"
    )
    dec_unit: str | None = angle_unit(
        doc="unit of dec; what the file states, or degrees, where none is given"
    )
    frame: str | None = celestial_frame(
        doc="frame of ra and dec, which are converted; icrs where none is given"
    )
    select: tuple[Condition, ...] = selection(
        doc="conditions that an object meets; a missing value meets none"
    )
    z: str | None = text(default=None, optional=True, doc="column with the redshift")
    z_unit: str | None = text(
        default=None,
        optional=True,
        choices=UNITS,
        doc="unit of z; what the file states, or redshift, where none is given (km/s: c z)",
    )
    weight: str | None = text(default=None, optional=True, doc="column with a weight >= 0")
    z_min: float | None = number(default=None, optional=True, ge=0, doc="smallest redshift that is kept")
    z_max: float | None = number(default=None, optional=True, ge=0, doc="largest redshift that is kept")
    guess_radians: bool = boolean(
        default=True, doc="whether a table whose coordinates all fit into radians or hours is refused"
    )
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
        doc="range of redshift within which dN/dz is flat, instead of the column z",
    )

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return a catalog of 4,000 objects with redshifts, in a file."""
        rng = np.random.default_rng(1)
        table = {
            "RA": rng.uniform(0, 360, 4000),
            "DEC": np.degrees(np.arcsin(rng.uniform(-1, 1, 4000))),
            "Z": rng.gamma(3.0, 0.05, 4000),
        }
        write_columns(folder / "galaxies.csv", table)
        return cls(file=folder / "galaxies.csv", ra="RA", dec="DEC", z="Z")

    def __attrs_post_init__(self) -> None:
        if (self.file is None) == (self.dataset is None):
            raise ParameterError("catalog: give either file or dataset")
        if self.file is not None and (self.ra is None or self.dec is None):
            raise ParameterError("catalog: with file, name the columns ra and dec")
        if (self.z_min is not None or self.z_max is not None) and self.z is None:
            raise ParameterError("catalog: z_min and z_max need the column z")
        if self.redshifts is not None and self.z_range is not None:
            raise ParameterError("catalog: give redshifts or z_range, not both")

    def _source(self) -> tuple[Path, dict[str, str]]:
        own = {n: getattr(self, n) for n in ("ra", "dec", "z", "weight") if getattr(self, n) is not None}
        if self.file is not None:
            return self.file, own
        from nuweft import plugins

        found, file = locate_file(plugins.dataset(str(self.dataset)))
        return found, {**file.columns, **own}

    def inputs(self) -> tuple[Path, ...]:
        """Return the table, and that of the redshifts."""
        return (self._source()[0], *(() if self.redshifts is None else (self.redshifts,)))

    @cached_property
    def _objects(self) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
        """Columns of the objects that are kept, redshifts NaN where they are none, and notes."""
        source, columns = self._source()
        if missing := {"ra", "dec"} - set(columns):
            raise ParameterError(f"catalog: name the column {' and '.join(sorted(missing))} of {source}")
        read = read_objects(
            source,
            ra=columns.pop("ra"),
            dec=columns.pop("dec"),
            columns=columns,
            select=self.select,
            table=self.table,
            ra_unit=self.ra_unit,
            dec_unit=self.dec_unit,
            frame=self.frame,
            guess_radians=self.guess_radians,
        )
        table, notes = {"ra": read.ra, "dec": read.dec}, list(read.notes)
        if "weight" in columns:
            table["weight"] = numbers_in(read.columns["weight"], str(source))
            if not np.all(np.isfinite(table["weight"])) or table["weight"].min() < 0:
                raise CountsError(f"{source}: weights must be finite and not negative")
        if "z" in columns:
            what = f"{source}: column {columns['z']!r}"
            z = redshifts_in(read.columns["z"], str(source), unit=self.z_unit)
            good, note = plausible(z, what, low=self.z_min, high=self.z_max)
            table["z"] = np.where(good, z, np.nan)
            notes += [f"{what}: {note}"] if note else []
            if self.z_min is not None or self.z_max is not None:
                low = 0.0 if self.z_min is None else self.z_min
                high = np.inf if self.z_max is None else self.z_max
                if not good.any():
                    raise CountsError(f"{source}: no object with a redshift from {low:g} to {high:g}")
                notes.append(f"{what}: {good.sum()} of {good.size} objects are from {low:g} to {high:g}")
                table = {name: values[good] for name, values in table.items()}
        return table, tuple(notes)

    @property
    def _table(self) -> dict[str, FloatArray]:
        return self._objects[0]

    def notes(self) -> tuple[str, ...]:
        """Return what was left out of the table and of n(z), and why."""
        return self._objects[1]

    def counts(self, nside: int) -> FloatArray:
        """Return the number (or summed weight) of objects in each pixel."""
        table = self._table
        return count_map(nside, np.radians(table["ra"]), np.radians(table["dec"]), table.get("weight"))

    def sources(self, nside: int) -> Sources:
        """Return the objects themselves: correlated events start at their positions."""
        table = self._table
        return Sources.points(np.radians(table["ra"]), np.radians(table["dec"]), table.get("weight"))

    def redshift_distribution(self) -> RedshiftDistribution | None:
        """Return dN/dz from a table, flat in a range, or of the redshift column; None without any."""
        if self.z_range is not None:
            low, high = self.z_range
            source = f"flat from {low:g} to {high:g}"
            return RedshiftDistribution.normalised(np.linspace(low, high, 101), np.ones(101), source)
        if self.redshifts is not None:
            return read_redshifts(self.redshifts)
        if "z" not in self._table:
            return None
        good = np.isfinite(self._table["z"])
        weight = self._table.get("weight")
        source = f"{self.plugin_name} column {self.z}"
        if not good.all():
            source += (
                f", {np.count_nonzero(~good)} of {good.size} objects without a redshift of a galaxy left out"
            )
        return RedshiftDistribution.from_redshifts(
            self._table["z"][good],
            weight=None if weight is None else weight[good],
            source=source,
        )
