"""The cross-power spectrum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from nuweft.model.auto_spectrum import BiasFit
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.plotting.style import BLUE, GREY, ORANGE, RED, figure
from nuweft.statistics.profile import FitResult
from nuweft.typing import FloatArray


def band_average(
    ell: FloatArray, values: FloatArray, covariance: FloatArray, edges: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return effective multipole, mean and error of a spectrum in bands of multipoles."""
    rows = []
    for low, high in pairwise(edges):
        chosen = (ell >= low) & (ell < high)
        if chosen.any():
            rows.append(chosen / chosen.sum())
    average = np.array(rows)
    return average @ ell, average @ values, np.sqrt(np.diag(average @ covariance @ average.T))


def spectrum_figure(measured: CrossSpectrum, fit: FitResult | None = None) -> Figure:
    """Return C_l of each energy bin in bands, with null errors and, where there is one, the best fit."""
    n = len(measured.blocks)
    fig = figure(4.2 * n, 4.2)
    for i, block in enumerate(measured.blocks):
        axes = fig.add_subplot(1, n, i + 1)
        edges = np.unique(np.geomspace(block.ell[0], block.ell[-1] + 1, 25).round())
        centre, data, error = band_average(block.ell, block.data, block.covariance, edges)
        scale = 1e4 * centre  # l C_l shows all multipoles on one axis
        axes.errorbar(
            centre,
            scale * data,
            scale * error,
            fmt="o",
            markersize=3.5,
            color="black",
            elinewidth=1,
            label="data",
        )
        if fit is not None:
            bin_data = band_average(
                block.ell, fit.null_f_atm[i] * block.atmospheric, block.covariance, edges
            )[1]
            axes.plot(centre, scale * bin_data, color=BLUE, label="atmospheric (null fit)")
        if fit is not None and np.isfinite(fit.gamma):
            signal = np.array(
                [np.interp(fit.gamma, measured.gammas, column) for column in block.signal_derivative.T]
            )
            best = fit.f_corr * signal + fit.f_atm[i] * block.atmospheric
            axes.plot(
                centre,
                scale * band_average(block.ell, best, block.covariance, edges)[1],
                color=ORANGE,
                label=rf"best fit ($f_\mathrm{{corr}}$ {fit.f_corr:.4f}, $\gamma$ {fit.gamma:.2f})",
            )
        expected = band_average(block.ell, block.null_mean, block.covariance, edges)[1]
        axes.fill_between(
            centre,
            scale * (expected - error),
            scale * (expected + error),
            color=GREY,
            alpha=0.25,
            label="null, 1 sigma",
        )
        axes.axhline(0, color=RED, linewidth=0.6, alpha=0.6)
        axes.set(xscale="log", xlabel=r"multipole $\ell$", ylabel=r"$10^4\,\ell\,C_\ell$" if i == 0 else "")
        axes.set_title(rf"{block.tracer} x $\log_{{10}}(E/\mathrm{{GeV}})$ {block.energy_bin}", fontsize=9)
        if i == 0:
            axes.legend(fontsize=7, frameon=False)
    return fig


def auto_power_figure(fit: BiasFit, tracer: str) -> Figure:
    """Return the auto-power of the tracer in bands, with the fitted bias and the shot noise."""
    fig = figure(6.5, 4.4)
    axes = fig.add_subplot()
    errors = np.sqrt(np.diag(fit.covariance))
    axes.errorbar(fit.ell, fit.data, errors, fmt="o", color=BLUE, markersize=4, label=tracer)
    axes.plot(
        fit.ell,
        fit.model,
        color=ORANGE,
        label=rf"$b_g = {fit.bias:.3f} \pm {fit.sigma:.3f}$, $\chi^2 = {fit.chi2:.1f}$ for {fit.dof}",
    )
    axes.axhline(fit.shot_noise, color=GREY, linestyle="--", label="shot noise")
    axes.set(
        xlabel=r"multipole $\ell$",
        ylabel=r"$\tilde C_\ell^{gg} / \langle W^2 \rangle$",
        yscale="log",
        ylim=(0.5 * min(fit.shot_noise, float(fit.data.min())), None),
    )
    axes.legend(frameon=False, fontsize=9)
    return fig
