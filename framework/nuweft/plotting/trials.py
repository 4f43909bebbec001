"""The distribution of the test statistic."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from nuweft import seeds
from nuweft.plotting.style import BLUE, GREY, ORANGE, figure
from nuweft.results.result import Result
from nuweft.statistics.trials import gaussian_statistics, trial_test_statistics

_DRAWS = 50_000


def test_statistic_figure(result: Result, seed: int) -> Figure:
    """Return the test statistic of scrambles, with 1/2 chi2_2, Gaussian draws and the observed value."""
    fig = figure(6.8, 4.8)
    axes = fig.add_subplot()
    trials, observed = result.trial_test_statistics, result.fit.test_statistic
    top = max(float(trials.max()) if len(trials) else 0.0, observed, 10.0) * 1.03
    edges = np.linspace(0, top, 61)
    width = edges[1] - edges[0]
    centre = 0.5 * (edges[1:] + edges[:-1])
    draws = trial_test_statistics(
        result.model,
        gaussian_statistics(result.model, rng=seeds.generator(seed, "figure draws"), count=_DRAWS),
    )
    if len(trials):
        axes.stairs(
            np.histogram(trials, edges)[0] / len(trials) / width,
            edges,
            fill=True,
            color=BLUE,
            alpha=0.35,
            label=f"{len(trials):,} scrambles ({np.mean(trials == 0):.0%} at TS = 0)",
        )
    axes.stairs(
        np.histogram(draws, edges)[0] / _DRAWS / width,
        edges,
        color=ORANGE,
        label=f"Gaussian draws, same geometry ({np.mean(draws == 0):.0%} at 0)",
    )
    axes.plot(
        centre,
        0.5 * stats.chi2.pdf(centre, 2),
        color=GREY,
        linestyle=":",
        linewidth=2,
        label=r"$\frac{1}{2}\chi^2_2$",
    )
    height = 0.5 * stats.chi2.pdf(max(observed, 0.3), 2)
    label = f"observed TS = {observed:.3f}"
    if result.p_value is not None:
        p = result.p_value
        label += f" (p = {p.value:.3g} +- {p.error:.1g})" if p.value > 0 else f" (p < {p.error:.1g})"
    axes.plot(observed, height, "*", color="black", markersize=13, label=label, zorder=5, clip_on=False)
    floor = 0.3 / max(len(trials), _DRAWS) / width
    axes.set(
        yscale="log",
        xlabel="test statistic TS",
        ylabel="probability density",
        xlim=(0, top),
        ylim=(floor, None),
    )
    axes.legend(fontsize=8, frameon=False)
    return fig
