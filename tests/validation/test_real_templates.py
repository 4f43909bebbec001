"""The signal template of the real analysis against a thousand Poisson data sets."""

from pathlib import Path

import attrs
import numpy as np
import pytest

import nuweft
from nuweft.studies.simulated_templates import simulated_templates

pytestmark = pytest.mark.validation

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "analyses"
SETS, EVENTS, POOL = 1000, 40_000.0, 4_000_000


def test_the_expectation_is_the_mean_of_a_thousand_poisson_sets(real_data):
    analysis = nuweft.Analysis.from_yaml(EXAMPLES / "ic86_wise2mass.yaml")
    analysis = attrs.evolve(analysis, gammas=(2.5,), response_variations=())
    gamma = 2.5
    index = int(np.argmin(np.abs(analysis.exposure.gammas - gamma)))
    assert analysis.exposure.gammas[index] == gamma
    found = simulated_templates(analysis, gamma, sets=SETS, events=EVENTS, pool=POOL)
    # sets share a pool, of which half is in the mask: its noise is that of POOL / 2 / EVENTS sets
    shared = 1 + SETS * EVENTS / (POOL / 2)
    for template, mean, error in zip(analysis.templates.sources, found.mean, found.error, strict=True):
        expected = template.spectrum[index]
        pull = (mean - expected) / (error * np.sqrt(shared))
        assert np.mean(pull**2) < 1.5  # neighbouring multipoles are nearly independent
        # amplitude of the expected template in the simulated one
        amplitude = np.sum(mean * expected / error**2) / np.sum(expected**2 / error**2)
        spread = np.sqrt(shared / np.sum(expected**2 / error**2))
        print(f"amplitude {amplitude:.4f} +- {spread:.4f}, chi2 per multipole {np.mean(pull**2):.2f}")
        assert abs(amplitude - 1) < 4.5 * spread + 2e-3
