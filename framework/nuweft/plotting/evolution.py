"""Source evolution against the limit."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from nuweft.analysis import Analysis
from nuweft.compose import label, named
from nuweft.plotting.style import CYCLE, RED, figure
from nuweft.results import Result
from nuweft.theory.evolution import crossings, one_parameter_families, scanned_fields, strengths

_STEPS = 33


def evolution_figure(analysis: Analysis, result: Result) -> Figure:
    """Return f_corr of each source model and, for one-parameter families, as a curve.

    The limit is that at the index of the diffuse flux.
    """
    strength = analysis.strength(result.measured)
    models = [e.model for e in result.evolution]
    families = one_parameter_families(models)
    fig = figure(11 if families else 6.5, 4.6)
    columns = 2 if families else 1
    limit = result.evolution_limit
    highest = limit.f_corr
    if families:
        axes = fig.add_subplot(1, columns, 1)
        for colour, model in zip(CYCLE, families, strict=False):
            (field,) = scanned_fields(model)
            values = np.linspace(field.metadata["scan"][0], field.metadata["scan"][1], _STEPS)
            curve = strengths(model, strength, {field.name: values})
            highest = max(highest, float(curve.max()))
            axes.plot(values, curve, color=colour, label=model.plugin_name)
            for value in crossings(
                model, strength, limit.f_corr, field=field.name, bounds=field.metadata["scan"]
            ):
                axes.axvline(value, color=colour, linestyle=":", label=f"limit at {field.name} = {value:.2f}")
            axes.set_xlabel(f"{field.name}: {field.metadata['doc']}")
        axes.axhline(
            limit.f_corr,
            color=RED,
            linestyle="--",
            label=f"{limit.credibility:.0%} limit, gamma {limit.gamma:g}",
        )
        low, high = axes.get_xlim()
        axes.fill_between([low, high], limit.f_corr, limit.f_corr * 1e3, color=RED, alpha=0.08)
        axes.set(
            xlim=(low, high),
            yscale="log",
            ylabel=r"expected $f_\mathrm{corr}$",
            ylim=(None, 3 * highest),
        )
        axes.legend(fontsize=8, frameon=False)
    axes = fig.add_subplot(1, columns, columns)
    labels = [
        f"{label(named(e.model))}\n{e.f_corr / limit.f_corr:.2f} of the limit" for e in result.evolution
    ]
    y = np.arange(len(models))[::-1]
    axes.plot([e.f_corr for e in result.evolution], y, "o", color=CYCLE[0])
    axes.axvline(limit.f_corr, color=RED, linestyle="--")
    axes.set_yticks(y, labels, fontsize=8)
    highest = max(limit.f_corr, *(e.f_corr for e in result.evolution))
    axes.set(xlabel=r"expected $f_\mathrm{corr}$", xlim=(0, 1.15 * highest), ylim=(-0.6, len(models) - 0.3))
    axes.set_title(
        rf"$f_\mathrm{{astro}} = {result.f_astro:.4f}$, $b_\nu/b_g = {analysis.bias_ratio:g}$", fontsize=9
    )
    return fig
