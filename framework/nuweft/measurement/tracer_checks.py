"""Signs that the objects of a tracer are not what they are taken for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse, stats

from nuweft.measurement.objects import TracerObjects
from nuweft.sky.pixels import (
    check_nside,
    degrade_mean,
    degrade_sum,
    neighbours,
    pixel_centres,
    pixel_count,
    resolution,
)
from nuweft.sky.sources import Sources
from nuweft.typing import BoolArray, FloatArray

EMPTY_FALSE_ALARM = 1e-3
"""Probability that a catalog which fills its mask is said to leave a region empty."""

_FINEST = 8
_EXPECTED = 20.0  # objects in a coarse pixel
_COVERED = 0.3  # part of a coarse pixel that is used
_NEARLY_EMPTY = 0.1  # of the mean density
_WHOLE = 1e-6
_REPEATED = 0.01
_ACCIDENT = 10.0
_FEW = 20


def tracer_remarks(sources: Sources, objects: TracerObjects) -> tuple[str, ...]:
    """Return what is suspicious about the objects of a tracer, a sentence each.

    Parameters
    ----------
    sources
        The tracer's objects, not cut by its mask.
    objects
        Those inside.
    """
    found = [*(_pixel_remarks(sources) if sources.density is not None else _point_remarks(sources))]
    region = empty_region(objects)
    if region is not None:
        found.append(region_words(region, objects.coverage))
    return tuple(found)


def _pixel_remarks(sources: Sources) -> Iterator[str]:
    assert sources.density is not None
    counts = sources.density[np.isfinite(sources.density)]
    counts = counts[counts > 0]
    unseen = int(np.count_nonzero(np.isnan(sources.density)))
    if unseen and unseen < _REPEATED * len(sources.density):
        yield f"{unseen} pixels of the map are UNSEEN or NaN; they are left out, as if they were masked"
    if sources.square is not None:
        return
    whole = np.rint(counts)
    if np.any(np.abs(counts - whole) > _WHOLE * np.maximum(counts, 1.0)):
        yield (
            "the map holds values that are no whole numbers, taken as counts of objects: shot noise is then "
            "wrong; say values: per-square-degree for densities, or give the squares of weighted counts"
        )
        return
    factor = int(np.gcd.reduce(whole.astype(np.int64)))
    if factor > 1 and len(counts) >= _FEW:
        yield f"all counts of the map are multiples of {factor}: is every object counted {factor} times?"


def _point_remarks(sources: Sources) -> Iterator[str]:
    assert sources.ra is not None
    assert sources.dec is not None
    number = len(sources.ra)
    if number < _FEW:
        return
    _, times = np.unique(sources.ra + 1j * sources.dec, return_counts=True)
    factor = int(np.gcd.reduce(times))
    if factor > 1:
        yield f"every position of the catalog is listed {factor} times (or a multiple of it)"
        return
    # pairs at one position, and those expected if the two coordinates were repeated by accident
    pairs = float(np.sum(times * (times - 1.0)) / 2)
    same = [
        np.sum(np.unique(x, return_counts=True)[1].astype(float) ** 2) / number**2
        for x in (sources.ra, sources.dec)
    ]
    repeated = number - len(times)
    if repeated > _REPEATED * number and pairs > _ACCIDENT * same[0] * same[1] * number**2 / 2:
        yield (
            f"{repeated} of {number} objects ({repeated / number:.1%}) repeat the position of another one "
            "exactly: are objects listed more than once, as in overlaps of tiles?"
        )


# --- regions without objects ------------------------------------------------------


def empty_region(objects: TracerObjects, *, false_alarm: float = EMPTY_FALSE_ALARM) -> BoolArray | None:
    """Return the coarse pixels of a mask in which a tracer has (almost) no objects, or None.

    Parameters
    ----------
    objects
        Objects of the tracer.
    false_alarm
        Probability of finding a region where the catalog fills its mask.

    Returns
    -------
    array of bool, shape (npix_coarse,), or None

    Notes
    -----
    Counts in coarse pixels (NSIDE 8, or coarser so that 20 objects are expected
    in each) are compared with a negative binomial distribution about the
    median density, whose variance beyond Poisson's is taken from the quartiles
    of the densities. A pixel counts as empty below a tenth of the median density,
    where that has a probability below ``false_alarm`` over the number of pixels.
    """
    nside = _coarse_resolution(objects)
    if nside is None:
        return None
    total = objects.squares.sum() / objects.counts.sum()  # effective weight of an object
    number, covered = degrade_sum(objects.counts, nside) / total, degrade_mean(objects.coverage, nside)
    used = covered > _COVERED
    if used.sum() < 4:
        return None
    density = number[used] / covered[used]
    median = float(np.median(density))
    if not median > 0:
        median = float(density.mean())
    expected = median * covered[used]
    low, high = np.quantile(density / median, (0.25, 0.75))
    spread = ((high - low) / (2 * stats.norm.ppf(0.75))) ** 2 - float(np.mean(1 / expected))
    variance = max(spread, 1e-6)
    probability = stats.nbinom.cdf(np.floor(number[used]), 1 / variance, 1 / (1 + variance * expected))
    empty = (number[used] < _NEARLY_EMPTY * expected) & (probability < false_alarm / used.sum())
    if not empty.any():
        return None
    region = np.zeros(pixel_count(nside), dtype=bool)
    region[np.flatnonzero(used)[empty]] = True
    return region


def _coarse_resolution(objects: TracerObjects) -> int | None:
    effective = objects.counts.sum() ** 2 / objects.squares.sum()
    area = max(float(objects.coverage.mean()), 1e-9)
    nside = min(_FINEST, resolution(objects.counts))
    while nside > 1 and effective / (area * pixel_count(nside)) < _EXPECTED:
        nside //= 2
    return nside if effective / (area * pixel_count(nside)) >= _EXPECTED else None


def region_words(region: BoolArray, coverage: FloatArray) -> str:
    """Return where the largest connected part of an empty region is.

    Parameters
    ----------
    region
        Of :func:`empty_region`.
    coverage
        Of the tracer's mask, shape (npix,).
    """
    nside = resolution(region)
    pixels = np.flatnonzero(region)
    near = neighbours(check_nside(nside), pixels)
    pairs = [
        (i, np.searchsorted(pixels, j)) for i, row in enumerate(near) for j in row if j >= 0 and region[j]
    ]
    graph = sparse.coo_array(
        (np.ones(len(pairs)), tuple(np.array(pairs).reshape(-1, 2).T)), shape=(len(pixels), len(pixels))
    )
    _, label = sparse.csgraph.connected_components(graph, directed=False)
    largest = pixels[label == np.argmax(np.bincount(label))]
    ra, dec = (np.degrees(x) for x in pixel_centres(nside))
    size = np.degrees(np.sqrt(4 * np.pi / pixel_count(nside)))
    area = degrade_mean(coverage, nside)[region].sum() * size**2
    fraction = area / (coverage.mean() * pixel_count(nside) * size**2)
    low = max(-90.0, float(dec[largest].min() - size / 2))
    high = min(90.0, float(dec[largest].max() + size / 2))
    centre = np.degrees(np.angle(np.mean(np.exp(1j * np.radians(ra[largest]))))) % 360
    return (
        f"the catalog does not fill its mask: {area:.0f} square degrees ({fraction:.0%} of the mask) hold "
        f"(almost) no objects, the largest region from declination {low:.0f} to {high:.0f} deg around right "
        f"ascension {centre:.0f} deg; correlated events and limits assume that the mask is what was observed"
    )
