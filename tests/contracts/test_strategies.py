"""Strategies give what plugins accept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nuweft
from nuweft.sky.fields import overdensity
from nuweft.sky.pixels import check_counts, check_nside, pixel_count
from nuweft.testing import fakes, strategies


@given(strategies.nsides(32))
@settings(deadline=None)
def test_resolutions_are_powers_of_two(nside):
    assert check_nside(nside) <= 32


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_counts_in_masks_make_fields(data):
    nside = data.draw(strategies.nsides(2))
    counts, mask = data.draw(strategies.count_maps(nside)), data.draw(strategies.masks(nside))
    assert counts.shape == mask.shape == (pixel_count(nside),)
    if (counts * mask).sum() > 0:
        check_counts(counts, "drawn")
        assert abs(overdensity(counts, mask).sum()) <= 1e-6 * len(mask) * (1 + counts.max())


@given(strategies.redshifts(3.0))
@settings(deadline=None)
def test_redshifts_are_positive(z):
    assert np.all((z > 0) & (z <= 3.0))
    model = nuweft.plugins.create("source_evolution", "star-formation-rate")
    assert np.all(model.density(z) > 0)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_variations_keep_the_type_and_the_bounds(data):
    mask = data.draw(strategies.variations(fakes.FakeMask()))
    assert -90 <= mask.minimum.to_value("deg") <= 90
    model = data.draw(strategies.variations(nuweft.plugins.create("source_evolution", "star-formation-rate")))
    assert model.history in ("madau-dickinson-2014", "hopkins-beacom-2006")
    sample = data.draw(strategies.variations(fakes.FakeSample()))
    assert sample.events_in_all >= 1
    assert sample.gamma > 0


@given(strategies.settings_of(fakes.FakeTracer()))
@settings(max_examples=20, deadline=None)
def test_settings_hold_numbers_only(drawn):
    assert set(drawn) == {"bias", "mean", "seed"}  # no mask, and no magnification where there is none


@pytest.mark.parametrize("name", ["fake-tracer", "fake-sample", "fake-mask"])
def test_fakes_are_not_registered(name):
    assert not any(name in found for found in nuweft.plugins.collect().values())
