import numpy as np
import pytest
from scipy import stats

from nuweft.errors import ParameterError
from nuweft.evolution.realisation_variance import RealisationVariance
from nuweft.measurement.objects import source_density
from nuweft.sky.harmonics import adjoint_synthesis, alm_ell, synthesis
from nuweft.sky.pixels import pixel_count, upgrade
from nuweft.sky.rings import rings
from nuweft.statistics.limits import truncated_gaussian_limit

SIGMA = 0.01


@pytest.mark.parametrize("estimate", [-0.025, 0.0, 0.013])
def test_without_scatter_the_limit_is_that_of_the_run(estimate):
    found = RealisationVariance.none().limit(estimate=estimate, sigma=SIGMA, credibility=0.9)
    assert found == pytest.approx(float(truncated_gaussian_limit(np.array(estimate), SIGMA)), rel=1e-9)


def test_a_limit_with_scatter_excludes_what_it_claims():
    """At the limit, an estimate as low as observed has a tenth of its probability without signal."""
    noisy = RealisationVariance(factor=np.ones(2), variance=np.array([0.0, 0.3 * SIGMA**2]))
    limit = RealisationVariance.log_normal(0.5).combined(noisy).limit(estimate=0.4 * SIGMA, sigma=SIGMA)
    rng = np.random.default_rng(2)
    n = 400_000
    noise = SIGMA * rng.standard_normal(n) * np.sqrt(1 + rng.choice([0.0, 0.3], n))
    signal = limit * np.exp(0.5 * rng.standard_normal(n)) + noise
    ratio = np.mean(signal < 0.4 * SIGMA) / np.mean(noise < 0.4 * SIGMA)
    # 201 points stand for the log-normal
    assert ratio == pytest.approx(0.1, abs=5 * np.sqrt(0.1 / n / 0.6) + 1e-3)


def test_scatter_weakens_limits():
    limits = [RealisationVariance.log_normal(s).limit(estimate=0.0, sigma=SIGMA) for s in (1e-6, 0.3, 0.6)]
    assert limits[0] == pytest.approx(1.6449 * SIGMA, rel=1e-4)
    assert limits[0] < limits[1] < limits[2]


def test_there_is_no_limit_where_too_many_skies_show_nothing():
    nothing = RealisationVariance(factor=np.array([0.0] + [1.0] * 4), variance=np.zeros(5))
    assert nothing.limit(estimate=0.0, sigma=SIGMA) == np.inf
    rarely = RealisationVariance(factor=np.array([0.0] + [1.0] * 19), variance=np.zeros(20))
    assert np.isfinite(rarely.limit(estimate=0.0, sigma=SIGMA))


def test_a_limit_above_one_is_none():
    faint = RealisationVariance(factor=np.array([1e-3]), variance=np.zeros(1))
    assert faint.limit(estimate=0.0, sigma=SIGMA) == np.inf


@pytest.mark.parametrize("spread", [-1.0, np.inf, np.nan])
def test_a_prior_without_a_finite_spread_is_refused(spread):
    with pytest.raises(ParameterError, match="spread of the bias ratio"):
        RealisationVariance.log_normal(spread)


def test_the_likelihood_is_the_mean_over_realisations():
    scatter = RealisationVariance(factor=np.array([0.5, 2.0]), variance=np.array([0.0, 3.0]))
    f = np.array([0.0, 1.0, 4.0])
    found = scatter.log_likelihood(f, estimate=1.2, sigma=1.0)
    expected = 0.5 * stats.norm.pdf(1.2, 0.5 * f, 1.0) + 0.5 * stats.norm.pdf(1.2, 2 * f, 2.0)
    assert np.allclose(np.exp(found - found[0]), expected / expected[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("factor", "variance"), [([1.0], [0.0, 0.0]), ([], []), ([-1.0], [0.0]), ([1.0], [-1.0])]
)
def test_scatter_that_makes_no_sense_is_refused(factor, variance):
    with pytest.raises(ParameterError, match="scatter"):
        RealisationVariance(factor=np.array(factor), variance=np.array(variance))


def test_a_credibility_beyond_one_is_refused():
    with pytest.raises(ParameterError, match="credibility"):
        RealisationVariance.none().limit(estimate=0.0, sigma=1.0, credibility=90)


def test_the_shot_noise_of_sources_is_the_variance_of_one_source_anywhere(small_sky, measured):
    """The estimate of f_corr as a function of the source's position, by the adjoint of smearing."""
    at = 6
    gamma = float(measured.gammas[at])
    model, exposure, nside, fine = small_sky.model(measured), small_sky.exposure, small_sky.nside, 64
    lmax = 3 * fine - 1
    profiles = exposure.profiles[:, np.repeat(exposure.band(rings(fine).sin_dec), rings(fine).size)]
    ell = alm_ell(lmax)
    estimate = np.zeros(pixel_count(fine))
    amplitudes = model.amplitudes(np.asarray(gamma))
    for i, (filters, a) in enumerate(zip(small_sky.filters(measured), amplitudes, strict=True)):
        gram = model.blocks[i].gram
        score = a @ (filters.maps[1:] - np.outer(gram[1:, 0] / gram[0, 0], filters.maps[0]))
        score -= rings(nside).expand(rings(nside).mean(score))
        signal = small_sky.templates.sources[i]
        per_event = measured.blocks[i].signal_fraction[at] / (signal.acceptance[at] * signal.mean_weight[at])
        alm = adjoint_synthesis(upgrade(score, fine), lmax)
        for profile, window, c in zip(
            profiles, exposure.windows[exposure.window_index], exposure.coefficients[i, at], strict=True
        ):
            estimate += per_event * c * profile * synthesis(alm * window[ell], fine, lmax)
    density = source_density(small_sky.fields.objects, behind_mask="mean").density
    estimate /= np.mean(estimate * density)  # sources that are the tracer's give f_corr = 1
    found = small_sky.source_variance(measured, gamma)
    # modes are counted as if the masks were smooth, and g is taken as a Gaussian field
    assert found == pytest.approx(np.var(estimate), rel=0.25)
