"""Everything that the limit of a run says about source models."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from nuweft.errors import RedshiftError
from nuweft.evolution.prediction import (
    EvolutionResult,
    one_parameter_families,
    predict,
    two_parameter_families,
)
from nuweft.interfaces.source_evolution import SourceEvolutionModel
from nuweft.interpretation.bias import Case, bias_cases
from nuweft.interpretation.dependence import Dependence, dependences
from nuweft.interpretation.families import Curve, Region, curve, region
from nuweft.interpretation.finished_run import FinishedRun
from nuweft.interpretation.finite import FiniteResult, FiniteSources, finite_sources


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
    notes = list(run.remarks)
    drawn = []
    if finite is not None:
        for index, model in enumerate(models):
            try:
                drawn.append(finite_sources(run, strength, model, finite, cases, index=index))
            except RedshiftError as error:
                notes.append(f"no finite sources: {error}")
        if run.source_variance is None:
            notes.append("result.json has no source_variance: chance alignment of sources is left out")
    if run.limit is None:
        notes.append(
            "the clustering of the tracer was not detected: there is no limit on sources that only share the "
            "density field with it"
        )
    rows, failed = dependences(run, strength, models)
    regions = [region(cases[-1], strength, m) for m in two_parameter_families(models)]
    return Interpretation(
        run=run,
        cases=cases,
        models=tuple(predict(models, strength)),
        curves=tuple(curve(cases, strength, m) for m in one_parameter_families(models)),
        regions=tuple(found for found in regions if found is not None),
        dependences=tuple(rows),
        finite=tuple(drawn),
        notes=(*notes, *failed),
    )
