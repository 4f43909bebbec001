"""Objects in masks: coverage, weights, edges, against sampled catalogs and closed forms."""

from typing import ClassVar

import attrs
import healpy
import numpy as np
import pytest

import nuweft
from nuweft.interfaces import Mask, Tracer
from nuweft.measurement.auto_power import auto_spectrum
from nuweft.measurement.fields import fields_and_masks
from nuweft.measurement.objects import cut_objects, source_density
from nuweft.model import Sources
from nuweft.sky.fields import mean_density, overdensity
from nuweft.sky.pixels import count_map, pixel_centres
from nuweft.sky.subpixels import subpixel_mean

NSIDE = 32
NPIX = 12 * NSIDE**2


@attrs.frozen(kw_only=True)
class Points(Tracer):
    plugin_name: ClassVar[str] = "points"
    ra: np.ndarray = attrs.field(eq=False)
    dec: np.ndarray = attrs.field(eq=False)
    weight: np.ndarray = attrs.field(eq=False)

    def counts(self, nside):
        return count_map(nside, self.ra, self.dec, self.weight)

    def sources(self, nside):
        return Sources.points(self.ra, self.dec, self.weight)


@attrs.frozen(kw_only=True)
class Completeness(Mask):
    plugin_name: ClassVar[str] = "completeness"

    def completeness(self, ra, dec):
        return 0.65 + 0.3 * np.cos(ra) * np.cos(dec)

    def coverage(self, nside):
        return subpixel_mean(self.completeness, nside)


def uniform(rng, number):
    return rng.uniform(0, 2 * np.pi, number), np.arcsin(rng.uniform(-1, 1, number))


def catalog(rng, *, weighted=False, thinned=False, number=300_000, mask=None):
    ra, dec = uniform(rng, number)
    weight = rng.lognormal(0.0, 1.0, number) if weighted else np.ones(number)
    if thinned:
        mask = Completeness()
        keep = rng.random(number) < mask.completeness(ra, dec)
        ra, dec, weight = ra[keep], dec[keep], weight[keep]
    return Points(ra=ra, dec=dec, weight=weight, mask=mask)


def excess(tracer, low, high):
    """Mean auto-power over shot noise, less one, with its error for unclustered objects."""
    found = fields_and_masks(tracer, None, NSIDE, tracer_uses_joint_mask=False)
    auto = auto_spectrum(
        found.objects.counts,
        found.coverage,
        3 * NSIDE - 1,
        squares=found.objects.squares,
        apodization=found.apodization,
    )
    ell = np.arange(low, high)
    modes = (2 * ell + 1).sum() * found.coverage.mean()
    mean = np.average(auto.power[ell], weights=2 * ell + 1) / auto.shot_noise - 1
    return mean, np.sqrt(2 / modes)


@pytest.mark.parametrize("thinned", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_unclustered_objects_have_the_power_of_shot_noise(rng, weighted, thinned):
    for low, high in ((2, 10), (10, 60)):
        value, sigma = excess(catalog(rng, weighted=weighted, thinned=thinned), low, high)
        assert abs(value) < 4.5 * sigma


def test_objects_cut_before_and_by_the_mask_have_no_excess_at_its_edge(rng, make):
    mask = make("mask", "galactic-cut", minimum="15 deg")
    beyond = catalog(rng, number=1_000_000, mask=mask)
    latitude = healpy.Rotator(coord="CG")(np.degrees(beyond.ra), np.degrees(beyond.dec), lonlat=True)[1]
    keep = np.abs(latitude) >= 15
    before = Points(ra=beyond.ra[keep], dec=beyond.dec[keep], weight=beyond.weight[keep], mask=mask)
    for tracer in (beyond, before):
        for low, high in ((2, 10), (10, 40)):
            value, sigma = excess(tracer, low, high)
            assert abs(value) < 4.5 * sigma
    # healpy's rotation differs by some 1e-8 at the edge
    difference = cut_objects(beyond, NSIDE).counts - cut_objects(before, NSIDE).counts
    assert np.abs(difference).sum() <= 3


def test_pixel_edges_of_a_count_map_are_left_out(rng, make, tmp_path):
    counts = rng.poisson(60.0, NPIX).astype(float)
    healpy.write_map(str(tmp_path / "n.fits"), counts, dtype=np.float64, coord="C")
    mask = make("mask", "galactic-cut", minimum="15 deg")
    tracer = make("tracer", "map", file=tmp_path / "n.fits", mask=mask)
    found = cut_objects(tracer, NSIDE)
    coverage = mask.coverage(NSIDE)
    np.testing.assert_array_equal(found.coverage, coverage == 1)
    np.testing.assert_array_equal(found.inside, coverage == 1)
    np.testing.assert_array_equal(found.counts, np.where(coverage == 1, counts, 0))
    # at half the resolution, pixels keep those of the map that are whole
    coarse = cut_objects(tracer, NSIDE // 2)
    summed = healpy.ud_grade(found.counts, NSIDE // 2, power=-2)
    assert np.abs(coarse.counts - summed).sum() < 0.005 * summed.sum()  # slivers of less than 1/64 of a pixel
    assert set(np.unique(coarse.coverage)) == {0.0, 0.25, 0.5, 0.75, 1.0}


def test_field_and_shot_noise_do_not_change_with_the_unit_of_weights(rng):
    tracer = catalog(rng, weighted=True, thinned=True, number=50_000)
    doubled = attrs.evolve(tracer, weight=2 * tracer.weight)
    one, two = (fields_and_masks(t, None, NSIDE, tracer_uses_joint_mask=False) for t in (tracer, doubled))
    np.testing.assert_allclose(one.tracer_field, two.tracer_field, atol=1e-12)
    assert one.shot_noise == pytest.approx(two.shot_noise, rel=1e-12)


def test_shot_noise_of_equal_weights_is_the_closed_form(rng):
    tracer = catalog(rng, number=40_000)
    found = fields_and_masks(tracer, None, NSIDE, tracer_uses_joint_mask=False)
    assert found.shot_noise == pytest.approx(4 * np.pi / 40_000, rel=1e-12)


def test_events_start_from_objects_over_completeness(rng):
    tracer = catalog(rng, thinned=True, number=400_000)
    density = source_density(cut_objects(tracer, NSIDE), behind_mask="mean")
    seen = count_map(4, density.points.ra, density.points.dec, density.points.weight) / (4 * np.pi / 192)
    # uniform in truth: scatter of some 1,400 objects per pixel, weighted
    assert np.abs(seen - 1).max() < 5 * np.sqrt(1.6 / (0.35 * 400_000 / 192))


def test_behind_the_mask_the_density_is_one(rng, make):
    mask = make("mask", "declination", minimum="10 deg")
    objects = cut_objects(catalog(rng, number=100_000, mask=mask), NSIDE)
    density = source_density(objects, behind_mask="mean")
    south = pixel_centres(NSIDE)[1] < 0
    np.testing.assert_array_equal(density.density[south], 1.0)
    assert density.points.weight.sum() + density.density.mean() * 4 * np.pi == pytest.approx(4 * np.pi)
    assert source_density(objects, behind_mask="zero").density is None


def test_a_degraded_map_starts_its_events_on_its_own_pixels(make, tmp_path):
    counts = np.zeros(12 * 64**2)
    counts[[5000, 5001]] = [1.0, 3.0]
    healpy.write_map(str(tmp_path / "n.fits"), counts + 1e-300, dtype=np.float64, coord="C")
    healpy.write_map(str(tmp_path / "n.fits"), counts, dtype=np.float64, coord="C", overwrite=True)
    tracer = make("tracer", "map", file=tmp_path / "n.fits")
    density = source_density(cut_objects(tracer, 16), behind_mask="mean").density
    assert len(density) == len(counts)
    assert density[5001] == 3 * density[5000]
    centred = make("tracer", "map", file=tmp_path / "n.fits", within_pixels="centre")
    points = source_density(cut_objects(centred, 16), behind_mask="mean").points
    ra, dec = pixel_centres(64)
    np.testing.assert_allclose(points.ra, ra[[5000, 5001]])
    np.testing.assert_allclose(points.dec, dec[[5000, 5001]])
    np.testing.assert_allclose(points.weight, [np.pi, 3 * np.pi])


def test_squares_of_weighted_counts_give_the_shot_noise_of_the_objects(rng, make, tmp_path):
    tracer = catalog(rng, weighted=True, number=100_000)
    counts = tracer.counts(NSIDE)
    squares = count_map(NSIDE, tracer.ra, tracer.dec, tracer.weight**2)
    for name, values in (("n", counts), ("s", squares)):
        healpy.write_map(str(tmp_path / f"{name}.fits"), values, dtype=np.float64, coord="C")
    as_map = make("tracer", "map", file=tmp_path / "n.fits", squares=tmp_path / "s.fits")
    one, two = (fields_and_masks(t, None, NSIDE, tracer_uses_joint_mask=False) for t in (tracer, as_map))
    assert two.shot_noise == pytest.approx(one.shot_noise, rel=1e-12)
    assert two.remarks == ()


def test_densities_are_turned_into_counts(rng, make, tmp_path):
    counts = rng.poisson(40.0, NPIX).astype(float)
    density = counts / healpy.nside2pixarea(NSIDE, degrees=True)
    healpy.write_map(str(tmp_path / "d.fits"), density, dtype=np.float64, coord="C")
    tracer = make("tracer", "map", file=tmp_path / "d.fits", values="per-square-degree")
    np.testing.assert_allclose(tracer.counts(NSIDE), counts)


def test_apodization_multiplies_the_field_and_not_the_counts(rng):
    counts, coverage = rng.poisson(9.0, NPIX).astype(float), np.ones(NPIX)
    weight = np.clip(np.sin(pixel_centres(NSIDE)[1]), 0, 1)
    field = overdensity(counts, coverage, weight)
    np.testing.assert_allclose(field, weight * (counts / counts.mean() - 1))
    assert mean_density(counts, coverage) == counts.mean()


def test_the_number_of_correlated_events_knows_no_completeness(small_sky):
    """n_corr counts events, which are not thinned by the completeness of the tracer."""
    thinned = attrs.evolve(small_sky, tracer=attrs.evolve(small_sky.tracer, mask=Completeness()))
    whole = attrs.evolve(small_sky, tracer=attrs.evolve(small_sky.tracer, mask=None))
    assert thinned.fields.joint_mask.sum() == whole.fields.joint_mask.sum()
    events = [a.measure().events_per_bin for a in (thinned, whole)]
    np.testing.assert_array_equal(*events)
    limit = thinned.upper_limit(thinned.measure(), 2.37)
    total = events[0].sum()
    flux = thinned.flux(thinned.measure(), limit.f_corr, 2.37)
    assert flux * thinned.measure().acceptance(2.37) == pytest.approx(limit.f_corr * total)


def test_f_sky_is_the_mean_of_both_masks(rng, make):
    tracer = catalog(rng, thinned=True, number=20_000)
    mask = make("mask", "declination", minimum="0 deg")
    found = fields_and_masks(tracer, mask, NSIDE, tracer_uses_joint_mask=False)
    north = mask.inside(NSIDE)
    assert found.sky_fraction == pytest.approx((Completeness().coverage(NSIDE) * north).mean())
    np.testing.assert_array_equal(found.joint_mask, north)


def test_unseen_pixels_of_a_map_are_not_covered(rng, make, tmp_path):
    counts = rng.poisson(9.0, NPIX).astype(float)
    hole = np.arange(NPIX) < 50
    healpy.write_map(
        str(tmp_path / "n.fits"), np.where(hole, healpy.UNSEEN, counts), dtype=np.float64, coord="C"
    )
    found = cut_objects(make("tracer", "map", file=tmp_path / "n.fits"), NSIDE)
    np.testing.assert_array_equal(found.coverage, ~hole)
    assert found.counts.sum() == counts[~hole].sum()


def test_a_remark_is_a_warning_and_stands_in_the_result(rng, make, tmp_path, small_sky):
    healpy.write_map(str(tmp_path / "n.fits"), 2.0 * rng.poisson(9.0, NPIX), dtype=np.float64, coord="C")
    analysis = attrs.evolve(small_sky, tracer=make("tracer", "map", file=tmp_path / "n.fits"))
    with pytest.warns(nuweft.errors.TracerWarning, match="multiples of 2"):
        assert analysis.fields.remarks
