import attrs
import numpy as np
import pytest
from scipy import linalg, optimize, stats

import nuweft
from nuweft.errors import (
    EmptyEnergyBinError,
    EmptySkyError,
    GammaRangeError,
    ModelError,
    ParameterError,
    SingularCovarianceError,
)
from nuweft.statistics.chain import split_r_hat
from nuweft.statistics.limits import grid_upper_limit, truncated_gaussian_limit, upper_limit
from nuweft.statistics.posterior import sample_posterior
from nuweft.statistics.profile import f_atm, fit, profile_likelihood, unconstrained
from nuweft.statistics.trials import (
    gaussian_statistics,
    p_value,
    trial_test_statistics,
    two_sided_significance,
)


@pytest.fixture(scope="module")
def model(small_sky, measured):
    return small_sky.model(measured)


def test_the_low_rank_likelihood_equals_the_full_one(small_sky, measured, model, rng):
    sigma = unconstrained(model, 2.2)[1]
    for _ in range(5):
        gamma = rng.uniform(1, 4)
        theta = np.concatenate([[rng.normal() * sigma, gamma], 1 + 0.1 * rng.normal(size=2)])
        full = small_sky.likelihood.log_likelihood(theta, measured)
        assert model.log_likelihood(theta) == pytest.approx(full, abs=0.02)


def test_the_profile_equals_a_numerical_maximum(small_sky, measured, model):
    gamma = 2.37

    def negative(theta):
        return -small_sky.likelihood.log_likelihood(np.insert(theta, 1, gamma), measured)

    estimate, sigma = unconstrained(model, gamma)
    start = np.concatenate([[estimate + sigma], f_atm(model, 0.0, gamma)])
    found = optimize.minimize(
        negative, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000}
    )
    assert found.x[0] == pytest.approx(float(estimate), abs=2e-3 * sigma)
    assert found.x[1:] == pytest.approx(f_atm(model, float(estimate), gamma), rel=1e-3)


def test_the_scan_finds_the_global_maximum(model, rng):
    draws = gaussian_statistics(model, rng=rng, count=4)
    found = profile_likelihood(model, draws)
    fine = np.linspace(1, 4, 2001)
    for i in range(4):
        one = [s[i : i + 1] for s in draws]
        estimates = [unconstrained(model, g, one) for g in fine]
        best = max(max(float(e[0]), 0) ** 2 / s**2 for e, s in estimates)
        assert found.test_statistic[i] >= best - 1e-9


def test_the_test_statistic_is_a_difference_of_chi2(small_sky, measured):
    result = small_sky.fit(measured)
    assert result.test_statistic == pytest.approx(result.null_chi2 - result.chi2, abs=1e-6)
    assert result.null_dof - result.dof == 2
    assert result.null_dof == sum(len(b.data) for b in measured.blocks) - len(measured.blocks)


def test_a_spectrum_that_is_the_model_is_fitted_exactly(small_sky, measured):
    """Data = f_corr signal + f_atm atmospheric, no noise: the fit returns the input."""
    truth = 0.03
    at = 6  # index of the spectral index on the grid
    atm = (0.9, 1.2)
    blocks = tuple(
        attrs.evolve(b, data=truth * b.signal_derivative[at] + f * b.atmospheric)
        for b, f in zip(measured.blocks, atm, strict=True)
    )
    found = small_sky.fit(attrs.evolve(measured, blocks=blocks))
    assert found.f_corr == pytest.approx(truth, rel=2e-3)
    assert found.gamma == pytest.approx(measured.gammas[at], abs=5e-3)
    assert found.f_atm == pytest.approx(atm, rel=2e-3)
    # no noise: what is left is the truncation of the basis, tolerance 1e-3 sigma
    sigma = unconstrained(small_sky.model(measured), measured.gammas[at])[1]
    assert found.chi2 == pytest.approx(0, abs=(1e-3 * truth / sigma) ** 2 * 2 + 1e-6)


def test_shares_add_up_to_f_corr_without_weights(small_sky):
    analysis = attrs.evolve(small_sky, weights="none")
    found = analysis.measure()
    total = sum(b.signal_fraction * b.events for b in found.blocks)
    assert total == pytest.approx(found.events_per_bin.sum(), rel=1e-12)


def test_weighted_shares_are_those_of_simulated_events(small_sky, measured, rng):
    """f_i by weight from a Monte-Carlo set of correlated events."""
    from nuweft.flux.power_law import PowerLawFlux
    from nuweft.irf.simulation import simulate_events
    from nuweft.sky.pixels import pixel_index

    gamma = 2.0
    events = simulate_events(
        small_sky.neutrino_sample.response(),
        PowerLawFlux(1.0, gamma),
        sources=small_sky.tracer.sources(32),
        rng=rng,
        number=400_000,
    )
    index = small_sky.neutrino_sample.energy_bins.index(events.log10_energy)
    pixels = pixel_index(32, events.ra, events.dec)
    inside = (small_sky.fields.joint_mask[pixels] > 0) & (index >= 0)
    n_corr, total = inside.sum(), measured.events_per_bin.sum()
    at = int(np.argmin(np.abs(measured.gammas - gamma)))
    for i, (block, bin_data) in enumerate(zip(measured.blocks, small_sky.bins, strict=True)):
        chosen = inside & (index == i)
        weight = bin_data.weights[pixels[chosen]].sum()
        data_pixels = pixel_index(32, bin_data.events.ra, bin_data.events.dec)
        data = (bin_data.weights * bin_data.mask)[data_pixels].sum()
        expected = (weight / n_corr) / (data / total)
        assert block.signal_fraction[at] == pytest.approx(expected, rel=5 / np.sqrt(chosen.sum()) + 2e-3)


def test_template_and_simulated_signal_agree(small_sky, measured, rng):
    """Expectation against Poisson sets of correlated events (the paper's way)."""
    from nuweft.flux.power_law import PowerLawFlux
    from nuweft.irf.simulation import simulate_events
    from nuweft.sky.pixels import count_map
    from nuweft.sky.rings import rings

    gamma, n = 2.0, 2_000_000
    events = simulate_events(
        small_sky.neutrino_sample.response(),
        PowerLawFlux(1.0, gamma),
        sources=small_sky.tracer.sources(32),
        rng=rng,
        number=n,
    )
    index = small_sky.neutrino_sample.energy_bins.index(events.log10_energy)
    at = int(np.argmin(np.abs(measured.gammas - gamma)))
    grid = rings(32)
    for i, (block, bin_data) in enumerate(zip(measured.blocks, small_sky.bins, strict=True)):
        chosen = index == i
        counts = count_map(32, events.ra[chosen], events.dec[chosen])
        response = small_sky.kernel
        averaged = grid.expand(grid.mean(counts))
        ratio = response.mean(averaged * bin_data.weights) / response.mean(counts * bin_data.weights)
        simulated = response.spectrum(counts * bin_data.weights) - ratio * response.spectrum(
            averaged * bin_data.weights
        )
        # noise of a set of n events has the null covariance scaled by the number of events
        noise = block.covariance * block.events / (counts * bin_data.mask).sum()
        factor = linalg.cholesky(noise, lower=True)
        t = linalg.solve_triangular(factor, block.signal[at], lower=True)
        d = linalg.solve_triangular(factor, simulated, lower=True)
        amplitude, sigma = (t @ d) / (t @ t), 1 / np.sqrt(t @ t)
        # behind the mask the template has the mean density, the simulation the true one: 1 %
        assert amplitude == pytest.approx(1, abs=4 * sigma + 0.01)
        chi2 = np.sum((d - amplitude * t) ** 2)
        assert stats.chi2.sf(chi2, len(d) - 1) > 1e-4


# --- limits -----------------------------------------------------------------------


def test_the_ways_to_the_limit_agree(small_sky, model):
    for gamma in (2.0, 3.0):
        closed = upper_limit(model, gamma)
        assert grid_upper_limit(model, gamma) == pytest.approx(closed.f_corr, rel=1e-4)
        posterior = sample_posterior(model, seed=3, gamma=gamma, walkers=48, steps=5_000)
        assert posterior.converged
        # error of a 90 % quantile with n independent samples, in units of the limit: 1.7 / sqrt(n) at most
        assert posterior.quantile("f_corr", 0.9) == pytest.approx(
            closed.f_corr, rel=max(0.01, 4 / np.sqrt(posterior.effective_samples))
        )


@pytest.mark.parametrize("t", [-30.0, -3.0, 0.0, 2.0, 8.0])
def test_the_closed_form_is_the_quantile_of_a_truncated_gaussian(t):
    expected = stats.truncnorm.ppf(0.9, -t, np.inf, loc=t)
    assert float(truncated_gaussian_limit(np.array(t), 1.0)) == pytest.approx(expected, rel=1e-6)


def test_coverage_is_that_of_the_truncated_gaussian(rng):
    n = 20_000
    for truth, expected in ((0.0, 1.0), (1.0, 0.992), (2.0, 0.93), (3.0, 0.905)):
        covered = np.mean(truncated_gaussian_limit(rng.normal(truth, 1, n), 1.0) >= truth)
        assert covered == pytest.approx(expected, abs=4 * np.sqrt(0.1 / n) + 0.005)


@pytest.mark.parametrize("credibility", [0.0, 1.0, -2])
def test_a_credibility_that_is_no_probability_is_refused(credibility):
    with pytest.raises(ParameterError, match="credibility"):
        truncated_gaussian_limit(np.array(0.0), 1.0, credibility)


def test_a_spectral_index_outside_the_grid_is_refused(model, small_sky, measured):
    with pytest.raises(GammaRangeError, match="4.2 lies outside the computed range 1 to 4"):
        upper_limit(model, 4.2)
    with pytest.raises(GammaRangeError):
        measured.acceptance(0.5)
    with pytest.raises(GammaRangeError):
        small_sky.likelihood.log_likelihood(np.array([0.0, 5.0, 1.0, 1.0]), measured)


# --- posterior --------------------------------------------------------------------


def test_posterior_marginals_equal_the_integrated_likelihood(model):
    posterior = sample_posterior(model, seed=1, steps=6000)
    assert posterior.converged
    assert posterior.gelman_rubin < 1.03
    # marginal of gamma: integrate f_corr >= 0 in closed form at each gamma
    grid = np.linspace(1, 4, 301)
    values = np.array([unconstrained(model, g) for g in grid], dtype=float)
    t = values[:, 0] / values[:, 1]
    density = values[:, 1] * np.exp(0.5 * t**2) * stats.norm.cdf(t)
    cdf = np.concatenate([[0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    expected = np.interp(0.5, cdf / cdf[-1], grid)
    spread = np.interp(0.84, cdf / cdf[-1], grid) - expected
    assert posterior.quantile("gamma", 0.5) == pytest.approx(
        expected, abs=6 * spread / np.sqrt(posterior.effective_samples)
    )


def test_split_r_hat_sees_chains_that_differ(rng):
    same = rng.normal(size=(400, 10, 1))
    assert split_r_hat(same)[0] == pytest.approx(1, abs=0.02)
    assert split_r_hat(same + 3 * np.arange(10)[:, None])[0] > 2


# --- test statistic ---------------------------------------------------------------


def test_scrambles_and_gaussian_draws_have_one_distribution(small_sky, measured, model, rng):
    n = 6000
    scrambled = trial_test_statistics(model, small_sky.run_trials(measured, n))
    drawn = trial_test_statistics(model, gaussian_statistics(model, rng=rng, count=n))
    error = np.sqrt(0.25 * 2 / n)
    assert np.mean(scrambled == 0) == pytest.approx(np.mean(drawn == 0), abs=4 * error)
    for threshold in (0.5, 2.3, 4.6):
        assert np.mean(scrambled > threshold) == pytest.approx(np.mean(drawn > threshold), abs=4 * error)


def test_half_of_the_scrambles_have_zero_at_fixed_gamma(small_sky, measured, model):
    n = 6000
    found = profile_likelihood(model, small_sky.run_trials(measured, n), gamma=2.37)
    assert np.mean(found.test_statistic == 0) == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / n))
    # the rest is 1/2 chi2 with one degree of freedom
    assert np.mean(found.test_statistic > 2.706) == pytest.approx(0.05, abs=4 * np.sqrt(0.0475 / n))


def test_p_values_are_uniform_below_their_atom(small_sky, measured, model, rng):
    calibration = trial_test_statistics(model, small_sky.run_trials(measured, 4000))
    fresh = trial_test_statistics(model, small_sky.run_trials(measured, 2000, start=4000))
    p = np.array([p_value(calibration, t).value for t in fresh])
    atom = np.mean(calibration > 0)
    assert np.all(p[fresh == 0] == 1)
    below = p[fresh > 0] / atom
    # both samples are finite: the two-sample KS distance
    bound = 1.95 * np.sqrt(1 / len(below) + 1 / (4000 * atom))
    assert stats.kstest(below, "uniform").statistic < bound


def test_a_p_value_has_its_binomial_error():
    found = p_value(np.array([0.0, 1.0, 2.0, 3.0]), 2.0)
    assert (found.value, found.error) == (0.5, 0.25)
    nothing = p_value(np.zeros(1000), 5.0)
    assert nothing.value == 0
    assert nothing.error == pytest.approx(1.148 / 1000, rel=1e-2)  # 68 % bound of no success
    with pytest.raises(ParameterError, match="no trials"):
        p_value(np.zeros(0), 1.0)


def test_significances_are_two_sided():
    assert two_sided_significance(0.23) == pytest.approx(1.20, abs=0.005)
    assert two_sided_significance(0.3173) == pytest.approx(1.0, abs=1e-3)
    assert two_sided_significance(1.0) == 0.0


# --- error paths ------------------------------------------------------------------


def test_a_singular_covariance_is_named(small_sky, measured):
    block = measured.blocks[0]
    broken = block.covariance.copy()
    broken[3] = broken[2]
    broken[:, 3] = broken[:, 2]
    for covariance, message in (
        (broken, "is singular: condition number"),
        (0 * broken, "vanishing variance"),
        (broken * np.nan, "not finite"),
    ):
        bad = attrs.evolve(measured, blocks=(attrs.evolve(block, covariance=covariance), measured.blocks[1]))
        with pytest.raises(SingularCovarianceError, match=message):
            small_sky.model(bad)


def test_fewer_pixels_than_multipoles_are_singular_and_said_to_be(small_sky, make):
    """A covariance of 86 multipoles from some 50 pixels has no inverse; nothing is put in its place."""
    cap = attrs.evolve(small_sky, mask=make("mask", "declination", minimum="83 deg"), weights="none")
    with pytest.raises(
        SingularCovarianceError, match="mock-galaxies x 2.5-3.2 is singular.*use fewer multipoles"
    ):
        cap.model(cap.measure())


def test_an_empty_energy_bin_is_named(small_sky):
    sample = attrs.evolve(small_sky.neutrino_sample, energy_edges=(2.5, 3.5, 8.0, 9.0))
    with pytest.raises(EmptyEnergyBinError, match="energy bin log10.E/GeV. 8-9: 0 events"):
        _ = attrs.evolve(small_sky, neutrino_sample=sample).bins


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (lambda n: np.full(12 * n**2, 2.0), r"must lie in \[0, 1\], got 2 to 2"),
        (lambda n: np.full(12 * n**2, np.nan), "not finite"),
        (lambda n: np.ones(12), r"coverage returned shape \(12,\), expected \("),
    ],
)
@pytest.mark.filterwarnings("ignore:All-NaN:RuntimeWarning")
def test_a_plugins_mask_is_checked(small_sky, weights, message):
    from nuweft.errors import DataError
    from nuweft.interfaces import Mask

    @attrs.frozen(kw_only=True)
    class Odd(Mask):
        plugin_name = "odd"

        def coverage(self, nside):
            return weights(nside)

    with pytest.raises(DataError, match=message):
        _ = attrs.evolve(small_sky, mask=Odd()).fields


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (lambda n: np.linspace(-1, 1, 12 * n**2), "tracer odd: .*overdensity"),
        (lambda n: np.full(12 * n**2, np.nan), "tracer odd: .*not finite"),
        (lambda n: np.ones(12), r"tracer odd: returned shape \(12,\)"),
    ],
)
def test_a_plugins_counts_are_checked(small_sky, counts, message):
    from nuweft.errors import DataError
    from nuweft.interfaces import Tracer

    @attrs.frozen(kw_only=True)
    class Odd(Tracer):
        plugin_name = "odd"

        def counts(self, nside):
            return counts(nside)

    with pytest.raises(DataError, match=message):
        _ = attrs.evolve(small_sky, tracer=Odd()).fields


def test_the_grid_of_the_templates_does_not_change_the_weights(small_sky):
    finer = attrs.evolve(small_sky, gamma_points=31)
    assert np.array_equal(finer.bins[0].weights, small_sky.bins[0].weights)


def test_the_range_of_the_fit_does_not_change_the_weights(small_sky):
    narrow = attrs.evolve(small_sky, gamma_range=(2.0, 3.0))
    assert np.array_equal(narrow.bins[0].weights, small_sky.bins[0].weights)
    other = attrs.evolve(small_sky, weight_gamma_range=(2.0, 3.0))
    assert not np.allclose(other.bins[0].weights, small_sky.bins[0].weights, rtol=1e-3)


def test_masks_that_leave_no_sky_are_named(small_sky, make):
    south = make("mask", "declination", maximum="-60 deg") & make("mask", "declination", minimum="60 deg")
    with pytest.raises(EmptySkyError, match="the masks leave no common sky"):
        _ = attrs.evolve(small_sky, mask=south).fields


def test_wrong_numbers_of_parameters_are_refused(small_sky, measured):
    with pytest.raises(ModelError, match="expected 4 parameters"):
        small_sky.likelihood.log_likelihood(np.zeros(3), measured)


def test_masking_the_tracer_by_the_joint_mask_is_a_setting(small_sky):
    joint = attrs.evolve(small_sky, tracer_uses_joint_mask=True).fields
    assert np.all(joint.tracer_field[joint.joint_mask == 0] == 0)
    assert joint.tracer_field.sum() == pytest.approx(0, abs=1e-9)
    assert np.any(small_sky.fields.tracer_field[joint.joint_mask == 0] != 0)


def test_options_of_the_signal_template_change_it_as_expected(small_sky, measured):
    raw = attrs.evolve(small_sky, subtract_ra_mean=False).measure()
    zero = attrs.evolve(small_sky, signal_density="zero").measure()
    at = 6
    block, raw_block, zero_block = measured.blocks[0], raw.blocks[0], zero.blocks[0]
    # the part that is subtracted is that of the ring mean, large at low multipoles only
    difference = raw_block.signal[at] - block.signal[at]
    assert np.abs(difference[:10]).max() > 20 * np.abs(difference[40:]).max()
    assert not np.allclose(zero_block.signal[at], block.signal[at], rtol=1e-4)
    assert zero_block.acceptance[at] < block.acceptance[at]


def test_an_analysis_can_be_scripted_from_a_tracer_defined_here(rng):
    """A tracer in a test file works without touching framework or plugins."""
    from typing import ClassVar

    from nuweft.interfaces import Tracer
    from nuweft.parameters import number

    @attrs.frozen(kw_only=True)
    class Stripes(Tracer):
        """Galaxies in stripes."""

        plugin_name: ClassVar[str] = "stripes"
        waves: float = number(default=7.0, doc="stripes around the sky")

        def counts(self, nside):
            from nuweft.sky.pixels import pixel_centres

            ra, dec = pixel_centres(nside)
            return np.rint(100 * (1.1 + np.sin(self.waves * ra) * np.cos(dec) ** 7))

    make = nuweft.plugins.create
    analysis = nuweft.Analysis(
        tracer=Stripes(),
        neutrino_sample=make(
            "neutrino_sample",
            "mock-tracks",
            tracer=Stripes(),
            livetime_days=50.0,
            energy_edges=[2.5, 4.5],
            correlated_flux=1e-16,
        ),
        mask=make("mask", "declination", minimum="-5 deg"),
        estimator=make("estimator", "pseudo-cl", ell_min=2),
        nside=16,
        gamma_points=9,
    )
    result = analysis.measure()
    limit = analysis.upper_limit(result, gamma=2.37)
    from nuweft.studies.injection import injected_f_corr

    assert limit.f_corr_hat == pytest.approx(injected_f_corr(analysis), abs=4 * limit.f_corr_sigma)
    assert limit.f_corr_hat > 3 * limit.f_corr_sigma
    assert fit(analysis.model(result), 1.0).test_statistic > 9
