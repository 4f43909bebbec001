import healpy
import numpy as np
import pytest

from nuweft.errors import CountsError, EmptySampleError, EmptySkyError, NsideError
from nuweft.irf.energy_bins import EnergyBins
from nuweft.sky import pixels
from nuweft.sky.fields import overdensity


def test_count_map_equals_healpy(rng):
    ra, dec = rng.uniform(0, 2 * np.pi, 1000), np.arcsin(rng.uniform(-1, 1, 1000))
    expected = np.bincount(healpy.ang2pix(16, np.pi / 2 - dec, ra), minlength=3072)
    assert np.array_equal(pixels.count_map(16, ra, dec), expected)


def test_degrade_sum_keeps_the_total_and_equals_healpy(rng):
    counts = rng.poisson(3.0, 12 * 32**2).astype(float)
    coarse = pixels.degrade_sum(counts, 8)
    assert coarse.sum() == counts.sum()
    assert np.array_equal(coarse, healpy.ud_grade(counts, 8, power=-2).round())


def test_upgrade_then_degrade_mean_is_identity(rng):
    values = rng.normal(size=12 * 4**2)
    assert np.allclose(pixels.degrade_mean(pixels.upgrade(values, 32), 4), values)


def test_refining_counts_is_refused():
    with pytest.raises(NsideError, match="NSIDE 8 cannot be refined to NSIDE 16"):
        pixels.degrade_sum(np.ones(768), 16)


@pytest.mark.parametrize("nside", [0, 3, -4, 2.5, True])
def test_nside_must_be_a_power_of_two(nside):
    with pytest.raises(NsideError, match="power of two"):
        pixels.check_nside(nside)


def test_a_map_of_wrong_length_is_refused():
    with pytest.raises(NsideError, match="got 13"):
        pixels.resolution(np.ones(13))


def test_an_overdensity_is_not_taken_for_counts():
    with pytest.raises(CountsError, match="overdensity"):
        pixels.check_counts(np.array([-0.5, 0.1, 0.4]), "some map")


def test_unseen_pixels_are_not_counts():
    with pytest.raises(CountsError, match="1 pixels are not finite"):
        pixels.check_counts(np.array([1.0, np.nan]), "some map")


def test_overdensity_has_zero_mean_in_the_mask(rng):
    counts, mask = rng.poisson(5, 768).astype(float), rng.uniform(0, 1, 768) * (rng.random(768) > 0.3)
    field = overdensity(counts, mask)
    assert field.sum() == pytest.approx(0, abs=1e-10)
    assert np.all(field[mask == 0] == 0)


def test_mask_and_map_of_different_resolution_are_refused():
    with pytest.raises(NsideError, match="768 and 192 pixels"):
        overdensity(np.ones(768), np.ones(192))


def test_a_mask_without_sky_is_refused():
    with pytest.raises(EmptySkyError):
        overdensity(np.ones(12), np.zeros(12))


def test_no_counts_in_the_mask_is_refused():
    counts = np.ones(12)
    with pytest.raises(EmptySampleError):
        overdensity(np.where(np.arange(12) < 6, 0, counts), (np.arange(12) < 6).astype(float))


def test_energy_bins_are_half_open():
    bins = EnergyBins((2.5, 3.5, 4.5))
    assert bins.index(np.array([2.49, 2.5, 3.5, 4.4999, 4.5])).tolist() == [-1, 0, 1, 1, -1]
