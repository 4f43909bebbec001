"""Models from a table, and mixtures of other models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np

from nuweft.errors import ParameterError, RedshiftError
from nuweft.interfaces import DensityModel, LineOfSight, SourceEvolutionModel, normalised_flux
from nuweft.io import read_columns, write_columns
from nuweft.parameters import components, numbers, path, text
from nuweft.typing import FloatArray
from nuweft_evolution.power_law import Constant
from nuweft_evolution.star_formation import StarFormationRate

_EDGE = 1e-9


@attrs.frozen(kw_only=True)
class Tabulated(DensityModel):
    r"""Comoving source density from a table, linear between its redshifts; no sources outside.

    Notes
    -----
    .. math:: dN_s/dV(z) = \rho_i + (\rho_{i+1} - \rho_i) \frac{z - z_i}{z_{i+1} - z_i}
    """

    plugin_name: ClassVar[str] = "tabulated"
    file: Path = path(doc="table of redshift and comoving density: FITS, Parquet, CSV or ECSV")
    z: str = text(default="z", doc="column with the redshift, increasing")
    values: str = text(default="density", doc="column with the comoving source density, any normalisation")

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return a population between redshifts 0 and 4, in a file."""
        z = np.linspace(0.0, 4.0, 80)
        density = np.exp(-0.5 * ((z - 1.2) / 0.5) ** 2)
        write_columns(folder / "density.csv", {"z": z, "density": density})
        return cls(file=folder / "density.csv")

    def inputs(self) -> tuple[Path, ...]:
        """Return the table."""
        return (self.file,)

    @cached_property
    def _table(self) -> tuple[FloatArray, FloatArray]:
        table = read_columns(self.file, (self.z, self.values))
        z, density = table[self.z], table[self.values]
        if len(z) < 2 or not np.all(np.isfinite(z)) or np.any(np.diff(z) <= 0) or z[0] < 0:
            raise RedshiftError(f"{self.file}: redshifts must be finite, not negative and increase")
        if not np.all(np.isfinite(density)) or np.any(density < 0) or not np.any(density > 0):
            raise RedshiftError(f"{self.file}: densities must be finite, not negative and not all zero")
        return z, density

    def redshifts(self) -> FloatArray:
        """Return a grid that holds the redshifts of the table."""
        grid, (z, _) = super().redshifts(), self._table
        return np.union1d(grid, z[(z > grid[0]) & (z < grid[-1])])

    @property
    def redshift_range(self) -> tuple[float, float]:
        """Range of the table, above a redshift of 0.0001."""
        z, _ = self._table
        return max(float(z[0]), 1e-4), float(z[-1])

    def density(self, z: FloatArray) -> FloatArray:
        """Return the interpolated table.

        Raises
        ------
        RedshiftError
            For a redshift outside the table.
        """
        known, values = self._table
        outside = (z < known[0]) | (z > known[-1])
        if np.any(outside):
            raise RedshiftError(
                f"{self.file}: redshift {np.asarray(z)[outside][0]:g} lies outside the table, "
                f"which covers {known[0]:g} to {known[-1]:g}"
            )
        return np.interp(z, known, values)


@attrs.frozen(kw_only=True)
class Mixture(SourceEvolutionModel):
    r"""Several populations, each with its fraction of the flux at Earth.

    Notes
    -----
    .. math:: dN_\nu/dz = \sum_i s_i \, (dN_\nu/dz)_i, \qquad \sum_i s_i = 1

    with every population's distribution normalised to one.
    """

    plugin_name: ClassVar[str] = "mixture"
    renamed_settings: ClassVar[Mapping[str, str]] = {"shares": "fractions"}
    models: tuple[SourceEvolutionModel, ...] = components("source_evolution", doc="models of the populations")
    fractions: tuple[float, ...] = numbers(
        ge=0, doc="fraction of each population in the flux; normalised to one"
    )

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return a constant density with a fraction of star formation."""
        return cls(models=(Constant(), StarFormationRate()), fractions=(0.7, 0.3))

    def __attrs_post_init__(self) -> None:
        if not self.models or len(self.models) != len(self.fractions) or sum(self.fractions) <= 0:
            raise ParameterError(
                f"fractions: {len(self.models)} models and fractions {self.fractions} do not fit together"
            )

    def populations(self) -> tuple[tuple[float, SourceEvolutionModel], ...]:
        """Return all populations with their fractions, those of mixtures among them too."""
        return tuple(
            (fraction / sum(self.fractions) * part, member)
            for fraction, model in zip(self.fractions, self.models, strict=True)
            for part, member in model.populations()
        )

    @property
    def redshift_range(self) -> tuple[float, float]:
        """Range that holds those of all populations."""
        ranges = [model.redshift_range for model in self.models]
        return min(low for low, _ in ranges), max(high for _, high in ranges)

    def redshifts(self) -> FloatArray:
        """Return the redshifts of all populations, and points just outside each."""
        grids = [model.redshifts() for model in self.models]
        edges = [np.array([z[0] * (1 - _EDGE), z[-1] * (1 + _EDGE)]) for z in grids]
        low, high = min(z[0] for z in grids), max(z[-1] for z in grids)
        return np.unique(np.clip(np.concatenate([*grids, *edges]), low, high))

    def flux_distribution(self, z: FloatArray, gamma: float, line_of_sight: LineOfSight) -> FloatArray:
        """Return the sum of the normalised flux distributions, times their fractions."""
        total = np.zeros_like(z)
        for model, fraction in zip(self.models, self.fractions, strict=True):
            own, flux = normalised_flux(model, gamma, line_of_sight, also=z)
            total += fraction / sum(self.fractions) * np.interp(z, own, flux, left=0.0, right=0.0)
        return total
