"""The likelihood in spectral index and correlation strength or flux."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from nuweft.model.gaussian_model import GaussianModel
from nuweft.plotting.style import figure
from nuweft.results.result import Result
from nuweft.statistics.profile import data_projections, project_out, score_and_information, scores
from nuweft.typing import FloatArray


def profile_surface(model: GaussianModel, gammas: FloatArray, f_corr: FloatArray) -> FloatArray:
    """Return 2 (log L - max log L) with f_atm profiled.

    Parameters
    ----------
    model
        Likelihood.
    gammas
        Shape (n,).
    f_corr
        Shape (n, m): one row of values per spectral index.
    """
    score, information = score_and_information(
        model, gammas, scores(model, data_projections(model)), project_out(model)
    )
    value = 2 * f_corr * score[:, None] - f_corr**2 * information[:, None]
    return np.asarray(value - max(value.max(), 0.0))


def likelihood_figure(result: Result) -> Figure:
    """Return the likelihood in (f_corr, gamma), left, and in (flux, gamma), right."""
    model, measured = result.model, result.measured
    gammas = np.linspace(model.gammas[0], model.gammas[-1], 181)
    events = float(measured.events_per_bin.sum())
    acceptance = np.array([measured.acceptance(g) for g in gammas])
    score, information = score_and_information(
        model, gammas, scores(model, data_projections(model)), project_out(model)
    )
    reach = np.clip(score / information, 0, None) + 3.5 / np.sqrt(information)
    levels = -stats.chi2.ppf([0.68, 0.90, 0.95], 2)[::-1]
    fig = figure(11, 4.6)
    for side, (label, scale, top) in enumerate(
        (
            (r"$f_\mathrm{corr}$", np.ones_like(gammas), min(float(reach.max()), 1.0)),
            (r"flux at 100 TeV [GeV$^{-1}$ cm$^{-2}$ s$^{-1}$ sr$^{-1}$]", events / acceptance, None),
        )
    ):
        axes = fig.add_subplot(1, 2, side + 1)
        if top is None:
            highest = float(np.max(reach * scale))
            rows = np.broadcast_to(np.geomspace(highest * 1e-4, highest, 241), (len(gammas), 241))
            axes.set_yscale("log")
        else:
            rows = np.broadcast_to(np.linspace(0, top, 241), (len(gammas), 241))
        surface = profile_surface(model, gammas, rows / scale[:, None])
        mesh = axes.pcolormesh(
            gammas, rows[0], surface.T, vmin=-12, vmax=0, cmap="viridis", shading="gouraud", rasterized=True
        )
        lines = axes.contour(gammas, rows[0], surface.T, levels=levels, colors="white", linewidths=0.9)
        axes.clabel(lines, fmt=dict(zip(lines.levels, ("95 %", "90 %", "68 %"), strict=False)), fontsize=7)
        fit = result.fit
        if fit.f_corr > 0:
            best = fit.f_corr if top is not None else fit.f_corr * events / measured.acceptance(fit.gamma)
            axes.plot(
                fit.gamma, best, "*", color="white", markeredgecolor="black", markersize=13, label="best fit"
            )
        for limit, flux in zip(result.upper_limits, result.fluxes, strict=True):
            axes.plot(
                limit.gamma,
                limit.f_corr if top is not None else flux,
                "v",
                color="#ffcf4d",
                markeredgecolor="black",
                label=f"{limit.credibility:.0%} limit ({limit.signal})"
                if limit is result.upper_limits[0]
                else None,
            )
        axes.set(xlabel=r"spectral index $\gamma$", ylabel=label, ylim=(rows[0, 0], rows[0, -1]))
        axes.legend(fontsize=7, loc="upper left")
        fig.colorbar(mesh, ax=axes, label=r"$2\,(\log L - \max \log L)$, $f_\mathrm{atm}$ profiled")
    return fig
