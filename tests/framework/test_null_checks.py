"""How good the null of few events is, against scrambles."""

import attrs
import numpy as np
import pytest

from nuweft.measurement.null_checks import first_order_error, template_distance
from nuweft.sky.pixels import pixel_index
from nuweft.testing.fakes import fake_bin_data


def few(events, seed):
    bin_data = fake_bin_data(nside=16, events=4000, seed=seed)
    # only declinations that the mask cuts, so that events enter and leave it
    keep = np.flatnonzero(bin_data.events.dec > np.radians(5))[:events]
    return attrs.evolve(bin_data, events=bin_data.events.select(keep))


@pytest.mark.parametrize("events", [12, 48])
def test_the_next_order_is_that_of_scrambles(events):
    """Variance of a spectrum's linear statistic over sum of weights, against its first order."""
    bin_data = few(events, 5)
    weight = bin_data.weights * bin_data.mask
    rng = np.random.default_rng(3)
    sets = 40_000
    ra = rng.uniform(0, 2 * np.pi, (sets, events))
    pixel = pixel_index(16, ra.ravel(), np.tile(bin_data.events.dec, sets)).reshape(sets, events)
    total = weight[pixel].sum(axis=1)
    variance = np.var(total) / np.mean(total) ** 2
    assert first_order_error(bin_data) == pytest.approx(3 * variance, rel=0.05)
    # a statistic that does not know the weights: its variance rises by three times that
    values = weight[pixel] * np.cos(7 * ra)
    linear = values.sum(axis=1) / np.mean(total)
    seen = total > 0
    rise = np.var(values.sum(axis=1)[seen] / total[seen]) / np.var(linear) - 1
    assert rise == pytest.approx(first_order_error(bin_data), abs=0.5 * first_order_error(bin_data) + 0.02)


def test_two_events_are_not_good_to_a_few_per_cent():
    assert first_order_error(few(2, 5)) > 3 * first_order_error(few(48, 5))


def test_the_exact_mean_is_no_distance_from_itself(small_sky):
    for block in small_sky.measure().blocks:
        assert template_distance(block) < 1e-6
        sigma = np.sqrt(np.diag(block.covariance))
        moved = attrs.evolve(block, atmospheric=block.null_mean + 3 * sigma, covariance=np.diag(sigma**2))
        assert template_distance(moved) == pytest.approx(3 * np.sqrt(len(block.ell)))
