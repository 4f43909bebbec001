"""Median limits, thresholds, discovery potentials, sensitive energies, injections, systematics."""

import json

import attrs
import numpy as np
import pytest
from scipy import stats

import nuweft
from nuweft.errors import ModelError, OutputExistsError, ParameterError
from nuweft.irf import DetectorResponse
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.exposure import exposure
from nuweft.irf.variations import ScaledSmearing, scaled_response
from nuweft.measurement import spectrum as measurement
from nuweft.runs.sensitivity import write_sensitivity
from nuweft.statistics.limits import coverage, truncated_gaussian_limit
from nuweft.statistics.profile import unconstrained
from nuweft.studies.injection import correlated_sources, event_pool, inject
from nuweft.studies.limits import (
    Threshold,
    discovery_potentials,
    median_limit,
    sensitive_range,
    thresholds,
)
from nuweft.studies.systematics import systematic_study


@pytest.fixture(scope="module")
def pool(small_sky):
    rng = np.random.default_rng(7)
    return event_pool(small_sky, 2.5, rng=rng, sources=correlated_sources(small_sky), number=400_000)


def test_the_median_limit_is_that_of_an_estimate_of_zero(small_sky, measured):
    statistics = small_sky.run_trials(measured, 2000)
    found = median_limit(small_sky, measured, 2.5, statistics)
    _, sigma = unconstrained(small_sky.model(measured), 2.5)
    assert found.median == pytest.approx(1.6449 * sigma, rel=1e-3)
    # the median of 2,000 estimates is known to 1.25 / sqrt(2000) sigma
    assert found.of_trials == pytest.approx(found.median, rel=5 * 1.25 / np.sqrt(2000))
    assert found.low < found.median < found.high
    assert found.high == pytest.approx(float(truncated_gaussian_limit(np.array(1.0), 1.0)) * sigma, rel=0.1)


def test_thresholds_are_quantiles_or_say_that_they_are_extrapolated():
    """For chi2 with two degrees of freedom the tail is exactly exponential."""
    edges = np.arange(601) * 0.1
    histogram = np.diff(-stats.chi2(2).sf(edges)) * 1e7
    three, five = thresholds(histogram)
    assert three.test_statistic == pytest.approx(stats.chi2(2).isf(1.349898e-3), abs=0.02)
    assert five.test_statistic == pytest.approx(stats.chi2(2).isf(2.866516e-7), abs=0.1)
    assert not three.extrapolated
    assert five.extrapolated
    with pytest.raises(ParameterError, match="100 trials are too few for 3 sigma"):
        thresholds(histogram * 1e-5)


def test_half_of_the_sets_exceed_the_threshold_at_the_discovery_potential(small_sky, measured, pool):
    level = Threshold(sigma=3, test_statistic=11.0, extrapolated=False)
    (found,) = discovery_potentials(small_sky, measured, pool, 2.5, [level], sets=80)
    again = inject(small_sky, 2.5, found.n_corr, 81, pool=pool)  # other sets than those of the search
    fraction = np.mean(again.test_statistic >= level.test_statistic)
    # the interpolated strength is itself known from 80 sets on either side
    assert fraction == pytest.approx(0.5, abs=4 * 0.5 * np.sqrt(2 / 80))


def test_a_threshold_that_is_never_reached_is_named(small_sky, measured, pool):
    level = Threshold(sigma=5, test_statistic=1e6, extrapolated=False)
    with pytest.raises(ModelError, match="a test statistic of 1000000.0 is not reached"):
        discovery_potentials(small_sky, measured, pool, 2.5, [level], sets=4)


def _flux_sigma(analysis, measured, gamma, low=-np.inf, high=np.inf):
    """Standard deviation of the flux with the detector blind outside a range of true energy."""
    response = analysis.neutrino_sample.response()
    seasons = []
    for season in response.seasons:
        area = season.effective_area
        edges = np.unique(
            np.concatenate([area.log10_energy_edges, [e for e in (low, high) if np.isfinite(e)]])
        )
        middle = 0.5 * (edges[1:] + edges[:-1])
        dec = 0.5 * (area.sin_dec_edges[1:] + area.sin_dec_edges[:-1])
        table = area(middle[:, None], dec) * ((middle > low) & (middle < high))[:, None]
        cut = attrs.evolve(area, log10_energy_edges=edges, area=table)
        seasons.append(attrs.evolve(season, effective_area=cut))
    part = exposure(
        DetectorResponse(tuple(seasons)),
        analysis.neutrino_sample.energy_bins,
        np.linspace(gamma - 0.3, gamma + 0.3, 7),
        lmax=3 * analysis.nside * 2 - 1,
        tolerance=1e-4,
    )
    templates = measurement.templates(
        fields=analysis.fields,
        clustering=analysis.clustering,
        weights=np.stack([bin_data.weights for bin_data in analysis.bins]),
        exposure=part,
        kernel=analysis.kernel,
        oversampling=2,
        behind_mask=analysis.signal_density,
        subtract_ra_mean=True,
    )
    information = 0.0
    for block, bin_data, signal in zip(measured.blocks, analysis.bins, templates.sources, strict=True):
        weight = (measurement.counts(bin_data) * bin_data.weights * bin_data.mask).sum()
        vector = signal.spectrum[3] * signal.acceptance[3] * signal.mean_weight[3] / weight
        inverse = np.linalg.inv(block.covariance)
        cross = vector @ inverse @ block.atmospheric
        norm = block.atmospheric @ inverse @ block.atmospheric
        information += vector @ inverse @ vector - cross**2 / norm
    return information**-0.5


def test_dropping_the_signal_outside_the_sensitive_range_costs_a_tenth(small_sky, measured):
    found = sensitive_range(small_sky, measured, 2.5)
    whole = _flux_sigma(small_sky, measured, 2.5)
    assert _flux_sigma(small_sky, measured, 2.5, low=found.low) / whole == pytest.approx(1.1, abs=0.015)
    assert _flux_sigma(small_sky, measured, 2.5, high=found.high) / whole == pytest.approx(1.1, abs=0.015)
    assert np.allclose(found.information.sum(), 1.0)


def test_injected_sets_have_the_numbers_that_are_asked_for(small_sky, pool):
    found = inject(small_sky, 2.5, 300.0, 24, events_per_bin=(9000.0, 800.0), pool=pool)
    assert found.events_per_bin == pytest.approx([9000, 800], abs=4.5 * np.sqrt(9000 / 24))
    assert found.truth.mean() == pytest.approx(300 / 9800, abs=4.5 * np.sqrt(300 / 24) / 9800)
    with pytest.raises(ParameterError, match="fewer than the .* injected"):
        inject(small_sky, 2.5, 3000.0, 2, events_per_bin=(9000.0, 10.0), pool=pool)
    with pytest.raises(ParameterError, match="1 numbers for 2 energy bins"):
        inject(small_sky, 2.5, 3.0, 2, events_per_bin=(9000.0,), pool=pool)


def test_isotropic_events_are_not_taken_for_correlated_ones(small_sky, pool):
    found = inject(small_sky, 2.5, 1e-9, 60, n_isotropic=500.0, pool=pool)
    assert np.all(found.truth == 0)
    mean, error = found.mean_pull
    assert abs(mean) < 4.5 * error + 0.1


def test_the_coverage_of_limits_is_that_of_a_truncated_gaussian(rng):
    for truth in (0.5, 1.5, 3.0):
        estimates = truth + rng.standard_normal(100_000)
        fraction = np.mean(truncated_gaussian_limit(estimates, 1.0) >= truth)
        assert fraction == pytest.approx(coverage(truth), abs=5 * 0.3 / np.sqrt(100_000))


def test_a_scaled_response_does_what_it_says(small_sky, rng):
    season = small_sky.neutrino_sample.response().seasons[0]
    scaled = ScaledSmearing(season.smearing, 0.2, 1.5)
    bins, energy = EnergyBins((2.5, 3.2, 4.5)), np.full(60_000, 3.7)
    drawn = scaled.sample(energy, np.zeros(len(energy)), rng=rng)
    fraction = np.mean(bins.index(drawn.log10_energy) == 1)
    assert fraction == pytest.approx(scaled.probability(energy[:1], 0.0, bins)[0, 1], abs=5 * 0.5 / 245)
    from scipy.special import eval_legendre

    cell = np.searchsorted(scaled.log10_energy_edges, 3.7) - 1
    window = scaled.windows(bins, 120)[cell, 0, 0]
    for ell in (20, 60):
        values = eval_legendre(ell, np.cos(drawn.separation))
        assert window[ell] == pytest.approx(values.mean(), abs=5 * values.std() / 245 + 2e-3)
    area = scaled_response(small_sky.neutrino_sample.response(), area=0.5).seasons[0].effective_area
    assert np.allclose(area.area, 0.5 * season.effective_area.area)


def test_systematics_are_differences_from_the_nominal_model(small_sky, pool, make):
    variations = [
        make("response_variation", "scaled", area=1.3, meaning="area"),
        make("response_variation", "scaled", spread=2.0, meaning="spread"),
        make("response_variation", "dom-efficiency", change=-0.1),
    ]
    found = systematic_study(small_sky, variations, gamma=2.5, n_corr=800.0, sets=24, pool=pool)
    mean = found.estimate.mean(axis=1)
    assert mean[1] == pytest.approx(mean[0], rel=2e-3)  # area alone cancels in f_corr
    assert mean[2] > mean[0] * 1.02  # a template that is too smooth asks for more events
    assert found.sigma_f_corr_fixed == pytest.approx(np.abs(mean[1:] - mean[0]).max())
    assert found.sigma_gamma > 0
    assert "stand-in" in found.descriptions[2]


def test_a_variation_from_another_sample_must_have_its_seasons(small_sky, make):
    variation = make("response_variation", "response-of-sample", sample="mock-tracks")
    varied = variation.vary(small_sky.neutrino_sample.response())
    assert len(varied.seasons) == 1
    with pytest.raises(ModelError, match="1 seasons, expected the 2"):
        variation.vary(DetectorResponse(varied.seasons * 2))


@pytest.mark.parametrize(
    ("name", "area", "energy", "spread"),
    [
        ("dom-efficiency", 1.05, np.log10(1.1), 0.97),
        ("ice-absorption", 0.975, np.log10(0.95), 1.015),
        ("ice-scattering", 0.995, np.log10(0.99), 1.003 * np.sqrt(1.05)),
        ("hole-ice", 1.01, np.log10(1.02), 0.994 * 1.1),
    ],
)
def test_shipped_variations_scale_the_response(small_sky, make, name, area, energy, spread):
    nominal = small_sky.neutrino_sample.response()
    variation = make("response_variation", name)
    assert "stand-in" in variation.description()
    (season,) = variation.vary(nominal).seasons
    ratio = season.effective_area.area.sum() / nominal.seasons[0].effective_area.area.sum()
    assert ratio == pytest.approx(area)
    shift, stretch, smearing = 0.0, 1.0, season.smearing
    while isinstance(smearing, ScaledSmearing):
        shift, stretch = shift + smearing.energy_shift, stretch * smearing.spread
        smearing = smearing.original
    assert (shift, stretch) == pytest.approx((energy, spread))


@pytest.mark.validation  # half a minute
def test_a_sensitivity_is_written_and_not_mixed(small_sky, tmp_path):
    variation = nuweft.plugins.create("response_variation", "dom-efficiency")
    analysis = attrs.evolve(small_sky, response_variations=[variation], gammas=(2.37,))
    result = write_sensitivity(analysis, tmp_path / "out", sets=4, trials=100, tail_trials=100_000)
    content = json.loads((tmp_path / "out" / "sensitivity.json").read_text())
    (row,) = content["sensitivity"]
    assert row["flux_100TeV"] == pytest.approx(
        row["fraction_of_diffuse"] * analysis.diffuse_flux.normalisation
    )
    assert row["energy_range_GeV"][0] < row["energy_range_GeV"][1]
    assert [r["n_corr"] for r in content["recovery"]] == [r.n_corr for r in result.recovery]
    assert [s["n_corr"] == 0 for s in content["systematics"]] == [True, False]
    names = {p.name for p in (tmp_path / "out" / "figures").iterdir()}
    assert names == {"sensitivity.png", "recovery.png", "injection.png", "systematics.png"}
    with pytest.raises(OutputExistsError, match="holds another analysis"):
        write_sensitivity(attrs.evolve(analysis, seed=99), tmp_path / "out", sets=0)
