"""Figures of ``nuweft evolve``: families of source models against the limit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from nuweft.interpretation import Curve, Interpretation, Region
from nuweft.plotting.style import CYCLE, GREY, LINES, RED, figure, save


def write_figures(result: Interpretation, folder: Path) -> None:
    """Write the figures of an interpretation as PNG files."""
    folder.mkdir(exist_ok=True)
    for curve in result.curves:
        save(curve_figure(result, curve), folder / f"evolution_{curve.model.plugin_name}.png")
    for region in result.regions:
        save(region_figure(result, region), folder / f"evolution_{region.model.plugin_name}.png")
    if result.finite:
        save(finite_figure(result), folder / "evolution_finite_sources.png")


def curve_figure(result: Interpretation, curve: Curve) -> Figure:
    """Return expected f_corr of a one-parameter family with the limit, per assumption on the bias."""
    limit = result.run.limit_on({curve.model.signal: 1.0})
    fig = figure(6.5, 4.8)
    axes = fig.add_subplot()
    for case, line, colour in zip(result.cases, ["-", *LINES], CYCLE, strict=False):
        expected = case.bias_ratio * curve.f_corr
        axes.plot(curve.values, expected, linestyle=line, color=colour, label=_bias(case.label))
        if len(case.scatter.factor) > 1:
            low, high = np.quantile(case.scatter.factor, [0.16, 0.84])
            axes.fill_between(curve.values, low * expected, high * expected, color=colour, alpha=0.15)
        for value in curve.limits[case.label]:
            axes.axvline(value, color=colour, linestyle=":", label=f"limit: {curve.field} = {value:.2f}")
        if curve.verdicts[case.label] in ("excluded", "allowed"):
            axes.plot([], [], " ", label=f"{_bias(case.label)}: whole range {curve.verdicts[case.label]}")
    top = max(case.bias_ratio for case in result.cases) * float(curve.f_corr.max())
    bottom = float(curve.f_corr.min())
    if limit is not None:
        words = rf"{limit.credibility:.0%} limit ({limit.signal}), $\gamma$ {limit.gamma:g}"
        axes.axhline(limit.f_corr, color=RED, linestyle="--", label=words)
        axes.axhspan(limit.f_corr, 1e3 * limit.f_corr, color=RED, alpha=0.07)
        top, bottom = max(limit.f_corr, top), min(limit.f_corr, bottom)
    axes.set(
        yscale="log",
        xlabel=curve.field,
        ylabel=r"expected $f_\mathrm{corr}$",
        xlim=(curve.values[0], curve.values[-1]),
        ylim=(0.7 * bottom, 2 * top),
    )
    axes.legend(fontsize=8, frameon=False, title=curve.model.plugin_name)
    _median_axis(axes, curve)
    return fig


def _median_axis(axes, curve: Curve) -> None:  # type: ignore[no-untyped-def]
    """Show the median redshift of the flux along the top, where it is monotonic."""
    median = curve.median_redshift
    order = np.sign(np.diff(median))
    if not (np.all(order > 0) or np.all(order < 0)):
        return
    wanted = np.array([0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0])
    ticks = wanted[(wanted > median.min()) & (wanted < median.max())]
    x, y = (curve.values, median) if order[0] > 0 else (curve.values[::-1], median[::-1])
    top = axes.secondary_xaxis("top")
    top.set_xticks(np.interp(ticks, y, x), [f"{t:g}" for t in ticks], fontsize=8)
    top.set_xlabel("median redshift of the flux", fontsize=9)


def _bias(label: str) -> str:
    return r"$b_\nu/b_g$ with a prior" if label == "prior" else rf"$b_\nu/b_g = {float(label):g}$"


def region_figure(result: Interpretation, region: Region) -> Figure:
    """Return the plane of a two-parameter family: f_corr over the limit, and median redshifts."""
    (first, x), (second, y) = region.axes.items()
    fig = figure(7.0, 5.0)
    axes = fig.add_subplot()
    ratio = region.f_corr / result.cases[0].limit
    mesh = axes.pcolormesh(x, y, ratio.T, shading="gouraud", cmap="viridis", rasterized=True)
    fig.colorbar(mesh, ax=axes, label=r"expected $f_\mathrm{corr}$ / limit, $b_\nu = b_g$")
    for case, line in zip(result.cases, ["-", *LINES], strict=False):
        if region.f_corr.min() < case.limit < region.f_corr.max():
            style = {"levels": [case.limit], "colors": RED, "linestyles": [line], "linewidths": 2}
            lines = axes.contour(x, y, region.f_corr.T, **style)
            axes.clabel(lines, fmt={case.limit: f"limit, b {case.label}"}, fontsize=8)
    lines = axes.contour(x, y, region.median_redshift.T, levels=6, colors="white", linewidths=0.7)
    axes.clabel(lines, fmt="median z %.2f", fontsize=7)
    step = max(1, len(region.posterior.samples) // 800)
    points = region.posterior.samples[::step].T
    axes.plot(
        *points,
        ".",
        color="#ffcf4d",
        markersize=2,
        alpha=0.6,
        label=f"posterior, {_bias(result.cases[-1].label)}",
    )
    axes.set(xlabel=first, ylabel=second, xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    axes.set_title(region.model.plugin_name, fontsize=10)
    axes.legend(fontsize=8, loc="upper left")
    return fig


def finite_figure(result: Interpretation) -> Figure:
    """Return f_corr over realisations of finitely many sources, with the limits."""
    fig = figure(7.0, 1.2 + 0.8 * len(result.finite))
    axes = fig.add_subplot()
    names = []
    for row, item in enumerate(reversed(result.finite)):
        draws = item.f_corr * item.scatter.factor
        low, middle, high = np.quantile(draws, [0.16, 0.5, 0.84])
        axes.plot(
            draws, np.full(len(draws), row) + np.linspace(-0.25, 0.25, len(draws)), ".", color=GREY, ms=2
        )
        axes.errorbar(middle, row, xerr=[[middle - low], [high - middle]], fmt="o", color=CYCLE[0], capsize=3)
        axes.plot(item.f_corr, row, "D", color=CYCLE[1], markersize=5)
        limit = item.limits[result.cases[0].label]
        if np.isfinite(limit):
            axes.plot([limit] * 2, [row - 0.35, row + 0.35], color=RED, linewidth=2)
        names.append(f"{item.model.plugin_name}\n{item.expected_number:.2g} sources")
    if result.run.limit is not None:
        axes.axvline(result.run.limit.f_corr, color=RED, linestyle="--", label="limit of the run (field)")
    axes.plot([], [], "D", color=CYCLE[1], label="infinitely many sources")
    axes.plot([], [], "o", color=CYCLE[0], label="68 % of realisations")
    axes.plot([], [], color=RED, label="limit, scatter included")
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set(xlabel=r"$f_\mathrm{corr}$, $b_\nu = b_g$", xscale="log", ylim=(-0.6, len(names) - 0.4))
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return fig
