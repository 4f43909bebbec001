"""The results of a run as one object, and as the content of ``result.json``."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from scipy import special

from nuweft.analysis import Analysis
from nuweft.compose import named
from nuweft.errors import ModelError, RedshiftError
from nuweft.inference.chain import Posterior
from nuweft.inference.limits import UpperLimit, truncated_gaussian_limit
from nuweft.inference.profile import FitResult
from nuweft.inference.sensitivity import SensitiveRange, sensitive_range
from nuweft.inference.trials import PValue, p_value
from nuweft.interfaces.likelihood import GaussianModel
from nuweft.provenance import finite
from nuweft.sky.spectra import CrossSpectrum
from nuweft.sky.typing import FloatArray
from nuweft.theory.evolution import EvolutionResult
from nuweft.theory.galaxy_bias import BiasFit

_FEW_EVENTS = 100
_UNLIKELY = 1e-3


@attrs.frozen(eq=False, kw_only=True)
class Result:
    """Everything a run found.

    Attributes
    ----------
    measured : CrossSpectrum
    model : GaussianModel
    fit : FitResult
    p_value : PValue or None
        None without trials.
    trial_test_statistics : array of shape (n,)
    upper_limits : tuple of UpperLimit
    fluxes : tuple of float
        Flux at 100 TeV of each limit, GeV^-1 cm^-2 s^-1 sr^-1.
    sensitive_ranges : tuple of SensitiveRange
        Energies that matter to each limit.
    posterior : Posterior or None
    evolution : tuple of EvolutionResult
    evolution_limit : UpperLimit
        At the index of the diffuse flux.
    f_astro : float
    galaxy_bias : BiasFit or None
        None where it cannot be fitted.
    source_variance : float
        At the index of the diffuse flux.
    warnings : tuple of str
    """

    measured: CrossSpectrum
    model: GaussianModel
    fit: FitResult
    p_value: PValue | None
    trial_test_statistics: FloatArray
    upper_limits: tuple[UpperLimit, ...]
    fluxes: tuple[float, ...]
    sensitive_ranges: tuple[SensitiveRange, ...]
    posterior: Posterior | None
    evolution: tuple[EvolutionResult, ...]
    evolution_limit: UpperLimit
    f_astro: float
    galaxy_bias: BiasFit | None
    source_variance: float
    warnings: tuple[str, ...]


def interpret(
    analysis: Analysis,
    measured: CrossSpectrum,
    trial_test_statistics: FloatArray,
    posterior: Posterior | None,
) -> Result:
    """Return fit, p-value, limits and evolution of a measured spectrum.

    Parameters
    ----------
    analysis
        The analysis.
    measured
        Its spectrum.
    trial_test_statistics
        Test statistics of null trials, shape (n,).
    posterior
        Posterior samples, if there are any.
    """
    model = analysis.model(measured)
    fit = analysis.fit(measured)
    upper = tuple(analysis.upper_limit(measured, gamma) for gamma in analysis.gammas)
    reference = analysis.upper_limit(measured, analysis.diffuse_flux.gamma)
    warnings = list(_warnings(analysis, measured, fit, upper, posterior))
    evolution: list[EvolutionResult] = []
    try:
        evolution = analysis.evolution(measured)
    except RedshiftError as error:
        warnings.append(f"no source evolution: {error}")
    bias = None
    try:
        bias = analysis.galaxy_bias()
    except (RedshiftError, ModelError) as error:
        warnings.append(f"no galaxy bias: {error}")
    if bias is not None and special.chdtrc(bias.dof, bias.chi2) < _UNLIKELY:
        warnings.append(
            f"a constant bias does not describe the tracer's auto-power: chi2 {bias.chi2:.0f} for {bias.dof}"
        )
    p = p_value(trial_test_statistics, fit.test_statistic) if len(trial_test_statistics) else None
    if p is not None and p.is_bound:
        warnings.append(
            f"none of {p.trials} trials reaches the observed test statistic: the p-value is below "
            f"{p.error:.2g} (68 %), a bound, and the significance is at least the one given; run more trials"
        )
    if p is None:
        warnings.append("no trials were run: there is no p-value")
    return Result(
        measured=measured,
        model=model,
        fit=fit,
        p_value=p,
        trial_test_statistics=trial_test_statistics,
        upper_limits=upper,
        fluxes=tuple(analysis.flux(measured, u.f_corr, u.gamma) for u in upper),
        sensitive_ranges=tuple(sensitive_range(analysis, measured, gamma) for gamma in analysis.gammas),
        posterior=posterior,
        evolution=tuple(evolution),
        evolution_limit=reference,
        f_astro=analysis.astrophysical_share(measured),
        galaxy_bias=bias,
        source_variance=analysis.source_variance(measured, reference.gamma),
        warnings=tuple(warnings),
    )


def _warnings(
    analysis: Analysis,
    measured: CrossSpectrum,
    fit: FitResult,
    upper: tuple[UpperLimit, ...],
    posterior: Posterior | None,
) -> list[str]:
    found = []
    for block in measured.blocks:
        if block.events < _FEW_EVENTS:
            found.append(
                f"energy bin {block.energy_bin} holds {block.events:g} events: its covariance, exact to "
                "first order in 1/N, is good to a few per cent, and its spectrum is not Gaussian in the tail"
            )
    share = analysis.astrophysical_share(measured)
    if share > 1:
        found.append(
            f"f_astro is {share:.3g}, an astrophysical share above 1: the diffuse flux would give more "
            "events than there are; check diffuse_flux.normalisation (per GeV, not per TeV) and the livetime"
        )
    low, high = analysis.gamma_range
    if fit.f_corr > 0 and (fit.gamma <= low + 1e-6 or fit.gamma >= high - 1e-6):
        found.append(f"the best-fit spectral index {fit.gamma:g} is at the edge of its range")
    if fit.f_corr == 0:
        found.append("the best fit is f_corr = 0: the spectral index is undetermined")
    for limit in upper:
        flux = analysis.flux(measured, limit.f_corr, limit.gamma)
        if limit.gamma == analysis.diffuse_flux.gamma and flux > analysis.diffuse_flux.normalisation:
            found.append(
                f"the limit at gamma {limit.gamma:g} exceeds the whole diffuse flux: "
                "this sample cannot constrain its origin"
            )
    for limit in upper:
        if limit.gamma == analysis.diffuse_flux.gamma and limit.f_corr_hat < -limit.f_corr_sigma:
            sigmas = limit.f_corr_hat / limit.f_corr_sigma
            median = float(truncated_gaussian_limit(np.array(0.0), limit.f_corr_sigma, limit.credibility))
            found.append(
                f"the estimate at gamma {limit.gamma:g} is {sigmas:.1f} sigma, an under-fluctuation: "
                f"a typical sample without signal gives a limit of {median:.5f}"
            )
    if posterior is not None and not posterior.converged:
        found.append(
            "the posterior chain is shorter than 50 autocorrelation times "
            f"(longest {np.nanmax(posterior.autocorrelation_time):.0f} steps)"
        )
    return found


def to_json(result: Result, analysis: Analysis) -> dict[str, Any]:
    """Return the content of ``result.json``; a number that is undefined is null."""
    fit, p, diffuse = result.fit, result.p_value, analysis.diffuse_flux
    events = result.measured.events_per_bin
    content: dict[str, Any] = {
        "events_per_bin": events.tolist(),
        "f_sky": result.measured.sky_fraction,
        "null": {"f_atm": fit.null_f_atm.tolist(), "chi2": fit.null_chi2, "dof": fit.null_dof},
        "best_fit": {
            "f_corr": fit.f_corr,
            "gamma": finite(fit.gamma),
            "f_atm": fit.f_atm.tolist(),
            "n_corr": fit.n_corr,
            "chi2": fit.chi2,
            "dof": fit.dof,
        },
        "test_statistic": fit.test_statistic,
        "p_value": None if p is None else p.value,
        "p_value_is_bound": p is not None and p.is_bound,
        "p_value_bound": None if p is None or not p.is_bound else p.error,
        "p_value_error": None if p is None else p.error,
        "p_value_mode": None if p is None else p.mode,
        "significance_sigma": None if p is None else p.significance,
        "trials": len(result.trial_test_statistics),
        "trials_at_zero": int(np.count_nonzero(result.trial_test_statistics == 0)),
        "upper_limits": [
            {
                "gamma": u.gamma,
                "credibility": u.credibility,
                "f_corr": u.f_corr,
                "n_corr": u.f_corr * float(events.sum()),
                "flux_100TeV": flux,
                "fraction_of_diffuse": flux / diffuse.normalisation,
                "f_astro": analysis.astrophysical_share(result.measured, u.gamma),
                "f_corr_hat": u.f_corr_hat,
                "f_corr_sigma": u.f_corr_sigma,
                "energy_range_GeV": [10**spread.low, 10**spread.high],
            }
            for u, flux, spread in zip(
                result.upper_limits, result.fluxes, result.sensitive_ranges, strict=True
            )
        ],
        "source_evolution": [
            named(e.model)
            | {
                "f_corr_model": e.f_corr,
                "ratio_to_limit": e.f_corr / result.evolution_limit.f_corr,
                "median_redshift": e.median_redshift,
            }
            for e in result.evolution
        ],
        "f_astro": result.f_astro,
        "source_variance": result.source_variance,
        "galaxy_bias": None if result.galaxy_bias is None else bias_summary(result.galaxy_bias),
        "warnings": list(result.warnings),
        "energy_bins": [block.energy_bin for block in result.measured.blocks],
        "tracer": analysis.tracer.plugin_name,
        "signal": analysis.signal,
        "sample": analysis.neutrino_sample.description(),
        "response": [season.description() for season in analysis.neutrino_sample.response().seasons],
        "accuracy": {
            "exposure_truncation": result.measured.exposure_error,
            "signal_basis_truncation_sigma": result.model.truncation_error,
            "signal_basis_rank": [b.coefficients.shape[1] for b in result.model.blocks],
        },
    }
    if result.posterior is not None:
        content["posterior"] = posterior_summary(result.posterior)
    return content


def bias_summary(fit: BiasFit) -> dict[str, Any]:
    """Return the numbers of a bias fit; shot noise over that of Poisson counts."""
    return {
        "bias": fit.bias,
        "sigma": fit.sigma,
        "chi2": fit.chi2,
        "dof": fit.dof,
        "ell": [float(fit.ell[0]), float(fit.ell[-1])],
        "shot_noise": fit.shot_noise / fit.poisson,
    }


def posterior_summary(posterior: Posterior) -> dict[str, Any]:
    """Return quantiles and the convergence report of a posterior."""
    return {
        "quantiles": {
            name: {str(q): posterior.quantile(name, q) for q in (0.05, 0.16, 0.5, 0.84, 0.9, 0.95)}
            for name in posterior.parameters
        },
        "autocorrelation_time": [finite(t) for t in posterior.autocorrelation_time],
        "acceptance_fraction": posterior.acceptance,
        "effective_samples": finite(posterior.effective_samples),
        "split_r_hat": finite(posterior.gelman_rubin),
        "converged": posterior.converged,
    }
