"""What the response of a detector promises, whoever made it."""

from __future__ import annotations

import numpy as np

from nuweft.flux.power_law import PowerLawFlux
from nuweft.irf import DetectorResponse
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.ring_counts import ring_counts
from nuweft.irf.simulation import simulate_events
from nuweft.sky.pixels import pixel_index
from nuweft.sky.rings import rings

_EVENTS = 20_000
_GAMMA = 2.7
_SIGMAS = 5.0
_LMAX = 200
_NSIDE = 16
_BANDS = 6
_ACCURACY = 0.01  # of the expectation on rings


def assert_areas_are_possible(response: DetectorResponse) -> None:
    """Check that effective areas are finite, not negative, and positive somewhere."""
    for season in response.seasons:
        area = season.effective_area.area
        assert np.all(np.isfinite(area)), season.name
        assert np.min(area) >= 0, season.name
        assert np.max(area) > 0, season.name


def assert_point_spread_is_normalised(response: DetectorResponse, bins: EnergyBins) -> None:
    """Check that windows begin with b_0 = 1 and never exceed 1."""
    for season in response.seasons:
        windows = season.smearing.windows(bins, _LMAX)
        np.testing.assert_allclose(windows[..., 0], 1.0, atol=1e-4, err_msg=season.name)
        assert np.max(np.abs(windows)) <= 1 + 1e-4, season.name


def assert_energies_are_probabilities(response: DetectorResponse, bins: EnergyBins) -> None:
    """Check that probabilities of reconstructed bins lie in [0, 1] and add up to 1 over all energies."""
    energy = np.linspace(2.5, 6.5, 17)
    for season in response.seasons:
        for sin_dec in (-0.05, 0.5, 0.95):
            inside = season.smearing.probability(energy, sin_dec, bins)
            assert inside.shape == (len(energy), len(bins)), season.name
            assert np.min(inside) >= -1e-12, season.name
            everywhere = season.smearing.probability(energy, sin_dec, EnergyBins((-10.0, 30.0)))
            total = everywhere[:, 0]
            # a table of simulations may know nothing of some energies: their probability is 0
            assert np.all((np.abs(total - 1) < 1e-6) | (total == 0)), season.name


def assert_simulation_meets_expectation(response: DetectorResponse, bins: EnergyBins) -> None:
    """Check simulated events of a power law against integrals, per energy bin and band of declination."""
    grid = rings(_NSIDE)
    per_ring = ring_counts(response, PowerLawFlux(1.0, _GAMMA), bins, _NSIDE) * grid.size
    norm = _EVENTS / per_ring.sum()
    found = simulate_events(response, PowerLawFlux(norm, _GAMMA), rng=np.random.default_rng(7))
    index, ring = bins.index(found.log10_energy), grid.of_pixel[pixel_index(_NSIDE, found.ra, found.dec)]
    for i, label in enumerate(bins.labels):
        counts = np.bincount(ring[index == i], minlength=len(grid))
        for rows in np.array_split(np.arange(len(grid)), _BANDS):
            number, expected = counts[rows].sum(), norm * per_ring[i, rows].sum()
            tolerance = _SIGMAS * np.sqrt(expected + 1) + _ACCURACY * expected
            assert abs(number - expected) < tolerance, f"{label}: {number} events, expected {expected:.1f}"
