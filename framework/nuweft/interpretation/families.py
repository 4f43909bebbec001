"""Families of source models over the fields that they scan, against the limit."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from nuweft.evolution.posterior import sample_evolution
from nuweft.evolution.prediction import Predictor, crossings, members, predict, scanned_fields
from nuweft.interfaces.source_evolution import SourceEvolutionModel
from nuweft.interpretation.bias import Case
from nuweft.statistics.chain import Posterior
from nuweft.typing import FloatArray

_GRID = 60


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
    verdicts : dict of str to str
        Per label: ``crossed``, ``excluded`` or ``allowed`` (the whole range
        lies above or below the limit), or ``no limit``.
    """

    model: SourceEvolutionModel
    field: str
    values: FloatArray
    f_corr: FloatArray
    median_redshift: FloatArray
    limits: dict[str, list[float]]
    verdicts: dict[str, str]


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


def curve(cases: Sequence[Case], strength: Predictor, model: SourceEvolutionModel) -> Curve:
    """Return a one-parameter family against the limit of each case."""
    (field,) = scanned_fields(model)
    axes, f_corr, median = _grid(strength, model)
    parts = strength.parts(model)
    found = {
        case.label: crossings(
            model, strength, case.limit_on(parts), field=field.name, bounds=field.metadata["scan"]
        )
        for case in cases
    }
    return Curve(
        model=model,
        field=field.name,
        values=axes[field.name],
        f_corr=f_corr,
        median_redshift=median,
        limits=found,
        verdicts={
            case.label: "crossed" if found[case.label] else verdict(f_corr, case.limit_on(parts))
            for case in cases
        },
    )


def verdict(f_corr: FloatArray, limit: float) -> str:
    """Return what a limit that is not crossed says of a range of models.

    Parameters
    ----------
    f_corr
        Expected, shape (n,).
    limit
        NaN where there is none.
    """
    if not np.isfinite(limit):
        return "no limit"
    return "excluded" if np.min(f_corr) > limit else "allowed"


def region(case: Case, strength: Predictor, model: SourceEvolutionModel) -> Region | None:
    """Return a two-parameter family, with its posterior under one assumption on the bias.

    None where there is no limit on its signal.
    """
    limit = case.run.limit_on(strength.parts(model))
    if limit is None:
        return None
    axes, f_corr, median = _grid(strength, model)

    def log_likelihood(f: FloatArray) -> FloatArray:
        return case.scatter.log_likelihood(
            case.bias_ratio * f, estimate=limit.f_corr_hat, sigma=limit.f_corr_sigma
        )

    return Region(
        model=model,
        axes=axes,
        f_corr=f_corr,
        median_redshift=median,
        posterior=sample_evolution(axes, f_corr, log_likelihood, seed=case.run.analysis.seed),
    )


def _grid(
    strength: Predictor, model: SourceEvolutionModel
) -> tuple[dict[str, FloatArray], FloatArray, FloatArray]:
    """Return the values of the scanned fields, and f_corr and median redshift on their grid."""
    ranges = {f.name: f.metadata["scan"] for f in scanned_fields(model)}
    axes = {name: np.linspace(low, high, _GRID) for name, (low, high) in ranges.items()}
    results = predict(members(model, axes), strength)
    shape = [len(axis) for axis in axes.values()]
    f_corr, median = (
        np.reshape([getattr(item, name) for item in results], shape) for name in ("f_corr", "median_redshift")
    )
    return axes, f_corr, median
