"""Models of the evolution of neutrino sources with redshift."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import attrs
import numpy as np
from scipy import integrate

from nuweft.answers import array
from nuweft.errors import RedshiftError
from nuweft.interfaces.base import Component
from nuweft.model.cross_spectrum import FIELD
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.typing import FloatArray

_LOCAL = 2e-4
_SPAN = 10
_STEEPER = 0.05


@attrs.frozen(eq=False, kw_only=True)
class LineOfSight:
    """What a source model may know about the way from a source to us.

    Attributes
    ----------
    luminosity_distance : callable
        z (n,) to Mpc (n,).
    volume_element : callable
        Comoving volume per redshift and steradian, z (n,) to Mpc^3 (n,).
    tracer : RedshiftDistribution or None
        Redshifts of the tracer.
    """

    luminosity_distance: Callable[[FloatArray], FloatArray]
    volume_element: Callable[[FloatArray], FloatArray]
    tracer: RedshiftDistribution | None = None


@attrs.frozen(kw_only=True)
class SourceEvolutionModel(Component):
    """What neutrino sources at each redshift contribute to the flux at Earth.

    Subclasses of :class:`DensityModel` answer with a comoving density instead.

    Attributes
    ----------
    signal : str
        Kind of signal that the model predicts, and beside whose limit it stands:
        ``field`` for sources that share the density field with the tracer,
        ``sources`` for events that come from the tracer's own objects.
    """

    kind: ClassVar[str] = "source_evolution"
    signal: ClassVar[str] = FIELD

    def __init_subclass__(cls, **options: Any) -> None:
        """Let a class that answers ``density`` alone go on, as before version 0.2."""
        super().__init_subclass__(**options)
        if "density" in vars(cls) and cls.flux_distribution is SourceEvolutionModel.flux_distribution:
            warnings.warn(
                f"{cls.__name__}: a model that answers `density` is a subclass of "
                "nuweft.interfaces.DensityModel; that of SourceEvolutionModel goes with 0.3",
                DeprecationWarning,
                stacklevel=2,
            )
            cls.flux_distribution = DensityModel.flux_distribution  # type: ignore[assignment,method-assign]

    def populations(self) -> tuple[tuple[float, SourceEvolutionModel], ...]:
        """Return the populations whose flux adds up, each with its fraction of it; one by default."""
        return ((1.0, self),)

    @property
    def redshift_range(self) -> tuple[float, float]:
        """Smallest and largest redshift of the sources."""
        return 1e-4, 8.0

    def redshifts(self) -> FloatArray:
        """Return redshifts at which integrals are done, increasing, over the whole range.

        By default fine near z = 0 and in steps of 0.005 beyond; a model with
        narrower features adds its own.
        """
        low, high = self.redshift_range
        if not 0 < low < high:
            raise RedshiftError(f"{self.plugin_name}: expected 0 < z_min < z_max, got {low:g} to {high:g}")
        knee = min(0.02, 0.5 * high)
        near = np.geomspace(low, knee, 400) if low < knee else np.array([low])
        return np.unique(np.concatenate([near, np.linspace(max(knee, low), high, 1600)]))

    @abstractmethod
    def flux_distribution(self, z: FloatArray, gamma: float, line_of_sight: LineOfSight) -> FloatArray:
        """Return dN_nu/dz, the distribution of the flux seen at Earth, any normalisation.

        Parameters
        ----------
        z
            Redshifts, shape (n,).
        gamma
            Spectral index.
        line_of_sight
            Distances, and the tracer's redshifts for models that follow it.

        Returns
        -------
        array of shape (n,)
            Finite and not negative.
        """


@attrs.frozen(kw_only=True)
class DensityModel(SourceEvolutionModel):
    """A comoving density of sources as a function of redshift, all of one spectrum and luminosity."""

    @abstractmethod
    def density(self, z: FloatArray) -> FloatArray:
        """Return the comoving source density at ``z``, any normalisation.

        Parameters
        ----------
        z
            Redshifts, shape (n,).

        Returns
        -------
        array of shape (n,)
            Finite and not negative.
        """

    def flux_distribution(self, z: FloatArray, gamma: float, line_of_sight: LineOfSight) -> FloatArray:
        """Return ``dN_s/dV dV/dz (1 + z)**(2 - gamma) / D_L**2``, for an ``E**-gamma`` spectrum."""
        distance = line_of_sight.luminosity_distance(z)
        return np.asarray(
            array(self.density(z), self, "density", shape=np.shape(z), finite=False)
            * line_of_sight.volume_element(z)
            * (1 + z) ** (2 - gamma)
            / distance**2
        )


def normalised_flux(
    model: SourceEvolutionModel,
    gamma: float,
    line_of_sight: LineOfSight,
    *,
    also: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return redshifts and dN_nu/dz of a model, normalised to one.

    Parameters
    ----------
    model
        Source model.
    gamma
        Spectral index.
    line_of_sight
        Distances.
    also
        Redshifts that are wanted beside the model's own, shape (n,); those
        outside its range are left out.

    Raises
    ------
    RedshiftError
        If the model gives negative or non-finite values, or none, or if the
        flux diverges towards redshift 0.
    PluginAnswerError
        If it gives no real numbers of the shape of its redshifts.
    """
    z = model.redshifts()
    if also is not None:
        z = np.union1d(z, also[(also > z[0]) & (also < z[-1])])
    flux = array(
        model.flux_distribution(z, gamma, line_of_sight),
        model,
        "flux_distribution",
        shape=z.shape,
        finite=False,
    )
    if not np.all(np.isfinite(flux)):
        raise RedshiftError(
            f"{model.plugin_name}: values that are not finite, first at z = {z[~np.isfinite(flux)][0]:g}"
        )
    if np.any(flux < 0):
        raise RedshiftError(f"{model.plugin_name}: negative density at z = {z[flux < 0][0]:g}")
    _check_convergence(model, gamma, z, flux)
    norm = integrate.trapezoid(flux, z)
    if not norm > 0:
        raise RedshiftError(f"{model.plugin_name}: the flux integrates to {norm:g}, cannot be normalised")
    return z, flux / norm


def _check_convergence(model: SourceEvolutionModel, gamma: float, z: FloatArray, flux: FloatArray) -> None:
    """Refuse a flux that grows as 1/z or faster where the redshifts begin.

    A power law has the same slope a little further on; a cutoff below the
    smallest redshift has not, and converges.
    """
    first, middle, last = flux[0], flux[_SPAN], flux[2 * _SPAN]
    if z[0] > _LOCAL or not (first > 0 and middle > 0 and last > 0):
        return
    slope = np.log(middle / first) / np.log(z[_SPAN] / z[0])
    next_slope = np.log(last / middle) / np.log(z[2 * _SPAN] / z[_SPAN])
    if slope < -1 + 1e-3 and next_slope > slope - _STEEPER:
        raise RedshiftError(
            f"{model.plugin_name}: for gamma {gamma:g} the flux grows as z**{slope:.2f} at z = {z[0]:g}, its "
            "integral diverges at z = 0; expected a power above -1, or sources that begin further away"
        )
