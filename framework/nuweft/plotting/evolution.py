"""Source evolution against the limit."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nuweft.analysis import Analysis
from nuweft.evolution.prediction import crossings, one_parameter_families, scanned_fields, strengths
from nuweft.interfaces.source_evolution import SourceEvolutionModel
from nuweft.plotting.style import CYCLE, RED, figure
from nuweft.plugin.compose import label, named
from nuweft.results.result import Result

_STEPS = 33


def evolution_figure(analysis: Analysis, result: Result) -> Figure:
    """Return f_corr of each source model and, for one-parameter families, as a curve.

    Each beside the limit on the kind of signal that it predicts, at the index
    of the diffuse flux.
    """
    models = [e.model for e in result.evolution]
    families = one_parameter_families(models)
    columns = 2 if families else 1
    fig = figure(11 if families else 6.5, 4.6)
    if families:
        _draw_families(fig.add_subplot(1, columns, 1), analysis, result, families)
    axes = fig.add_subplot(1, columns, columns)
    _draw_models(axes, result)
    axes.set_title(
        rf"$f_\mathrm{{astro}} = {result.f_astro:.4f}$, $b_\nu/b_g = {analysis.bias_ratio:g}$", fontsize=9
    )
    return fig


def _draw_families(
    axes: Axes, analysis: Analysis, result: Result, families: list[SourceEvolutionModel]
) -> None:
    strength = analysis.strength(result.measured)
    highest, limits = 0.0, {}
    for colour, model in zip(CYCLE, families, strict=False):
        (field,) = scanned_fields(model)
        values = np.linspace(field.metadata["scan"][0], field.metadata["scan"][1], _STEPS)
        curve = strengths(model, strength, {field.name: values})
        highest = max(highest, float(curve.max()))
        axes.plot(values, curve, color=colour, label=model.plugin_name)
        axes.set_xlabel(f"{field.name}: {field.metadata['doc']}")
        limit = result.limit_beside(strength.predict(model))
        if limit is None:
            continue
        limits[limit.signal] = limit
        for value in crossings(
            model, strength, limit.f_corr, field=field.name, bounds=field.metadata["scan"]
        ):
            axes.axvline(value, color=colour, linestyle=":", label=f"limit at {field.name} = {value:.2f}")
    low, high = axes.get_xlim()
    for signal, limit in limits.items():
        words = f"{limit.credibility:.0%} limit ({signal}), gamma {limit.gamma:g}"
        axes.axhline(limit.f_corr, color=RED, linestyle="--", label=words)
        axes.fill_between([low, high], limit.f_corr, limit.f_corr * 1e3, color=RED, alpha=0.08)
        highest = max(highest, limit.f_corr)
    axes.set(xlim=(low, high), yscale="log", ylabel=r"expected $f_\mathrm{corr}$", ylim=(None, 3 * highest))
    axes.legend(fontsize=8, frameon=False)


def _draw_models(axes: Axes, result: Result) -> None:
    found = [(e, result.limit_beside(e)) for e in result.evolution]
    y = np.arange(len(found))[::-1]
    labels = []
    for row, (item, limit) in zip(y, found, strict=True):
        axes.plot(item.f_corr, row, "o", color=CYCLE[0])
        words = f"no limit ({' and '.join(item.parts)})"
        if limit is not None:
            axes.plot([limit.f_corr] * 2, [row - 0.35, row + 0.35], color=RED, linewidth=2)
            words = f"{item.f_corr / limit.f_corr:.2f} of the limit ({limit.signal})"
        labels.append(f"{label(named(item.model))}\n{words}")
    axes.set_yticks(y, labels, fontsize=8)
    highest = max(value for e, u in found for value in (e.f_corr, 0.0 if u is None else u.f_corr))
    axes.set(xlabel=r"expected $f_\mathrm{corr}$", xlim=(0, 1.15 * highest), ylim=(-0.6, len(found) - 0.3))
