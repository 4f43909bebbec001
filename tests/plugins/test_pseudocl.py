import healpy
import numpy as np
import pytest

from nuweft.errors import EmptySkyError, ParameterError
from nuweft.sky.fields import overdensity


@pytest.fixture
def fields(rng):
    nside = 32
    mask = (np.abs(np.arange(12 * nside**2) - 5000) < 4000).astype(float)
    galaxies = overdensity(rng.poisson(5, 12 * nside**2).astype(float), mask)
    counts = rng.poisson(1, 12 * nside**2).astype(float)
    return nside, mask, galaxies, counts


@pytest.mark.parametrize("n_iter", [0, 3])
def test_the_kernel_reproduces_healpys_spectrum(make, fields, n_iter):
    _, mask, galaxies, counts = fields
    estimator = make("estimator", "pseudo-cl", ell_min=2, n_iter=n_iter)
    response = estimator.response(galaxies, mask, sky_fraction=mask.mean())
    field = overdensity(counts, mask)
    expected = (
        healpy.alm2cl(healpy.map2alm(galaxies, iter=n_iter), healpy.map2alm(field, iter=n_iter)) / mask.mean()
    )
    found = response.spectrum(counts)
    assert np.abs(found - expected[2:]).max() < 1e-10 * np.abs(expected).max()


def test_spectrum_equals_the_response(make, fields):
    _, mask, galaxies, counts = fields
    estimator = make("estimator", "pseudo-cl")
    response = estimator.response(galaxies, mask, sky_fraction=mask.mean())
    direct = estimator.spectrum(galaxies, overdensity(counts, mask), sky_fraction=mask.mean())
    assert np.allclose(response.spectrum(counts), direct, atol=1e-12 * np.abs(direct).max())


def test_the_spectrum_is_linear_in_the_second_field(make, fields, rng):
    _, mask, galaxies, _ = fields
    estimator = make("estimator", "pseudo-cl")
    a, b = rng.normal(size=(2, len(mask)))

    def spectrum(field):
        return estimator.spectrum(galaxies, field, sky_fraction=0.3)

    assert np.allclose(spectrum(2 * a - 3 * b), 2 * spectrum(a) - 3 * spectrum(b), atol=1e-14)


def test_a_multipole_range_cuts_the_full_one(make, fields):
    _, mask, galaxies, counts = fields
    full = (
        make("estimator", "pseudo-cl", ell_min=0).response(galaxies, mask, sky_fraction=0.5).spectrum(counts)
    )
    cut = make("estimator", "pseudo-cl", ell_min=7, ell_max=20).response(galaxies, mask, sky_fraction=0.5)
    assert cut.ell.tolist() == list(range(7, 21))
    assert np.allclose(cut.spectrum(counts), full[7:21], atol=1e-15)


def test_multipoles_beyond_the_grid_are_refused(make, fields):
    _, mask, galaxies, _ = fields
    with pytest.raises(ParameterError, match=r"96 is beyond 3 NSIDE - 1 = 95"):
        make("estimator", "pseudo-cl", ell_max=96).response(galaxies, mask, sky_fraction=0.5)
    with pytest.raises(ParameterError, match="ell_min: 50 is above ell_max = 40"):
        make("estimator", "pseudo-cl", ell_min=50, ell_max=40).response(galaxies, mask, sky_fraction=0.5)


def test_an_empty_mask_is_refused(make, fields):
    _, mask, galaxies, _ = fields
    with pytest.raises(EmptySkyError):
        make("estimator", "pseudo-cl").response(galaxies, 0 * mask, sky_fraction=0.5)
