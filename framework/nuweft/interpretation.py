"""Source evolution from a finished run: its folder is enough, no data are needed."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from nuweft.analysis import Analysis
from nuweft.compose import to_mapping
from nuweft.errors import CorruptFileError, MissingDataError, RedshiftError
from nuweft.inference.evolution_posterior import EvolutionPosterior, sample_evolution
from nuweft.inference.limits import UpperLimit
from nuweft.interfaces.source_evolution import SourceEvolutionModel
from nuweft.interfaces.tracer import RedshiftDistribution
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
from nuweft.theory.redshift_response import median_redshift, redshift_response

BIAS_RATIOS = (1.0, 2.0)
"""Values of b_nu / b_g for which constraints are given."""

_GRID = 60


@attrs.frozen(eq=False, kw_only=True)
class FinishedRun:
    """What source evolution needs of a run.

    Attributes
    ----------
    analysis : Analysis
        Its settings.
    limit : UpperLimit
        At the index of the diffuse flux.
    f_astro : float
    redshifts : RedshiftDistribution
        Of the tracer.
    ell : array of shape (n,)
        Multipoles.
    """

    analysis: Analysis
    limit: UpperLimit
    f_astro: float
    redshifts: RedshiftDistribution
    ell: FloatArray

    def strength(self, bias_ratio: float = 1.0) -> Strength:
        """Return the expected f_corr of source models."""
        return Strength(
            response=redshift_response(self.redshifts, self.analysis.cosmology.ccl(), self.ell),
            gamma=self.limit.gamma,
            f_astro=self.f_astro,
            bias_ratio=bias_ratio,
        )


def read_run(folder: Path) -> FinishedRun:
    """Return a finished run.

    Raises
    ------
    MissingDataError
        If the folder holds no finished run.
    CorruptFileError
        If a file cannot be read.
    RedshiftError
        If the tracer has no redshift distribution, or no limit was set at the
        index of the diffuse flux.
    """
    import sacc

    for name in ("result.json", "spectra.sacc", "analysis.yaml"):
        if not (folder / name).is_file():
            raise MissingDataError(f"{folder}: no {name}; `nuweft run` or `nuweft demo` make it")
    analysis = Analysis.from_yaml(folder / "analysis.yaml")
    try:
        content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # units of FITS headers
            store = sacc.Sacc.load_fits(str(folder / "spectra.sacc"))
    except (OSError, ValueError) as error:
        raise CorruptFileError(f"{folder}: not a finished run ({error})") from error
    gamma = analysis.diffuse_flux.gamma
    found = [u for u in content["upper_limits"] if abs(u["gamma"] - gamma) < 1e-9]
    if not found:
        raise RedshiftError(f"{folder}: no limit at index {gamma:g} of the diffuse flux; add it to gammas")
    keep = ("gamma", "credibility", "f_corr", "f_corr_hat", "f_corr_sigma")
    tracer, neutrinos = store.get_tracer_combinations()[0]
    table = store.tracers[tracer]
    if not hasattr(table, "nz"):
        raise RedshiftError(f"{folder}: tracer {tracer} has no redshift distribution")
    ell, _ = store.get_ell_cl(store.get_data_types()[0], tracer, neutrinos)
    return FinishedRun(
        analysis=analysis,
        limit=UpperLimit(**{k: found[0][k] for k in keep}),
        f_astro=content["f_astro"],
        redshifts=RedshiftDistribution.normalised(table.z, table.nz, tracer),
        ell=np.asarray(ell, dtype=float),
    )


@attrs.frozen(eq=False, kw_only=True)
class Curve:
    """Expected f_corr of a one-parameter family, and where it equals the limit.

    Attributes
    ----------
    model : SourceEvolutionModel
    field : str
    values, f_corr : arrays of shape (n,)
        For b_nu = b_g.
    limits : dict
        Crossings of the limit per bias ratio.
    """

    model: SourceEvolutionModel
    field: str
    values: FloatArray
    f_corr: FloatArray
    limits: dict[float, list[float]]


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
    posterior : EvolutionPosterior
    """

    model: SourceEvolutionModel
    axes: dict[str, FloatArray]
    f_corr: FloatArray
    median_redshift: FloatArray
    posterior: EvolutionPosterior


@attrs.frozen(eq=False, kw_only=True)
class Interpretation:
    """Source evolution against the limit of a run."""

    run: FinishedRun
    models: tuple[EvolutionResult, ...]
    curves: tuple[Curve, ...]
    regions: tuple[Region, ...]


def interpret_run(run: FinishedRun, models: Sequence[SourceEvolutionModel]) -> Interpretation:
    """Return what the limit of a run says about source models.

    Parameters
    ----------
    run
        The run.
    models
        Models; families that declare ranges (``number(scan=...)``) are scanned.
    """
    strength = run.strength()
    curves = []
    for model in one_parameter_families(models):
        (field,) = scanned_fields(model)
        bounds = field.metadata["scan"]
        values = np.linspace(bounds[0], bounds[1], _GRID)
        crossed = {
            ratio: crossings(model, strength, run.limit.f_corr / ratio, field=field.name, bounds=bounds)
            for ratio in BIAS_RATIOS
        }
        curves.append(
            Curve(
                model=model,
                field=field.name,
                values=values,
                f_corr=strengths(model, strength, {field.name: values}),
                limits=crossed,
            )
        )
    regions = [_region(run, strength, model) for model in two_parameter_families(models)]
    return Interpretation(
        run=run, models=tuple(predict(models, strength)), curves=tuple(curves), regions=tuple(regions)
    )


def _region(run: FinishedRun, strength: Strength, model: SourceEvolutionModel) -> Region:
    ranges = {f.name: f.metadata["scan"] for f in scanned_fields(model)}
    axes = {name: np.linspace(low, high, _GRID) for name, (low, high) in ranges.items()}
    f_corr = strengths(model, strength, axes)
    (first, x), (second, y) = axes.items()
    sight = strength.response.line_of_sight
    median = np.array(
        [
            [median_redshift(attrs.evolve(model, **{first: a, second: b}), strength.gamma, sight) for b in y]
            for a in x
        ]
    )
    posterior = sample_evolution(
        axes, f_corr, estimate=run.limit.f_corr_hat, sigma=run.limit.f_corr_sigma, seed=run.analysis.seed
    )
    return Region(model=model, axes=axes, f_corr=f_corr, median_redshift=median, posterior=posterior)


def interpretation_json(result: Interpretation) -> dict[str, Any]:
    """Return the content of ``evolution.json``."""
    limit = result.run.limit
    return {
        "limit": {"gamma": limit.gamma, "credibility": limit.credibility, "f_corr": limit.f_corr},
        "f_astro": result.run.f_astro,
        "models": [
            {
                "plugin": item.model.plugin_name,
                "settings": {k: v for k, v in to_mapping(item.model).items() if k != "plugin"},
                "median_redshift": item.median_redshift,
                "f_corr_model": item.f_corr,
                "ratio_to_limit": {str(b): b * item.f_corr / limit.f_corr for b in BIAS_RATIOS},
            }
            for item in result.models
        ],
        "limits_on_parameters": [
            {
                "plugin": curve.model.plugin_name,
                "field": curve.field,
                "range": [float(curve.values[0]), float(curve.values[-1])],
                "crossings": {str(b): found for b, found in curve.limits.items()},
            }
            for curve in result.curves
        ],
        "regions": [
            {
                "plugin": region.model.plugin_name,
                "excluded_share_of_plane": {
                    str(b): float(np.mean(b * region.f_corr > limit.f_corr)) for b in BIAS_RATIOS
                },
                "posterior": {
                    name: {str(q): float(np.quantile(column, q)) for q in (0.05, 0.16, 0.5, 0.84, 0.95)}
                    for name, column in zip(
                        region.posterior.parameters, region.posterior.samples.T, strict=True
                    )
                },
                "converged": region.posterior.converged,
            }
            for region in result.regions
        ],
    }
