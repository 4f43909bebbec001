import healpy
import numpy as np
import pytest

from nuweft.sky import harmonics
from nuweft.sky.beams import gaussian_window, profile_window, rayleigh_sigma


@pytest.mark.parametrize("n_iter", [0, 3])
def test_analysis_equals_healpy(n_iter, rng):
    values = rng.normal(size=12 * 16**2)
    expected = healpy.map2alm(values, lmax=47, iter=n_iter)
    found = harmonics.analysis(values, 47, n_iter=n_iter)
    assert np.abs(found - expected).max() < 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize("n_iter", [0, 1, 3])
def test_adjoint_analysis_is_the_adjoint(n_iter, rng):
    nside, lmax = 8, 23
    values = rng.normal(size=12 * nside**2)
    alm = rng.normal(size=harmonics.alm_size(lmax)) + 1j * rng.normal(size=harmonics.alm_size(lmax))
    alm[: lmax + 1] = alm[: lmax + 1].real
    left = harmonics.adjoint_analysis(alm, nside, lmax, n_iter=n_iter) @ values
    spectrum = harmonics.cross_spectrum(alm, harmonics.analysis(values, lmax, n_iter=n_iter), lmax)
    right = np.sum(spectrum * (2 * np.arange(lmax + 1) + 1))
    assert left == pytest.approx(right, rel=1e-12)


def test_cross_spectrum_equals_healpy(rng):
    first, second = rng.normal(size=(2, 12 * 16**2))
    a, b = (healpy.map2alm(m, lmax=40, iter=0) for m in (first, second))
    assert np.allclose(harmonics.cross_spectrum(a, b, 40), healpy.alm2cl(a, b), atol=1e-16)


def test_points_to_alm_equals_closed_form(rng):
    ra, dec, weight = rng.uniform(0, 6, 5), rng.uniform(-1.5, 1.5, 5), rng.uniform(1, 2, 5)
    alm = harmonics.points_to_alm(ra, dec, weight, 3)
    assert alm[0] == pytest.approx(weight.sum() / np.sqrt(4 * np.pi), rel=1e-6)
    # Y_10 = sqrt(3/4 pi) sin(dec)
    assert alm[1].real == pytest.approx(np.sqrt(3 / (4 * np.pi)) * np.sum(weight * np.sin(dec)), rel=1e-6)


def test_zonal_transforms_equal_full_ones(rng):
    from nuweft.sky.rings import rings

    nside, lmax = 16, 47
    grid = rings(nside)
    values = rng.normal(size=len(grid))
    full = harmonics.adjoint_synthesis(grid.expand(values), lmax) * 4 * np.pi / (12 * nside**2)
    zonal = harmonics.zonal_alm(values, nside, lmax)
    assert np.allclose(zonal, full[: lmax + 1].real, atol=1e-13)
    back = grid.expand(harmonics.zonal_synthesis(zonal, nside))
    expected = harmonics.synthesis(np.pad(zonal + 0j, (0, len(full) - lmax - 1)), nside, lmax)
    assert np.allclose(back, expected, atol=1e-12)


def test_gaussian_window_equals_healpy():
    sigma = np.radians(0.7)
    expected = healpy.gauss_beam(sigma * np.sqrt(8 * np.log(2)), lmax=300)
    assert np.allclose(gaussian_window(sigma, 300), expected, atol=1e-12)


def test_profile_window_of_a_rayleigh_profile_is_gaussian():
    sigma = rayleigh_sigma(np.radians(0.8))
    theta = np.linspace(0, 8 * sigma, 4001)
    density = theta / sigma**2 * np.exp(-(theta**2) / (2 * sigma**2))
    # flat-sky profile against the heat kernel: differ by sigma**2/12 at most
    assert np.allclose(profile_window(theta, density, 200), gaussian_window(sigma, 200), atol=1e-4)


def test_rayleigh_sigma_has_the_median(rng):
    sigma = rayleigh_sigma(1.0)
    draws = sigma * np.sqrt(-2 * np.log(rng.random(100_000)))
    # error of a median: 1 / (2 f sqrt(n)), f = density at the median = ln 2
    assert np.median(draws) == pytest.approx(1.0, abs=4 / (2 * np.log(2) * np.sqrt(1e5)))
