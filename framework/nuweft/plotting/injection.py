"""What is recovered from injected data sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from nuweft.plotting.style import CYCLE, GREY, figure
from nuweft.studies.injection import Injections


def injection_figure(results: Sequence[Injections]) -> Figure:
    """Return pulls at the injected index, and the spectral index where it is free."""
    fig = figure(10.5, 4.4)
    left, middle, right = fig.subplots(1, 3)
    edges = np.linspace(-4, 4, 33)
    centre = 0.5 * (edges[1:] + edges[:-1])
    left.plot(centre, np.exp(-0.5 * centre**2) / np.sqrt(2 * np.pi), color=GREY, label="unit Gaussian")
    for found, colour in zip(results, CYCLE, strict=False):
        mean, error = found.mean_pull
        name = rf"$\gamma = {found.gamma:g}$: {mean:+.3f} $\pm$ {error:.3f}, width {found.pulls.std():.3f}"
        left.hist(found.pulls, edges, density=True, histtype="step", color=colour, label=name)
        positive = found.free_f_corr > 0
        middle.hist(
            found.free_gamma[positive],
            np.linspace(1, 4, 31),
            density=True,
            histtype="step",
            color=colour,
            label=f"{1 - positive.mean():.0%} at f_corr = 0",
        )
        middle.axvline(found.gamma, color=colour, linestyle=":", linewidth=1)
    left.set(xlabel=r"pull of $f_\mathrm{corr}$, index fixed", ylabel="density", ylim=(0, 0.68))
    left.legend(fontsize=7, frameon=False, loc="upper left")
    middle.set(xlabel=r"$\gamma$, where it is free (dotted: injected)", ylabel="density")
    middle.legend(fontsize=7, frameon=False)
    place = np.arange(len(results))
    for shift, name, values in (
        (-0.1, r"$\gamma$ fixed, $f_\mathrm{corr}$ unconstrained", [r.bias for r in results]),
        (0.1, r"$\gamma$ free, $f_\mathrm{corr} \geq 0$", [r.free_bias for r in results]),
    ):
        mean, error = np.array(values).T
        right.errorbar(place + shift, 100 * mean, 100 * error, fmt="o", label=name, markersize=4)
    right.axhline(0, color=GREY, linewidth=1)
    right.set_xticks(place, [rf"$\gamma = {r.gamma:g}$" for r in results])
    right.set(ylabel=r"bias of $f_\mathrm{corr}$ [%]", xlim=(-0.5, len(results) - 0.5))
    right.margins(y=0.25)
    right.legend(fontsize=7, frameon=False)
    return fig


def recovery_figure(results: Sequence[Injections]) -> Figure:
    """Return the recovered against the injected number of correlated events."""
    fig = figure(5.5, 4.5)
    axes = fig.add_subplot()
    for gamma, colour in zip(dict.fromkeys(r.gamma for r in results), CYCLE, strict=False):
        own = [r for r in results if r.gamma == gamma]
        injected = np.array([r.n_corr for r in own])
        total = np.array([r.events_per_bin.sum() for r in own])
        low, mid, high = (
            np.array([np.quantile(r.estimate, q) for r in own]) * total for q in (0.16, 0.5, 0.84)
        )
        axes.errorbar(
            injected,
            mid,
            [mid - low, high - mid],
            fmt="o",
            color=colour,
            markersize=4,
            label=rf"$\gamma = {gamma:g}$, 68 % of the sets",
        )
    top = max(r.n_corr for r in results)
    axes.plot([0, top], [0, top], color=GREY, linewidth=1)
    axes.set(xlabel="correlated events injected", ylabel="recovered, index fixed, unconstrained")
    axes.legend(fontsize=8, frameon=False)
    return fig
