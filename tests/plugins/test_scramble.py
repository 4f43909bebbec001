import attrs
import healpy
import numpy as np
import pytest
from scipy import linalg, stats

from nuweft.errors import EmptyEnergyBinError, EmptySampleError, ModelError
from nuweft.model import BinData, Events, MatchedFilter
from nuweft_scramble.moments import exact_moments, expected_counts
from nuweft_scramble.ra_scramble import kernel_density
from nuweft_scramble.trials import scramble_sums


def _events(dec):
    n = len(dec)
    zero = np.zeros(n)
    return Events(ra=zero, dec=dec, log10_energy=zero, angular_error=zero, time=zero, season=zero.astype(int))


def _true_scrambles(analysis, bin_data, n, rng):
    """Spectra of scrambled events by the usual path: ang2pix, bincount, map2alm, alm2cl."""
    nside, mask = bin_data.nside, bin_data.mask
    galaxies = healpy.map2alm(analysis.fields.tracer_field, iter=3)
    theta = np.pi / 2 - bin_data.events.dec
    result = np.empty((n, 3 * nside))
    for i in range(n):
        pixels = healpy.ang2pix(nside, theta, rng.uniform(0, 2 * np.pi, len(theta)))
        weighted = np.bincount(pixels, minlength=12 * nside**2) * bin_data.weights
        mean = (weighted * mask).sum() / mask.sum()
        field = np.where(mask > 0, weighted / mean - 1, 0.0)
        result[i] = healpy.alm2cl(galaxies, healpy.map2alm(field, iter=3)) / analysis.fields.sky_fraction
    return result[:, 10:]


@pytest.mark.parametrize("energy_bin", [0, 1])
def test_exact_moments_equal_those_of_true_scrambles(small_sky, measured, energy_bin, rng):
    n = 500
    block, bin_data = measured.blocks[energy_bin], small_sky.bins[energy_bin]
    spectra = _true_scrambles(small_sky, bin_data, n, rng)
    dof = len(block.ell)
    factor = linalg.cholesky(block.covariance, lower=True)
    white = linalg.solve_triangular(factor, (spectra - block.null_mean).T, lower=True).T

    # mean: n times the squared whitened mean is chi2 with one degree of freedom per multipole
    chi2 = n * np.sum(white.mean(axis=0) ** 2)
    assert stats.chi2.sf(chi2, dof) > 1e-3
    assert stats.chi2.cdf(chi2, dof) > 1e-3

    # variances of the whitened spectrum: 1 within sqrt(2/n), their mean within sqrt(2/(n dof));
    # the moments are exact to first order in 1/N, which allows a further 2/N
    few = 2 / block.events
    assert white.var(axis=0).mean() == pytest.approx(1, abs=4 * np.sqrt(2 / (n * dof)) + few)
    pulls = (white.var(axis=0) - 1) / np.sqrt(2 / n)
    assert np.abs(pulls).max() < 5

    # correlations: zero with standard deviation 1/sqrt(n)
    off = np.corrcoef(white.T)[np.triu_indices(dof, 1)] * np.sqrt(n)
    assert np.mean(off**2) == pytest.approx(1, abs=4 * np.sqrt(2 / len(off)) + few)


def test_the_ring_an_event_was_seen_in_is_not_enough(small_sky, measured, rng):
    """Giving each event to the ring of its own pixel biases the mean: the test above can fail."""
    bin_data, block = small_sky.bins[0], measured.blocks[0]
    from nuweft.sky.pixels import count_map
    from nuweft.sky.rings import rings

    grid = rings(bin_data.nside)
    seen = grid.expand(grid.mean(count_map(bin_data.nside, bin_data.events.ra, bin_data.events.dec)))
    biased = small_sky.kernel.spectrum(seen * bin_data.weights)
    error = np.sqrt(np.diag(block.covariance) / 2000)
    assert np.abs((biased - block.null_mean) / error).max() > 3


def test_expected_counts_keep_the_number_of_events(small_sky):
    bin_data = small_sky.bins[0]
    assert expected_counts(bin_data).sum() == pytest.approx(len(bin_data.events))


def test_fractional_masks_have_exact_moments(rng):
    """W in (0, 1) multiplies both fields; compare with direct scrambles through the response."""
    from nuweft.model import LinearKernel

    nside = 4
    npix = 192
    mask = rng.uniform(0, 1, npix) * (rng.random(npix) > 0.2)
    pixels = np.flatnonzero(mask > 0)
    kernel = rng.normal(size=(5, len(pixels))) * mask[pixels]
    response = LinearKernel(
        ell=np.arange(5.0),
        offset=-kernel.sum(axis=1),
        matrix=kernel,
        pixels=pixels,
        mask=mask,
        nside=nside,
        sky_fraction=0.5,
    )
    weights = rng.uniform(0.5, 2, npix)
    bin_data = BinData(
        events=_events(np.arcsin(rng.uniform(-1, 1, 3000))),
        weights=weights,
        mask=mask,
        nside=nside,
        label="x",
    )
    mean, covariance = exact_moments(response, bin_data)
    n = 3000
    theta = np.pi / 2 - bin_data.events.dec
    draws = np.array(
        [
            response.spectrum(
                weights
                * np.bincount(
                    healpy.ang2pix(nside, theta, rng.uniform(0, 2 * np.pi, len(theta))), minlength=npix
                )
            )
            for _ in range(n)
        ]
    )
    assert np.all(np.abs(draws.mean(axis=0) - mean) < 4.5 * np.sqrt(np.diag(covariance) / n))
    ratio = draws.var(axis=0) / np.diag(covariance)
    assert np.all(np.abs(ratio - 1) < 4.5 * np.sqrt(2 / n) + 2 / 3000)


def test_event_level_trials_have_the_exact_moments(small_sky, measured):
    model = small_sky.model(measured)
    trials = small_sky.run_trials(measured, 4000)
    for block, statistics, raw in zip(model.blocks, trials, measured.blocks, strict=True):
        mean = block.filters @ raw.null_mean
        covariance = block.filters @ raw.covariance @ block.filters.T
        error = np.sqrt(np.diag(covariance) / len(statistics))
        assert np.all(np.abs(statistics.mean(axis=0) - mean) < 4.5 * error)
        ratio = statistics.var(axis=0) / np.diag(covariance)
        assert np.all(np.abs(ratio - 1) < 4.5 * np.sqrt(2 / len(statistics)) + 2 / raw.events)


def test_a_trial_depends_on_seed_and_number_only(small_sky, measured):
    whole = small_sky.run_trials(measured, 12)
    parts = [small_sky.run_trials(measured, 5, start=0), small_sky.run_trials(measured, 7, start=5)]
    for i, block in enumerate(whole):
        assert np.array_equal(block, np.concatenate([p[i] for p in parts]))


def test_trials_equal_the_same_scrambles_through_the_spectrum(small_sky, measured):
    """Sums of map look-ups equal counts, fields and the kernel, for one scramble drawn by hand."""
    bin_data, model = small_sky.bins[0], small_sky.model(measured)
    filters = MatchedFilter.from_response(model.blocks[0].filters, small_sky.kernel, bin_data.weights)
    counts = np.zeros(12 * bin_data.nside**2)
    rng = np.random.default_rng(3)
    pixels = healpy.ang2pix(
        bin_data.nside, np.pi / 2 - bin_data.events.dec, rng.uniform(0, 2 * np.pi, len(bin_data.events))
    )
    np.add.at(counts, pixels, 1)
    by_events = filters.finish(filters.maps[:, pixels].sum(axis=1), filters.weight[:, pixels].sum(axis=1))
    by_spectrum = model.blocks[0].filters @ small_sky.kernel.spectrum(counts * bin_data.weights)
    assert np.allclose(by_events, by_spectrum, rtol=1e-10)


def test_trials_of_single_precision_maps_are_accurate(small_sky, measured):
    """What single precision drops from the maps, summed over the same scrambles, is negligible."""
    bin_data, block = small_sky.bins[0], small_sky.model(measured).blocks[0]
    full = MatchedFilter.from_response(block.filters, small_sky.kernel, bin_data.weights)
    dropped = full.maps - full.maps.astype(np.float32)
    rest = attrs.evolve(full, maps=dropped, offset=0 * full.offset)
    lost = scramble_sums(rest, bin_data, key=1, start=0, count=20)
    spread = np.sqrt(np.diag(block.gram))
    assert 0 < np.abs(lost / spread).max() < 1e-4


def test_a_scramble_without_events_in_the_mask_is_named(small_sky, measured):
    """Its spectrum is undefined; it must not become a NaN among the trials."""
    bin_data = small_sky.bins[0]
    one = bin_data.events.select(np.flatnonzero(np.abs(bin_data.events.dec - 0.3) < 0.1)[:1])
    few = BinData(events=one, weights=bin_data.weights, mask=bin_data.mask, nside=32, label="few")
    rows = small_sky.model(measured).blocks[0].filters
    filters = MatchedFilter.from_response(rows, small_sky.kernel, bin_data.weights)
    with pytest.raises(EmptySampleError, match="merge energy bins"):
        small_sky.background.trials(filters, few, seed=1, start=0, count=300)


def test_realize_keeps_declination_and_energy_and_makes_right_ascension_uniform(small_sky, rng):
    bin_data = small_sky.bins[0]
    drawn = small_sky.background.realize(bin_data, rng=rng)
    assert np.array_equal(drawn.dec, bin_data.events.dec)
    assert np.array_equal(drawn.log10_energy, bin_data.events.log10_energy)
    assert stats.kstest(drawn.ra / (2 * np.pi), "uniform").pvalue > 1e-3


def test_kernel_density_has_the_number_of_events_and_the_exact_mean_in_the_limit(small_sky):
    bin_data = small_sky.bins[0]
    density = kernel_density(bin_data, 0.02)
    assert density.sum() == pytest.approx(len(bin_data.events), rel=0.01)
    from nuweft.sky.rings import rings

    grid = rings(bin_data.nside)
    # events per ring differ by sampling noise only
    smooth, exact = grid.mean(density) * grid.size, grid.mean(expected_counts(bin_data)) * grid.size
    rich = exact > 100
    assert np.all(np.abs(smooth - exact)[rich] < 6 * np.sqrt(exact[rich]) + 0.05 * exact[rich])


def test_kde_and_exact_mean_templates_agree_within_the_noise(small_sky, measured):
    """The check of the atmospheric template: the KDE differs by less than the noise of the data."""
    bin_data, block = small_sky.bins[0], measured.blocks[0]
    template = small_sky.kernel.spectrum(kernel_density(bin_data, 0.01) * bin_data.weights)
    difference = (template - block.null_mean) / np.sqrt(np.diag(block.covariance))
    assert np.sqrt(np.mean(difference**2)) < 0.3


def test_a_bin_whose_events_cannot_reach_the_mask_is_named():
    mask = np.zeros(192)
    mask[:4] = 1  # the north pole
    bin_data = BinData(
        events=_events(np.full(5, -1.0)), weights=np.ones(192), mask=mask, nside=4, label="3-4"
    )
    with pytest.raises(EmptyEnergyBinError, match="energy bin 3-4: none of its 5 events"):
        expected_counts(bin_data)


def test_a_trial_can_be_made_again_alone_as_a_spectrum(small_sky, measured):
    """The counts of a trial, through fields and kernel, give the statistics of the fast path."""
    model = small_sky.model(measured)
    trials = small_sky.run_trials(measured, 3, start=40)
    for number in (40, 42):
        spectra = small_sky.trial_spectra(number)
        for block, statistics, spectrum in zip(model.blocks, trials, spectra, strict=True):
            scale = np.sqrt(np.diag(block.gram))
            # maps of the fast path are in single precision
            assert np.allclose(block.filters @ spectrum / scale, statistics[number - 40] / scale, atol=1e-3)


def test_counts_of_a_trial_keep_rings(small_sky):
    from nuweft.sky.rings import ring_fractions, rings

    bin_data = small_sky.bins[0]
    counts = small_sky.background.trial_counts(bin_data, seed=1, trial=9)
    assert counts.sum() == len(bin_data.events)
    ring, fraction = ring_fractions(bin_data.nside, np.sin(bin_data.events.dec))
    grid = rings(bin_data.nside)
    expected = np.bincount(ring, fraction, len(grid)) + np.bincount(ring + 1, 1 - fraction, len(grid))
    variance = np.bincount(ring, fraction * (1 - fraction), len(grid))
    variance += np.bincount(ring + 1, fraction * (1 - fraction), len(grid))
    found = grid.mean(counts) * grid.size
    assert np.all(np.abs(found - expected) < 5 * np.sqrt(variance) + 1e-9)


def test_few_and_many_events_are_summed_alike(small_sky, measured):
    """Counted per pixel or looked up one by one: the same sums."""
    from nuweft_scramble import trials as engine

    bin_data, block = small_sky.bins[0], small_sky.model(measured).blocks[0]
    filters = MatchedFilter.from_response(block.filters, small_sky.kernel, bin_data.weights)
    many = bin_data.events.select(np.arange(len(bin_data.events)))
    assert len(many) > 12 * 32**2  # counted
    counted = scramble_sums(filters, bin_data, key=3, start=0, count=5)
    by_hand = []
    for trial in range(5):
        counts = engine.scramble_counts(bin_data, key=3, trial=trial)
        sums = filters.maps.astype(np.float32).astype(float) @ counts
        by_hand.append(filters.finish(sums, filters.weight @ counts))
    assert np.allclose(counted, by_hand, rtol=1e-6, atol=1e-6 * np.abs(by_hand).max())
    few = attrs.evolve(bin_data, events=bin_data.events.select(np.arange(0, len(bin_data.events), 40)))
    looked_up = scramble_sums(filters, few, key=3, start=0, count=5)
    for trial in range(5):
        counts = engine.scramble_counts(few, key=3, trial=trial)
        expected = filters.finish(filters.maps @ counts, filters.weight @ counts)
        assert np.allclose(looked_up[trial], expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_repeated_moments_are_the_moments(small_sky):
    """By products within rings, for two data sets with different events."""
    moments = small_sky.background.repeated_moments(small_sky.kernel)
    for bin_data in small_sky.bins:
        mean, covariance = small_sky.background.moments(small_sky.kernel, bin_data)
        ((found, spread),) = moments([bin_data])
        scale = np.sqrt(np.diag(covariance))
        assert np.allclose(found / scale, mean / scale, atol=1e-10)
        assert np.allclose(spread / np.outer(scale, scale), covariance / np.outer(scale, scale), atol=1e-10)


def test_repeated_moments_refuse_weights_that_vary_within_rings(small_sky, rng):
    bin_data = attrs.evolve(small_sky.bins[0], weights=rng.uniform(0.5, 1.5, 12 * 32**2))
    with pytest.raises(ModelError, match="weights vary within a ring"):
        small_sky.background.repeated_moments(small_sky.kernel)([bin_data])


def test_no_number_passes_the_last_pixel_of_a_ring(small_sky):
    """Fractions lie between the random numbers, also where a declination puts them next to one."""
    from nuweft_scramble.kernels import RESOLUTION
    from nuweft_scramble.trials import Runs

    fraction = Runs.of(small_sky.bins[0]).fraction
    steps = fraction / RESOLUTION
    assert np.array_equal(steps, np.rint(steps))
    numbers = (np.floor(steps) - 0.5) * RESOLUTION  # the largest below each fraction
    below = numbers[steps >= 1]
    assert np.all(below / fraction[steps >= 1] <= 1 - RESOLUTION / 2)
