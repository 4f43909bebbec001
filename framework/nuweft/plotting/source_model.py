"""Models of source evolution: density, and where their neutrinos come from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from nuweft.evolution.prediction import Predictor, predict
from nuweft.interfaces.source_evolution import SourceEvolutionModel, normalised_flux
from nuweft.plotting.style import CYCLE, GREY, RED, figure

_NEARBY = 0.01
"""Redshift from which densities are drawn."""


def source_model_figure(
    models: Sequence[SourceEvolutionModel],
    strength: Predictor,
    *,
    labels: Sequence[str] | None = None,
    limit: float | None = None,
) -> Figure:
    """Return density, flux distribution and expected f_corr of source models.

    Parameters
    ----------
    models
        The models.
    strength
        Expected f_corr of a model.
    labels
        Names of the models; those of the plugins where none are given.
    limit
        Upper limit on f_corr to be drawn.
    """
    names = [m.plugin_name for m in models] if labels is None else list(labels)
    sight = strength.response.line_of_sight
    fig = figure(10.0, 3.6)
    density, flux, expected = fig.subplots(1, 3)
    for i, (model, name) in enumerate(zip(models, names, strict=True)):
        colour = CYCLE[i % len(CYCLE)]
        z, per_redshift = normalised_flux(model, strength.gamma, sight)
        # the density behind the flux, also of models that have none of their own
        dimming = (1 + z) ** (2 - strength.gamma) / sight.luminosity_distance(z) ** 2
        values = per_redshift / dimming / sight.volume_element(z)
        start = int(np.searchsorted(z, _NEARBY))
        density.plot(z[start:], values[start:] / values[start:].max(), color=colour, label=name)
        flux.plot(z, z * per_redshift, color=colour)
    if sight.tracer is not None:
        z = sight.tracer.z
        flux.plot(z, z * sight.tracer(z), color=GREY, linestyle="--", label="tracer, $z\\, dN_g/dz$")
        flux.legend(fontsize=8, frameon=False, loc="upper left")
    density.set(xlabel="redshift", ylabel="comoving density / largest", yscale="log", xlim=(0, 8))
    density.set_ylim(max(density.get_ylim()[0], 1e-4), 2)
    density.legend(fontsize=8, frameon=False)
    flux.set(
        xlabel="redshift", ylabel=r"$z\, dN_\nu/dz$, normalised", xscale="log", xlim=(1e-3, 8), ylim=(0, None)
    )
    results = predict(models, strength)
    y = np.arange(len(models))[::-1]
    for i, (at, item) in enumerate(zip(y, results, strict=True)):
        expected.plot(item.f_corr, at, "o", color=CYCLE[i % len(CYCLE)])
    ticks = [
        f"{name}\n{item.f_corr:.4f}, median z {item.median_redshift:.2f}"
        for name, item in zip(names, results, strict=True)
    ]
    top = max([item.f_corr for item in results] + ([] if limit is None else [limit]))
    if limit is not None:
        expected.axvline(limit, color=RED, linestyle="--", label="upper limit")
        expected.legend(fontsize=8, frameon=False, loc="lower left")
    expected.locator_params(axis="x", nbins=4)
    expected.set_yticks(y, ticks, fontsize=8)
    expected.set(
        xlabel=rf"expected $f_\mathrm{{corr}}$, $f_\mathrm{{astro}}$ {strength.f_astro:.4g}",
        xlim=(0, 1.15 * top),
        ylim=(-0.6, len(models) - 0.3),
    )
    return fig
