import numpy as np
import pytest
from scipy import integrate, stats

import nuweft
from nuweft.errors import CountsError, NsideError, ParameterError, RedshiftError
from nuweft.evolution.cosmology import Cosmology
from nuweft.evolution.luminosity import LogNormalLuminosity, PowerLawLuminosity, StandardCandle
from nuweft.evolution.population import DensityField, SourcePopulation
from nuweft.evolution.redshift_kernel import redshift_kernel
from nuweft.model import RedshiftDistribution
from nuweft.sky.pixels import pixel_count, pixel_index

GAMMA = 2.37
LUMINOSITIES = [
    StandardCandle(),
    LogNormalLuminosity(width=0.4),
    PowerLawLuminosity(index=2.0, dynamic_range=1e3),
    PowerLawLuminosity(index=1.0, dynamic_range=50.0),
    PowerLawLuminosity(index=2.6, dynamic_range=1e3),
]


@pytest.fixture(scope="module")
def response():
    cosmology = Cosmology(transfer_function="eisenstein_hu").ccl()
    galaxies = RedshiftDistribution.smail(1.38880, 0.109472, 1.61597, source="stand-in")
    return redshift_kernel(galaxies, cosmology, np.arange(10.0, 384.0))


def _population(response, name="constant", settings=None, **options):
    return SourcePopulation(
        model=nuweft.plugins.create("source_evolution", name, **(settings or {})),
        gamma=GAMMA,
        line_of_sight=response.line_of_sight,
        **options,
    )


@pytest.mark.parametrize("luminosity", LUMINOSITIES, ids=repr)
def test_luminosities_have_mean_one_and_consistent_tails(luminosity, rng):
    uniform = 1.0 - rng.random(400_000)
    drawn = luminosity.brighter_than(np.zeros(len(uniform)), uniform)
    assert drawn.mean() == pytest.approx(1, abs=5 * drawn.std() / np.sqrt(len(drawn)) + 1e-12)
    for x in (0.3, 1.7):
        fraction = luminosity.brighter(np.array([x]))[0]
        error = 5 * np.sqrt(fraction * (1 - fraction) / len(drawn)) + 1e-12
        assert np.mean(drawn >= x) == pytest.approx(fraction, abs=error)
        below = np.where(drawn < x, drawn, 0.0)
        light = luminosity.light_below(np.array([x]))[0]
        assert below.mean() == pytest.approx(light, abs=5 * below.std() / np.sqrt(len(drawn)) + 1e-12)
        assert np.all(luminosity.brighter_than(np.full(1000, x), uniform[:1000]) >= min(x, 1.0) * (1 - 1e-9))


def test_the_log_normal_tail_is_scipys():
    width = 0.4 * np.log(10)
    reference = stats.lognorm(s=width, scale=np.exp(-(width**2) / 2))
    x = np.array([0.1, 1.0, 30.0])
    assert np.allclose(LogNormalLuminosity(width=0.4).brighter(x), reference.sf(x), rtol=1e-10)


@pytest.mark.parametrize(
    "make", [lambda: LogNormalLuminosity(width=0), lambda: PowerLawLuminosity(dynamic_range=1)]
)
def test_luminosities_that_make_no_sense_are_refused(make):
    with pytest.raises(ParameterError, match="expected a number >"):
        make()


def test_bright_sources_follow_the_euclidean_counts(response, rng):
    """Near sources of a constant density: N(>F) ~ F**-3/2, whatever their luminosities."""
    population = _population(response, local_density=1e-7)
    drawn = population.draw(rng=rng, most=200_000)
    near = population.number_above(float(np.quantile(drawn.flux, 0.9995)))
    flux = np.sort(drawn.flux)[-int(near) :]
    # maximum likelihood of the slope of a power law, error slope/sqrt(n)
    slope = len(flux) / np.sum(np.log(flux / flux[0]))
    assert slope == pytest.approx(1.5, abs=5 * 1.5 / np.sqrt(len(flux)) + 0.05)


def test_the_number_of_sources_is_that_of_the_comoving_volume(response):
    population = _population(response, "star-formation-rate", local_density=1e-9)
    z = np.linspace(1e-4, 8, 20001)
    shape = population.model.density(z) / population.model.density(np.zeros(1))
    expected = 4 * np.pi * 1e-9 * integrate.simpson(shape * response.line_of_sight.volume_element(z), x=z)
    assert population.expected_number == pytest.approx(expected, rel=1e-3)


def test_the_nearest_source_is_where_poisson_statistics_put_it(response):
    population = _population(response, local_density=1e-6)
    chi = []
    for seed in range(200):
        z = population.draw(rng=np.random.default_rng(seed), most=300).z.min()
        chi.append(float(response.line_of_sight.luminosity_distance(np.array([z]))[0]) / (1 + z))
    # P(none within r) = exp(-4/3 pi r**3 density)
    law = stats.uniform()
    assert stats.kstest(1 - np.exp(-4 / 3 * np.pi * np.array(chi) ** 3 * 1e-6), law.cdf).pvalue > 1e-3


@pytest.mark.parametrize("luminosity", LUMINOSITIES[:3], ids=repr)
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("constant", {}),
        ("star-formation-rate", {}),
        ("star-formation-rate", {"history": "hopkins-beacom-2006"}),
        ("power-law", {"k": -3.0}),
        ("power-law-cutoff", {"k": 2.0, "z_cut": 0.3}),
        ("sources-trace-catalog", {"z_min": 0.01}),
        ("counts-trace-catalog", {}),
        ("mixture", {"models": ["constant", "counts-trace-catalog"], "fractions": [0.5, 0.5]}),
    ],
)
def test_ensembles_agree_with_the_integral_within_their_scatter(response, name, settings, luminosity):
    # enough sources for their scatter, N**-1/3 for bright ones, to be a per cent
    population = _population(response, name, settings, number=1e9, luminosity=luminosity)
    rng = np.random.default_rng(11)
    # the flux-weighted sum, not divided by the realised flux, has the integral as its mean
    totals, sums = [], []
    for _ in range(60):
        drawn = population.draw(rng=rng, most=20_000)
        totals.append(drawn.total)
        sums.append(drawn.mean(response.z, response.value) * drawn.total)
    mean = response.ratio(population.model, GAMMA)
    # 0.002: the quadrature over the model's own redshifts
    assert np.mean(totals) == pytest.approx(1, abs=5 * np.std(totals) / np.sqrt(60) + 0.002)
    assert np.mean(sums) == pytest.approx(mean, abs=5 * np.std(sums) / np.sqrt(60) + 0.002 * mean)
    assert np.std(sums) / np.sqrt(60) < 0.01 * mean


def test_an_ensemble_of_a_table_agrees_with_the_integral(response, tmp_path):
    z = np.linspace(0, 2, 200)
    rows = "".join(f"{a},{b}\n" for a, b in zip(z, np.exp(-0.5 * ((z - 0.4) / 0.2) ** 2), strict=True))
    (tmp_path / "t.csv").write_text("z,density\n" + rows)
    population = _population(response, "tabulated", {"file": str(tmp_path / "t.csv")}, number=1e6)
    drawn = population.draw(rng=np.random.default_rng(1), most=300_000)
    mean = response.ratio(population.model, GAMMA)
    error = np.sqrt(np.sum(drawn.flux**2)) * response.value.max()
    assert drawn.mean(response.z, response.value) == pytest.approx(mean, abs=5 * error)


def test_the_split_between_bright_and_faint_does_not_matter(response):
    """Drawn whole, or only its brightest part: the same numbers above a flux, the same light."""
    population = _population(response, number=30_000, luminosity=LogNormalLuminosity())
    whole = population.draw(rng=np.random.default_rng(1), most=100_000)
    split = population.draw(rng=np.random.default_rng(2), most=3000)
    assert whole.split == whole.faint == 0
    assert len(whole.z) == pytest.approx(30_000, abs=5 * np.sqrt(30_000))
    assert split.flux.min() >= split.split * (1 - 1e-6)
    expected = whole.flux[whole.flux < split.split].sum()
    assert split.faint == pytest.approx(
        expected, abs=5 * np.sqrt(np.sum(whole.flux[whole.flux < split.split] ** 2))
    )
    assert stats.ks_2samp(whole.flux[whole.flux > split.split], split.flux).pvalue > 1e-3


def test_memory_stays_bounded_for_a_hundred_million_sources(response, rng):
    drawn = _population(response, "star-formation-rate", local_density=1e-5).draw(rng=rng, most=10_000)
    assert drawn.expected_number > 1e8
    assert len(drawn.z) < 12_000
    assert drawn.total == pytest.approx(1, abs=0.5)


def test_positions_are_isotropic_without_a_field(response, rng):
    drawn = _population(response, number=20_000).draw(rng=rng)
    assert stats.kstest(np.sin(drawn.dec), stats.uniform(-1, 2).cdf).pvalue > 1e-3
    assert stats.kstest(drawn.ra, stats.uniform(0, 2 * np.pi).cdf).pvalue > 1e-3


def test_positions_follow_the_density_of_their_shell(response, rng):
    nside = 8
    density = np.stack([rng.gamma(1.0, size=pixel_count(nside)) for _ in range(2)])
    field = DensityField(edges=np.array([0.0, 0.3, 9.0]), density=density)
    drawn = _population(response, number=300_000).draw(rng=rng, most=150_000, field=field)
    pixels = pixel_index(nside, drawn.ra, drawn.dec)
    for i, shell in enumerate(density):
        chosen = field.shell(drawn.z) == i
        counts = np.bincount(pixels[chosen], minlength=len(shell))
        expected = shell / shell.sum() * chosen.sum()
        chi2 = np.sum((counts - expected) ** 2 / np.maximum(expected, 1e-9))
        assert chi2 / (len(shell) - 1) == pytest.approx(1, abs=5 * np.sqrt(2 / len(shell)) + 0.05)
    sky = drawn.flux_map(nside)
    assert sky.sum() == pytest.approx(drawn.total, rel=1e-9)
    assert drawn.flux_map(4).sum() == pytest.approx(drawn.total, rel=1e-9)
    assert drawn.flux_map(16).sum() == pytest.approx(drawn.total, rel=1e-9)


def test_the_same_seed_gives_the_same_sources(response):
    population = _population(response, number=1000)
    one, two = (population.draw(rng=np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one.flux, two.flux)
    assert np.array_equal(one.ra, two.ra)


def test_equal_sources_count_as_their_number():
    from nuweft.evolution.population import SourceEnsemble

    zero = np.zeros(50)
    drawn = SourceEnsemble(
        z=zero + 0.1,
        flux=zero + 0.02,
        ra=zero,
        dec=zero,
        split=0.0,
        expected_number=50.0,
        faint_z=np.array([0.1, 0.2]),
        faint_flux=np.zeros(2),
    )
    assert drawn.effective_number == pytest.approx(50)
    assert drawn.mean(np.array([0.0, 0.2]), np.array([0.0, 1.0])) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either local_density or number"),
        ({"local_density": 1e-5, "number": 10.0}, "either local_density or number"),
        ({"local_density": 0.0}, "local_density: expected a positive number"),
        ({"number": -3.0}, "number: expected a positive number"),
    ],
)
def test_populations_need_one_positive_number(response, options, message):
    with pytest.raises(RedshiftError, match=message):
        _population(response, **options)


def test_a_model_without_a_local_density_needs_the_number_of_sources(response):
    with pytest.raises(RedshiftError, match="give the number of sources instead"):
        _ = _population(response, "counts-trace-catalog", local_density=1e-5).expected_number


@pytest.mark.parametrize(
    ("edges", "density", "error"),
    [
        ([0.0, 1.0], np.ones((2, 12)), NsideError),
        ([0.0, 1.0, 0.5], np.ones((2, 12)), RedshiftError),
        ([0.0, 1.0], -np.ones((1, 12)), CountsError),
    ],
)
def test_density_fields_that_do_not_fit_are_named(edges, density, error):
    with pytest.raises(error, match="density field"):
        DensityField(edges=np.array(edges), density=density)


@pytest.mark.parametrize(
    ("name", "evolution", "density"),
    [("star-formation-rate", "MD2014SFR", 1e-9), ("constant", "NoEvolution", 3e-9)],
)
def test_sources_and_fluxes_agree_with_firesong(response, name, evolution, density):
    """FIRESONG 1.8, standard candles, its own (Planck 2015) cosmology."""
    firesong = pytest.importorskip("firesong.Firesong", reason="firesong is not installed")
    simulated = firesong.firesong_simulation(
        None,
        filename=None,
        density=density,
        Evolution=evolution,
        index=GAMMA,
        zmax=8.0,
        seed=2,
        verbose=False,
    )["sources"]
    population = _population(response, name, local_density=density)
    drawn = population.draw(rng=np.random.default_rng(1))
    # volumes of the two cosmologies differ by 2 per cent
    n = len(simulated["z"])
    assert population.expected_number == pytest.approx(n, abs=5 * np.sqrt(n) + 0.02 * n)
    assert stats.ks_2samp(drawn.z, simulated["z"]).pvalue > 1e-3
    near_first = np.argsort(drawn.z)
    expected = np.exp(
        np.interp(np.log(simulated["z"]), np.log(drawn.z[near_first]), np.log(drawn.flux[near_first]))
    )
    inside = (simulated["z"] > drawn.z.min()) & (simulated["z"] < drawn.z.max())
    # its total is 4 pi 1.44e-8 GeV/cm2/s at 100 TeV in the mean; ours is one
    ratio = (simulated["flux"] / (4 * np.pi * 1.44e-8) / expected)[inside]
    assert np.all(np.abs(ratio - 1) < 0.05)
    assert np.all(np.abs(ratio / np.median(ratio) - 1) < 0.02)


def test_point_fluxes_add_up_to_the_diffuse_flux(response, rng):
    from nuweft.flux.diffuse import DiffuseFlux

    diffuse = DiffuseFlux()
    drawn = _population(response, number=1e5).draw(rng=rng)
    assert drawn.point_fluxes(diffuse).sum() == pytest.approx(4 * np.pi * diffuse.normalisation)


def test_a_sky_without_sources_is_named(response):
    drawn = _population(response, number=1e-6).draw(rng=np.random.default_rng(1))
    with pytest.raises(RedshiftError, match="has none, and no flux"):
        drawn.mean(response.z, response.value)
