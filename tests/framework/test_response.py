from itertools import pairwise

import healpy
import numpy as np
import pytest

from nuweft.errors import DataError, ZeroAcceptanceError
from nuweft.flux.atmosphere import conventional_flux, effective_cosine
from nuweft.flux.power_law import PowerLawFlux, power_law_integrals
from nuweft.irf import (
    DetectorResponse,
    EffectiveArea,
    IndependentSmearing,
    KingPSF,
    LogNormalEnergyDispersion,
    RayleighPSF,
    SeasonResponse,
)
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.exposure import exposure
from nuweft.irf.simulation import displace, simulate_events, uniform_in_pixels
from nuweft.measurement.weights import acceptance, acceptance_weights, flatness, simulated_acceptance
from nuweft.sky.rings import rings
from nuweft.sky.sources import Sources

BINS = EnergyBins((2.5, 3.5, 4.5))
GAMMAS = np.linspace(1, 4, 7)


def _season(area=None, livetime=1e7, median=0.8):
    energy, dec = np.linspace(2, 6, 9), np.linspace(-1, 1, 21)
    if area is None:  # not separable: the slope in declination depends on energy
        middle = 0.5 * (energy[1:] + energy[:-1])[:, None]
        area = 10**middle * (1.2 + dec[:-1]) * np.exp(0.4 * (middle - 4) * dec[:-1] ** 2)
    return SeasonResponse(
        name="s",
        livetime=livetime,
        effective_area=EffectiveArea(energy, dec, area),
        smearing=IndependentSmearing(
            LogNormalEnergyDispersion(
                floor=2.6, slope=0.8, turn=3.0, softness=0.3, sigma_low=0.2, sigma_high=0.3
            ),
            RayleighPSF(
                log10_energy_edges=np.array([2.0, 4.0, 6.0]), median=np.radians([median, median / 2])
            ),
        ),
    )


RESPONSE = DetectorResponse((_season(),))


def test_power_law_integrals_equal_quadrature():
    from scipy.integrate import quad

    edges = np.array([2.0, 2.5, 4.0])
    for gamma in (1.0, 1.0000001, 2.37):
        expected = [
            quad(lambda x, g=gamma: (10**x / 1e5) ** -g * 10**x * np.log(10), a, b)[0]
            for a, b in pairwise(edges)
        ]
        assert power_law_integrals(edges, np.array([gamma]))[0] == pytest.approx(expected, rel=1e-6)


def test_exposure_equals_direct_integration():
    found = exposure(RESPONSE, BINS, GAMMAS, lmax=500, tolerance=1e-5)
    season = RESPONSE.seasons[0]
    x = np.linspace(2, 6, 4001)
    middle = 0.5 * (x[1:] + x[:-1])
    for z in (-0.43, 0.77):
        rate = 10 ** (middle * (1 - GAMMAS[3]) + 5 * GAMMAS[3]) * np.log(10) * np.diff(x)
        rate *= season.effective_area(middle, np.full(len(middle), z)) * season.livetime
        expected = rate @ season.smearing.probability(middle, z, BINS)
        band = found.band(np.array([z]))[0]
        assert found.true_declination()[:, 3, band] == pytest.approx(expected, rel=2e-3)


def test_the_truncation_error_of_the_exposure_is_what_it_says():
    loose = exposure(RESPONSE, BINS, GAMMAS, lmax=300, tolerance=0.05)
    tight = exposure(RESPONSE, BINS, GAMMAS, lmax=300, tolerance=1e-7)
    scale = tight.true_declination().max(axis=-1, keepdims=True)
    error = np.abs(loose.true_declination() - tight.true_declination()) / scale
    assert error.max() <= loose.truncation_error + tight.truncation_error
    assert len(loose.profiles) < len(tight.profiles)


def test_acceptance_equals_simulated_isotropic_events(rng):
    flux = PowerLawFlux(1.0, 2.0)
    events = simulate_events(RESPONSE, flux, rng=rng, number=400_000)
    found = exposure(RESPONSE, BINS, np.array([1.5, 2.0, 2.5, 3.0, 3.5, 3.6, 3.7]), lmax=800)
    density = acceptance(found, 16)[:, 1]
    grid = rings(16)
    bands = np.linspace(-1, 1, 11)
    index = BINS.index(events.log10_energy)
    scale = None
    for i in range(2):
        counts = np.histogram(np.sin(events.dec[index == i]), bands)[0]
        per_band = np.histogram(grid.sin_dec, bands, weights=density[i] * grid.size)[0]
        # rings sample a band coarsely: compare with the band mean of the density
        ring_count = np.histogram(grid.sin_dec, bands, weights=grid.size.astype(float))[0]
        expected = per_band / ring_count
        if scale is None:
            scale = counts.sum() / expected.sum()
        assert np.all(np.abs(counts - scale * expected) < 4.5 * np.sqrt(counts) + 0.02 * counts)


def test_weights_flatten_an_isotropic_flux():
    nside = 16
    # the same declination dependence at all energies: one weight flattens every spectrum
    separable = np.outer(10 ** np.arange(2.25, 6, 0.5), 1.2 + np.linspace(-1, 1, 21)[:-1])
    found = exposure(DetectorResponse((_season(separable),)), BINS, GAMMAS, lmax=800)
    sample = (rings(nside).expand(rings(nside).sin_dec) > -0.1).astype(float)
    weights = acceptance_weights(found, sample, sample)
    grid = rings(nside)
    for i in range(2):
        assert (weights[i] * sample).sum() / sample.sum() == pytest.approx(1)
        flat = (acceptance(found, nside)[i] * grid.mean(weights[i]))[:, grid.sin_dec > 0.1]
        # smoothed by 5 degrees, and the table has steps: flat to a few per cent
        assert np.all(flat.std(axis=1) / flat.mean(axis=1) < 0.03)
        assert np.all(weights[i][sample == 0] == 0)


def test_a_sky_without_acceptance_inside_the_mask_is_named():
    area = np.full((8, 20), 1e3)
    area[:, 17:] = 0.0
    found = exposure(DetectorResponse((_season(area),)), BINS, GAMMAS, lmax=800)
    ones = np.ones(12 * 16**2)
    with pytest.raises(ZeroAcceptanceError, match=r"energy bin 2.5-3.5.*: no acceptance; narrow the mask"):
        acceptance_weights(found, ones, ones)


def test_an_acceptance_that_rings_is_not_called_a_lack_of_events():
    """An area that falls by a factor 50 from one band to the next, on too few multipoles."""
    area = np.full((8, 20), 1e3)
    area[:, 15:] = 20.0
    found = exposure(DetectorResponse((_season(area),)), BINS, GAMMAS, lmax=40)
    ones = np.ones(12 * 16**2)
    with pytest.raises(ZeroAcceptanceError, match="it rings, since the exposure ends at multipole 40"):
        acceptance_weights(found, ones, ones)
    enough = exposure(DetectorResponse((_season(area),)), BINS, GAMMAS, lmax=1500)
    assert acceptance(enough, 16).min() > 0


@pytest.mark.parametrize(
    ("area", "message"),
    [
        (np.full((8, 20), -1.0), "negative"),
        (np.full((8, 20), np.nan), "negative or non-finite"),
        (np.ones((3, 3)), "shape"),
    ],
)
def test_areas_that_make_no_sense_are_refused(area, message):
    with pytest.raises(DataError, match=message):
        _season(area)


def test_a_livetime_that_is_not_positive_is_refused():
    with pytest.raises(DataError, match="livetime must be positive"):
        _season(livetime=0.0)


def test_energy_probabilities_equal_sampling(rng):
    response = _season().smearing.energy
    drawn = response.sample(np.full(100_000, 3.4), np.zeros(100_000), rng=rng)
    counts = np.bincount(BINS.index(drawn) + 1, minlength=3)[1:] / 100_000
    expected = response.probability(np.array([3.4]), 0.0, BINS)[0]
    assert np.all(np.abs(counts - expected) < 4.5 * np.sqrt(expected / 100_000))


def test_separations_have_the_median_of_the_table(rng):
    table = {"log10_energy_edges": np.array([2.0, 4.0, 6.0]), "median": np.radians([0.8, 0.4])}
    for spread in (RayleighPSF(**table), KingPSF(**table, tail=1.7)):
        drawn = spread.sample(np.repeat([3.0, 5.0, 9.0], 40_000), rng=rng).reshape(3, -1)
        tolerance = 6 / (2 * np.log(2) * np.sqrt(40_000))
        assert np.degrees(np.median(drawn, axis=1)) / [0.8, 0.4, 0.4] == pytest.approx(1, abs=tolerance)


def test_displacement_has_the_separation(rng):
    ra, dec = rng.uniform(0, 6, 500), np.arcsin(rng.uniform(-1, 1, 500))
    separation = rng.uniform(0, 0.2, 500)
    new_ra, new_dec = displace(ra, dec, separation, rng.uniform(0, 6, 500))
    a, b = (healpy.ang2vec(np.pi / 2 - d, r) for r, d in ((ra, dec), (new_ra, new_dec)))
    assert np.arccos(np.clip(np.sum(a * b, axis=1), -1, 1)) == pytest.approx(separation, abs=1e-6)


def test_uniform_in_pixels_stays_inside_and_is_uniform(rng):
    pixels = np.repeat(np.array([0, 200, 767]), 4000)
    ra, dec = uniform_in_pixels(8, pixels, rng=rng)
    assert np.array_equal(healpy.ang2pix(8, np.pi / 2 - dec, ra), pixels)
    children = healpy.ang2pix(16, np.pi / 2 - dec, ra)
    for p in (0, 200, 767):
        counts = np.unique(children[pixels == p], return_counts=True)[1]
        assert len(counts) == 4
        assert np.all(np.abs(counts - 1000) < 5 * np.sqrt(750))


def test_a_power_law_has_the_expected_number_of_events(rng):
    flux = PowerLawFlux(1e-15, 2.2)
    found = exposure(RESPONSE, EnergyBins((-10.0, 20.0)), np.linspace(1, 4, 61), lmax=100)
    expected = 1e-15 * np.sum(found.true_declination()[0, 24] * np.diff(found.sin_dec_edges)) * 2 * np.pi
    n = len(simulate_events(RESPONSE, flux, rng=rng))
    assert abs(n - expected) < 5 * np.sqrt(expected) + 2e-3 * expected


def test_events_follow_their_sources(rng):
    sources = Sources.points(np.array([1.0, 4.0]), np.array([0.5, -0.3]), np.array([3.0, 1.0]))
    events = simulate_events(RESPONSE, PowerLawFlux(1.0, 2.0), sources=sources, rng=rng, number=20_000)
    near = np.abs(events.ra - 1.0) < 0.5
    found = exposure(RESPONSE, EnergyBins((-10.0, 20.0)), np.array([2.0, 2.1]), lmax=100)
    band = found.band(np.sin(np.array([0.5, -0.3])))
    rate = np.array([3.0, 1.0]) * found.true_declination()[0, 0, band]
    fraction = rate[0] / rate.sum()
    assert near.mean() == pytest.approx(fraction, abs=5 * np.sqrt(fraction * (1 - fraction) / 20_000))


def test_the_effective_cosine_is_one_overhead_and_positive_at_the_horizon():
    assert effective_cosine(np.array([1.0, 0.0])) == pytest.approx([1.0, 0.1033], abs=1e-3)


def test_the_conventional_flux_is_within_a_third_of_the_cascade_calculation(real_data):
    table = np.load(real_data / "fluxes" / "mceq_numu_south_pole.npz")
    energy, dec = table["energy_gev"], table["dec_deg"]
    chosen = (energy > 300) & (energy < 3e4)
    ratio = conventional_flux(energy[chosen, None], np.sin(np.radians(dec))[None, :]) / table["conv"][chosen]
    assert 0.65 < ratio.min() < ratio.max() < 1.35


def test_weights_by_simulation_are_those_by_integral(rng):
    """Acceptance from simulated isotropic events and from the exposure, band by band."""
    found = exposure(RESPONSE, BINS, np.linspace(1.5, 3.0, 7), lmax=1500)
    bands = np.linspace(-0.1, 1, 12)
    number = 400_000
    simulated, error = simulated_acceptance(RESPONSE, BINS, 2.5, bands, number=number, rng=rng)
    grid = rings(64)
    density = acceptance(found, 64)[:, 4]
    whole = exposure(RESPONSE, EnergyBins((-10.0, 20.0)), np.linspace(1.5, 3.0, 7), lmax=1500)
    total = acceptance(whole, 64)[0, 4] @ grid.size * 4 * np.pi / (12 * 64**2)
    fine = np.linspace(-0.1, 1, 11 * 200 + 1)
    middle = 0.5 * (fine[1:] + fine[:-1])
    for i in range(2):
        expected = np.interp(-middle, -grid.sin_dec, density[i]).reshape(11, -1).mean(axis=1) / total
        assert np.all(np.abs(simulated[i] - expected) < 4.5 * error[i] + 5e-3 * expected)


def test_a_weight_for_one_index_makes_its_flux_flat_within_poisson(rng):
    """Weights 1/acceptance of a single index, not smoothed: simulated events are uniform in sin(dec)."""
    found = exposure(RESPONSE, BINS, np.linspace(2.4, 2.6, 7), lmax=1500)
    grid = rings(64)
    inverse = 1 / acceptance(found, 64)[:, 3]
    events = simulate_events(RESPONSE, PowerLawFlux(1.0, 2.5), rng=rng, number=400_000)
    index = BINS.index(events.log10_energy)
    bands = np.linspace(-0.1, 1, 12)
    for i in range(2):
        z = np.sin(events.dec[index == i])
        weight = np.interp(-z, -grid.sin_dec, inverse[i])
        sums = np.histogram(z, bands, weights=weight)[0]
        error = np.sqrt(np.histogram(z, bands, weights=weight**2)[0])
        mean = np.sum(sums / error**2) / np.sum(1 / error**2)
        chi2 = np.sum(((sums - mean) / error) ** 2)
        assert chi2 < 10 + 4.5 * np.sqrt(20)  # 11 bands, one mean


def test_the_residual_of_averaged_weights_is_one_where_they_are_exact():
    separable = np.outer(10 ** np.arange(2.25, 6, 0.5), 1.2 + np.linspace(-1, 1, 21)[:-1])
    found = exposure(DetectorResponse((_season(separable),)), BINS, GAMMAS, lmax=800)
    mask = (rings(16).expand(rings(16).sin_dec) > -0.1).astype(float)
    flat = flatness(found, acceptance_weights(found, mask, mask), mask)
    inside = rings(16).sin_dec > 0.1
    assert np.nanmax(np.abs(flat[..., inside] - 1)) < 0.1
    assert np.all(np.isnan(flat[..., rings(16).sin_dec < -0.15]))


def test_a_million_events_are_simulated_in_seconds(rng):
    events = simulate_events(RESPONSE, PowerLawFlux(1.0, 2.0), rng=rng, number=1_000_000)
    assert len(events) == 1_000_000
