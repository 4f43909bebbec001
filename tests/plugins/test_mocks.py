import healpy
import numpy as np
import pytest

from nuweft_mocks.lognormal import gaussian_spectrum, lognormal_field


def _spectrum(lmax):
    ell = np.arange(lmax + 1)
    spectrum = 2e-3 / (ell + 10.0) ** 1.2 * np.exp(-((ell / 60.0) ** 2))
    spectrum[0] = 0
    return spectrum


def test_a_lognormal_field_has_the_spectrum_it_was_made_from():
    lmax, n = 96, 60
    spectrum = _spectrum(lmax)
    rng = np.random.default_rng(4)
    found = np.mean(
        [healpy.anafast(lognormal_field(spectrum, 64, rng=rng), lmax=lmax, iter=3) for _ in range(n)], axis=0
    )
    ell = np.arange(2, 80)
    error = spectrum[ell] * np.sqrt(2 / ((2 * ell + 1) * n))
    # pixels and the clipping of tiny negative C_l of the Gaussian field: 1 %
    assert np.all(np.abs(found[ell] - spectrum[ell]) < 4.5 * error + 0.01 * spectrum[ell])


def test_a_lognormal_field_is_above_minus_one_with_zero_mean(rng):
    field = lognormal_field(_spectrum(96), 64, rng=rng)
    assert field.min() > -1
    assert abs(field.mean()) < 5 * field.std() / np.sqrt(500)


def test_the_gaussian_spectrum_of_small_fluctuations_is_the_spectrum():
    small = 1e-8 * _spectrum(40)
    assert np.allclose(gaussian_spectrum(small)[1:], small[1:], rtol=1e-6)


def test_mock_galaxies_are_counts_of_the_wanted_number(make):
    tracer = make("tracer", "mock-galaxies", galaxies=2e5, field_nside=64)
    counts = tracer.counts(64)
    assert np.array_equal(counts, np.round(counts))
    assert counts.min() >= 0
    assert counts.sum() == pytest.approx(2e5, rel=0.05)
    assert np.array_equal(
        tracer.counts(64), make("tracer", "mock-galaxies", galaxies=2e5, field_nside=64).counts(64)
    )


def test_mock_galaxies_cluster_as_ccl_says(make):
    """The measured auto-spectrum above shot noise is the CCL spectrum of its n(z)."""
    from nuweft.evolution.angular_spectra import Projection, angular_spectrum
    from nuweft.evolution.cosmology import Cosmology

    tracer = make("tracer", "mock-galaxies", galaxies=4e6, field_nside=128, seed=3)
    counts = tracer.counts(128)
    field = counts / counts.mean() - 1
    ell = np.arange(20, 200)
    found = healpy.anafast(field, lmax=250, iter=3)[ell] - 4 * np.pi / counts.sum()
    distribution = tracer.redshift_distribution()
    galaxies = Projection(z=distribution.z, density=distribution.density, bias=1.2)
    cosmology = Cosmology(transfer_function="eisenstein_hu").ccl()
    expected = angular_spectrum(cosmology, ell.astype(float), galaxies, galaxies)
    ratio = np.sum(found * (2 * ell + 1)) / np.sum(expected * (2 * ell + 1))
    # one realisation of a log-normal sky: cosmic variance of the sum, a few per cent
    assert ratio == pytest.approx(1, abs=0.06)


def test_mock_tracks_label_their_origin_and_repeat(make):
    settings = {
        "tracer": {"plugin": "mock-galaxies", "field_nside": 32},
        "livetime_days": 5.0,
        "correlated_flux": 1e-16,
    }
    sample = make("neutrino_sample", "mock-tracks", **settings)
    events, origin = sample.events(), sample.origin()
    assert len(origin) == len(events)
    assert set(np.unique(origin)) == {0, 1, 2}
    again = make("neutrino_sample", "mock-tracks", **settings).events()
    assert np.array_equal(again.ra, events.ra)
    assert "not real data" in sample.description()


def test_mock_tracks_have_the_numbers_of_their_response(make):
    from nuweft.flux.atmosphere import conventional_flux
    from nuweft.irf.simulation import expected_cells

    sample = make(
        "neutrino_sample",
        "mock-tracks",
        tracer={"plugin": "mock-galaxies", "field_nside": 32},
        livetime_days=20.0,
    )
    expected = expected_cells(sample.response().seasons[0], conventional_flux)[2].sum()
    assert np.sum(sample.origin() == 0) == pytest.approx(expected, abs=5 * np.sqrt(expected))
