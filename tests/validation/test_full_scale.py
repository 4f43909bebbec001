"""Trials, moments and kernels at full scale."""

from pathlib import Path

import healpy
import numpy as np
import pytest
from scipy import stats

import nuweft
from nuweft.model import BinData, Events, MatchedFilter
from nuweft.sky.fields import overdensity
from nuweft.statistics.hybrid import hybrid_test_statistics
from nuweft.statistics.trials import trial_test_statistics

pytestmark = pytest.mark.validation

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "analyses"
TRIALS = 100_000


def test_hybrid_trials_full_trials_and_moments_agree_on_real_events(real_data):
    analysis = nuweft.Analysis.from_yaml(EXAMPLES / "ic86_wise2mass_unweighted.yaml")
    measured = analysis.measure()
    model = analysis.model(measured)
    statistics = analysis.run_trials(measured, TRIALS)
    for block, raw, found in zip(model.blocks, measured.blocks, statistics, strict=True):
        mean = block.filters @ raw.null_mean
        covariance = block.filters @ raw.covariance @ block.filters.T
        spread = np.sqrt(np.diag(covariance))
        # first order in 1/N: some per cent at 48 events
        assert np.all(np.abs(found.mean(axis=0) - mean) < spread * (5 / np.sqrt(TRIALS) + 2 / raw.events))
        ratio = found.var(axis=0) / np.diag(covariance)
        assert np.all(np.abs(ratio - 1) < 5 * np.sqrt(2 / TRIALS) + 4 / raw.events)
    task = analysis.hybrid_task(measured)
    full = trial_test_statistics(model, statistics)
    hybrid = hybrid_test_statistics(task, 0, TRIALS)
    assert stats.ks_2samp(full, hybrid).pvalue > 1e-3


def test_a_kernel_of_nside_256_on_disk_is_right(rng):
    """Against healpy's spectrum, and its moments against event-level trials."""
    nside = 256
    make = nuweft.plugins.create
    counts = make("tracer", "mock-galaxies", galaxies=2e6, field_nside=nside).counts(nside)
    mask = make("mask", "galactic-cut", minimum="10 deg").inside(nside).astype(float)
    joint = mask * make("mask", "declination", minimum="-5 deg").inside(nside).astype(float)
    field = overdensity(counts, mask)
    estimator = make("estimator", "pseudo-cl", storage="disk", precision="single")
    response = estimator.kernel(field, tracer_mask=mask, mask=joint, sky_fraction=joint.mean())
    assert isinstance(response.matrix, np.memmap)
    n = 60_000
    events = Events(
        ra=rng.uniform(0, 2 * np.pi, n),
        dec=np.arcsin(rng.uniform(np.sin(np.deg2rad(-5)), 1, n)),
        log10_energy=np.full(n, 3.0),
        angular_error=np.full(n, 0.01),
        time=np.zeros(n),
        season=np.zeros(n, dtype=int),
    )
    bin_data = BinData(events=events, weights=np.ones(12 * nside**2), mask=joint, nside=nside, label="all")
    number = np.bincount(healpy.ang2pix(nside, np.pi / 2 - events.dec, events.ra), minlength=12 * nside**2)
    expected = healpy.alm2cl(
        healpy.map2alm(field, iter=3), healpy.map2alm(overdensity(number, joint), iter=3)
    )
    expected = expected[10:] / joint.mean()
    assert np.abs(response.spectrum(number.astype(float)) - expected).max() < 1e-5 * np.abs(expected).max()

    background = make("background", "ra-scramble")
    mean, covariance = background.moments(response, bin_data)
    rows = rng.standard_normal((4, len(response.ell))) / np.sqrt(np.diag(covariance))
    filters = MatchedFilter.from_response(rows, response, bin_data.weights)
    trials = background.trials(filters, bin_data, seed=3, start=0, count=4000)
    spread = np.sqrt(np.diag(rows @ covariance @ rows.T))
    assert np.all(np.abs(trials.mean(axis=0) - rows @ mean) < 4.5 * spread / np.sqrt(4000))
    assert np.all(np.abs(trials.var(axis=0) / spread**2 - 1) < 4.5 * np.sqrt(2 / 4000))
