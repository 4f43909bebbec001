"""Flux limits beside the diffuse flux."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from nuweft.diffuse import DiffuseFlux
from nuweft.inference.limits import UpperLimit
from nuweft.plotting.style import BLUE, LINES, ORANGE, PURPLE, RED, figure
from nuweft.response.exposure import PIVOT_ENERGY


def flux_limit_figure(limits: Sequence[UpperLimit], fluxes: Sequence[float], diffuse: DiffuseFlux) -> Figure:
    """Return the upper limits as power laws, with the band of the diffuse flux.

    The band spans the one-sigma intervals of its normalisation and index.
    Limits are drawn over the whole axis, not over a sensitive range.
    """
    fig = figure(6.5, 4.8)
    axes = fig.add_subplot()
    energy = np.geomspace(1e3, 1e7, 200)
    x = energy / PIVOT_ENERGY
    steps = (-diffuse.gamma_error, diffuse.gamma_error)
    low = np.min([diffuse.normalisation_low * x ** -(diffuse.gamma + s) for s in steps], axis=0)
    high = np.max([diffuse.normalisation_high * x ** -(diffuse.gamma + s) for s in steps], axis=0)
    axes.fill_between(
        energy,
        energy**2 * low,
        energy**2 * high,
        color=BLUE,
        alpha=0.3,
        label=f"diffuse flux ({diffuse.reference})",
    )
    axes.plot(energy, energy**2 * diffuse.normalisation * x**-diffuse.gamma, color=BLUE, linewidth=1)
    for limit, flux, line, colour in zip(
        limits, fluxes, LINES, (RED, "black", PURPLE, ORANGE, BLUE), strict=False
    ):
        axes.plot(
            energy,
            energy**2 * flux * x**-limit.gamma,
            linestyle=line,
            color=colour,
            label=rf"{limit.credibility:.0%} limit, $\gamma = {limit.gamma:g}$",
        )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="neutrino energy $E$ [GeV]",
        ylabel=r"$E^2\,dN/dE$ [GeV cm$^{-2}$ s$^{-1}$ sr$^{-1}$], $\nu_\mu + \bar\nu_\mu$",
        xlim=(1e3, 1e7),
    )
    axes.legend(fontsize=8, frameon=False)
    return fig
