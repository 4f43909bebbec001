import healpy
import numpy as np
import pytest
from astropy import units

from nuweft.errors import ConfigurationError, DataError, NsideError

NSIDE = 32


def test_galactic_cut_equals_healpys_rotator(make):
    weights = make("mask", "galactic-cut", minimum="10 deg").weights(NSIDE)
    theta, phi = healpy.pix2ang(NSIDE, np.arange(12 * NSIDE**2))
    theta_gal, _ = healpy.Rotator(coord="CG")(theta, phi)
    assert np.array_equal(weights, np.abs(90 - np.degrees(theta_gal)) >= 10)


def test_declination_keeps_what_lies_above(make):
    weights = make("mask", "declination", minimum="-5 deg", maximum=40 * units.deg).weights(NSIDE)
    dec = 90 - np.degrees(healpy.pix2ang(NSIDE, np.arange(12 * NSIDE**2))[0])
    assert np.array_equal(weights, (dec > -5) & (dec <= 40))


def test_circles_equal_query_disc(make):
    weights = make("mask", "circles", ra=[80.894, 13.187], dec=[-69.756, -72.829], radius=[5.0, 3.0]).weights(
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
    assert np.array_equal(both.weights(8), a.weights(8) * b.weights(8))
    assert (a & a) == a
    assert (both & a) == both
    assert both & both == both


def test_a_map_file_is_thresholded(make, tmp_path, rng):
    values = rng.uniform(0, 1, 768)
    healpy.write_map(str(tmp_path / "m.fits"), values, dtype=np.float64, coord="C")
    mask = make("mask", "map-file", file=str(tmp_path / "m.fits"))
    assert np.array_equal(mask.weights(8), values > 0.5)
    fractional = make("mask", "map-file", file=str(tmp_path / "m.fits"), threshold=None)
    assert np.array_equal(fractional.weights(8), values)


def test_a_map_file_of_another_resolution_is_refused(make, tmp_path):
    healpy.write_map(str(tmp_path / "m.fits"), np.ones(768), dtype=np.float64, coord="C")
    with pytest.raises(NsideError, match="NSIDE 8, the analysis NSIDE 16; set regrid"):
        make("mask", "map-file", file=str(tmp_path / "m.fits")).weights(16)
    regridded = make("mask", "map-file", file=str(tmp_path / "m.fits"), regrid=True)
    assert regridded.weights(16).shape == (3072,)
    assert regridded.weights(4).shape == (192,)


def test_a_map_file_outside_zero_to_one_is_refused(make, tmp_path):
    healpy.write_map(str(tmp_path / "m.fits"), np.full(768, 3.0), dtype=np.float64, coord="C")
    with pytest.raises(DataError, match=r"must lie in \[0, 1\], got 3 to 3"):
        make("mask", "map-file", file=str(tmp_path / "m.fits")).weights(8)


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
