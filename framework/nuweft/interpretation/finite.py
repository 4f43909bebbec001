"""Finitely many sources, whose scatter is carried into the limit."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from nuweft import seeds
from nuweft.errors import RedshiftError
from nuweft.evolution.luminosity import LuminosityFunction, StandardCandle
from nuweft.evolution.population import SourcePopulation, check_number
from nuweft.evolution.prediction import Predictor
from nuweft.evolution.realisation_variance import RealisationVariance
from nuweft.interfaces.source_evolution import SourceEvolutionModel
from nuweft.interpretation.bias import Case
from nuweft.interpretation.finished_run import FinishedRun
from nuweft.model.cross_spectrum import SOURCES


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

    local_density: float | None = None
    number: float | None = None
    luminosity: LuminosityFunction = attrs.field(factory=StandardCandle)
    draws: int = 300
    most: int = 20_000

    def __attrs_post_init__(self) -> None:
        check_number(self.local_density, self.number)


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
        fraction of the brightest source.
    scatter : RealisationVariance
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
    scatter: RealisationVariance
    limits: dict[str, float]
    f_corr: float


def finite_sources(
    run: FinishedRun,
    strength: Predictor,
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
    response = strength.response
    mean = response.ratio(model, strength.gamma)
    seen, offset = (
        (response.object_value, response.object_offset) if model.signal == SOURCES else (response.value, 0.0)
    )
    factor, effective, brightest = np.empty((3, settings.draws))
    for i in range(settings.draws):
        rng = seeds.generator(run.analysis.seed, "finite sources", index, i)
        drawn = population.draw(rng=rng, most=settings.most)
        if not drawn.total > 0:
            raise RedshiftError(
                f"{model.plugin_name}: {population.expected_number:.3g} sources are expected on the sky; "
                "a realisation without any has no flux"
            )
        factor[i] = (drawn.mean(response.z, seen) + offset) / mean
        effective[i] = drawn.effective_number
        brightest[i] = drawn.flux.max(initial=0.0) / drawn.total
    parts = strength.parts(model)
    noise = 0.0 if run.source_variance is None else run.source_variance
    scatter = RealisationVariance(factor=factor, variance=run.f_astro**2 * noise / effective)
    return FiniteResult(
        model=model,
        expected_number=population.expected_number,
        effective_number=float(np.median(effective)),
        brightest=float(np.median(brightest)),
        scatter=scatter,
        limits={case.label: case.limit_on(parts, scatter) for case in cases},
        f_corr=sum(parts.values()),
    )
