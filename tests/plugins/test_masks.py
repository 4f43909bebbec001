import healpy
import numpy as np
import pytest
from astropy import units

from nuweft.errors import ConfigurationError, DataError, NsideError

NSIDE = 32


def test_galactic_cut_equals_healpys_rotator(make):
    weights = make("mask", "galactic-cut", minimum="10 deg").inside(NSIDE)
    theta, phi = healpy.pix2ang(NSIDE, np.arange(12 * NSIDE**2))
    theta_gal, _ = healpy.Rotator(coord="CG")(theta, phi)
    assert np.array_equal(weights, np.abs(90 - np.degrees(theta_gal)) >= 10)


def test_declination_keeps_what_lies_above(make):
    weights = make("mask", "declination", minimum="-5 deg", maximum=40 * units.deg).inside(NSIDE)
    dec = 90 - np.degrees(healpy.pix2ang(NSIDE, np.arange(12 * NSIDE**2))[0])
    assert np.array_equal(weights, (dec > -5) & (dec <= 40))


def test_circles_equal_query_disc(make):
    weights = make("mask", "circles", ra=[80.894, 13.187], dec=[-69.756, -72.829], radius=[5.0, 3.0]).inside(
        NSIDE
    )
    inside = np.concatenate(
        [
            healpy.query_disc(NSIDE, healpy.ang2vec(80.894, -69.756, lonlat=True), np.radians(5)),
            healpy.query_disc(NSIDE, healpy.ang2vec(13.187, -72.829, lonlat=True), np.radians(3)),
        ]
    )
    assert set(np.flatnonzero(weights == 0)) == set(inside)


def test_intersection_is_the_product_and_idempotent(make):
    a, b = make("mask", "galactic-cut"), make("mask", "declination", minimum="0 deg")
    both = a & b
    assert np.array_equal(both.inside(8), a.inside(8) & b.inside(8))
    assert (a & a) == a
    assert (both & a) == both
    assert both & both == both


def test_a_map_file_is_thresholded(make, tmp_path, rng):
    values = rng.uniform(0, 1, 768)
    healpy.write_map(str(tmp_path / "m.fits"), values, dtype=np.float64, coord="C")
    mask = make("mask", "map-file", file=str(tmp_path / "m.fits"))
    assert np.array_equal(mask.coverage(8), values > 0.5)
    fractional = make("mask", "map-file", file=str(tmp_path / "m.fits"), threshold=None)
    assert np.array_equal(fractional.coverage(8), values)


def test_a_map_file_of_another_resolution_is_refused(make, tmp_path):
    healpy.write_map(str(tmp_path / "m.fits"), np.ones(768), dtype=np.float64, coord="C")
    with pytest.raises(NsideError, match="NSIDE 8, the analysis NSIDE 16; set regrid"):
        make("mask", "map-file", file=str(tmp_path / "m.fits")).coverage(16)
    regridded = make("mask", "map-file", file=str(tmp_path / "m.fits"), regrid=True)
    assert regridded.coverage(16).shape == (3072,)
    assert regridded.coverage(4).shape == (192,)


def test_a_map_file_outside_zero_to_one_is_refused(make, tmp_path):
    healpy.write_map(str(tmp_path / "m.fits"), np.full(768, 3.0), dtype=np.float64, coord="C")
    with pytest.raises(DataError, match=r"must lie in \[0, 1\], got 3 to 3"):
        make("mask", "map-file", file=str(tmp_path / "m.fits")).coverage(8)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("declination", {"minimum": "10 deg", "maximum": "-10 deg"}, "must be below maximum"),
        ("circles", {"ra": [1, 2], "dec": [3]}, "do not fit together"),
        ("circles", {"ra": [1], "dec": [95]}, "out of range"),
        ("map-file", {}, "either file or dataset"),
        ("galactic-cut", {"minimum": 10}, "with a unit"),
        ("galactic-cut", {"minimum": "10 GeV"}, "convertible to 'deg'"),
        ("galactic-cut", {"minimum": "95 deg"}, "< 90 deg"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, name, settings, message):
    with pytest.raises(ConfigurationError, match=message):
        make("mask", name, **settings)


# --- coverage, apodization, edges -------------------------------------------------


def test_coverage_of_a_declination_band_is_its_area(make):
    mask = make("mask", "declination", minimum="10 deg", maximum="31 deg")
    coverage = mask.coverage(16)
    area = 0.5 * (np.sin(np.radians(31)) - np.sin(np.radians(10)))
    assert coverage.mean() == pytest.approx(area, rel=5e-3)  # 256 points in each pixel of the edge
    assert np.any((coverage > 0) & (coverage < 1))


def test_coverage_of_a_circle_smaller_than_a_pixel_is_seen(make):
    mask = make("mask", "circles", ra=[40.0], dec=[20.0], radius=[1.0])
    lost = (1 - mask.coverage(8)).sum() * 4 * np.pi / 768
    assert lost == pytest.approx(2 * np.pi * (1 - np.cos(np.radians(1.0))), rel=0.15)


def test_an_intersection_covers_what_both_keep(make):
    a, b = make("mask", "galactic-cut", minimum="20 deg"), make("mask", "declination", minimum="5 deg")
    both = (a & b).coverage(16)
    fine = (a & b).inside(16 * 32).reshape(-1)
    mean = healpy.ud_grade(fine.astype(float), 16)
    assert np.abs(both - mean).max() < 0.15
    assert both.mean() == pytest.approx(mean.mean(), abs=5e-4)


def test_a_completeness_map_is_coverage_and_an_apodized_one_is_not(make, tmp_path):
    values = np.linspace(0.2, 1.0, 768)
    healpy.write_map(str(tmp_path / "m.fits"), values, dtype=np.float64, coord="C")
    coverage = make("mask", "map-file", file=tmp_path / "m.fits", threshold=None)
    np.testing.assert_array_equal(coverage.coverage(8), values)
    np.testing.assert_array_equal(coverage.apodization(8), np.ones(768))
    apodized = make("mask", "map-file", file=tmp_path / "m.fits", threshold=None, values="apodization")
    np.testing.assert_array_equal(apodized.coverage(8), np.ones(768))
    np.testing.assert_array_equal(apodized.apodization(8), values)
    np.testing.assert_array_equal((apodized & coverage).apodization(8), values)
    with pytest.raises(ConfigurationError, match="needs threshold: null"):
        make("mask", "map-file", file=tmp_path / "m.fits", values="apodization")


def test_unseen_pixels_of_a_mask_are_not_covered(make, tmp_path):
    values = np.where(np.arange(768) < 300, 1.0, healpy.UNSEEN)
    healpy.write_map(str(tmp_path / "m.fits"), values, dtype=np.float32, coord="C")
    mask = make("mask", "map-file", file=tmp_path / "m.fits")
    np.testing.assert_array_equal(mask.coverage(8), np.arange(768) < 300)


def test_weights_of_a_mask_are_deprecated(make):
    with pytest.warns(DeprecationWarning, match="coverage\\(nside\\)"):
        weights = make("mask", "declination", minimum="0 deg").weights(8)
    assert set(weights) == {0.0, 1.0}
