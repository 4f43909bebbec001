"""Populations of discrete sources that make up the diffuse flux."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np
from scipy import integrate, optimize

from nuweft.errors import NsideError, RedshiftError
from nuweft.evolution.luminosity import LuminosityFunction, StandardCandle
from nuweft.flux.diffuse import DiffuseFlux
from nuweft.interfaces.source_evolution import (
    DensityModel,
    LineOfSight,
    SourceEvolutionModel,
    normalised_flux,
)
from nuweft.irf.simulation import uniform_in_pixels
from nuweft.sky.pixels import check_counts, count_map, degrade_mean, pixel_count, resolution, upgrade
from nuweft.typing import FloatArray, IntArray

MOST_SOURCES = 1_000_000
"""Sources drawn one by one unless told otherwise."""


@attrs.frozen(eq=False, kw_only=True)
class DensityField:
    """Density of matter on the sky, in shells of redshift, which sources follow.

    Attributes
    ----------
    edges : array of shape (n + 1,)
        Redshifts of the shells; sources outside are isotropic.
    density : array of shape (n, npix)
        Density of each shell, any normalisation, not negative.
    """

    edges: FloatArray
    density: FloatArray

    def __attrs_post_init__(self) -> None:
        if self.density.ndim != 2 or len(self.edges) != len(self.density) + 1:
            raise NsideError(
                f"density field: {len(self.edges)} edges and maps of shape {self.density.shape} do not fit; "
                "expected one map per shell"
            )
        if np.any(np.diff(self.edges) <= 0):
            raise RedshiftError("density field: edges must increase")
        for shell in self.density:
            check_counts(shell, "density field")

    @classmethod
    def everywhere(cls, density: FloatArray) -> DensityField:
        """Return one map, shape (npix,), for all redshifts."""
        return cls(edges=np.array([0.0, np.inf]), density=density[None])

    def shell(self, z: FloatArray) -> IntArray:
        """Return the shell of each redshift; -1 or n outside."""
        return np.asarray(np.searchsorted(self.edges, z, side="right") - 1, dtype=np.int64)


@attrs.frozen(eq=False, kw_only=True)
class SourceEnsemble:
    """One realisation: bright sources one by one, the faint remainder by its mean.

    Fluxes are fractions of the mean flux of the population.

    Attributes
    ----------
    z, flux, ra, dec : arrays of shape (n,)
        Bright sources; directions in radians.
    split : float
        Flux of the faintest bright source; 0 where all are drawn.
    expected_number : float
        Mean number of sources, bright and faint.
    faint_z, faint_flux : arrays of shape (m,)
        Mean flux of the remainder per redshift.
    field : DensityField or None
        What positions follow.
    """

    z: FloatArray
    flux: FloatArray
    ra: FloatArray
    dec: FloatArray
    split: float
    expected_number: float
    faint_z: FloatArray
    faint_flux: FloatArray
    field: DensityField | None = None

    @property
    def faint(self) -> float:
        """Flux of the remainder."""
        return float(integrate.trapezoid(self.faint_flux, self.faint_z))

    @property
    def total(self) -> float:
        """Flux of all sources; one in the mean."""
        return float(self.flux.sum()) + self.faint

    @property
    def effective_number(self) -> float:
        """``(sum F)**2 / sum F**2``, the number of equal sources with the same shot noise."""
        square = float(np.sum(self.flux**2))
        return self.total**2 / square if square > 0 else np.inf

    def mean(self, z: FloatArray, value: FloatArray) -> float:
        """Return the flux-weighted mean of a function of redshift, zero outside its table."""
        if not self.total > 0:
            raise RedshiftError(
                f"a realisation of {self.expected_number:.3g} expected sources has none, and no flux"
            )
        bright = float(self.flux @ np.interp(self.z, z, value, left=0.0, right=0.0))
        at = np.interp(self.faint_z, z, value, left=0.0, right=0.0)
        return (bright + float(integrate.trapezoid(self.faint_flux * at, self.faint_z))) / self.total

    def point_fluxes(self, diffuse: DiffuseFlux) -> FloatArray:
        """Return fluxes at 100 TeV of the bright sources, in GeV^-1 cm^-2 s^-1, shape (n,).

        All sources together, bright and faint, give the diffuse flux.
        """
        return 4 * np.pi * diffuse.normalisation * self.flux / self.total

    def flux_map(self, nside: int) -> FloatArray:
        """Return the flux per pixel, shape (npix,); it sums to :attr:`total`."""
        npix = pixel_count(nside)
        sky = count_map(nside, self.ra, self.dec, self.flux)
        if self.field is None:
            return sky + self.faint / npix
        step = np.diff(integrate.cumulative_trapezoid(self.faint_flux, self.faint_z, initial=0.0))
        shell = self.field.shell(0.5 * (self.faint_z[1:] + self.faint_z[:-1]))
        for i, density in enumerate(self.field.density):
            at = density if resolution(density) <= nside else degrade_mean(density, nside)
            at = upgrade(at, nside)
            sky += step[shell == i].sum() * at / at.sum()
        outside = (shell < 0) | (shell >= len(self.field.density))
        return np.asarray(sky + step[outside].sum() / npix)


def check_number(local_density: float | None, number: float | None) -> None:
    """Refuse all but one positive number of sources.

    Raises
    ------
    RedshiftError
        If none or both are given, or it is not positive.
    """
    given = {"local_density": local_density, "number": number}
    for name, value in given.items():
        if value is not None and not 0 < value < np.inf:
            raise RedshiftError(f"{name}: expected a positive number, got {value!r}")
    if (local_density is None) == (number is None):
        raise RedshiftError("a population needs either local_density or number")


@attrs.frozen(eq=False, kw_only=True)
class SourcePopulation:
    """Sources whose summed flux is, in the mean, the diffuse flux.

    Attributes
    ----------
    model : SourceEvolutionModel
        Distribution in redshift.
    gamma : float
        Spectral index.
    line_of_sight : LineOfSight
        Distances.
    luminosity : LuminosityFunction
        The same at every redshift.
    local_density : float or None
        Sources per Mpc^3 at z = 0; for models with a density.
    number : float or None
        Mean number of sources on the sky, instead of ``local_density``.
    """

    model: SourceEvolutionModel
    gamma: float
    line_of_sight: LineOfSight
    luminosity: LuminosityFunction = attrs.field(factory=StandardCandle)
    local_density: float | None = None
    number: float | None = None

    def __attrs_post_init__(self) -> None:
        check_number(self.local_density, self.number)

    @cached_property
    def _flux(self) -> tuple[FloatArray, FloatArray]:
        return normalised_flux(self.model, self.gamma, self.line_of_sight)

    @cached_property
    def expected_number(self) -> float:
        """Mean number of sources on the sky.

        Raises
        ------
        RedshiftError
            If the model has no density at z = 0 to be scaled.
        """
        if self.number is not None:
            return self.number
        assert self.local_density is not None
        z, _ = self._flux
        if not isinstance(self.model, DensityModel):
            raise RedshiftError(
                f"{self.model.plugin_name}: describes a flux and has no density; give the number of sources "
                "instead of local_density"
            )
        today = float(self.model.density(np.zeros(1))[0])
        density = self.model.density(z)
        if not 0 < today < np.inf:
            raise RedshiftError(
                f"{self.model.plugin_name}: density {today:g} at z = 0 cannot be scaled to local_density; "
                "give the number of sources"
            )
        shells = density / today * self.line_of_sight.volume_element(z)
        return float(4 * np.pi * self.local_density * integrate.trapezoid(shells, z))

    @cached_property
    def _sources(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Redshifts, number per redshift, and flux of a source of mean luminosity."""
        z, flux = self._flux
        dimming = (1 + z) ** (2 - self.gamma) / self.line_of_sight.luminosity_distance(z) ** 2
        shape = flux / dimming
        scale = integrate.trapezoid(shape, z)
        return z, self.expected_number * shape / scale, dimming * scale / self.expected_number

    def number_above(self, flux: float) -> float:
        """Return the mean number of sources brighter than a fraction of the mean flux."""
        z, number, unit = self._sources
        return float(integrate.trapezoid(number * self.luminosity.brighter(flux / unit), z))

    def _split(self, most: int) -> float:
        if self.expected_number <= most:
            return 0.0
        _, _, unit = self._sources
        low, high = np.log(unit.min()) - 600.0, np.log(unit.max()) + 600.0
        return float(
            np.exp(optimize.brentq(lambda f: self.number_above(np.exp(f)) - most, low, high, xtol=1e-6))
        )

    def draw(
        self,
        *,
        rng: np.random.Generator,
        most: int = MOST_SOURCES,
        field: DensityField | None = None,
    ) -> SourceEnsemble:
        """Return a realisation of the population.

        Parameters
        ----------
        rng
            Random generator.
        most
            Mean number of sources that are drawn one by one, the brightest;
            fainter ones enter by their mean. The number drawn is Poisson.
        field
            Density that positions follow; isotropic where none is given.
        """
        z, number, unit = self._sources
        split = self._split(most)
        fraction = self.luminosity.brighter(split / unit)
        cumulative = integrate.cumulative_trapezoid(number * fraction, z, initial=0.0)
        n = int(rng.poisson(cumulative[-1]))
        at = np.interp(rng.uniform(0, cumulative[-1], n), cumulative, z)
        scale = np.exp(np.interp(at, z, np.log(unit)))
        luminosity = self.luminosity.brighter_than(split / scale, 1.0 - rng.random(n))
        ra, dec = _positions(at, field, rng)
        return SourceEnsemble(
            z=at,
            flux=luminosity * scale,
            ra=ra,
            dec=dec,
            split=split,
            expected_number=self.expected_number,
            faint_z=z,
            faint_flux=number * unit * self.luminosity.light_below(split / unit),
            field=field,
        )


def _positions(
    z: FloatArray, field: DensityField | None, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    ra, dec = rng.uniform(0, 2 * np.pi, len(z)), np.arcsin(rng.uniform(-1, 1, len(z)))
    if field is None:
        return ra, dec
    shell = field.shell(z)
    for i, density in enumerate(field.density):
        inside = np.flatnonzero(shell == i)
        cumulative = np.cumsum(density)
        pixels = np.searchsorted(cumulative, rng.uniform(0, cumulative[-1], len(inside)), side="right")
        ra[inside], dec[inside] = uniform_in_pixels(resolution(density), pixels, rng=rng)
    return ra, dec
