"""Figures of what an analysis can see."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from nuweft.flux.power_law import PIVOT_ENERGY
from nuweft.plotting.flux import diffuse_band
from nuweft.plotting.injection import injection_figure, recovery_figure
from nuweft.plotting.style import CYCLE, GREY, figure, save

if TYPE_CHECKING:
    from nuweft.analysis import Analysis
    from nuweft.studies.sensitivity import Sensitivity
    from nuweft.studies.systematics import SystematicStudy


def sensitivity_figure(result: Sensitivity, analysis: Analysis) -> Figure:
    """Return median limits and discovery potentials over their sensitive energies."""
    fig = figure(6.5, 4.8)
    axes = fig.add_subplot()
    diffuse_band(axes, analysis.diffuse_flux)
    for limit, spread, colour in zip(result.limits, result.ranges, CYCLE[1:], strict=False):
        energy = np.geomspace(10**spread.low, 10**spread.high, 50)
        shape = energy**2 * (energy / PIVOT_ENERGY) ** -limit.gamma
        flux = analysis.flux(result.measured, limit.median, limit.gamma)
        axes.plot(
            energy,
            flux * shape,
            color=colour,
            label=rf"median {limit.credibility:.0%} limit, $\gamma = {limit.gamma:g}$",
        )
        for found in result.discoveries:
            if found.gamma == limit.gamma:
                line = "--" if found.threshold.sigma < 4 else ":"
                level = found.n_corr / result.measured.acceptance(found.gamma)
                name = rf"{found.threshold.sigma:g} $\sigma$ in half of the sets"
                axes.plot(energy, level * shape, color=colour, linestyle=line, label=name)
    axes.legend(fontsize=7, frameon=False)
    return fig


def systematics_figure(studies: tuple[SystematicStudy, ...]) -> Figure:
    """Return f_corr and gamma found with the model of each varied response."""
    names = ("nominal", *studies[0].descriptions)
    fig = figure(9.0, 0.9 + 0.32 * len(names))
    left, right = fig.subplots(1, 2, sharey=True)
    place = np.arange(len(names))
    for study, colour in zip(studies, CYCLE, strict=False):
        label = f"{study.n_corr:.0f} correlated events"
        left.plot(study.mean_f_corr, place, "o", color=colour, label=label, markersize=4)
        left.axvline(study.mean_f_corr[0], color=colour, linewidth=0.8, linestyle=":")
        if study.n_corr:
            right.plot(study.mean_gamma, place, "o", color=colour, markersize=4)
            right.axvline(study.mean_gamma[0], color=colour, linewidth=0.8, linestyle=":")
            right.axvline(study.gamma, color=GREY, linewidth=0.8)
    left.set_yticks(place, names, fontsize=7)
    left.invert_yaxis()
    left.set(xlabel=r"mean $f_\mathrm{corr}$, gamma free")
    right.set(xlabel=r"mean $\gamma$ (grey: injected)")
    left.legend(fontsize=7, frameon=False)
    return fig


def write_figures(result: Sensitivity, analysis: Analysis, folder: Path) -> None:
    """Write the figures as PNG files."""
    folder.mkdir(parents=True, exist_ok=True)
    save(sensitivity_figure(result, analysis), folder / "sensitivity.png")
    if result.recovery:
        save(recovery_figure(result.recovery), folder / "recovery.png")
        save(injection_figure(result.recovery[-1:]), folder / "injection.png")
    if result.studies:
        save(systematics_figure(result.studies), folder / "systematics.png")
