import healpy
import numpy as np
import pytest
from scipy import stats

from nuweft.errors import ModelError, RedshiftError
from nuweft.evolution.angular_spectra import Projection, angular_spectrum
from nuweft.evolution.cosmology import Cosmology
from nuweft.evolution.galaxy_bias import fit_bias, largest_multipole
from nuweft.measurement.auto_power import auto_spectrum
from nuweft.model import RedshiftDistribution
from nuweft.sky.beams import pixel_window
from nuweft.sky.coupling import coupling_matrix, symmetric_coupling
from nuweft.sky.harmonics import alm_size, analysis, cross_spectrum, synthesis
from nuweft.sky.pixels import degrade_mean, pixel_centres

NSIDE = 64
LMAX = 3 * NSIDE - 1
STAND_IN = RedshiftDistribution.smail(1.38880, 0.109472, 1.61597, source="stand-in")


@pytest.fixture(scope="module")
def cosmology():
    return Cosmology(transfer_function="eisenstein_hu").ccl()


@pytest.fixture(scope="module")
def mask():
    _, dec = pixel_centres(NSIDE)
    return (np.abs(dec) > 0.35).astype(float)


def test_coupling_equals_a_sum_over_wigner_symbols(rng):
    from ducc0.misc import wigner3j_int

    spectrum = rng.random(41)
    found = symmetric_coupling(spectrum, 20)
    for a, b in [(0, 0), (3, 5), (20, 17), (20, 20)]:
        first, values = wigner3j_int(a, b, 0, 0)
        ell = first + np.arange(len(values))
        expected = np.sum((2 * ell + 1) / (4 * np.pi) * spectrum[ell] * values**2)
        assert found[a, b] == pytest.approx(expected, rel=1e-10)
    assert np.allclose(found, found.T)


def test_the_whole_sky_does_not_couple_multipoles():
    matrix = coupling_matrix(np.ones(12 * 16**2), 30)
    assert np.allclose(matrix, np.eye(31), atol=5e-5)  # quadrature of the mask on the pixel grid


def test_a_flat_spectrum_is_lowered_by_the_mean_squared_mask(mask):
    wide = coupling_matrix(mask, 150)
    # rows sum to the mean squared mask once all multipoles of the mask are inside
    assert wide[:20].sum(axis=1) == pytest.approx(np.mean(mask**2), rel=0.01)


def test_the_pixel_window_is_what_averaging_over_pixels_does(rng):
    nside, lmax = 16, 40
    window = pixel_window(nside, lmax)
    ratios = []
    for _ in range(60):
        alm = rng.standard_normal(alm_size(lmax)) + 1j * rng.standard_normal(alm_size(lmax))
        alm[: lmax + 1] = np.sqrt(2) * alm[: lmax + 1].real
        coarse = analysis(degrade_mean(synthesis(alm, 256, lmax), nside), lmax, n_iter=8)
        ratios.append(cross_spectrum(coarse, alm, lmax) / cross_spectrum(alm, alm, lmax))
    mean, error = np.mean(ratios, axis=0), np.std(ratios, axis=0) / np.sqrt(60)
    # below 2 NSIDE, where the quadrature of the coarse grid is good
    chosen = np.arange(2, 28)
    assert np.all(np.abs(mean - window)[chosen] < 5 * error[chosen] + 3e-4)
    assert window[0] == 1.0


def _galaxies(spectrum, mean, seed):
    np.random.seed(seed)  # noqa: NPY002  (healpy's generator)
    field = healpy.ud_grade(healpy.synfast(spectrum, 256, lmax=LMAX), NSIDE)
    return np.random.default_rng(seed).poisson(np.clip(mean * (1 + field), 0, None)).astype(float)


def test_the_bias_that_was_put_in_is_found_with_its_error(cosmology, mask):
    """Masked Gaussian skies by healpy, averaged over pixels, with Poisson noise."""
    galaxies = Projection(z=STAND_IN.z, density=STAND_IN.density, bias=1.3)
    spectrum = angular_spectrum(cosmology, np.arange(LMAX + 1.0), galaxies, galaxies)
    spectrum[0] = 0.0
    n = 60
    fits = [
        fit_bias(auto_spectrum(_galaxies(spectrum, 20, seed), mask, LMAX), STAND_IN, cosmology, ell_max=100)
        for seed in range(n)
    ]
    pull = np.array([(f.bias - 1.3) / f.sigma for f in fits])
    assert pull.mean() == pytest.approx(0, abs=4 / np.sqrt(n))
    assert pull.std() == pytest.approx(1, abs=4 / np.sqrt(2 * n))
    chi2 = sum(f.chi2 for f in fits)
    dof = sum(f.dof for f in fits)
    assert chi2 / dof == pytest.approx(1, abs=4 * np.sqrt(2 / dof) + 0.05)  # NKA: a few per cent


def test_unclustered_galaxies_have_the_poisson_noise(rng, mask):
    power = auto_spectrum(rng.poisson(5.0, len(mask)).astype(float), mask, LMAX)
    ell = np.arange(20, 120)
    mean = np.sum((2 * ell + 1) * power.power[ell]) / np.sum(2 * ell + 1)
    error = np.sqrt(2 / (np.sum(2 * ell + 1) * mask.mean()))
    assert mean / power.shot_noise == pytest.approx(1, abs=4 * error)


def test_shot_noise_can_be_fitted(cosmology, mask):
    galaxies = Projection(z=STAND_IN.z, density=STAND_IN.density, bias=1.3)
    spectrum = angular_spectrum(cosmology, np.arange(LMAX + 1.0), galaxies, galaxies)
    spectrum[0] = 0.0
    counts = 2 * _galaxies(spectrum, 5, 3)  # in pairs: twice the noise of Poisson counts
    found = fit_bias(
        auto_spectrum(counts, mask, LMAX), STAND_IN, cosmology, ell_max=120, free_shot_noise=True
    )
    assert found.bias == pytest.approx(1.3, abs=4 * found.sigma)
    assert found.shot_noise / found.poisson == pytest.approx(2, abs=0.3)
    assert stats.chi2(found.dof).sf(found.chi2) > 1e-3


def test_magnified_galaxies_need_less_bias(cosmology, mask):
    galaxies = Projection(z=STAND_IN.z, density=STAND_IN.density, bias=1.3)
    spectrum = angular_spectrum(cosmology, np.arange(LMAX + 1.0), galaxies, galaxies)
    spectrum[0] = 0.0
    measured = auto_spectrum(_galaxies(spectrum, 20, 5), mask, LMAX)
    plain = fit_bias(measured, STAND_IN, cosmology, ell_max=100)
    lensed = fit_bias(measured, STAND_IN, cosmology, ell_max=100, magnification=0.9)
    assert 0.9 * plain.bias < lensed.bias < plain.bias


def test_bias_is_fitted_on_linear_scales(cosmology):
    distance = cosmology.comoving_radial_distance(1 / (1 + STAND_IN.percentile(50)))
    assert largest_multipole(STAND_IN, cosmology) == int(0.2 * distance)


def test_bad_input_of_a_bias_fit_is_named(cosmology, mask, rng):
    flat = auto_spectrum(rng.poisson(0.5, len(mask)).astype(float) * 0 + 3.0, mask, LMAX)
    with pytest.raises(ModelError, match="below the Poisson noise"):
        fit_bias(flat, STAND_IN, cosmology)
    with pytest.raises(ModelError, match="expected at least 3"):
        fit_bias(flat, STAND_IN, cosmology, ell_min=10, ell_max=20)
    with pytest.raises(ModelError, match="within a spectrum up to"):
        fit_bias(flat, STAND_IN, cosmology, ell_max=5000)
    spike = RedshiftDistribution.normalised(np.linspace(0.1, 0.1001, 20), np.ones(20), "spike")
    with pytest.raises(RedshiftError, match="too narrow"):
        fit_bias(flat, spike, cosmology)
