"""Catalogs of known clustering: auto-power, bias, recovered f_corr and coverage, within their errors."""

import numpy as np
import pytest
from sampled_catalogs import KINDS, study

pytestmark = pytest.mark.validation
SETS = 30


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_made_of_a_catalog_is_true(kind):
    found = study(kind, SETS)
    for quantity in ("auto-power", "bias", "sources", "field"):
        mean, error, number = found[quantity]
        assert number == SETS
        assert abs(mean - 1) < 3.5 * error, quantity
    covered, expected = found["covered"][0], found["coverage expected"][0]
    assert abs(covered - expected) < 3.5 * np.sqrt(expected * (1 - expected) / SETS) + 1 / SETS
