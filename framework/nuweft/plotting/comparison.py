"""Variations of an analysis side by side."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from nuweft.plotting.style import BLUE, GREY, RED, figure
from nuweft.studies.scans import Comparison


def comparison_figure(found: Comparison, gamma: float) -> Figure:
    """Return estimates and limits of f_corr, and limits on the flux, one line per variation.

    Parameters
    ----------
    found
        The variations.
    gamma
        Spectral index, one of the ``gammas`` of the analyses.
    """
    names, y = [], np.arange(len(found.rows))[::-1]
    fig = figure(10.0, 1.4 + 0.5 * len(found.rows))
    left, right = fig.subplots(1, 2, sharey=True)
    left.axvline(0, color=GREY, linewidth=0.8)
    for at, row in zip(y, found.rows, strict=True):
        (i,) = (i for i, limit in enumerate(row.limits) if abs(limit.gamma - gamma) < 1e-9)
        limit, flux = row.limits[i], row.fluxes[i]
        left.errorbar(limit.f_corr_hat, at, xerr=limit.f_corr_sigma, fmt="o", color=BLUE, markersize=4)
        left.plot(limit.f_corr, at, marker="|", color=RED, markersize=14, markeredgewidth=2)
        right.plot(flux / row.analysis.diffuse_flux.normalisation, at, "D", color=RED, markersize=5)
        p = row.p_value
        test = f"TS {row.fit.test_statistic:.2f}"
        if p is not None:
            test += f", p {p.value:.2g}" if p.value > 0 else f", p < {p.error:.1g}"
        names.append(f"{row.name}\n{test}")
    left.errorbar([], [], xerr=[], fmt="o", color=BLUE, markersize=4, label="estimate, 1 sigma")
    credibility = found.rows[0].limits[0].credibility
    left.plot(
        [], [], marker="|", linestyle="", color=RED, markersize=10, label=f"{credibility:.0%} upper limit"
    )
    left.set_yticks(y, names, fontsize=9)
    left.set_ylim(-0.7, len(y) - 0.3)
    left.set_xlabel(rf"$f_\mathrm{{corr}}$ at $\gamma = {gamma:g}$")
    left.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=2)
    right.axvline(1, color=GREY, linestyle="--", linewidth=1)
    right.set_xlabel("upper limit on the flux / diffuse flux")
    right.set_xlim(left=0)
    return fig
