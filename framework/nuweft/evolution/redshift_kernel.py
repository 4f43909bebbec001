"""The correlation strength of a model as one weighted sum over redshift.

In the Limber approximation the cross-power of the tracer with neutrinos is
local in redshift, ``C^gnu_l = int dz K_l(z) dN_nu/dz``. The mean over
multipoles of ``K_l/C^gg_l`` is computed once; a model then costs one
integral over its flux distribution.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from scipy import integrate

from nuweft.errors import RedshiftError
from nuweft.evolution.angular_spectra import Projection, angular_spectrum, check_width
from nuweft.evolution.cosmology import HUBBLE_DISTANCE, line_of_sight
from nuweft.interfaces.source_evolution import LineOfSight, SourceEvolutionModel, normalised_flux
from nuweft.model.cross_spectrum import SOURCES
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.typing import FloatArray

_GRID = 1500


@attrs.frozen(eq=False, kw_only=True)
class RedshiftKernel:
    """Mean ``C^gnu/C^gg`` of neutrinos from one redshift, for b_nu = b_g.

    Attributes
    ----------
    z : array of shape (n,)
        Redshifts of the tracer.
    value : array of shape (n,)
        Response; zero outside ``z``.
    object_value, object_offset : array of shape (n,), float
        The same for events of the tracer's objects, ``(C^gnu + S)/(C^gg + S)``:
        response, and its part by shot noise alone.
    line_of_sight : LineOfSight
        Distances and the tracer's redshifts.
    """

    z: FloatArray
    value: FloatArray
    object_value: FloatArray
    object_offset: float
    line_of_sight: LineOfSight

    def ratio(self, model: SourceEvolutionModel, gamma: float) -> float:
        """Return the mean over multipoles of ``C^gnu/C^gg`` of a source model, with b_nu = b_g.

        With the tracer's shot noise in both, for a model whose events come from its objects.

        Parameters
        ----------
        model
            Source model.
        gamma
            Spectral index of the sources.

        Raises
        ------
        RedshiftError
            If the model cannot be normalised.
        """
        z, flux = normalised_flux(model, gamma, self.line_of_sight, also=self.z)
        objects = model.signal == SOURCES
        seen = np.interp(z, self.z, self.object_value if objects else self.value, left=0.0, right=0.0)
        return float(integrate.trapezoid(flux * seen, z)) + (self.object_offset if objects else 0.0)

    def median_redshift(self, model: SourceEvolutionModel, gamma: float) -> float:
        """Return the redshift below which half of the flux originates."""
        z, flux = normalised_flux(model, gamma, self.line_of_sight, also=self.z)
        cumulative = integrate.cumulative_trapezoid(flux, z, initial=0.0)
        return float(np.interp(0.5 * cumulative[-1], cumulative, z))


def redshift_kernel(
    tracer: RedshiftDistribution,
    cosmology: Any,
    ell: FloatArray,
    *,
    bias: float = 1.0,
    magnification: float | None = None,
    shot_noise: float = 0.0,
) -> RedshiftKernel:
    """Return the response of the correlation strength to flux from each redshift.

    Parameters
    ----------
    tracer
        Redshift distribution of the tracer.
    cosmology
        A ``pyccl.Cosmology``.
    ell
        Multipoles of the analysis, shape (n_ell,).
    bias, magnification
        Of the tracer, see :class:`~nuweft.evolution.angular_spectra.Projection`; without
        magnification the bias cancels, but for shot noise.
    shot_noise
        Of the tracer, in C_l; it only enters for events of its objects.

    Raises
    ------
    RedshiftError
        If the distribution is too narrow for the Limber approximation.

    Notes
    -----
    Equations D10 to D12 of Abbasi et al. 2025; halofit. Lensing by the matter
    around the neutrino sources is local in redshift too.
    """
    import pyccl

    check_width(tracer, float(np.min(ell)))
    top = float(tracer.z[-1])
    if not top > 0:
        raise RedshiftError(f"n(z) ({tracer.source}): no positive redshift")
    near, far = np.geomspace(1e-6, top / 20, _GRID // 2), np.linspace(top / 20, top, _GRID)
    z = np.unique(np.concatenate([near, far, tracer.z[tracer.z > near[0]]]))
    scale = 1 / (1 + z)
    chi = np.asarray(cosmology.comoving_radial_distance(scale))
    rate = HUBBLE_DISTANCE / cosmology["h"] / cosmology.h_over_h0(scale)  # dchi/dz in Mpc
    kernel = bias * tracer(z) / rate
    if magnification is not None:
        kernel += (5 * magnification - 2) * _convergence(tracer, cosmology, z, chi)
    galaxies = Projection(z=tracer.z, density=tracer.density, bias=bias, magnification=magnification)
    auto = angular_spectrum(cosmology, ell, galaxies, galaxies)
    weight = np.stack([1 / auto, 1 / (auto + shot_noise)], axis=1) / len(ell)
    power = np.array(
        [
            np.asarray(pyccl.nonlin_matter_power(cosmology, (ell + 0.5) / c, a)) @ weight
            for c, a in zip(chi, scale, strict=True)
        ]
    )
    seen = bias * kernel / chi**2 * power.T
    return RedshiftKernel(
        z=z,
        value=seen[0],
        object_value=seen[1],
        object_offset=float(np.mean(shot_noise / (auto + shot_noise))),
        line_of_sight=line_of_sight(cosmology, tracer),
    )


def _convergence(tracer: RedshiftDistribution, cosmology: Any, z: FloatArray, chi: FloatArray) -> FloatArray:
    """Return the lensing kernel per comoving distance of matter in front of the tracer, in 1/Mpc."""
    density = tracer(z)
    beyond = [integrate.trapezoid(density[i:] * (1 - c / chi[i:]), z[i:]) for i, c in enumerate(chi)]
    hubble = cosmology["h"] / HUBBLE_DISTANCE
    return np.asarray(1.5 * cosmology["Omega_m"] * hubble**2 * (1 + z) * chi * np.array(beyond))


@attrs.frozen(eq=False, kw_only=True)
class DirectKernel:
    """Mean ``C^gnu/C^gg`` by CCL's integrals over a model's own redshifts.

    Slower than :class:`RedshiftKernel`, to which it is equal in the Limber
    approximation; beyond it there is only this.

    Attributes
    ----------
    galaxies : Projection
    auto : array of shape (n_ell,)
        C^gg.
    ell : array of shape (n_ell,)
    cosmology : pyccl.Cosmology
    tracer : RedshiftDistribution
    limber_from : int
    shot_noise : float
    """

    galaxies: Projection
    auto: FloatArray
    ell: FloatArray
    cosmology: Any
    tracer: RedshiftDistribution
    limber_from: int
    shot_noise: float = 0.0

    def ratio(self, model: SourceEvolutionModel, gamma: float) -> float:
        """Return the mean over multipoles of ``C^gnu/C^gg`` of a source model."""
        sight = line_of_sight(self.cosmology, self.tracer)
        z, flux = normalised_flux(model, gamma, sight, also=self.tracer.z)
        neutrinos = Projection(z=z, density=flux, bias=self.galaxies.bias)
        cross = angular_spectrum(
            self.cosmology, self.ell, self.galaxies, neutrinos, limber_from=self.limber_from
        )
        noise = self.shot_noise if model.signal == SOURCES else 0.0
        return float(np.mean((cross + noise) / (self.auto + noise)))


def direct_kernel(
    tracer: RedshiftDistribution,
    cosmology: Any,
    ell: FloatArray,
    *,
    bias: float = 1.0,
    magnification: float | None = None,
    limber_from: int = 0,
    shot_noise: float = 0.0,
) -> DirectKernel:
    """Return the response of the correlation strength by CCL's own integrals.

    Parameters
    ----------
    tracer, cosmology, ell, bias, magnification, shot_noise
        As in :func:`redshift_kernel`.
    limber_from
        See :func:`~nuweft.evolution.angular_spectra.angular_spectrum`.

    Raises
    ------
    RedshiftError
        If the distribution is too narrow, where Limber is used throughout.
    """
    if limber_from <= np.min(ell):
        check_width(tracer, float(np.min(ell)))
    galaxies = Projection(z=tracer.z, density=tracer.density, bias=bias, magnification=magnification)
    auto = angular_spectrum(cosmology, ell, galaxies, galaxies, limber_from=limber_from)
    return DirectKernel(
        galaxies=galaxies,
        auto=auto,
        ell=ell,
        cosmology=cosmology,
        tracer=tracer,
        limber_from=limber_from,
        shot_noise=shot_noise,
    )
