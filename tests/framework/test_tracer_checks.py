"""What is said of suspicious objects, and how often it is said of sound ones."""

import numpy as np
import pytest

from nuweft.measurement.objects import TracerObjects
from nuweft.measurement.tracer_checks import EMPTY_FALSE_ALARM, empty_region, region_words, tracer_remarks
from nuweft.sky.pixels import count_map, pixel_centres, pixel_count, upgrade
from nuweft.sky.sources import Sources

NSIDE = 16
NPIX = pixel_count(NSIDE)


def objects(counts, coverage=None):
    coverage = np.ones(len(counts)) if coverage is None else coverage
    return TracerObjects(
        counts=counts,
        squares=counts,
        coverage=coverage,
        corrected_squares=counts,
        completeness=np.ones(len(counts)),
        inside=coverage > 0,
        number=counts.sum(),
        sources=Sources.pixels(counts),
        behind=1 - coverage,
    )


def points(rng, number):
    return rng.uniform(0, 2 * np.pi, number), np.arcsin(rng.uniform(-1, 1, number))


def said(sources, counts=None):
    filled = np.full(NPIX, 50.0)
    return " ".join(tracer_remarks(sources, objects(filled if counts is None else counts)))


def test_sound_objects_are_passed_in_silence(rng):
    assert said(Sources.pixels(rng.poisson(3.0, NPIX).astype(float))) == ""
    assert said(Sources.points(*points(rng, 20_000))) == ""


def test_densities_taken_as_counts_are_named(rng):
    assert "values: per-square-degree" in said(Sources.pixels(rng.poisson(9.0, NPIX) / 13.43))


@pytest.mark.parametrize("factor", [2, 3])
def test_objects_that_are_all_repeated_are_named(rng, factor):
    assert f"multiples of {factor}" in said(Sources.pixels(float(factor) * rng.poisson(3.0, NPIX)))
    ra, dec = points(rng, 5000)
    assert f"listed {factor} times" in said(Sources.points(np.tile(ra, factor), np.tile(dec, factor)))


def test_overlaps_are_named_and_rounded_positions_are_not(rng):
    ra, dec = points(rng, 20_000)
    again = np.r_[np.arange(20_000), np.arange(600)]
    assert "600 of 20600 objects" in said(Sources.points(ra[again], dec[again]))
    coarse = Sources.points(np.round(ra, 2), np.round(dec, 2))
    assert said(coarse) == ""
    pixel_ra, pixel_dec = pixel_centres(NSIDE)
    on_centres = np.repeat(np.arange(NPIX), rng.poisson(20.0, NPIX))
    assert said(Sources.points(pixel_ra[on_centres], pixel_dec[on_centres])) == ""


def test_a_few_unseen_pixels_are_named(rng):
    counts = rng.poisson(9.0, NPIX).astype(float)
    counts[:7] = np.nan
    assert "7 pixels of the map are UNSEEN" in said(Sources.pixels(counts))


def test_a_catalog_that_ends_inside_its_mask_is_named(rng):
    ra, dec = points(rng, 20_000)
    keep = dec > np.radians(-40)
    found = objects(count_map(NSIDE, ra[keep], dec[keep]))
    region = empty_region(found)
    area = 0.5 * (1 - np.sin(np.radians(40)))
    assert region.mean() == pytest.approx(area, abs=0.05)
    words = region_words(region, found.coverage)
    assert "declination -8" in words
    assert "does not fill its mask" in words


def test_an_empty_region_behind_the_mask_is_passed_in_silence(rng):
    ra, dec = points(rng, 20_000)
    keep = dec > np.radians(-40)
    coverage = (pixel_centres(NSIDE)[1] > np.radians(-37)).astype(float)
    counts = count_map(NSIDE, ra[keep], dec[keep]) * coverage
    assert empty_region(objects(counts, coverage)) is None


def clustered(rng, number, spread):
    """Counts around a density with log-normal fluctuations of some 15 and 7 degrees."""
    wide = upgrade(rng.normal(0, 0.7 * spread, pixel_count(4)), NSIDE)
    near = upgrade(rng.normal(0, 0.7 * spread, pixel_count(8)), NSIDE)
    density = np.exp(wide + near)
    return rng.poisson(number * density / density.sum()).astype(float)


@pytest.mark.parametrize(("number", "spread"), [(700, 0.0), (20_000, 0.0), (3000, 0.3), (100_000, 0.5)])
def test_false_alarms_are_as_rare_as_stated(rng, number, spread):
    fields = 2000
    alarms = sum(empty_region(objects(clustered(rng, number, spread))) is not None for _ in range(fields))
    # at most 2 of 2,000 are expected; more than 9 have a probability of 5e-5
    assert alarms <= 9
    assert EMPTY_FALSE_ALARM == 1e-3
