"""Scrambling within seasons or blocks of time, against scrambles made by hand."""

import attrs
import healpy
import numpy as np
import pytest
from scipy import linalg, stats

from nuweft.errors import DataError, EmptyEnergyBinError, ParameterError
from nuweft.model import BinData, Events, LinearKernel, MatchedFilter
from nuweft.sky.rings import rings
from nuweft_scramble.blocks import Blocks
from nuweft_scramble.ra_scramble import RAScramble

NSIDE = 16
NPIX = 12 * NSIDE**2
OMEGA = 2 * np.pi * 1.00273790935  # radians per day


def _nights(n, rng):
    """Times of a detector that is on for six hours per sidereal day, at other hours in the second season."""
    night, season = rng.integers(0, 100, n), rng.integers(0, 2, n)
    turns = 56000 + 120 * season + night + 0.25 * rng.random(n) + 0.2 * season
    return turns * 2 * np.pi / OMEGA, season


def _events(sin_dec, time, season, ra):
    n = len(sin_dec)
    return Events(
        ra=np.mod(ra, 2 * np.pi),
        dec=np.arcsin(sin_dec),
        log10_energy=np.full(n, 3.0),
        angular_error=np.full(n, 0.01),
        time=time,
        season=season,
    )


def _looking_one_way(n, rng):
    """Events of a detector that sees an hour angle of 0.15 turns: right ascensions are far from uniform."""
    time, season = _nights(n, rng)
    ra = 2 * np.pi * 0.15 * rng.random(n) + OMEGA * time
    return _events(rng.uniform(-0.2, 1, n), time, season, ra)


def _null(events, rng, nside=NSIDE):
    theta, phi = healpy.pix2ang(nside, np.arange(12 * nside**2))
    mask = (np.cos(theta) > -0.1) * rng.uniform(0.5, 1, len(theta)) * (rng.random(len(theta)) > 0.1)
    weights = 1 + 0.3 * np.cos(theta) + 0.2 * np.sin(phi)
    return BinData(events=events, weights=weights, mask=mask, nside=nside, label="3-4")


def _response(bin_data, rng):
    """A response that varies slowly along rings, so that what an event sweeps over matters, and noise."""
    theta, phi = healpy.pix2ang(bin_data.nside, np.arange(len(bin_data.mask)))
    slow = [np.cos(m * phi + a) * np.sin(theta) ** m for m in (1, 2, 3) for a in (0, 1.5)]
    kernel = np.stack([*slow, np.cos(3 * theta), rng.normal(size=len(theta))])
    pixels = np.flatnonzero(bin_data.mask > 0)
    kernel = (kernel * bin_data.mask)[:, pixels] / len(pixels)
    return LinearKernel(
        ell=np.arange(len(kernel), dtype=float),
        offset=-kernel.sum(axis=1),
        matrix=kernel,
        pixels=pixels,
        mask=bin_data.mask,
        nside=bin_data.nside,
        sky_fraction=float(bin_data.mask.mean()),
    )


@pytest.fixture(scope="module")
def problem():
    """Events of six hours a day, and a response; 4,000 events make terms of the next order small."""
    rng = np.random.default_rng(20250612)
    bin_data = _null(_looking_one_way(4000, rng), rng)
    return bin_data, _response(bin_data, rng)


def _groups(events, background):
    """Index of the events of each season or block, by the definition."""
    for season in np.unique(events.season):
        own = np.flatnonzero(events.season == season)
        if background.within == "season":
            yield own
            continue
        since = events.time[own] - events.time[own].min()
        whole = max(int(since.max() // background.block_days), 1)
        number = np.minimum(since // background.block_days, whole - 1)
        yield from (own[number == k] for k in np.unique(number))


def _true_scramble(bin_data, groups, rng):
    """Counts per pixel of one scramble by hand."""
    events, time = bin_data.events, np.empty(len(bin_data.events))
    for own in groups:
        time[own] = rng.choice(events.time[own], len(own))
    ra = events.ra + OMEGA * (time - events.time)
    return np.bincount(
        healpy.ang2pix(bin_data.nside, np.pi / 2 - events.dec, ra), minlength=len(bin_data.mask)
    ).astype(float)


def _check(spectra, mean, covariance, events):
    """Whiten spectra by the moments: standard normal to first order in 1/events."""
    n, dof = spectra.shape
    factor = linalg.cholesky(covariance, lower=True)
    white = linalg.solve_triangular(factor, (spectra - mean).T, lower=True).T
    chi2 = n * np.sum(white.mean(axis=0) ** 2)
    assert stats.chi2.sf(chi2, dof) > 1e-3
    assert stats.chi2.cdf(chi2, dof) > 1e-3
    few = 2 / events
    assert white.var(axis=0).mean() == pytest.approx(1, abs=4 * np.sqrt(2 / (n * dof)) + few)
    assert np.abs((white.var(axis=0) - 1) / np.sqrt(2 / n)).max() < 5
    off = np.corrcoef(white.T)[np.triu_indices(dof, 1)] * np.sqrt(n)
    assert np.mean(off**2) == pytest.approx(1, abs=4 * np.sqrt(2 / len(off)) + few)


@pytest.mark.parametrize("background", [RAScramble(within="season"), RAScramble(within="block")])
def test_moments_equal_those_of_true_scrambles(problem, background, rng):
    bin_data, response = problem
    groups = list(_groups(bin_data.events, background))
    spectra = np.stack(
        [response.spectrum(_true_scramble(bin_data, groups, rng) * bin_data.weights) for _ in range(800)]
    )
    _check(spectra, *background.moments(response, bin_data), len(bin_data.events))


def test_moments_equal_those_of_true_scrambles_for_a_cross_spectrum(small_sky, rng):
    """The usual estimator at NSIDE 32, with 86 multipoles."""
    background = RAScramble(within="block", block_days=20.0)
    n = len(small_sky.bins[0].events)
    time, season = _nights(n, rng)
    ra = np.mod(2 * np.pi * 0.15 * rng.random(n) + OMEGA * time, 2 * np.pi)
    old = small_sky.bins[0]
    bin_data = attrs.evolve(old, events=attrs.evolve(old.events, time=time, season=season, ra=ra))
    groups = list(_groups(bin_data.events, background))
    response = small_sky.kernel
    counts = np.stack([_true_scramble(bin_data, groups, rng) for _ in range(400)]) * bin_data.weights
    spectra = response.offset + response.apply(counts) / response.mean(counts)[:, None]
    _check(spectra, *background.moments(response, bin_data), n)


def test_moments_of_uniform_right_ascensions_would_be_wrong(problem):
    """The tests above can fail: other means by many sigma, other variances by factors."""
    bin_data, response = problem
    mean, covariance = RAScramble(within="season").moments(response, bin_data)
    other, wide = RAScramble().moments(response, bin_data)
    sigma = np.sqrt(np.diag(covariance))
    assert np.abs((other - mean) / sigma)[:2].min() > 10  # the slowest along rings
    assert (np.diag(wide)[:2] / sigma[:2] ** 2).min() > 3


@pytest.mark.parametrize("background", [RAScramble(within="season"), RAScramble(within="block")])
@pytest.mark.parametrize("nside", [1, 2, 4, 8])
def test_moments_are_their_definition(background, nside, rng):
    """Probabilities of each event from ang2pix at all times of its block; poles and the belt's edges too."""
    n = 300
    time, season = _nights(n, rng)
    z = rng.uniform(-1, 1, n)
    z[:8] = [1, -1, 2 / 3, -2 / 3, np.nextafter(2 / 3, 1), np.nextafter(-2 / 3, -1), 1 - 1e-9, 1e-9 - 1]
    bin_data = _null(_events(z, time, season, rng.uniform(0, 2 * np.pi, n)), rng, nside)
    response, events = _response(bin_data, rng), bin_data.events
    probability = np.zeros((n, len(bin_data.mask)))
    for own in _groups(events, background):
        for e in own:
            ra = events.ra[e] + OMEGA * (events.time[own] - events.time[e])
            pixels = healpy.ang2pix(nside, np.full(len(own), np.pi / 2 - events.dec[e]), ra)
            probability[e] = np.bincount(pixels, minlength=len(bin_data.mask)) / len(own)
    expected = probability.sum(axis=0)
    assert np.allclose(background.template_counts(bin_data), expected, rtol=1e-12, atol=1e-12)

    weighted = expected * bin_data.weights
    mu = (weighted * bin_data.mask).sum() / bin_data.mask.sum()
    full = np.zeros((len(response.ell), len(bin_data.mask)))
    full[:, response.pixels] = response.matrix
    linear = full @ weighted / mu
    g = (full - np.outer(linear, bin_data.mask / bin_data.mask.sum())) * bin_data.weights / mu
    own_mean = probability @ g.T
    covariance = (g * expected) @ g.T - own_mean.T @ own_mean
    found_mean, found = background.moments(response, bin_data)
    scale = np.sqrt(np.diag((g * expected) @ g.T))
    assert np.allclose(found_mean / scale, (response.offset + linear) / scale, atol=1e-10)
    assert np.allclose(found / np.outer(scale, scale), covariance / np.outer(scale, scale), atol=1e-10)


@pytest.mark.parametrize("background", [RAScramble(within="season"), RAScramble(within="block")])
def test_trials_have_the_exact_moments(problem, background, rng):
    bin_data, response = problem
    mean, covariance = background.moments(response, bin_data)
    rows = rng.normal(size=(3, len(mean))) / np.sqrt(np.diag(covariance))
    filters = MatchedFilter.from_response(rows, response, bin_data.weights)
    trials = background.trials(filters, bin_data, seed=3, start=0, count=1500)
    spread = np.sqrt(np.diag(rows @ covariance @ rows.T))
    # means: noise, and terms of second order (a fraction 1/sqrt(events) of the spread)
    error = 4.5 / np.sqrt(len(trials)) + 1 / np.sqrt(len(bin_data.events))
    assert np.all(np.abs(trials.mean(axis=0) - rows @ mean) < error * spread)
    ratio = trials.var(axis=0) / spread**2
    assert np.all(np.abs(ratio - 1) < 4.5 * np.sqrt(2 / len(trials)) + 2 / len(bin_data.events))


def test_a_trial_depends_on_seed_and_number_only_and_can_be_made_again(problem, rng):
    bin_data, response = problem
    background = RAScramble(within="block")
    filters = MatchedFilter.from_response(rng.normal(size=(2, len(response.ell))), response, bin_data.weights)
    whole = background.trials(filters, bin_data, seed=1, start=0, count=7)
    for number in (0, 4):
        (alone,) = background.trials(filters, bin_data, seed=1, start=number, count=1)
        assert np.array_equal(alone, whole[number])
        counts = background.trial_counts(bin_data, seed=1, trial=number)
        by_spectrum = filters.finish(filters.maps @ counts, filters.weight @ counts)
        assert np.allclose(whole[number], by_spectrum, rtol=1e-10)
    assert len(np.unique(whole[:, 0])) == 7
    assert not np.array_equal(background.trials(filters, bin_data, seed=2, start=0, count=1)[0], whole[0])
    assert background.trials(filters, bin_data, seed=1, start=0, count=0).shape == (0, 2)


def test_times_all_day_make_right_ascensions_uniform(rng):
    """K random phases leave a mean that differs by a fraction of about 1/sqrt(K) of sigma."""
    n = 20_000
    events = _events(
        rng.uniform(-0.2, 1, n),
        rng.uniform(56000, 56200, n),
        np.zeros(n, dtype=int),
        rng.uniform(0, 2 * np.pi, n),
    )
    bin_data = _null(events, rng)
    response = _response(bin_data, rng)
    mean, covariance = RAScramble(within="season").moments(response, bin_data)
    uniform, wide = RAScramble().moments(response, bin_data)
    sigma = np.sqrt(np.diag(wide))
    # a product of two sums of random phases, of events and of times, exceeds 7 of its sigma once in 10^5
    assert np.abs((mean - uniform) / sigma).max() < 7 / np.sqrt(n)
    assert np.abs((covariance - wide) / np.outer(sigma, sigma)).max() < 5 * np.sqrt(2 / n)


def test_repeated_moments_are_the_moments(problem):
    bin_data, response = problem
    background = RAScramble(within="season")
    half = attrs.evolve(bin_data, events=bin_data.events.select(np.arange(2000)))
    for (mean, covariance), single in zip(
        background.repeated_moments(response)([bin_data, half]), [bin_data, half], strict=True
    ):
        expected = background.moments(response, single)
        assert np.array_equal(mean, expected[0])
        assert np.array_equal(covariance, expected[1])


def test_counts_keep_the_number_of_events_of_each_declination(problem, rng):
    bin_data, _ = problem
    z, n = np.array([0.01, 0.4, 0.9]), 900
    time, season = _nights(n, rng)
    one = attrs.evolve(bin_data, events=_events(np.repeat(z, n // 3), time, season, rng.uniform(0, 6, n)))
    background = RAScramble(within="season")
    for counts in (background.trial_counts(one, seed=1, trial=3), background.template_counts(one)):
        per_ring = rings(NSIDE).mean(counts) * rings(NSIDE).size
        near = np.abs(rings(NSIDE).sin_dec - z[:, None]).argmin(axis=1)
        found = [per_ring[r - 1 : r + 2].sum() for r in near]
        assert found == pytest.approx([n / 3] * 3)
        assert counts.sum() == pytest.approx(n)


def test_realize_exchanges_times_within_blocks_and_turns_the_sky(problem, rng):
    bin_data, _ = problem
    background = RAScramble(within="block")
    drawn, events = background.realize(bin_data, rng=rng), bin_data.events
    assert np.array_equal(drawn.dec, events.dec)
    assert np.array_equal(drawn.log10_energy, events.log10_energy)
    assert np.array_equal(drawn.season, events.season)
    for own in _groups(events, background):
        assert np.all(np.isin(drawn.time[own], events.time[own]))
        # with replacement, 1 - 1/e of the times are drawn
        assert len(np.unique(drawn.time[own])) / len(own) == pytest.approx(
            1 - np.exp(-1), abs=5 / np.sqrt(len(own))
        )
    turned = events.ra + OMEGA * (drawn.time - events.time) - drawn.ra
    assert np.abs(np.exp(1j * turned) - 1).max() < 1e-8
    assert np.abs(drawn.time - events.time).max() < 60  # the last block of a season may be longer than 30 d


def test_blocks_count_from_the_first_event_of_each_season(problem):
    bin_data, _ = problem
    time = np.array([100.0, 109.9, 110.1, 119.0, 124.0, 103.0, 112.5, 300.0, 304.0])
    season = np.array([0, 0, 0, 0, 0, 1, 1, 4, 4])
    events = _events(np.zeros(9), time, season, np.zeros(9))
    short = attrs.evolve(bin_data, events=events)
    # season 0: two whole blocks, the rest belongs to the second; seasons 1 and 4: shorter than a block
    assert Blocks.of(short, 10.0).block.tolist() == [0, 0, 1, 1, 1, 2, 2, 3, 3]
    assert Blocks.of(short).block.tolist() == [0, 0, 0, 0, 0, 1, 1, 2, 2]


def test_events_without_times_are_refused(problem, rng):
    bin_data, response = problem
    background = RAScramble(within="season")
    still = attrs.evolve(bin_data, events=attrs.evolve(bin_data.events, time=np.zeros(len(bin_data.events))))
    for use in (
        lambda: background.moments(response, still),
        lambda: background.template_counts(still),
        lambda: background.realize(still, rng=rng),
        lambda: background.trial_counts(still, seed=1, trial=0),
    ):
        with pytest.raises(DataError, match=r"energy bin 3-4: expected .* season 0 holds only .* MJD 0 "):
            use()


def test_a_block_with_one_event_is_refused(problem):
    bin_data, _ = problem
    events = _events(np.zeros(5), np.array([0.0, 1, 45, 70, 90]), np.array([3, 3, 3, 3, 3]), np.zeros(5))
    with pytest.raises(
        DataError, match=r"a block of 30 days of season 3 .* MJD 45 \(events: 1; such blocks: 1 of 3;"
    ):
        RAScramble(within="block").template_counts(attrs.evolve(bin_data, events=events))


def test_a_bin_whose_events_cannot_reach_the_mask_is_named(problem, rng):
    bin_data, _ = problem
    time, season = _nights(50, rng)
    south = attrs.evolve(bin_data, events=_events(np.full(50, -0.8), time, season, np.zeros(50)))
    with pytest.raises(EmptyEnergyBinError, match="energy bin 3-4: none of its 50 events"):
        RAScramble(within="season").template_counts(south)
    nothing = attrs.evolve(bin_data, events=bin_data.events.select(np.arange(0)))
    with pytest.raises(EmptyEnergyBinError, match="none of its 0 events"):
        RAScramble(within="block").template_counts(nothing)


def test_settings_are_checked():
    with pytest.raises(ParameterError, match=r"block_days: expected at least one sidereal day .* got 0.5"):
        RAScramble(within="block", block_days=0.5)
    with pytest.raises(ParameterError, match="within: 'seasons' is not possible; did you mean 'season'"):
        RAScramble(within="seasons")
    assert RAScramble(block_days=1.0).within == "all"
