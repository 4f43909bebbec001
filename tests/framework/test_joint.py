"""The same scrambles seen with several tracers."""

import attrs
import numpy as np
import pytest

from nuweft.errors import ParameterError
from nuweft.statistics.trials import trial_test_statistics
from nuweft.studies.joint import global_p_value, joint_test_statistics


@pytest.fixture(scope="module")
def pair(small_sky):
    """Two tracers with different masks, and two weightings."""
    other = attrs.evolve(
        small_sky,
        tracer=attrs.evolve(small_sky.tracer, seed=small_sky.tracer.seed + 1, mask=None),
        weights="none",
    )
    return [small_sky, other]


@pytest.fixture(scope="module")
def spectra(pair):
    return [analysis.measure() for analysis in pair]


def test_joint_trials_are_those_of_each_analysis_alone(pair, spectra):
    found = joint_test_statistics(pair, spectra, 70, start=5)
    for analysis, measured, row in zip(pair, spectra, found, strict=True):
        alone = analysis.run_trials(measured, 70, start=5)
        assert row == pytest.approx(trial_test_statistics(analysis.model(measured), alone), abs=2e-5)


def test_tracers_that_are_the_same_have_the_local_p_value(small_sky, measured):
    trials = joint_test_statistics([small_sky, small_sky], [measured, measured], 400)
    observed = np.quantile(trials[0], 0.9)
    p = global_p_value(trials, np.array([observed, observed]))
    assert p.value == np.mean(trials[0] >= observed)


def test_tracers_that_are_independent_multiply(rng):
    trials = rng.chisquare(2, (3, 40_000))
    observed = np.array([1.0, -2 * np.log(0.01), 0.5])  # local p-value 0.01 in the second
    expected = 1 - 0.99**3
    found = global_p_value(trials, observed)
    # the local p-value itself is counted from the trials
    tolerance = 4 * np.sqrt(expected / 40_000 + 9 * 0.01 / 40_000)
    assert found.value == pytest.approx(expected, abs=tolerance)


def test_analyses_of_other_events_are_refused(small_sky, measured):
    other = attrs.evolve(small_sky, seed=small_sky.seed + 1)
    with pytest.raises(ParameterError, match="seed differs"):
        joint_test_statistics([small_sky, other], [measured, measured], 10)
