"""Signal templates against simulated data sets, with and without the tracer's shot noise."""

import attrs
import numpy as np
import pytest

import nuweft
from nuweft.measurement.objects import source_density
from nuweft.measurement.templates import smeared_maps
from nuweft.sky.fields import overdensity
from nuweft.sky.pixels import degrade_sum
from nuweft.sky.sources import Sources
from nuweft.studies.simulated_templates import simulated_templates

NSIDE = 64


@pytest.fixture(scope="module")
def analysis():
    """A sparse sky, so that shot noise is most of the template."""
    galaxies = {
        "plugin": "mock-galaxies",
        "galaxies": 6e4,
        "field_nside": 128,
        "mask": {"plugin": "galactic-cut", "minimum": "10 deg"},
    }
    return nuweft.Analysis.from_mapping(
        {
            "tracer": galaxies,
            "neutrino_sample": {
                "plugin": "mock-tracks",
                "tracer": galaxies,
                "livetime_days": 60.0,
                "energy_edges": [2.5, 3.5, 5.5],
            },
            "mask": {"plugin": "declination", "minimum": "-5 deg"},
            "estimator": {"plugin": "pseudo-cl", "ell_max": 128},
            "nside": NSIDE,
            "gamma_points": 7,
            "oversampling": 4,
        }
    )


@pytest.mark.parametrize("subtract", [True, False])
def test_expected_templates_are_those_of_poisson_data_sets(small_sky, subtract):
    analysis = attrs.evolve(small_sky, subtract_ra_mean=subtract)
    found = simulated_templates(analysis, 2.5, sets=150, events=20_000.0, pool=300_000)
    expected = np.stack([t.spectrum for t in analysis.templates.sources])[:, 6]  # gamma 2.5 of 1 .. 4
    assert analysis.exposure.gammas[6] == 2.5
    pull = (found.mean - expected) / found.error
    # sets share a pool of 200,000 events in the mask, whose own noise is that of 10 sets; the mean
    # of a ratio is off by the inverse number of events
    assert np.abs(np.mean(pull)) < 4.5 * np.sqrt(1 + 150 / 10) / np.sqrt(pull.size)
    assert np.mean(pull**2) < (1 + 150 / 10) * (1 + 5 * np.sqrt(2 / pull.size)) + 1
    assert np.abs(pull).max() < 4.5 * np.sqrt(1 + 150 / 10)


@pytest.mark.validation
def test_the_field_template_is_that_of_two_halves_of_the_catalog(analysis, rng):
    """Tracer's field from one random half, events from the other: no object is in both.

    The expectation given the map holds the mean shot noise, the halves that of
    this map: they differ by its fluctuation.
    """
    counts = analysis.tracer.sources(NSIDE).density.astype(int)
    fields, estimator = analysis.fields, analysis.estimator
    exposure, bin_data = analysis.exposure, analysis.bins[0]
    index = 3  # gamma 2.5
    kept = 1 - fields.objects.behind
    found = []
    for _ in range(6):
        first = rng.binomial(counts, 0.5)
        halves = (first, counts - first)
        parts = [attrs.evolve(fields.objects, sources=Sources.pixels(half * kept)) for half in halves]
        first_counts = degrade_sum(halves[0] * kept, NSIDE)
        a_field = overdensity(first_counts, fields.coverage)
        density = source_density(parts[1], behind_mask="mean")
        maps = smeared_maps(exposure, density, NSIDE, oversampling=4)
        events = exposure.coefficients[0, index] @ maps
        sample = overdensity(events * bin_data.weights, fields.joint_mask)
        found.append(
            estimator.spectrum(
                a_field,
                sample,
                tracer_mask=fields.field_mask,
                mask=fields.joint_mask,
                sky_fraction=fields.sky_fraction,
            )
        )
    templates = attrs.evolve(analysis, subtract_ra_mean=False).templates
    raw, with_noise = templates.field[0].spectrum[index], templates.sources[0].spectrum[index]
    bands = np.array_split(np.arange(len(raw)), 8)
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(len(found))
    for band in bands[1:]:
        spread = np.sqrt(np.sum(error[band] ** 2)) / len(band)
        noise = (with_noise - raw)[band].mean()
        assert noise > 5 * spread  # otherwise nothing is tested
        modes = np.sum(2 * analysis.kernel.ell[band] + 1) * fields.sky_fraction
        fluctuation = noise * np.sqrt(2 / modes)
        assert abs(mean[band].mean() - raw[band].mean()) < 4.5 * np.hypot(spread, fluctuation) + 0.05 * noise
