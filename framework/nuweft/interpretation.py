"""Source evolution from a finished run: its folder is enough, no data are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import numpy as np

from nuweft import seeds
from nuweft.compose import to_mapping
from nuweft.errors import RedshiftError
from nuweft.finishedrun import FinishedRun
from nuweft.inference.chain import Posterior
from nuweft.inference.evolution_posterior import sample_evolution
from nuweft.inference.scatter import Scatter
from nuweft.interfaces.source_evolution import SourceEvolutionModel
from nuweft.sky.typing import FloatArray
from nuweft.theory.evolution import (
    EvolutionResult,
    Strength,
    crossings,
    one_parameter_families,
    predict,
    scanned_fields,
    strengths,
    two_parameter_families,
)
from nuweft.theory.luminosity import LuminosityFunction, StandardCandle
from nuweft.theory.population import SourcePopulation
from nuweft.theory.redshift_response import direct_ratio, median_redshift

BIAS_RATIOS = (1.0, 2.0)
"""Values of b_nu / b_g for which constraints are given."""

PUBLISHED_F_ASTRO = 0.013
"""Of the ten-year sample, Abbasi et al. 2025, section 6."""

_GRID = 60
_STRETCHES = (0.9, 1.0, 1.1)
_LIMBER_FROM = 100


@attrs.frozen(eq=False, kw_only=True)
class Case:
    """What is assumed of the bias.

    Attributes
    ----------
    label : str
    bias_ratio : float
        b_nu / b_g, or the median of its prior.
    scatter : Scatter
        Of a prior.
    limit : float
        Largest f_corr for b_nu = b_g that is allowed.
    """

    label: str
    bias_ratio: float
    scatter: Scatter
    limit: float


@attrs.frozen(eq=False, kw_only=True)
class Curve:
    """Expected f_corr of a one-parameter family, and where it equals the limit.

    Attributes
    ----------
    model : SourceEvolutionModel
    field : str
    values, f_corr, median_redshift : arrays of shape (n,)
        For b_nu = b_g.
    limits : dict
        Crossings of the limit per label of the cases.
    """

    model: SourceEvolutionModel
    field: str
    values: FloatArray
    f_corr: FloatArray
    median_redshift: FloatArray
    limits: dict[str, list[float]]


@attrs.frozen(eq=False, kw_only=True)
class Region:
    """Expected f_corr of a two-parameter family on a grid.

    Attributes
    ----------
    model : SourceEvolutionModel
    axes : dict of str to array
    f_corr : array of shape (n, m)
        For b_nu = b_g.
    median_redshift : array of shape (n, m)
        Of the flux.
    posterior : Posterior
        Of the last case.
    """

    model: SourceEvolutionModel
    axes: dict[str, FloatArray]
    f_corr: FloatArray
    median_redshift: FloatArray
    posterior: Posterior


@attrs.frozen(eq=False, kw_only=True)
class Dependence:
    """Expected f_corr of a model where one thing is changed, for b_nu = b_g.

    Attributes
    ----------
    model : SourceEvolutionModel
    quantity : str
        ``gamma, same f_astro``, ``gamma, same flux at 100 TeV``, ``f_astro``,
        ``n(z) stretched by``, ``Limber from multipole`` or a field of the model.
    value : float
    f_corr, ratio_to_limit : float
    """

    model: SourceEvolutionModel
    quantity: str
    value: float
    f_corr: float
    ratio_to_limit: float


@attrs.frozen(kw_only=True)
class FiniteSources:
    """Sources of a diffuse flux that are counted.

    Attributes
    ----------
    local_density : float or None
        Per Mpc^3, at z = 0.
    number : float or None
        Mean number on the sky, instead of ``local_density``.
    luminosity : LuminosityFunction
    draws : int
        Realisations.
    most : int
        Sources drawn one by one in each, the brightest.
    """

    local_density: float | None = attrs.field(default=None)
    number: float | None = attrs.field(default=None)
    luminosity: LuminosityFunction = attrs.field(factory=StandardCandle)
    draws: int = 300
    most: int = 20_000

    @local_density.validator
    @number.validator
    def _positive(self, field: attrs.Attribute[float | None], value: float | None) -> None:
        if value is not None and not 0 < value < np.inf:
            raise RedshiftError(f"{field.name}: expected a positive number, got {value!r}")


@attrs.frozen(eq=False, kw_only=True)
class FiniteResult:
    """A model with finitely many sources.

    Attributes
    ----------
    model : SourceEvolutionModel
    expected_number : float
        Of sources.
    effective_number, brightest : float
        Median over realisations of ``(sum F)**2 / sum F**2`` and of the
        share of the brightest source.
    scatter : Scatter
        Of f_corr over realisations, each with the flux that is observed; its
        factors are relative to ``f_corr``.
    limits : dict of str to float
        On ``f_corr``, per label of the cases.
    f_corr : float
        For infinitely many sources and b_nu = b_g.
    """

    model: SourceEvolutionModel
    expected_number: float
    effective_number: float
    brightest: float
    scatter: Scatter
    limits: dict[str, float]
    f_corr: float


@attrs.frozen(eq=False, kw_only=True)
class Interpretation:
    """Source evolution against the limit of a run."""

    run: FinishedRun
    cases: tuple[Case, ...]
    models: tuple[EvolutionResult, ...]
    curves: tuple[Curve, ...]
    regions: tuple[Region, ...]
    dependences: tuple[Dependence, ...]
    finite: tuple[FiniteResult, ...]
    notes: tuple[str, ...]


def interpret_run(
    run: FinishedRun,
    models: Sequence[SourceEvolutionModel],
    *,
    bias_prior: float = 0.0,
    finite: FiniteSources | None = None,
) -> Interpretation:
    """Return what the limit of a run says about source models.

    Parameters
    ----------
    run
        The run.
    models
        Models; families that declare ranges (``number(scan=...)``) are scanned.
    bias_prior
        Standard deviation of ln(b_nu/b_g) of a prior round the bias ratio of
        the analysis; none where it is 0.
    finite
        Finitely many sources, whose scatter is carried into the limit.
    """
    strength = run.strength()
    cases = bias_cases(run, bias_prior)
    notes: list[str] = []
    found = []
    if finite is not None:
        for index, model in enumerate(models):
            try:
                found.append(finite_sources(run, strength, model, finite, cases, index=index))
            except RedshiftError as error:
                notes.append(f"no finite sources: {error}")
        if run.source_variance is None:
            notes.append("result.json has no source_variance: chance alignment of sources is left out")
    rows, failed = dependences(run, strength, models)
    return Interpretation(
        run=run,
        cases=cases,
        models=tuple(predict(models, strength)),
        curves=tuple(_curve(cases, strength, m) for m in one_parameter_families(models)),
        regions=tuple(_region(run, cases[-1], strength, m) for m in two_parameter_families(models)),
        dependences=tuple(rows),
        finite=tuple(found),
        notes=(*notes, *failed),
    )


def bias_cases(run: FinishedRun, bias_prior: float) -> tuple[Case, ...]:
    """Return the assumptions on the bias: fixed ratios and, with a spread, a prior."""
    options = [(f"{b:.1f}", b, Scatter.none()) for b in BIAS_RATIOS]
    if bias_prior > 0:
        options.append(("prior", run.analysis.bias_ratio, Scatter.log_normal(bias_prior)))
    return tuple(
        Case(label=label, bias_ratio=b, scatter=scatter, limit=_limit(run, scatter) / b)
        for label, b, scatter in options
    )


def _limit(run: FinishedRun, scatter: Scatter) -> float:
    limit = run.limit
    return scatter.limit(estimate=limit.f_corr_hat, sigma=limit.f_corr_sigma, credibility=limit.credibility)


def _medians(strength: Strength, models: Sequence[SourceEvolutionModel]) -> FloatArray:
    sight = strength.response.line_of_sight
    return np.array([median_redshift(model, strength.gamma, sight) for model in models])


def _curve(cases: Sequence[Case], strength: Strength, model: SourceEvolutionModel) -> Curve:
    (field,) = scanned_fields(model)
    bounds = field.metadata["scan"]
    values = np.linspace(bounds[0], bounds[1], _GRID)
    return Curve(
        model=model,
        field=field.name,
        values=values,
        f_corr=strengths(model, strength, {field.name: values}),
        median_redshift=_medians(strength, [attrs.evolve(model, **{field.name: float(v)}) for v in values]),
        limits={
            case.label: crossings(model, strength, case.limit, field=field.name, bounds=bounds)
            for case in cases
        },
    )


def _region(run: FinishedRun, case: Case, strength: Strength, model: SourceEvolutionModel) -> Region:
    ranges = {f.name: f.metadata["scan"] for f in scanned_fields(model)}
    axes = {name: np.linspace(low, high, _GRID) for name, (low, high) in ranges.items()}
    f_corr = strengths(model, strength, axes)
    (first, x), (second, y) = axes.items()
    grid = [attrs.evolve(model, **{first: float(a), second: float(b)}) for a in x for b in y]

    def log_likelihood(f: FloatArray) -> FloatArray:
        return case.scatter.log_likelihood(
            case.bias_ratio * f, estimate=run.limit.f_corr_hat, sigma=run.limit.f_corr_sigma
        )

    return Region(
        model=model,
        axes=axes,
        f_corr=f_corr,
        median_redshift=_medians(strength, grid).reshape(f_corr.shape),
        posterior=sample_evolution(axes, f_corr, log_likelihood, seed=run.analysis.seed),
    )


def dependences(
    run: FinishedRun, strength: Strength, models: Sequence[SourceEvolutionModel]
) -> tuple[list[Dependence], list[str]]:
    """Return how the expected f_corr depends on what was assumed, and what could not be done.

    On the spectral index (against the limit at that index; with the same
    f_astro, and with the f_astro of a diffuse flux that is the same at
    100 TeV), f_astro, the redshifts of the tracer, the Limber approximation,
    and fields of a model that declare values (``number(vary=...)``).
    """
    stretched = {f: run.strength(redshifts=run.redshifts.stretched(f)) for f in _STRETCHES}
    cosmology, tracer = run.analysis.cosmology.ccl(), run.analysis.tracer

    def direct(model: SourceEvolutionModel, limber_from: int) -> float:
        return direct_ratio(
            model,
            strength.gamma,
            run.redshifts,
            cosmology,
            run.ell,
            bias=tracer.bias,
            magnification=tracer.magnification,
            limber_from=limber_from,
        )

    def changed(model: SourceEvolutionModel) -> Iterator[tuple[str, float, float, float]]:
        base, limit = strength(model), run.limit.f_corr
        for upper in run.limits:
            other = attrs.evolve(strength, gamma=upper.gamma)(model)
            yield "gamma, same f_astro", upper.gamma, other, upper.f_corr
            if upper.gamma in run.shares:
                scaled = other * run.shares[upper.gamma] / run.f_astro
                yield "gamma, same flux at 100 TeV", upper.gamma, scaled, upper.f_corr
        for share in (run.f_astro, PUBLISHED_F_ASTRO):
            yield "f_astro", share, base * share / run.f_astro, limit
        for factor, stretch in stretched.items():
            yield "n(z) stretched by", factor, stretch(model), limit
        for field in attrs.fields(type(model)):
            for value in field.metadata.get("vary") or ():
                yield field.name, value, strength(attrs.evolve(model, **{field.name: value})), limit
        beyond = direct(model, _LIMBER_FROM) / direct(model, 0)
        yield "Limber from multipole", _LIMBER_FROM, base * beyond, limit

    rows, failed = [], []
    for model in models:
        try:
            for quantity, value, f_corr, limit in changed(model):
                rows.append(
                    Dependence(
                        model=model,
                        quantity=quantity,
                        value=value,
                        f_corr=f_corr,
                        ratio_to_limit=f_corr / limit,
                    )
                )
        except RedshiftError as error:
            failed.append(f"dependences of {model.plugin_name} end early: {error}")
    return rows, failed


def finite_sources(
    run: FinishedRun,
    strength: Strength,
    model: SourceEvolutionModel,
    settings: FiniteSources,
    cases: Sequence[Case],
    *,
    index: int = 0,
) -> FiniteResult:
    """Return the limit on a model with finitely many sources.

    In each realisation the observed diffuse flux is made by its sources:
    their redshifts give its f_corr, and their shot noise on the sky adds to
    the variance of the estimate. As the flux is that observed, the mean over
    realisations lies below f_corr for infinitely many sources.

    Parameters
    ----------
    run, strength, model
        The run, the expected f_corr of models, and the model.
    settings
        Sources.
    cases
        Assumptions on the bias.
    index
        Distinguishes the random numbers of models.

    Raises
    ------
    RedshiftError
        If the model has no local density.
    """
    sight = strength.response.line_of_sight
    population = SourcePopulation(
        model=model,
        gamma=strength.gamma,
        line_of_sight=sight,
        luminosity=settings.luminosity,
        local_density=settings.local_density,
        number=settings.number,
    )
    mean = strength.response.ratio(model, strength.gamma)
    factor, effective, brightest = np.empty((3, settings.draws))
    for i in range(settings.draws):
        rng = seeds.generator(run.analysis.seed, "finite sources", index, i)
        drawn = population.draw(rng=rng, most=settings.most)
        if not drawn.total > 0:
            raise RedshiftError(
                f"{model.plugin_name}: {population.expected_number:.3g} sources are expected on the sky; "
                "a realisation without any has no flux"
            )
        factor[i] = drawn.mean(strength.response.z, strength.response.value) / mean
        effective[i] = drawn.effective_number
        brightest[i] = drawn.flux.max(initial=0.0) / drawn.total
    noise = 0.0 if run.source_variance is None else run.source_variance
    scatter = Scatter(factor=factor, variance=run.f_astro**2 * noise / effective)
    return FiniteResult(
        model=model,
        expected_number=population.expected_number,
        effective_number=float(np.median(effective)),
        brightest=float(np.median(brightest)),
        scatter=scatter,
        limits={case.label: _limit(run, scatter.combined(case.scatter)) / case.bias_ratio for case in cases},
        f_corr=strength(model),
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def settings_of(model: SourceEvolutionModel) -> dict[str, Any]:
    """Return the settings of a model as plain values."""
    return {k: v for k, v in to_mapping(model).items() if k != "plugin"}


def _named(model: SourceEvolutionModel) -> dict[str, Any]:
    return {"plugin": model.plugin_name, "settings": settings_of(model)}


def interpretation_json(result: Interpretation) -> dict[str, Any]:
    """Return the content of ``evolution.json``."""
    limit = result.run.limit
    return {
        "limit": {"gamma": limit.gamma, "credibility": limit.credibility, "f_corr": limit.f_corr},
        "f_astro": result.run.f_astro,
        "largest_f_corr": {case.label: _finite(case.limit) for case in result.cases},
        "models": [
            _named(item.model)
            | {
                "median_redshift": item.median_redshift,
                "f_corr_model": item.f_corr,
                "ratio_to_limit": {case.label: item.f_corr / case.limit for case in result.cases},
            }
            for item in result.models
        ],
        "limits_on_parameters": [
            {
                "plugin": curve.model.plugin_name,
                "field": curve.field,
                "range": [float(curve.values[0]), float(curve.values[-1])],
                "crossings": curve.limits,
            }
            for curve in result.curves
        ],
        "regions": [
            {
                "plugin": region.model.plugin_name,
                "excluded_share_of_plane": {
                    case.label: float(np.mean(region.f_corr > case.limit)) for case in result.cases
                },
                "posterior": {
                    name: {str(q): region.posterior.quantile(name, q) for q in (0.05, 0.16, 0.5, 0.84, 0.95)}
                    for name in region.posterior.parameters
                },
                "posterior_of": result.cases[-1].label,
                "converged": region.posterior.converged,
            }
            for region in result.regions
        ],
        "dependence": [
            _named(row.model)
            | {
                "quantity": row.quantity,
                "value": row.value,
                "f_corr_model": row.f_corr,
                "ratio_to_limit": row.ratio_to_limit,
            }
            for row in result.dependences
        ],
        "finite_sources": [
            _named(item.model)
            | {
                "expected_number": item.expected_number,
                "effective_number": item.effective_number,
                "brightest": item.brightest,
                "factor": {
                    str(q): float(np.quantile(item.scatter.factor, q)) for q in (0.05, 0.16, 0.5, 0.84, 0.95)
                },
                "f_corr_model": item.f_corr,
                "mean_f_corr": item.f_corr * float(np.mean(item.scatter.factor)),
                "largest_f_corr": {label: _finite(limit) for label, limit in item.limits.items()},
                "ratio_to_limit": {label: item.f_corr / limit for label, limit in item.limits.items()},
            }
            for item in result.finite
        ],
        "notes": list(result.notes),
    }
