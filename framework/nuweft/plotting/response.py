"""What the response predicts: counts, weights, point spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from nuweft.analysis import Analysis
from nuweft.irf.counts import CountTable
from nuweft.measurement.weights import flatness
from nuweft.plotting.style import BLUE, CYCLE, GREY, LINES, ORANGE, RED, figure
from nuweft.sky.rings import rings


def count_table_figure(table: CountTable, title: str, *, model_error: float = 0.1) -> Figure:
    """Return counts per reconstructed energy, and their pulls per cell of energy and declination.

    Parameters
    ----------
    table
        Observed and predicted counts.
    title
        Name of the season and of the flux.
    model_error
        Relative error of the prediction in the pulls.
    """
    fig = figure(10.0, 4.4)
    left, right = fig.subplots(1, 2, width_ratios=(1, 1.15))
    middle = 0.5 * (table.log10_energy_edges[1:] + table.log10_energy_edges[:-1])
    picks = np.unique(np.linspace(0, table.observed.shape[1] - 1, 3).astype(int))
    for j, colour in zip(picks, (BLUE, ORANGE, RED), strict=False):
        low, high = table.sin_dec_edges[j : j + 2]
        seen = table.observed[:, j] > 0
        left.errorbar(
            middle[seen],
            table.observed[seen, j],
            np.sqrt(table.observed[seen, j]),
            fmt="o",
            markersize=3,
            color=colour,
            label=rf"${low:.2f} < \sin\delta < {high:.2f}$",
        )
        left.stairs(table.normalised[:, j], table.log10_energy_edges, color=colour)
    left.set(
        yscale="log",
        ylim=(0.3, None),
        xlabel=r"reconstructed $\log_{10}(E/\mathrm{GeV})$",
        ylabel="events per bin (lines: predicted)",
        title=title,
    )
    left.title.set_fontsize(9)
    left.legend(fontsize=8, frameon=False)
    expected = table.normalised
    pull = (table.observed - expected) / np.sqrt(expected + (model_error * expected) ** 2)
    shown = np.where(expected >= 1, pull, np.nan)
    mesh = right.pcolormesh(
        table.log10_energy_edges, table.sin_dec_edges, shown.T, cmap="RdBu_r", vmin=-4, vmax=4
    )
    fig.colorbar(mesh, ax=right, label=rf"pull, with {model_error:.0%} model error")
    last = np.flatnonzero(np.any(expected >= 1, axis=1))[-1]
    right.set(
        xlabel=r"reconstructed $\log_{10}(E/\mathrm{GeV})$",
        ylabel=r"$\sin\delta$",
        xlim=(table.log10_energy_edges[0], table.log10_energy_edges[last + 1]),
    )
    chi2 = table.chi2_per_cell(model_error=model_error)
    right.set_title(f"$\\chi^2$ per cell {chi2:.2f} (cells with 10 expected events)", fontsize=9)
    return fig


def response_figure(analysis: Analysis, gammas: Sequence[float]) -> Figure:
    """Return the weighted acceptance of isotropic fluxes, and the point spread of each energy bin."""
    fig = figure(10.5, 4.4)
    left, right = fig.subplots(1, 2)
    exposure, grid = analysis.exposure, rings(analysis.nside)
    weights = np.stack([bin_data.weights for bin_data in analysis.bins])
    flat = flatness(exposure, weights, analysis.fields.joint_mask)
    for i, (label, colour) in enumerate(zip(exposure.energy_bins.labels, CYCLE, strict=False)):
        for gamma, line in zip(gammas, ("-", *LINES), strict=False):
            j = int(np.argmin(np.abs(exposure.gammas - gamma)))
            name = rf"{label}, $\gamma = {exposure.gammas[j]:g}$"
            left.plot(grid.sin_dec, flat[i, j], linestyle=line, color=colour, linewidth=1, label=name)
        for gamma, line in zip(gammas, ("-", *LINES), strict=False):
            window = analysis.point_spread_windows(gamma)[i]
            ell = np.arange(min(len(window), 3 * analysis.nside))
            right.plot(ell, window[: len(ell)], linestyle=line, color=colour, linewidth=1)
        right.plot([], [], color=colour, label=rf"$\log_{{10}} E$ {label}")
    left.axhline(1, color=GREY, linewidth=0.8)
    left.set(xlabel=r"$\sin\delta$", ylabel="acceptance x weight of an isotropic flux, over its mean")
    left.legend(fontsize=7, frameon=False)
    right.set(xlabel=r"multipole $\ell$", ylabel=r"point-spread window $b_\ell$", ylim=(0, 1.02))
    right.legend(fontsize=8, frameon=False)
    return fig
