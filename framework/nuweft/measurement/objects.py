"""The objects of a tracer inside its mask."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.errors import CountsError, NsideError
from nuweft.interfaces.mask import Mask, coverage_of
from nuweft.interfaces.tracer import Tracer
from nuweft.sky.pixels import (
    check_counts,
    count_map,
    degrade_mean,
    degrade_sum,
    pixel_centres,
    pixel_count,
    resolution,
)
from nuweft.sky.sources import Sources
from nuweft.sky.subpixels import subdivision, subpixel_mean
from nuweft.typing import BoolArray, FloatArray


@attrs.frozen(eq=False, kw_only=True)
class TracerObjects:
    """The objects of a tracer that its mask keeps.

    Attributes
    ----------
    counts, squares : arrays of shape (npix,)
        Sums of their weights and of the squares of these, per pixel.
    coverage : array of shape (npix,)
        Expected fraction of the objects of each pixel that is among them.
    corrected_squares : array of shape (npix,)
        Sums of the squares of the weights over the completeness at each object.
    completeness : array of shape (n,)
        At each point, or in each pixel, of ``sources``.
    inside : array of bool, shape (npix,)
        Pixels that are used: their centre lies in the mask.
    number : float
        Number of objects; the sum of the counts for a map.
    sources : Sources
        Where correlated events start: relative numbers, corrected for completeness.
    behind : array of shape (npix_any,)
        Part of each pixel that lies behind the mask, at the resolution of the
        pixels of ``sources``, or of the analysis for points.
    """

    counts: FloatArray
    squares: FloatArray
    coverage: FloatArray
    corrected_squares: FloatArray
    completeness: FloatArray
    inside: BoolArray
    number: float
    sources: Sources
    behind: FloatArray


def cut_objects(tracer: Tracer, nside: int) -> TracerObjects:
    """Return the objects of a tracer inside its mask.

    Points are cut at their own positions; the coverage of a pixel that the
    edge of the mask cuts is then its part inside. Counts in pixels cannot be
    cut: pixels at the edge are left out, on the tracer's own grid where that
    is finer than the analysis.

    Raises
    ------
    NsideError, CountsError
        If counts are of another resolution, negative or infinite.
    """
    counts = np.asarray(tracer.counts(nside), dtype=float)
    if counts.shape != (pixel_count(nside),):
        raise NsideError(
            f"tracer {tracer.plugin_name}: returned shape {counts.shape}, "
            f"expected ({pixel_count(nside)},) for NSIDE {nside}"
        )
    check_counts(counts, f"tracer {tracer.plugin_name}")
    sources = tracer.sources(nside)
    if sources.density is None:
        return _cut_points(sources, tracer.mask, nside)
    if len(sources.density) < len(counts):
        # known at a coarser resolution than the counts: events start there, the field is made of the counts
        field = _cut_pixels(Sources.pixels(counts), tracer.mask, nside)
        start = _cut_pixels(sources, tracer.mask, resolution(sources.density))
        return attrs.evolve(
            field, sources=start.sources, behind=start.behind, completeness=start.completeness
        )
    return _cut_pixels(sources, tracer.mask, nside)


def _cut_points(sources: Sources, mask: Mask | None, nside: int) -> TracerObjects:
    assert sources.ra is not None
    assert sources.dec is not None
    assert sources.weight is not None
    ra, dec, weight = sources.ra, sources.dec, sources.weight
    coverage, behind = coverage_of(mask, nside), np.zeros(pixel_count(nside))
    inside, completeness = np.ones(len(coverage), dtype=bool), np.ones(len(ra))
    if mask is not None:
        keep = np.asarray(mask.contains(ra, dec), dtype=bool) & (weight > 0)
        ra, dec, weight = ra[keep], dec[keep], weight[keep]
        completeness = np.asarray(mask.completeness(ra, dec), dtype=float)
        inside = mask.inside(nside) & (coverage > 0)
        behind = 1 - _part_inside(mask, nside, coverage)
    return TracerObjects(
        counts=count_map(nside, ra, dec, weight),
        squares=count_map(nside, ra, dec, weight**2),
        coverage=coverage,
        corrected_squares=count_map(nside, ra, dec, weight**2 / completeness),
        completeness=completeness,
        inside=inside,
        number=float(len(ra)),
        sources=Sources.points(ra, dec, weight / completeness),
        behind=behind,
    )


def _cut_pixels(sources: Sources, mask: Mask | None, nside: int) -> TracerObjects:
    assert sources.density is not None
    have = resolution(sources.density)
    seen = ~np.isnan(sources.density)
    number = np.where(seen, sources.density, 0.0)
    square = number if sources.square is None else np.where(seen, np.nan_to_num(sources.square), 0.0)
    coverage_of(mask, nside)  # refuses a mask that does not answer at the resolution of the analysis
    if mask is None:
        completeness, kept = np.ones(len(number)), seen
        inside = np.ones(pixel_count(nside), dtype=bool)
    else:
        # fewer points in pixels that are small beside those of the analysis
        per_side = max(2, min(subdivision(have), subdivision(nside) * nside // have))
        completeness = (
            coverage_of(mask, nside)
            if have == nside
            else subpixel_mean(mask.completeness, have, per_side=per_side)
        )
        kept = seen & (_part_inside(mask, have, completeness, per_side=per_side) == 1) & (completeness > 0)
        inside = mask.inside(nside)
    coverage = degrade_mean(np.where(kept, completeness, 0.0), nside)
    if not number[kept].any():
        raise CountsError("no counts in the pixels that the tracer's mask keeps whole")
    safe = np.where(kept, completeness, 1.0)
    density = np.where(kept, number / safe, 0.0)
    return TracerObjects(
        counts=degrade_sum(np.where(kept, number, 0.0), nside),
        squares=degrade_sum(np.where(kept, square, 0.0), nside),
        coverage=coverage,
        corrected_squares=degrade_sum(np.where(kept, square / safe, 0.0), nside),
        completeness=safe,
        inside=inside & (coverage > 0),
        number=float(number[kept].sum()),
        sources=Sources.pixels(density, centred=sources.centred),
        behind=np.where(kept, 0.0, 1.0),
    )


def _part_inside(
    mask: Mask, nside: int, completeness: FloatArray, *, per_side: int | None = None
) -> FloatArray:
    """Return the part of each pixel that lies in a mask; only where that is not plain points are tried."""
    part = (completeness > 0).astype(float)
    open_ = np.flatnonzero((completeness > 0) & (completeness < 1))
    part[open_] = subpixel_mean(mask.contains, nside, pixels=open_, per_side=per_side)
    return part


@attrs.frozen(eq=False, kw_only=True)
class SourceDensity:
    """Relative density of sources on the sky, with mean one inside the tracer's mask.

    Attributes
    ----------
    points : Sources or None
        Point sources, weights in steradian (their fraction of the sky's integral).
    density : array of shape (npix_any,) or None
        Relative density per pixel.
    """

    points: Sources | None
    density: FloatArray | None


def source_density(objects: TracerObjects, *, behind_mask: str) -> SourceDensity:
    """Return the density of correlated sources.

    Parameters
    ----------
    objects
        Objects of the tracer.
    behind_mask
        ``mean``: behind the mask the density is its mean; ``zero``: nothing there.
    """
    fill = objects.behind if behind_mask == "mean" and objects.behind.any() else None
    sky = 4 * np.pi * (1 - objects.behind.mean())
    sources = objects.sources
    if sources.density is None:
        assert sources.ra is not None
        assert sources.dec is not None
        assert sources.weight is not None
        fraction = sources.weight / sources.weight.sum() * sky
        return SourceDensity(points=Sources.points(sources.ra, sources.dec, fraction), density=fill)
    relative = sources.density / sources.density[objects.behind == 0].mean()
    if sources.centred:
        ra, dec = pixel_centres(resolution(relative))
        full = relative > 0
        fraction = relative[full] * (4 * np.pi / len(relative))
        return SourceDensity(points=Sources.points(ra[full], dec[full], fraction), density=fill)
    return SourceDensity(points=None, density=relative if fill is None else relative + fill)
