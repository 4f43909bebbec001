"""The results of a run as one object, and as the content of ``result.json``."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from scipy import special

from nuweft.analysis import Analysis
from nuweft.errors import ModelError, RedshiftError
from nuweft.evolution.prediction import EvolutionResult
from nuweft.interfaces.base import all_notes
from nuweft.interfaces.neutrino_sample import CORRELATED
from nuweft.io.json_file import finite
from nuweft.measurement.null_checks import first_order_error, template_distance
from nuweft.model.auto_spectrum import BiasFit
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.model.gaussian_model import GaussianModel
from nuweft.plugin.compose import label, named
from nuweft.statistics.chain import Posterior
from nuweft.statistics.limits import UpperLimit
from nuweft.statistics.profile import FitResult
from nuweft.statistics.signal_fit import SignalFit
from nuweft.statistics.trials import PValue, p_value
from nuweft.studies.limits import SensitiveRange, sensitive_range
from nuweft.typing import FloatArray

_FEW_EVENTS = 100
_UNLIKELY = 1e-3
_REDSHIFT_ERROR = 0.01
_TEMPLATE_DISTANCE = 2.0
_SEEN = 2.0


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
        For the kind of signal of the analysis.
    fluxes : tuple of float
        Flux at 100 TeV of each limit, GeV^-1 cm^-2 s^-1 sr^-1.
    other_limits : dict of str to tuple of UpperLimit
        For the other kinds of signal.
    sensitive_ranges : tuple of SensitiveRange
        Energies that matter to each limit.
    posterior : Posterior or None
    evolution : tuple of EvolutionResult
    signal_fits : tuple of SignalFit
        At the index of each limit and, last, of the diffuse flux.
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
    other_limits: dict[str, tuple[UpperLimit, ...]]
    sensitive_ranges: tuple[SensitiveRange, ...]
    posterior: Posterior | None
    evolution: tuple[EvolutionResult, ...]
    signal_fits: tuple[SignalFit, ...]
    f_astro: float
    galaxy_bias: BiasFit | None
    source_variance: float
    warnings: tuple[str, ...]

    def limit_beside(self, model: EvolutionResult) -> UpperLimit | None:
        """Return the limit beside which a model stands, or None where there is none.

        It is that on the kind of signal that the model predicts, at the index
        of the diffuse flux.
        """
        found = self.signal_fits[-1]
        if not found.holds(model.parts):
            return None
        return found.upper_limit(model.parts, self.upper_limits[0].credibility)


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
    others = {
        kind: tuple(analysis.upper_limit(measured, gamma, signal=kind) for gamma in analysis.gammas)
        for kind in measured.alternatives
    }
    gamma = analysis.diffuse_flux.gamma
    response = analysis.neutrino_sample.response()
    warnings = [*response.remarks, *analysis.fields.remarks]
    warnings += _warnings(analysis, measured, fit, upper, posterior)
    if (error := analysis.background.moments_error()) > 0:
        warnings.append(
            f"mean and covariance without signal are those of {analysis.background.draws} draws of "
            f"background {analysis.background.plugin_name}: variances are good to {error:.1%}"
        )
    if measured.undetected:
        warnings.append(measured.undetected)
    evolution: list[EvolutionResult] = []
    try:
        evolution = analysis.evolution(measured)
    except RedshiftError as error:
        warnings.append(f"no source evolution: {error}")
    warnings += [
        f"n(z) of the tracer: f_corr of {label(named(item.model))} changes by {item.redshift_error:+.1%} "
        "where the bins of n(z) are halved"
        for item in evolution
        if item.redshift_error is not None and abs(item.redshift_error) > _REDSHIFT_ERROR
    ]
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
        other_limits=others,
        sensitive_ranges=tuple(sensitive_range(analysis, measured, gamma) for gamma in analysis.gammas),
        posterior=posterior,
        evolution=tuple(evolution),
        signal_fits=tuple(analysis.signal_fit(measured, g) for g in (*analysis.gammas, gamma)),
        f_astro=analysis.astrophysical_fraction(measured),
        galaxy_bias=bias,
        source_variance=analysis.source_variance(measured, gamma),
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
    for block, bin_data, f_atm in zip(measured.blocks, analysis.bins, fit.f_atm, strict=True):
        if block.events < _FEW_EVENTS:
            error = first_order_error(bin_data)
            found.append(
                f"energy bin {block.energy_bin} holds {block.events:g} events: its covariance, exact to "
                f"first order in 1/N, is good to about {error:.1%}, and its spectrum is not Gaussian in the "
                "tail"
            )
        distance = template_distance(block)
        if distance > _TEMPLATE_DISTANCE:
            found.append(
                f"energy bin {block.energy_bin}: the background template differs from the exact mean of "
                f"scrambles by {distance:.1f} sigma"
            )
        if f_atm < 0:
            found.append(
                f"energy bin {block.energy_bin}: the fitted f_atm is {f_atm:.3f}, below zero; an amplitude "
                "of the background is not negative"
            )
    fraction = analysis.astrophysical_fraction(measured)
    if fraction > 1:
        found.append(
            f"f_astro is {fraction:.3g}, an astrophysical fraction above 1: the diffuse flux would give more "
            "events than there are; check diffuse_flux.normalisation (per GeV, not per TeV) and the exposure"
        )
    low, high = analysis.gamma_range
    if fit.f_corr > 0 and (fit.gamma <= low + 1e-6 or fit.gamma >= high - 1e-6):
        found.append(f"the best-fit spectral index {fit.gamma:g} is at the edge of its range")
    if fit.f_corr == 0:
        found.append("the best fit is f_corr = 0: the spectral index is undetermined")
    origin = analysis.neutrino_sample.origin()
    injected = origin is not None and bool(np.any(np.asarray(origin) == CORRELATED))
    for limit in upper:
        flux = analysis.flux(measured, limit.f_corr, limit.gamma)
        if (
            limit.gamma == analysis.diffuse_flux.gamma
            and flux > analysis.diffuse_flux.normalisation
            and limit.f_corr_hat < _SEEN * limit.f_corr_sigma
            and not injected
        ):
            found.append(
                f"the limit at gamma {limit.gamma:g} exceeds the whole diffuse flux: "
                "this sample cannot constrain its origin"
            )
    for limit in upper:
        if limit.gamma == analysis.diffuse_flux.gamma and limit.f_corr_hat < -limit.f_corr_sigma:
            sigmas = limit.f_corr_hat / limit.f_corr_sigma
            found.append(
                f"the estimate at gamma {limit.gamma:g} is {sigmas:.1f} sigma, an under-fluctuation: "
                f"a typical sample without signal gives a limit of {limit.expected:.5f}"
            )
    if posterior is not None and not posterior.converged:
        found.append(
            "the posterior chain is shorter than 50 autocorrelation times "
            f"(longest {np.nanmax(posterior.autocorrelation_time):.0f} steps)"
        )
    return found


def to_json(result: Result, analysis: Analysis) -> dict[str, Any]:
    """Return the content of ``result.json``; a number that is undefined is null."""
    fit, p = result.fit, result.p_value
    events = result.measured.events_per_bin
    response = analysis.neutrino_sample.response()
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
            limit_json(analysis, result.measured, u, spread)
            for u, spread in zip(result.upper_limits, result.sensitive_ranges, strict=True)
        ],
        "other_limits": {
            kind: [
                limit_json(analysis, result.measured.with_signal(kind), u, spread)
                for u, spread in zip(found, result.sensitive_ranges, strict=True)
            ]
            for kind, found in result.other_limits.items()
        },
        "signal_fits": [
            {
                "gamma": found.gamma,
                "signals": list(found.signals),
                "score": found.score.tolist(),
                "information": found.information.tolist(),
            }
            for found in result.signal_fits
        ],
        "source_evolution": [evolution_json(e, result.limit_beside(e)) for e in result.evolution],
        "relative_shot_noise": analysis.relative_shot_noise,
        "f_astro": result.f_astro,
        "source_variance": result.source_variance,
        "galaxy_bias": None if result.galaxy_bias is None else bias_summary(result.galaxy_bias),
        "warnings": list(result.warnings),
        "energy_bins": [block.energy_bin for block in result.measured.blocks],
        "notes": list(all_notes(analysis)),
        "tracer": analysis.tracer.plugin_name,
        "neutrino_sample": analysis.neutrino_sample.plugin_name,
        "signal": analysis.signal,
        "sample": analysis.neutrino_sample.description(),
        "response": [season.description() for season in response.seasons],
        "response_remarks": list(response.remarks),
        "accuracy": {
            "exposure_truncation": result.measured.exposure_error,
            "signal_basis_truncation_sigma": result.model.truncation_error,
            "signal_basis_rank": [b.coefficients.shape[1] for b in result.model.blocks],
        },
    }
    if result.posterior is not None:
        content["posterior"] = posterior_summary(result.posterior)
    return content


def limit_json(
    analysis: Analysis, measured: CrossSpectrum, limit: UpperLimit, spread: SensitiveRange
) -> dict[str, Any]:
    """Return the numbers of a limit, beside the median of samples without signal."""
    flux, expected = (analysis.flux(measured, f, limit.gamma) for f in (limit.f_corr, limit.expected))
    diffuse, low, high = analysis.diffuse_flux, 10**spread.low, 10**spread.high
    return {
        "gamma": limit.gamma,
        "credibility": limit.credibility,
        "signal": limit.signal,
        "f_corr": limit.f_corr,
        "f_corr_expected": limit.expected,
        "n_corr": limit.f_corr * float(measured.events_per_bin.sum()),
        "flux_100TeV": flux,
        "fraction_of_diffuse": flux / diffuse.normalisation,
        "fraction_of_diffuse_expected": expected / diffuse.normalisation,
        "fraction_of_diffuse_in_range": diffuse.fraction(flux, limit.gamma, low, high),
        "fraction_of_diffuse_in_range_expected": diffuse.fraction(expected, limit.gamma, low, high),
        "f_astro": analysis.astrophysical_fraction(measured, limit.gamma),
        "f_corr_hat": limit.f_corr_hat,
        "f_corr_sigma": limit.f_corr_sigma,
        "energy_range_GeV": [low, high],
    }


def evolution_json(item: EvolutionResult, limit: UpperLimit | None) -> dict[str, Any]:
    """Return the numbers of a source model beside the limit on the signal that it predicts."""
    return named(item.model) | {
        "f_corr_model": item.f_corr,
        "signal": " and ".join(item.parts),
        "limit": None if limit is None else limit.f_corr,
        "ratio_to_limit": None if limit is None else item.f_corr / limit.f_corr,
        "median_redshift": item.median_redshift,
        "redshift_error": item.redshift_error,
    }


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
