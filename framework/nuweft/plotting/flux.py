"""Flux limits beside the diffuse flux."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nuweft.flux.diffuse import DiffuseFlux
from nuweft.flux.power_law import PIVOT_ENERGY
from nuweft.plotting.style import BLUE, LINES, ORANGE, PURPLE, RED, figure
from nuweft.statistics.limits import UpperLimit
from nuweft.studies.limits import SensitiveRange


def diffuse_band(axes: Axes, diffuse: DiffuseFlux) -> None:
    """Draw the diffuse flux with the one-sigma intervals of its normalisation and index."""
    energy = np.geomspace(1e2, 1e8, 300)
    x = energy / PIVOT_ENERGY
    steps = (-diffuse.gamma_error, diffuse.gamma_error)
    low = np.min([diffuse.normalisation_low * x ** -(diffuse.gamma + s) for s in steps], axis=0)
    high = np.max([diffuse.normalisation_high * x ** -(diffuse.gamma + s) for s in steps], axis=0)
    label = f"diffuse flux ({diffuse.reference})"
    axes.fill_between(energy, energy**2 * low, energy**2 * high, color=BLUE, alpha=0.3, label=label)
    axes.plot(energy, energy**2 * diffuse.normalisation * x**-diffuse.gamma, color=BLUE, linewidth=1)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="neutrino energy $E$ [GeV]",
        ylabel=r"$E^2\,dN/dE$ [GeV cm$^{-2}$ s$^{-1}$ sr$^{-1}$], $\nu_\mu + \bar\nu_\mu$",
        xlim=(1e2, 1e8),
    )


def flux_limit_figure(
    limits: Sequence[UpperLimit],
    fluxes: Sequence[float],
    ranges: Sequence[SensitiveRange],
    diffuse: DiffuseFlux,
) -> Figure:
    """Return the upper limits as power laws over their sensitive energies, with the diffuse flux."""
    fig = figure(6.5, 4.8)
    axes = fig.add_subplot()
    diffuse_band(axes, diffuse)
    for limit, flux, spread, line, colour in zip(
        limits, fluxes, ranges, LINES, (RED, "black", PURPLE, ORANGE, BLUE), strict=False
    ):
        energy = np.geomspace(10**spread.low, 10**spread.high, 100)
        axes.plot(
            energy,
            energy**2 * flux * (energy / PIVOT_ENERGY) ** -limit.gamma,
            linestyle=line,
            color=colour,
            label=rf"{limit.credibility:.0%} limit ({limit.signal}), $\gamma = {limit.gamma:g}$",
        )
    axes.legend(fontsize=8, frameon=False)
    return fig
