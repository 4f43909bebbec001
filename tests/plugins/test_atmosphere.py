"""The background from an atmospheric flux."""

import sys
import types

import attrs
import numpy as np
import pytest

from nuweft.errors import (
    ConfigurationError,
    CorruptFileError,
    MissingDataError,
    ModelError,
    ParameterError,
)
from nuweft.flux.atmosphere import TabulatedFlux, conventional_flux
from nuweft.flux.power_law import PowerLawFlux
from nuweft.irf.ring_counts import ring_counts
from nuweft.irf.simulation import simulate_events
from nuweft.model import MatchedFilter
from nuweft.sky.pixels import count_map
from nuweft.sky.rings import rings


@pytest.fixture(scope="module")
def background():
    import nuweft

    return nuweft.plugins.create("background", "atmospheric-flux")


def test_ring_counts_are_those_of_simulated_events(small_sky, rng):
    sample = small_sky.neutrino_sample
    response = sample.response()
    expected = ring_counts(response, conventional_flux, sample.energy_bins, 32)
    events = simulate_events(response, conventional_flux, rng=rng)
    index = sample.energy_bins.index(events.log10_energy)
    grid = rings(32)
    bands = np.linspace(-0.1, 1, 9)
    for i in range(len(expected)):
        z = np.sin(events.dec[index == i])
        seen = np.histogram(z, bands)[0]
        # bands are not made of whole rings: interpolate the density
        fine = np.linspace(-0.1, 1, 8 * 400 + 1)
        middle = 0.5 * (fine[1:] + fine[:-1])
        density = np.interp(-middle, -grid.sin_dec, expected[i]) * 12 * 32**2 / 2
        mean = (density * np.diff(fine)).reshape(8, -1).sum(axis=1)
        assert np.all(np.abs(seen - mean) < 4.5 * np.sqrt(mean) + 0.01 * mean)


def test_the_template_is_close_to_that_of_simulated_atmospheric_events(small_sky, measured, background):
    """The mock sample is made of this very flux, so that data and prediction agree within noise."""
    for bin_data, block in zip(small_sky.bins, measured.blocks, strict=True):
        counts = background.template_counts(bin_data)
        assert (counts * bin_data.mask).sum() == pytest.approx(block.events)
        spectrum = small_sky.kernel.spectrum(counts * bin_data.weights)
        difference = spectrum - block.null_mean
        chi2 = difference @ np.linalg.solve(block.covariance, difference)
        assert chi2 < 15  # the mean is far better known than a realisation: 85 multipoles


def test_its_moments_are_those_of_its_trials(small_sky, measured, background):
    model = small_sky.model(measured)
    for block, bin_data in zip(model.blocks, small_sky.bins, strict=True):
        mean, covariance = background.moments(small_sky.kernel, bin_data)
        filters = MatchedFilter.from_response(block.filters, small_sky.kernel, bin_data.weights)
        trials = background.trials(filters, bin_data, seed=4, start=0, count=2000)
        expected, spread = block.filters @ mean, np.diag(block.filters @ covariance @ block.filters.T)
        few = 1 / (bin_data.mask * background.template_counts(bin_data)).sum()
        assert np.all(
            np.abs(trials.mean(axis=0) - expected) < np.sqrt(spread) * (4.5 / np.sqrt(2000) + 2 * few)
        )
        assert np.all(np.abs(trials.var(axis=0) / spread - 1) < 4.5 * np.sqrt(2 / 2000) + 4 * few)


def test_a_trial_can_be_made_again(small_sky, measured, background):
    bin_data = small_sky.bins[1]
    filters = small_sky.filters(measured)[1]
    group = background.trials(filters, bin_data, seed=4, start=3, count=4)
    alone = background.trials(filters, bin_data, seed=4, start=5, count=1)
    assert np.array_equal(group[2:3], alone)
    counts = background.trial_counts(bin_data, seed=4, trial=5)
    by_hand = filters.finish(filters.maps @ counts, filters.weight @ counts)
    assert by_hand == pytest.approx(alone[0], rel=1e-10)


def test_realizations_have_the_expected_counts(small_sky, background, rng):
    bin_data = small_sky.bins[0]
    expected = background.template_counts(bin_data)
    total = sum(
        count_map(32, e.ra, e.dec) for e in (background.realize(bin_data, rng=rng) for _ in range(40))
    )
    per_ring = rings(32).mean(total - 40 * expected) * rings(32).size
    error = np.sqrt(40 * rings(32).mean(expected) * rings(32).size)
    filled = error > 3
    assert np.all(np.abs(per_ring[filled]) < 4.5 * error[filled])


def test_a_scramble_takes_its_template_from_it(small_sky, make):
    scramble = make("background", "ra-scramble", template=make("background", "atmospheric-flux"))
    bin_data = small_sky.bins[0]
    assert np.array_equal(scramble.template_counts(bin_data), scramble.template.template_counts(bin_data))
    analysis = attrs.evolve(small_sky, background=scramble)
    again = type(analysis).from_mapping(analysis.to_mapping())
    assert again == analysis
    named = type(analysis).from_mapping(
        {**analysis.to_mapping(), "background": {"plugin": "ra-scramble", "template": "atmospheric-flux"}}
    )
    assert named.background == scramble


def test_a_template_that_is_neither_word_nor_plugin_is_refused(make):
    with pytest.raises(ConfigurationError, match="template: expected the name of a background plugin"):
        make("background", "ra-scramble", template=3)
    scramble = make("background", "ra-scramble")
    with pytest.raises(ParameterError, match="expected a background plugin or 'exact-mean' or 'kde'"):
        attrs.evolve(scramble, template=make("mask", "declination", minimum="-5 deg"))


def test_without_a_response_the_error_says_so(small_sky, background):
    with pytest.raises(ModelError, match="needs the response of the sample"):
        background.template_counts(attrs.evolve(small_sky.bins[0], response=None))


def test_a_table_is_interpolated_and_mirrored(tmp_path):
    energy, dec = np.geomspace(1e2, 1e7, 26), np.linspace(0, 90, 7)
    power = energy[:, None] ** -3.7 * (2 - np.sin(np.radians(dec)))
    path = tmp_path / "flux.npz"
    np.savez(path, energy_gev=energy, dec_deg=dec, conv=power, prompt=0.1 * power)
    flux = TabulatedFlux.from_npz(path)
    assert flux(np.array(3.3e3), np.array([0.5, -0.5])) == pytest.approx(3.3e3**-3.7 * 1.5, rel=1e-3)
    assert flux(np.array(1e8), np.array(0.0)) == pytest.approx(1e8**-3.7 * 2, rel=1e-6)  # a power law beyond
    both = TabulatedFlux.from_npz(path, prompt=True)
    assert both(np.array(1e5), np.array(0.2)) == pytest.approx(1.1 * flux(np.array(1e5), np.array(0.2)))


def test_tables_that_are_none_are_refused(tmp_path):
    with pytest.raises(MissingDataError, match="no such file"):
        TabulatedFlux.from_npz(tmp_path / "no.npz")
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    with pytest.raises(CorruptFileError, match="expected energy_gev, dec_deg, conv and prompt"):
        TabulatedFlux.from_npz(tmp_path / "other.npz")


def test_settings_that_contradict_are_refused(make):
    with pytest.raises(ConfigurationError, match="'analytic' reads no table"):
        make("background", "atmospheric-flux", prompt=True)


def test_the_analytic_flux_and_the_table_agree_on_real_events(make, real_data):
    """Their templates differ by far less than the noise of the data."""
    table = make("background", "atmospheric-flux", model="table")
    assert table.inputs()[0].name.startswith("mceq_numu_south_pole")
    energy, z = np.geomspace(1e3, 1e5, 9)[:, None], np.linspace(0, 1, 7)
    ratio = table.flux()(energy, z) / make("background", "atmospheric-flux").flux()(energy, z)
    assert np.all((ratio > 0.8) & (ratio < 1.6))


def test_daemonflux_is_used_where_it_is(make, monkeypatch):
    """With a stand-in for the package: E**3 times the flux, per zenith angle from above."""
    with pytest.raises(MissingDataError, match="daemonflux is not installed"):
        make("background", "atmospheric-flux", model="daemonflux").flux()

    class Flux:
        def __init__(self, location):
            assert location == "IceCube"

        def flux(self, energy, zenith, quantity):
            assert quantity == "numuflux"
            return 0.1 * energy**-0.7 * (1 + abs(np.cos(np.radians(float(zenith)))))

    monkeypatch.setitem(sys.modules, "daemonflux", types.SimpleNamespace(Flux=Flux))
    model = make("background", "atmospheric-flux", model="daemonflux", isotropic_flux=0.0)
    found = model.flux()(np.array(1e4), np.array([0.0, 0.5, -0.5]))
    assert found == pytest.approx(0.1 * 1e4**-3.7 * np.array([1.0, 1.5, 1.5]), rel=1e-3)
    both = make("background", "atmospheric-flux", model="daemonflux", isotropic_flux=1e-18)
    extra = both.flux()(np.array(1e5), np.array(0.1)) - model.flux()(np.array(1e5), np.array(0.1))
    assert extra == pytest.approx(PowerLawFlux(1e-18, 2.37)(np.array(1e5), np.array(0.1)), rel=1e-6)
