"""Point spreads, smearing and effective areas in other coordinates."""

import numpy as np
import pytest
from astropy import units
from scipy.integrate import quad
from scipy.special import eval_legendre

from nuweft.errors import DataError, UnitError
from nuweft.flux.power_law import PowerLawFlux
from nuweft.irf import (
    AngularErrorSmearing,
    DetectorResponse,
    EffectiveArea,
    IndependentSmearing,
    KingPSF,
    LogNormalEnergyDispersion,
    RayleighPSF,
    SeasonResponse,
    SmearingMatrix,
)
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.exposure import exposure, sliced_exposure
from nuweft.irf.simulation import simulate_events

BINS = EnergyBins((2.5, 3.5, 4.5))
ENERGY = LogNormalEnergyDispersion(
    floor=2.6, slope=0.8, turn=3.0, softness=0.3, sigma_low=0.2, sigma_high=0.3
)
TABLE = {"log10_energy_edges": np.array([2.0, 4.0, 6.0]), "median": np.radians([0.8, 0.4])}


def test_a_king_window_is_the_integral_of_its_density():
    tail = 2.3
    spread = KingPSF(**TABLE, tail=tail)
    windows = spread.windows(200)
    for median, window in zip(TABLE["median"], windows, strict=True):
        scale = median**2 / (2 ** (1 / (tail - 1)) - 1)  # 2 tail sigma**2

        def density(psi, scale=scale):
            return psi * (1 + psi**2 / scale) ** -tail

        ends = {"limit": 400, "points": [median, 5 * median, 30 * median]}
        norm = quad(density, 0, np.pi, **ends)[0]
        for ell in (1, 40, 150):
            expected = quad(lambda s, e=ell, f=density: f(s) * eval_legendre(e, np.cos(s)), 0, np.pi, **ends)[
                0
            ]
            assert window[ell] == pytest.approx(expected / norm, abs=2e-3)


def test_a_king_function_with_a_steep_tail_is_a_gaussian():
    king = KingPSF(**TABLE, tail=2e4).windows(300)
    assert king == pytest.approx(RayleighPSF(**TABLE).windows(300), abs=2e-3)


def test_a_tail_that_cannot_be_normalised_is_refused():
    with pytest.raises(DataError, match="tail of a King function must be above 1"):
        KingPSF(**TABLE, tail=1.0)


def test_angular_errors_give_the_window_of_their_mixture(rng):
    sigma = np.radians(np.concatenate([np.full(500, 0.3), np.full(500, 1.0), np.full(1000, 0.5)]))
    reco = np.repeat([3.0, 4.0], 1000)
    smearing = AngularErrorSmearing.from_events(ENERGY, reco, sigma, np.array(BINS.edges))
    ell = np.arange(101)
    window = smearing.windows(BINS, 100)[0, 0]

    def gaussian(degrees):
        return np.exp(-0.5 * ell * (ell + 1) * np.radians(degrees) ** 2)

    assert window[0] == pytest.approx(0.5 * (gaussian(0.3) + gaussian(1.0)), abs=0.01)
    assert window[1] == pytest.approx(gaussian(0.5), abs=1e-9)
    drawn = smearing.sample(np.full(50_000, 3.0), np.zeros(50_000), rng=rng)
    chosen = BINS.index(drawn.log10_energy) == 0
    mean = np.mean(eval_legendre(60, np.cos(drawn.separation[chosen])))
    assert mean == pytest.approx(window[0][60], abs=5 / np.sqrt(chosen.sum()))


def test_a_bin_without_events_has_no_angular_errors():
    with pytest.raises(DataError, match=r"no event with log10\(E/GeV\) in \[3.5, 4.5\)"):
        AngularErrorSmearing.from_events(ENERGY, np.array([3.0]), np.array([0.01]), np.array(BINS.edges))


def _matrix(**changes):
    """Low reconstructed energies are worse located; the cell of high true energy is empty."""
    values = {
        "log10_energy_edges": np.array([2.0, 4.0, 6.0]),
        "sin_dec_edges": np.array([-1.0, 1.0]),
        "cell": np.array([0, 0, 0]),
        "log10_reco": np.array([[2.5, 3.0], [3.0, 4.0], [4.0, 4.5]]),
        "separation": np.radians([[1.0, 2.0], [0.5, 1.0], [0.1, 0.5]]),
        "angular_error": np.radians([[1.0, 2.0], [0.5, 1.0], [0.2, 0.5]]),
        "fraction": np.array([0.5, 0.3, 0.2]),
    }
    return SmearingMatrix(**(values | changes))


def test_a_matrix_keeps_energy_and_separation_together():
    matrix = _matrix()
    found = matrix.probability(np.array([3.0]), 0.0, BINS)[0]
    assert found == pytest.approx([0.5 + 0.15, 0.15 + 0.2])
    window = matrix.windows(BINS, 100)[0, 0]

    def mean(low, high, ell):
        return quad(lambda s: eval_legendre(ell, np.cos(s)), low, high)[0] / (high - low)

    for ell in (10, 100):
        rows = [mean(*row, ell) for row in matrix.separation]
        assert window[0, ell] == pytest.approx((0.5 * rows[0] + 0.15 * rows[1]) / 0.65, abs=2e-3)
        assert window[1, ell] == pytest.approx((0.15 * rows[1] + 0.2 * rows[2]) / 0.35, abs=2e-3)


def test_an_empty_cell_takes_its_neighbour_in_energy(rng):
    matrix = _matrix()
    low, high = (matrix.probability(np.array([e]), 0.3, BINS) for e in (3.0, 5.5))
    assert np.array_equal(low, high)
    assert len(matrix.sample(np.full(10, 5.5), np.zeros(10), rng=rng).separation) == 10


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fraction": np.array([0.5, 0.3, -0.2])}, "negative"),
        ({"fraction": np.array([0.5, 0.3, 0.1])}, r"sum to 0\.900, expected 1"),
        ({"fraction": np.zeros(3)}, "holds nothing"),
        ({"cell": np.array([1, 0, 0])}, "not in order"),
        ({"separation": np.radians([[2.0, 1.0], [0.5, 1.0], [0.1, 0.5]])}, "bounds of separation"),
    ],
)
def test_matrices_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(DataError, match=message):
        _matrix(**changes)


def _season(smearing):
    energy, dec = np.linspace(2, 6, 9), np.linspace(-1, 1, 21)
    area = 10 ** (0.5 * (energy[1:] + energy[:-1]))[:, None] * np.ones(20)
    return SeasonResponse(
        name="s", livetime=1e7, effective_area=EffectiveArea(energy, dec, area), smearing=smearing
    )


def test_bins_have_windows_of_their_own(rng):
    """The exposure with a joint matrix equals simulated events, bin by bin."""
    response = DetectorResponse((_season(_matrix()),))
    found = exposure(response, BINS, np.array([2.0, 2.2]), lmax=400)
    events = simulate_events(response, PowerLawFlux(1.0, 2.0), rng=rng, number=200_000)
    index = BINS.index(events.log10_energy)
    for i in range(2):
        smeared = found.coefficients[i, 0] @ (
            found.profiles.mean(axis=1)[:, None] * found.windows[found.window_index]
        )
        window = smeared / smeared[0]
        expected = _matrix().windows(BINS, 400)[0, 0, i]
        assert window[:200] == pytest.approx(expected[:200], abs=0.01)
        fraction = (index == i).mean()
        assert fraction == pytest.approx([0.65, 0.35][i], abs=5 * np.sqrt(0.25 / 200_000))


def test_slices_of_energy_add_up_to_the_whole():
    response = DetectorResponse((_season(IndependentSmearing(ENERGY, RayleighPSF(**TABLE))),))
    whole = exposure(response, BINS, np.array([2.0, 2.5]), lmax=300, tolerance=1e-6)
    slices = sliced_exposure(
        response, BINS, 2.5, np.array([2.0, 3.1, 4.0, 5.3, 6.0]), lmax=300, tolerance=1e-6
    )
    total = slices.true_declination().sum(axis=1)
    assert total == pytest.approx(whole.true_declination()[:, 1], rel=2e-3)
    # energies are reconstructed near the true ones: the lowest slice fills the lowest bin
    parts = slices.true_declination().sum(axis=2)
    assert parts[0, 0] > 5 * parts[1, 0]


def test_zenith_is_declination_at_the_pole_only():
    low, high = np.array([-1.0, -0.5, 0.0]), np.array([-0.5, 0.0, 1.0])
    cells = (np.full(3, 3.0), np.full(3, 4.0))
    area = np.array([3.0, 2.0, 0.0]) * units.m**2
    south = EffectiveArea.from_zenith(cells, (low, high), area, latitude=-90 * units.deg)
    assert south(np.array(3.5), np.array([0.75, 0.25, -0.5])) == pytest.approx([3e4, 2e4, 0.0])
    north = EffectiveArea.from_zenith(cells, (low, high), area, latitude=90 * units.deg)
    assert north(np.array(3.5), np.array([-0.75, -0.25, 0.5])) == pytest.approx([3e4, 2e4, 0.0])


def test_elsewhere_the_area_is_averaged_over_the_sidereal_day():
    edges = np.linspace(-1, 1, 41)
    cells = (np.full(40, 3.0), np.full(40, 4.0))
    below = np.where(edges[1:] <= 0, 1.0, 0.0) * units.m**2  # sees what is below the horizon
    latitude = np.radians(42.8)  # KM3NeT/ARCA is at 36 N, ORCA at 42.8 N
    found = EffectiveArea.from_zenith(cells, (edges[:-1], edges[1:]), below, latitude=latitude * units.rad)
    middle = 0.5 * (found.sin_dec_edges[1:] + found.sin_dec_edges[:-1])
    dec = np.arcsin(middle)
    cosine = np.clip(-np.tan(latitude) * np.tan(dec), -1, 1)
    fraction = 1 - np.arccos(cosine) / np.pi  # of the day below the horizon
    assert found.area[0] / 1e4 == pytest.approx(fraction, abs=0.03)


def test_areas_have_units():
    cells = ((np.array([3.0]), np.array([4.0])), (np.array([-1.0]), np.array([1.0])))
    with pytest.raises(UnitError, match="a bare number"):
        EffectiveArea.from_cells(*cells, np.array([1.0]))
    with pytest.raises(UnitError, match="unit s, expected one of area"):
        EffectiveArea.from_cells(*cells, np.array([1.0]) * units.s)
    in_m2 = EffectiveArea.from_cells(*cells, np.array([2.0]) * units.m**2)
    assert in_m2.area[0, 0] == pytest.approx(2e4)


def test_a_response_says_where_it_comes_from():
    season = _season(IndependentSmearing(ENERGY, RayleighPSF(**TABLE, source="a table")))
    found = season.description()
    assert "nu_mu and anti-nu_mu" in found["effective_area"]
    assert "a table" in found["smearing"]
    assert found["livetime"].startswith("115.74 d")
