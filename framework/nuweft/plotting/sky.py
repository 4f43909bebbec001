"""Maps of the sky."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure

from nuweft.measurement.fields import FieldsAndMasks
from nuweft.measurement.spectrum import counts
from nuweft.model.bin_data import BinData
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.plotting.style import BLUE, GREY, figure
from nuweft.sky.pixels import degrade_mean, pixel_index, resolution
from nuweft.typing import BoolArray, FloatArray

_HOURS = {0: "0h", -120: "8h", -60: "4h", 60: "20h", 120: "16h"}


def draw_map(
    axes: Any,
    values: FloatArray,
    *,
    hidden: BoolArray | None = None,
    norm: Any = None,
    cmap: str | Colormap = "viridis",
) -> Any:
    """Draw a map in Mollweide projection, east to the left, and return the mesh.

    Parameters
    ----------
    axes
        Axes with the ``mollweide`` projection.
    values
        Shape (npix,).
    hidden
        Pixels shown in grey, shape (npix,).
    norm, cmap
        Colour scale.
    """
    longitude = np.linspace(-np.pi, np.pi, 721)
    latitude = np.linspace(-np.pi / 2, np.pi / 2, 361)
    x, y = 0.5 * (longitude[1:] + longitude[:-1]), 0.5 * (latitude[1:] + latitude[:-1])
    mesh_x, mesh_y = np.meshgrid(x, y)
    pixels = pixel_index(resolution(values), -mesh_x.ravel(), mesh_y.ravel())
    image = np.ma.array(values[pixels].reshape(mesh_x.shape))
    if hidden is not None:
        image = np.ma.masked_where(hidden[pixels].reshape(mesh_x.shape), image)
    axes.set_facecolor("#d5d5d5")
    mesh = axes.pcolormesh(longitude, latitude, image, norm=norm, cmap=cmap, rasterized=True)
    axes.grid(color="white", alpha=0.35, linewidth=0.5)
    axes.set_xticks(np.radians(list(_HOURS)))
    axes.set_xticklabels(list(_HOURS.values()), fontsize=7, color="white")
    axes.set_yticks(np.radians([-60, -30, 0, 30, 60]))
    axes.tick_params(axis="y", labelsize=7)
    return mesh


def tracer_figure(fields: FieldsAndMasks, redshifts: RedshiftDistribution | None, name: str) -> Figure:
    """Return the density of the tracer on the sky, masked part in grey, and its n(z)."""
    fig = figure(11 if redshifts is not None else 7.5, 4.6)
    grid = fig.add_gridspec(
        1, 1 if redshifts is None else 2, width_ratios=None if redshifts is None else (1.6, 1)
    )
    axes = fig.add_subplot(grid[0], projection="mollweide")
    coverage = fields.objects.coverage
    nside = resolution(coverage)
    density, mask = fields.objects.counts / (41252.96 / len(coverage)), coverage
    if nside > 64:  # a pixel of the figure is larger than one of the map
        density, mask = degrade_mean(density, 64), degrade_mean(mask, 64)
    density = np.where(mask > 0.5, density / np.where(mask > 0, mask, 1), 0.0)
    seen = density[mask > 0.5]
    low, high = np.percentile(seen, [1, 99.5])
    mesh = draw_map(axes, density, hidden=mask <= 0.5, norm=Normalize(low, max(high, low + 1e-9)))
    fig.colorbar(
        mesh, ax=axes, orientation="horizontal", shrink=0.7, pad=0.06, label="objects per square degree"
    )
    axes.set_title(f"{name}: density (grey: masked, {1 - coverage.mean():.0%} of the sky)", fontsize=10)
    if redshifts is not None:
        _draw_redshifts(fig.add_subplot(grid[1]), redshifts)
    return fig


def _draw_redshifts(axes: Any, redshifts: RedshiftDistribution) -> None:
    axes.fill_between(redshifts.z, redshifts.density, color=BLUE, alpha=0.25)
    axes.plot(redshifts.z, redshifts.density, color=BLUE)
    for q in (10, 50, 90):
        axes.axvline(redshifts.percentile(q), color=GREY, linewidth=0.8, linestyle=":")
    axes.set(
        xlabel="redshift z",
        ylabel="dN/dz (normalised)",
        xlim=(0, redshifts.percentile(99.8)),
        ylim=(0, None),
    )
    shown = ", ".join(f"{redshifts.percentile(q):.2f}" for q in (10, 50, 90))
    axes.set_title(f"10, 50, 90 percentile: {shown}", fontsize=9)
    axes.text(
        0.97,
        0.95,
        textwrap.fill(redshifts.source, 34),
        ha="right",
        va="top",
        transform=axes.transAxes,
        fontsize=8,
        color=GREY,
    )


def sample_figure(bins: tuple[BinData, ...], fields: FieldsAndMasks) -> Figure:
    """Return counts (top) and weights (bottom) of each energy bin; grey is masked."""
    n = len(bins)
    fig = figure(3.9 * n, 5.4)
    hidden = fields.joint_mask <= 0
    for i, bin_data in enumerate(bins):
        number = counts(bin_data)
        axes = fig.add_subplot(2, n, i + 1, projection="mollweide")
        nside = min(resolution(number), 32 if number.sum() > 2e4 else 16)
        coarse, cover = degrade_mean(number * bin_data.mask, nside), degrade_mean(bin_data.mask, nside)
        shown = np.where(cover > 0.3, coarse / np.where(cover > 0, cover, 1), 0.0)
        per_degree = shown / (41252.96 / len(number))
        mesh = draw_map(axes, per_degree, hidden=cover <= 0.3, cmap="magma")
        inside = (number * bin_data.mask).sum()
        axes.set_title(rf"$\log_{{10}}(E/\mathrm{{GeV}})$ {bin_data.label}: {inside:,.0f} events", fontsize=9)
        fig.colorbar(
            mesh, ax=axes, orientation="horizontal", shrink=0.75, pad=0.04, label="events per square degree"
        )
        axes = fig.add_subplot(2, n, n + i + 1, projection="mollweide")
        used = bin_data.weights[~hidden]
        flat = used.max() < 1.0001 * used.min()
        norm = Normalize(0, 2) if flat else Normalize(0, used.max())
        mesh = draw_map(axes, bin_data.weights, hidden=hidden, norm=norm, cmap="cividis")
        fig.colorbar(mesh, ax=axes, orientation="horizontal", shrink=0.75, pad=0.04, label="weight (mean 1)")
    return fig
