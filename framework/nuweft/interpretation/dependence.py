"""What the expected f_corr of a model depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from nuweft.errors import RedshiftError
from nuweft.evolution.prediction import Predictor
from nuweft.evolution.redshift_kernel import DirectKernel
from nuweft.interfaces.source_evolution import SourceEvolutionModel
from nuweft.interpretation.finished_run import FinishedRun
from nuweft.plugin.registry import plugins

_STRETCHES = (0.9, 1.0, 1.1)
_LIMBER_FROM = 100


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
        The ratio to the limit on the signal of the model; NaN where there is none.
    """

    model: SourceEvolutionModel
    quantity: str
    value: float
    f_corr: float
    ratio_to_limit: float


def dependences(
    run: FinishedRun, strength: Predictor, models: Sequence[SourceEvolutionModel]
) -> tuple[list[Dependence], list[str]]:
    """Return how the expected f_corr depends on what was assumed, and what could not be done.

    On the spectral index (against the limit at that index; with the same
    f_astro, and with the f_astro of a diffuse flux that is the same at
    100 TeV), f_astro (that of the run and published ones), the redshifts of
    the tracer, the Limber approximation, and fields of a model that declare
    values (``number(vary=...)``).
    """
    stretched = {
        factor: strength if factor == 1 else run.strength(redshifts=run.redshifts.stretched(factor))
        for factor in _STRETCHES
    }
    names = run.analysis.tracer.plugin_name, run.analysis.neutrino_sample.plugin_name
    published = [found.f_astro for found in plugins.published_results(*names) if found.f_astro is not None]
    limber, full = (run.direct_kernel(limber_from) for limber_from in (0, _LIMBER_FROM))

    def ratio(response: DirectKernel, model: SourceEvolutionModel) -> float:
        return sum(part * response.ratio(member, strength.gamma) for part, member in model.populations())

    def limit_on(parts: Mapping[str, float], gamma: float | None = None) -> float:
        found = run.limit_on(parts, gamma)
        return float("nan") if found is None else found.f_corr

    def changed(model: SourceEvolutionModel) -> Iterator[tuple[str, float, float, float]]:
        parts = strength.parts(model)
        base, limit = sum(parts.values()), limit_on(parts)
        for gamma in run.fits:
            other = attrs.evolve(strength, gamma=gamma).parts(model)
            total, upper = sum(other.values()), limit_on(other, gamma)
            yield "gamma, same f_astro", gamma, total, upper
            if gamma in run.fractions:
                scaled = total * run.fractions[gamma] / run.f_astro
                yield "gamma, same flux at 100 TeV", gamma, scaled, upper
        for fraction in (run.f_astro, *published):
            yield "f_astro", fraction, base * fraction / run.f_astro, limit
        for factor, stretch in stretched.items():
            yield "n(z) stretched by", factor, stretch(model), limit
        for field in attrs.fields(type(model)):
            for value in field.metadata.get("vary") or ():
                yield field.name, value, strength(attrs.evolve(model, **{field.name: value})), limit
        beyond = ratio(full, model) / ratio(limber, model)
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
