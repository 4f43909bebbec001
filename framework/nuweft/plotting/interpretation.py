"""Figures of ``nuweft evolve``: families of source models against the limit."""

from __future__ import annotations

from matplotlib.figure import Figure

from nuweft.interpretation import BIAS_RATIOS, Curve, Interpretation, Region
from nuweft.plotting.style import CYCLE, LINES, RED, figure


def curve_figure(result: Interpretation, curve: Curve) -> Figure:
    """Return expected f_corr of a one-parameter family with the limit, per bias ratio."""
    limit = result.run.limit
    fig = figure(6.5, 4.6)
    axes = fig.add_subplot()
    for ratio, line, colour in zip(BIAS_RATIOS, LINES, CYCLE, strict=False):
        axes.plot(
            curve.values,
            ratio * curve.f_corr,
            linestyle="-" if ratio == 1 else line,
            color=colour,
            label=rf"{curve.model.plugin_name}, $b_\nu/b_g = {ratio:g}$",
        )
        for value in curve.limits[ratio]:
            axes.axvline(value, color=colour, linestyle=":", label=f"limit: {curve.field} = {value:.2f}")
    axes.axhline(limit.f_corr, color=RED, linestyle="--", label=f"{limit.credibility:.0%} limit")
    axes.set(yscale="log", xlabel=curve.field, ylabel=r"expected $f_\mathrm{corr}$")
    axes.set_xlim(curve.values[0], curve.values[-1])
    axes.legend(fontsize=8, frameon=False)
    return fig


def region_figure(result: Interpretation, region: Region) -> Figure:
    """Return the plane of a two-parameter family: f_corr over the limit, and median redshifts."""
    limit = result.run.limit
    (first, x), (second, y) = region.axes.items()
    fig = figure(7.0, 5.0)
    axes = fig.add_subplot()
    ratio = region.f_corr / limit.f_corr
    mesh = axes.pcolormesh(x, y, ratio.T, shading="gouraud", cmap="viridis", rasterized=True)
    fig.colorbar(mesh, ax=axes, label=r"expected $f_\mathrm{corr}$ / limit, $b_\nu = b_g$")
    for bias, line in zip(BIAS_RATIOS, LINES, strict=False):
        if ratio.min() * bias < 1 < ratio.max() * bias:
            style = {"levels": [1.0], "colors": RED, "linestyles": [line], "linewidths": 2}
            lines = axes.contour(x, y, bias * ratio.T, **style)
            axes.clabel(lines, fmt={1.0: f"limit, b ratio {bias:g}"}, fontsize=8)
    lines = axes.contour(x, y, region.median_redshift.T, levels=6, colors="white", linewidths=0.7)
    axes.clabel(lines, fmt="median z %.2f", fontsize=7)
    step = max(1, len(region.posterior.samples) // 800)
    points = region.posterior.samples[::step].T
    axes.plot(*points, ".", color="#ffcf4d", markersize=2, alpha=0.6, label="posterior")
    axes.set(xlabel=first, ylabel=second, xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    axes.set_title(region.model.plugin_name, fontsize=10)
    axes.legend(fontsize=8, loc="upper left")
    return fig
