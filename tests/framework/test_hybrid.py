"""Hybrid trials: dense bins by their moments, sparse ones event by event."""

import attrs
import numpy as np
import pytest
from scipy import stats

from nuweft.statistics.hybrid import (
    DenseBin,
    SparseBin,
    count_tail,
    hybrid_test_statistics,
    tail_probability,
)
from nuweft.statistics.trials import trial_test_statistics


@pytest.fixture(scope="module")
def task(small_sky, measured):
    """The first bin dense, the second sparse."""
    return _task(small_sky, measured, measured.events_per_bin[1] + 1)


def _task(analysis, measured, dense_from):
    return analysis.hybrid_task(measured, dense_from=dense_from)


def test_bins_are_dense_from_a_number_of_events(small_sky, measured, task):
    assert [type(part) for part in task.bins] == [DenseBin, SparseBin]
    assert [type(p) for p in _task(small_sky, measured, 0).bins] == [DenseBin, DenseBin]
    assert [type(p) for p in _task(small_sky, measured, 1e9).bins] == [SparseBin, SparseBin]


def test_without_dense_bins_hybrid_trials_are_the_trials(small_sky, measured):
    found = hybrid_test_statistics(_task(small_sky, measured, 1e9), 5, 30)
    model = small_sky.model(measured)
    assert np.array_equal(found, trial_test_statistics(model, small_sky.run_trials(measured, 30, start=5)))


def test_hybrid_trials_have_the_distribution_of_the_full_engine(small_sky, measured, task):
    n = 40_000
    full = trial_test_statistics(small_sky.model(measured), small_sky.run_trials(measured, n))
    found = hybrid_test_statistics(task, 0, n)
    # the sparse bin is the same in both: draws are correlated, and the test conservative
    assert stats.ks_2samp(full, found).pvalue > 1e-3
    fraction, other = np.mean(full == 0), np.mean(found == 0)
    assert fraction == pytest.approx(other, abs=5 * np.sqrt(2 * fraction * (1 - fraction) / n))


def test_a_hybrid_trial_depends_on_its_number_only(task):
    whole = hybrid_test_statistics(task, 65_500, 100)  # over the border of two blocks
    parts = [hybrid_test_statistics(task, 65_500, 7), hybrid_test_statistics(task, 65_507, 93)]
    assert np.array_equal(whole, np.concatenate(parts))


def test_the_tail_counts_what_single_trials_say(task):
    values = hybrid_test_statistics(task, 0, 70_000)
    found, histogram = tail_probability(task, 4.0, 70_000)
    assert found.value == np.mean(values >= 4.0)
    assert found.mode == "hybrid"
    assert found.trials == 70_000
    assert histogram.sum() == 70_000
    assert histogram[0] == np.count_nonzero(values < 0.1)


def test_chunks_of_the_tail_add_up(task):
    (a, one), (b, two) = (count_tail((task, 3.0), start, 500) for start in (0, 500))
    both, histogram = count_tail((task, 3.0), 0, 1000)
    assert a + b == both
    assert np.array_equal(one + two, histogram)


def test_an_analysis_says_which_mode_made_its_p_value(small_sky, measured):
    found, _ = small_sky.tail_probability(measured, 2000, dense_from=0)
    events = small_sky.calibrate(measured, small_sky.run_trials(measured, 50))
    assert (found.mode, events.mode) == ("hybrid", "events")
    assert attrs.evolve(found, mode="events").value == found.value
