"""Sensitivity of an analysis: median limits, discovery potentials, recovery of injected signals."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from nuweft import seeds
from nuweft.analysis import Analysis
from nuweft.errors import ModelError
from nuweft.io.json_file import finite
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.process.capacity import check_trials
from nuweft.progress import Progress, Silent
from nuweft.statistics.limits import coverage
from nuweft.statistics.profile import check_data_points, unconstrained
from nuweft.studies.injection import Injections, correlated_sources, event_pool, inject
from nuweft.studies.limits import (
    DiscoveryPotential,
    MedianLimit,
    SensitiveRange,
    discovery_potentials,
    median_limit,
    sensitive_range,
    thresholds,
)
from nuweft.studies.systematics import SystematicStudy, systematic_study, varied_model

STRENGTHS = (0.0, 1.0, 2.0, 4.0)
"""Injected strengths of the recovery curve, in sigma."""


@attrs.frozen(eq=False, kw_only=True)
class Sensitivity:
    """What an analysis can see.

    Attributes
    ----------
    measured : CrossSpectrum
    limits : tuple of MedianLimit
    ranges : tuple of SensitiveRange
        Per spectral index.
    discoveries : tuple of DiscoveryPotential
        Per spectral index and threshold; those that are not reached are left out.
    recovery : tuple of Injections
        Per strength, at the index of the diffuse flux.
    studies : tuple of SystematicStudy
        Without and with a signal; none without variations.
    warnings : tuple of str
    """

    measured: CrossSpectrum
    limits: tuple[MedianLimit, ...]
    ranges: tuple[SensitiveRange, ...]
    discoveries: tuple[DiscoveryPotential, ...]
    recovery: tuple[Injections, ...]
    studies: tuple[SystematicStudy, ...]
    warnings: tuple[str, ...]


def sensitivity(
    analysis: Analysis,
    *,
    sets: int = 100,
    trials: int = 2000,
    tail_trials: int = 2_000_000,
    progress: Progress | None = None,
) -> Sensitivity:
    """Return what an analysis can see.

    Parameters
    ----------
    analysis
        The analysis; its variations of the response are studied where there are any.
    sets
        Injected data sets per strength; without any, only limits and energies.
    trials
        Scrambled trials for the spread of the limits.
    tail_trials
        Hybrid trials for the thresholds of 3 and 5 sigma.
    progress
        Reports progress.
    """
    check_trials(trials + sets, len(analysis.neutrino_sample.energy_bins.labels))
    report = progress or Silent()
    measured = analysis.measure(report)
    check_data_points(measured)
    report.note("trials without signal")
    statistics = analysis.run_trials(measured, trials)
    limits = tuple(median_limit(analysis, measured, g, statistics) for g in analysis.gammas)
    report.note("sensitive energies")
    ranges = tuple(sensitive_range(analysis, measured, g) for g in analysis.gammas)
    discoveries: list[DiscoveryPotential] = []
    recovery: list[Injections] = []
    studies: list[SystematicStudy] = []
    warnings = list(analysis.neutrino_sample.response().remarks)
    if sets:
        _, histogram = analysis.tail_probability(measured, tail_trials, progress=report)
        levels = thresholds(histogram)
        for level in levels:
            if level.extrapolated:
                warnings.append(
                    f"the threshold of {level.sigma:g} sigma is an exponential continuation of {tail_trials} "
                    "trials"
                )
        sources = correlated_sources(analysis)
        for gamma in analysis.gammas:
            rng = seeds.generator(analysis.seed, f"sensitivity pool {gamma:g}")
            pool = event_pool(analysis, gamma, rng=rng, sources=sources)
            try:
                discoveries += discovery_potentials(
                    analysis, measured, pool, gamma, levels, sets=sets, progress=report
                )
            except ModelError as error:
                warnings.append(str(error))
        gamma = analysis.diffuse_flux.gamma
        _, sigma = unconstrained(analysis.model(measured), gamma)
        unit = sigma * float(measured.events_per_bin.sum())
        rng = seeds.generator(analysis.seed, "recovery pool")
        pool = event_pool(analysis, gamma, rng=rng, sources=sources)
        recovery = [
            inject(analysis, gamma, strength * unit, sets, pool=pool, progress=report)
            for strength in STRENGTHS
        ]
        if analysis.response_variations:
            made = report.track(
                analysis.response_variations, "varied responses", len(analysis.response_variations)
            )
            models = [varied_model(analysis, v) for v in made]
            studies = [
                systematic_study(
                    analysis,
                    analysis.response_variations,
                    gamma=gamma,
                    n_corr=n_corr,
                    sets=sets,
                    models=models,
                    pool=pool,
                    progress=report,
                )
                for n_corr in (0.0, STRENGTHS[-1] * unit)
            ]
    return Sensitivity(
        measured=measured,
        limits=limits,
        ranges=ranges,
        discoveries=tuple(discoveries),
        recovery=tuple(recovery),
        studies=tuple(studies),
        warnings=tuple(warnings),
    )


def sensitivity_json(result: Sensitivity, analysis: Analysis) -> dict[str, Any]:
    """Return the content of ``sensitivity.json``; fluxes at 100 TeV in GeV^-1 cm^-2 s^-1 sr^-1."""
    measured, diffuse = result.measured, analysis.diffuse_flux
    total = float(measured.events_per_bin.sum())

    def fluxes(f_corr: float, gamma: float) -> dict[str, float]:
        flux = analysis.flux(measured, f_corr, gamma)
        return {"flux_100TeV": flux, "fraction_of_diffuse": flux / diffuse.normalisation}

    return {
        "events_per_bin": measured.events_per_bin.tolist(),
        "sensitivity": [
            {
                "gamma": limit.gamma,
                "credibility": limit.credibility,
                "f_corr": limit.median,
                "n_corr": limit.median * total,
                "f_corr_of_trials": limit.of_trials,
                "f_corr_16": limit.low,
                "f_corr_84": limit.high,
                "energy_range_GeV": [10**spread.low, 10**spread.high],
                **fluxes(limit.median, limit.gamma),
            }
            for limit, spread in zip(result.limits, result.ranges, strict=True)
        ],
        "discovery_potential": [
            {
                "gamma": found.gamma,
                "sigma": found.threshold.sigma,
                "test_statistic": found.threshold.test_statistic,
                "extrapolated": found.threshold.extrapolated,
                "n_corr": found.n_corr,
                # f_corr counts all events, the injected ones among them
                "f_corr": found.n_corr / (total + found.n_corr),
                "flux_100TeV": found.n_corr / measured.acceptance(found.gamma),
                "fraction_of_diffuse": found.n_corr
                / measured.acceptance(found.gamma)
                / diffuse.normalisation,
            }
            for found in result.discoveries
        ],
        "recovery": [recovery_summary(r) for r in result.recovery],
        "systematics": [study_summary(s) for s in result.studies],
        "warnings": list(result.warnings),
    }


def recovery_summary(found: Injections) -> dict[str, Any]:
    """Return the numbers of injected data sets; every pair is a mean and its error."""
    return {
        "gamma": found.gamma,
        "n_corr": found.n_corr,
        "sets": len(found.truth),
        "f_corr": float(found.truth.mean()),
        "f_corr_estimate": float(found.estimate.mean()),
        "sigma": float(found.sigma.mean()),
        "mean_pull": list(found.mean_pull),
        "pull_width": float(found.pulls.std()),
        "bias": list(found.bias) if found.n_corr else None,
        "bias_gamma_free": list(found.free_bias) if found.n_corr else None,
        "coverage": list(found.coverage),
        "coverage_expected": float(np.mean([coverage(f) for f in found.truth / found.sigma])),
    }


def study_summary(study: SystematicStudy) -> dict[str, Any]:
    """Return the numbers of a study of systematic uncertainties."""
    nominal = float(study.mean_f_corr[0])
    rows = zip(
        ("nominal", *study.descriptions),
        study.mean_f_corr,
        study.estimate.mean(axis=1),
        study.mean_gamma,
        strict=True,
    )
    return {
        "gamma": study.gamma,
        "n_corr": study.n_corr,
        "sets": study.estimate.shape[1],
        "models": [
            {"response": name, "f_corr": float(f), "f_corr_fixed": float(e), "gamma": finite(float(g))}
            for name, f, e, g in rows
        ],
        "sigma_f_corr": study.sigma_f_corr,
        "sigma_f_corr_fixed": study.sigma_f_corr_fixed,
        "sigma_gamma": finite(study.sigma_gamma),
        "relative_sigma_f_corr": study.sigma_f_corr / nominal if nominal > 0 else None,
        "relative_sigma_gamma": finite(study.sigma_gamma / float(study.mean_gamma[0])),
    }
