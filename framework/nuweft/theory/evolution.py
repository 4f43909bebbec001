"""What a model of source evolution predicts for f_corr."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from nuweft.errors import RedshiftError
from nuweft.interfaces.source_evolution import SourceEvolutionModel, normalised_flux
from nuweft.interfaces.tracer import RedshiftDistribution
from nuweft.sky.typing import FloatArray
from nuweft.theory.cosmology import line_of_sight
from nuweft.theory.spectra import angular_spectrum, check_width


@attrs.frozen(eq=False, kw_only=True)
class EvolutionResult:
    """Prediction of one model.

    Attributes
    ----------
    model : SourceEvolutionModel
    f_corr : float
        Expected correlation strength.
    median_redshift : float
        Redshift below which half of the flux originates.
    z, flux : arrays of shape (n,)
        Redshifts and dN_nu/dz, normalised to one.
    """

    model: SourceEvolutionModel
    f_corr: float
    median_redshift: float
    z: FloatArray
    flux: FloatArray


def predict_f_corr(
    models: Sequence[SourceEvolutionModel],
    tracer: RedshiftDistribution,
    cosmology: Any,
    *,
    ell: FloatArray,
    gamma: float,
    f_astro: float,
    bias_ratio: float = 1.0,
) -> list[EvolutionResult]:
    """Return the expected f_corr of source models.

    ``f_astro (b_nu/b_g) <C^gnu/C^gg>`` with the mean over ``ell``.

    Parameters
    ----------
    models
        Source models.
    tracer
        Redshift distribution of the tracer.
    cosmology
        A ``pyccl.Cosmology``.
    ell
        Multipoles of the analysis, shape (n,).
    gamma
        Spectral index of the sources.
    f_astro
        Astrophysical share of the sample.
    bias_ratio
        b_nu / b_g.

    Notes
    -----
    Equation D12 of Abbasi et al. 2025.
    """
    if f_astro <= 0 or bias_ratio <= 0:
        raise RedshiftError(f"f_astro and bias_ratio must be positive, got {f_astro:g} and {bias_ratio:g}")
    sight = line_of_sight(cosmology, check_width(tracer))
    galaxies = (tracer.z, tracer.density)
    auto = angular_spectrum(cosmology, ell, galaxies, galaxies)
    results = []
    for model in models:
        z, flux = normalised_flux(model, gamma, sight)
        cross = angular_spectrum(cosmology, ell, galaxies, (z, flux))
        cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (flux[1:] + flux[:-1]) * np.diff(z))])
        results.append(
            EvolutionResult(
                model=model,
                f_corr=float(f_astro * bias_ratio * np.mean(cross / auto)),
                median_redshift=float(np.interp(0.5 * cumulative[-1], cumulative, z)),
                z=z,
                flux=flux,
            )
        )
    return results
