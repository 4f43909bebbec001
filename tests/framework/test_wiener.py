"""The expectation of a field given counts on part of the sky."""

import healpy
import numpy as np
import pytest

from nuweft.measurement.wiener import wiener_filter
from nuweft.sky.harmonics import adjoint_synthesis, alm_ell, alm_size, synthesis

NSIDE, LMAX, NOISE = 16, 20, 3e-3
POWER = np.concatenate([[0.0], 0.02 / np.arange(1, LMAX + 1)])


def _basis():
    """Real fields on pixels, one for each degree of freedom with l up to LMAX, and the l of each."""
    columns, ells = [], []
    for i, ell in enumerate(alm_ell(LMAX)):
        for unit in (1.0, 1j) if i > LMAX else (1.0,):
            alm = np.zeros(alm_size(LMAX), dtype=complex)
            alm[i] = unit / (1 if i <= LMAX else np.sqrt(2))
            columns.append(healpy.alm2map(alm, NSIDE, lmax=LMAX))
            ells.append(ell)
    return np.array(columns).T, np.array(ells)


@pytest.fixture(scope="module")
def coverage():
    z = healpy.pix2vec(NSIDE, np.arange(12 * NSIDE**2))[2]
    return np.where(np.abs(z) < 0.25, 0.0, 0.6 + 0.4 * z**2)


def test_it_is_the_conditional_mean_of_a_gaussian_field(coverage, rng):
    """By the dense matrices of field and noise on pixels, the noise is infinite where nothing is seen."""
    basis, ell = _basis()
    area = 4 * np.pi / len(coverage)
    seen = coverage > 0
    field = basis @ (np.sqrt(POWER[ell]) * rng.standard_normal(len(ell)))
    noise = np.sqrt(NOISE / (coverage[seen] * area))
    observed = field[seen] + noise * rng.standard_normal(seen.sum())
    covariance = (basis[seen] * POWER[ell]) @ basis[seen].T + np.diag(noise**2)
    expected = (basis * POWER[ell]) @ basis[seen].T @ np.linalg.solve(covariance, observed)
    data = np.zeros(len(coverage))
    data[seen] = coverage[seen] * observed
    alm = wiener_filter(area * adjoint_synthesis(data, LMAX), coverage, POWER, NOISE)
    found = synthesis(alm, NSIDE, LMAX)
    assert np.std(found - expected) < 1e-3 * np.std(expected)
    # beyond the edge it goes on
    assert np.std(found[~seen]) > 0.1 * np.std(found[seen])


def test_without_a_mask_each_multipole_is_reduced(rng):
    field = healpy.synfast(POWER, NSIDE, lmax=LMAX)
    area = 4 * np.pi / len(field)
    alm = wiener_filter(area * adjoint_synthesis(field, LMAX), np.ones(len(field)), POWER, NOISE)
    own = healpy.map2alm(field, lmax=LMAX, iter=3)
    expected = healpy.almxfl(own, POWER / (POWER + NOISE))
    assert np.max(np.abs(alm - expected)) < 5e-3 * np.max(np.abs(expected))  # pixels are no exact quadrature


def test_its_cross_power_with_the_data_is_that_of_the_field_in_any_mask(coverage, rng):
    """In the mean over 200 fields, to 5 of its errors."""
    basis, ell = _basis()
    area = 4 * np.pi / len(coverage)
    other = np.where(healpy.pix2vec(NSIDE, np.arange(len(coverage)))[0] > 0, 1.0, 0.0)  # of the events
    ratios = []
    for _ in range(200):
        field = basis @ (np.sqrt(POWER[ell]) * rng.standard_normal(len(ell)))
        noise = np.sqrt(np.divide(NOISE, coverage * area, out=np.zeros(len(coverage)), where=coverage > 0))
        observed = coverage * (field + noise * rng.standard_normal(len(field)))
        alm = wiener_filter(area * adjoint_synthesis(observed, LMAX), coverage, POWER, NOISE)
        found = synthesis(alm, NSIDE, LMAX)
        cross = [healpy.anafast(observed, other * f, lmax=LMAX)[4:16].sum() for f in (found, field)]
        ratios.append(cross)
    found, true = np.array(ratios).T
    difference = found - true
    assert abs(difference.mean()) < 5 * difference.std() / np.sqrt(len(difference))
    assert difference.std() / np.sqrt(len(difference)) < 0.02 * true.mean()
