"""The fitted energy response against the real events."""

import attrs
import numpy as np
import pytest

import nuweft
from nuweft.flux.atmosphere import TabulatedFlux
from nuweft.flux.power_law import PowerLawFlux
from nuweft.irf.counts import count_table
from nuweft.irf.energy_fit import fit_energy_dispersion

pytestmark = pytest.mark.validation

CELLS = {
    "log10_energy_edges": np.arange(2.0, 6.01, 0.125),
    "sin_dec_edges": np.append(np.sin(np.radians(-5.0)), np.linspace(0.0, 1.0, 11)),
}


@pytest.fixture
def flux(real_data):
    atmosphere = TabulatedFlux.from_npz(real_data / "fluxes" / "mceq_numu_south_pole.npz")
    diffuse = PowerLawFlux(1.44e-18, 2.37)
    return lambda energy, sin_dec: atmosphere(energy, sin_dec) + diffuse(energy, sin_dec)


def _season(name):
    sample = nuweft.plugins.create("neutrino_sample", "icecube-ps-3yr", seasons=[name])
    events = sample.events()
    return sample.response().seasons[0], events.log10_energy, np.sin(events.dec)


@pytest.mark.parametrize(
    ("name", "chi2", "ratio"),
    # measured 0.93, 1.28, 0.49 with a tenth of model error; events over prediction 1.19, 1.01, 0.99
    [("IC86-2012", 1.0, 1.19), ("IC86-2011", 1.4, 1.01), ("IC79-2010", 0.6, 0.99)],
)
def test_real_counts_per_energy_and_declination_are_predicted(flux, name, chi2, ratio):
    season, log10_energy, sin_dec = _season(name)
    table = count_table(season, flux, log10_energy, sin_dec, **CELLS)
    assert table.chi2_per_cell(model_error=0.1) < chi2
    assert table.observed.sum() / table.predicted.sum() == pytest.approx(ratio, abs=0.03)


def test_the_shipped_response_is_what_the_fit_finds(flux):
    season, log10_energy, sin_dec = _season("IC86-2012")
    found = fit_energy_dispersion(season, flux, log10_energy, sin_dec, **CELLS).response
    shipped = season.smearing.energy
    for field in ("slope", "turn", "softness", "sigma_low", "sigma_high"):
        assert getattr(found, field) == pytest.approx(getattr(shipped, field), rel=0.02), field
    dec, at = np.linspace(-0.08, 1, 12), np.array(3.0)
    assert found.mean(at, dec) == pytest.approx(shipped.mean(at, dec), abs=0.005)


def test_the_fit_recovers_a_known_response(flux, rng):
    """Events drawn with a response far from the shipped one."""
    season, _, _ = _season("IC86-2012")
    truth = attrs.evolve(season.smearing.energy, floor=(2.8, 0.1), slope=0.7, sigma_low=0.2, widening=())
    known = attrs.evolve(season, smearing=attrs.evolve(season.smearing, energy=truth))
    expected = count_table(known, flux, np.zeros(0), np.zeros(0), **CELLS).predicted
    counts = rng.poisson(expected)
    middle = [0.5 * (e[1:] + e[:-1]) for e in CELLS.values()]
    x, z = (np.repeat(m.ravel(), counts.ravel()) for m in np.meshgrid(*middle, indexing="ij"))
    found = fit_energy_dispersion(season, flux, x, z, **CELLS, model_error=0.0).response
    at = np.linspace(2.5, 4.5, 9)[:, None]
    dec = np.array([0.025, 0.525, 0.975])
    assert found.mean(at, dec) == pytest.approx(truth.mean(at, dec), abs=0.05)
