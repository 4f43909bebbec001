"""A tracer from any table of positions."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np

from nuweft.datasets import locate_file
from nuweft.errors import CountsError, ParameterError
from nuweft.interfaces import RedshiftDistribution, Sources, Tracer
from nuweft.parameters import boolean, number, path, text
from nuweft.sky.coordinates import check_radec
from nuweft.sky.pixels import count_map
from nuweft.sky.tables import read_columns, write_columns
from nuweft.sky.typing import FloatArray


@attrs.frozen(kw_only=True)
class Catalog(Tracer):
    r"""Objects of a table with right ascension, declination, optional redshift and weight.

    The table is a file or a named data set (which knows its column names).

    Notes
    -----
    .. math::

        n_p = \sum_{i \in p} w_i

    Correlated events start at the positions of the objects, with their weights.
    """

    plugin_name: ClassVar[str] = "catalog"
    file: Path | None = path(default=None, optional=True, doc="FITS, Parquet or CSV table")
    dataset: str | None = text(default=None, optional=True, doc="named data set, instead of a file")
    ra: str | None = text(default=None, optional=True, doc="column with the right ascension in degrees")
    dec: str | None = text(default=None, optional=True, doc="column with the declination in degrees")
    z: str | None = text(default=None, optional=True, doc="column with the redshift")
    weight: str | None = text(default=None, optional=True, doc="column with a weight >= 0")
    z_min: float | None = number(default=None, optional=True, ge=0, doc="smallest redshift that is kept")
    z_max: float | None = number(default=None, optional=True, ge=0, doc="largest redshift that is kept")
    guess_radians: bool = boolean(
        default=True, doc="whether a table whose coordinates all fit into radians is refused"
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

    def _source(self) -> tuple[Path, dict[str, str]]:
        own = {n: getattr(self, n) for n in ("ra", "dec", "z", "weight") if getattr(self, n) is not None}
        if self.file is not None:
            return self.file, own
        from nuweft import plugins

        found, file = locate_file(plugins.dataset(str(self.dataset)))
        return found, {**file.columns, **own}

    def inputs(self) -> tuple[Path, ...]:
        """Return the table."""
        return (self._source()[0],)

    @cached_property
    def _table(self) -> dict[str, FloatArray]:
        source, columns = self._source()
        read = read_columns(source, columns.values())
        table = {name: read[column] for name, column in columns.items()}
        table["ra"], table["dec"] = check_radec(
            table["ra"], table["dec"], str(source), guess_radians=self.guess_radians
        )
        if "weight" in table and (not np.all(np.isfinite(table["weight"])) or table["weight"].min() < 0):
            raise CountsError(f"{source}: weights must be finite and not negative")
        if self.z_min is not None or self.z_max is not None:
            low = 0.0 if self.z_min is None else self.z_min
            high = np.inf if self.z_max is None else self.z_max
            keep = (table["z"] >= low) & (table["z"] <= high)
            if not keep.any():
                raise CountsError(f"{source}: no object with a redshift from {low:g} to {high:g}")
            table = {name: values[keep] for name, values in table.items()}
        return table

    def counts(self, nside: int) -> FloatArray:
        """Return the number (or summed weight) of objects in each pixel."""
        table = self._table
        return count_map(nside, np.radians(table["ra"]), np.radians(table["dec"]), table.get("weight"))

    def sources(self, nside: int) -> Sources:
        """Return the objects themselves: correlated events start at their positions."""
        table = self._table
        return Sources.points(np.radians(table["ra"]), np.radians(table["dec"]), table.get("weight"))

    def redshift_distribution(self) -> RedshiftDistribution | None:
        """Return the histogram of the redshifts, or None without a redshift column."""
        if "z" not in self._table:
            return None
        return RedshiftDistribution.from_redshifts(
            self._table["z"], weight=self._table.get("weight"), source=f"{self.plugin_name} column {self.z}"
        )
