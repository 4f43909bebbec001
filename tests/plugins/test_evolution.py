import attrs
import numpy as np
import pytest
from scipy import integrate

from nuweft.errors import ConfigurationError, RedshiftError
from nuweft.evolution.angular_spectra import Projection, angular_spectrum, check_width
from nuweft.evolution.cosmology import Cosmology, line_of_sight
from nuweft.evolution.prediction import Predictor, crossings, predict, strengths
from nuweft.evolution.redshift_kernel import direct_kernel, redshift_kernel
from nuweft.interfaces import DensityModel
from nuweft.interfaces.source_evolution import normalised_flux
from nuweft.model import RedshiftDistribution

ELL = np.arange(10, 384).astype(float)
STAND_IN = RedshiftDistribution.smail(1.38880, 0.109472, 1.61597, source="stand-in")


@pytest.fixture(scope="module")
def cosmology():
    return Cosmology().ccl()


@pytest.fixture(scope="module")
def response(cosmology):
    return redshift_kernel(STAND_IN, cosmology, ELL)


def _strength(response, **settings):
    return Predictor(**{"response": response, "gamma": 2.37, "f_astro": 0.013, **settings})


def _predict(models, response, **settings):
    return [r.f_corr for r in predict(models, _strength(response, **settings))]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("constant", {}),
        ("star-formation-rate", {}),
        ("star-formation-rate", {"history": "hopkins-beacom-2006"}),
        ("power-law", {"k": -4.0}),
        ("power-law", {"k": 4.0}),
        ("power-law-cutoff", {"k": 2.0, "z_cut": 0.1}),
        ("sources-trace-catalog", {}),
        ("counts-trace-catalog", {}),
    ],
)
def test_the_redshift_response_equals_direct_ccl(make, cosmology, response, name, settings):
    model = make("source_evolution", name, **settings)
    direct = direct_kernel(STAND_IN, cosmology, ELL).ratio(model, 2.37)
    assert response.ratio(model, 2.37) == pytest.approx(direct, rel=2e-3)


@pytest.mark.parametrize("slope", [0.0, 0.4, 0.8])
@pytest.mark.parametrize("name", ["constant", "star-formation-rate"])
def test_magnification_equals_that_of_ccl(make, cosmology, name, slope):
    model = make("source_evolution", name)
    settings = {"bias": 1.3, "magnification": slope}
    fast = redshift_kernel(STAND_IN, cosmology, ELL, **settings).ratio(model, 2.37)
    # the kernel is the one of large multipoles: l(l + 1)/(l + 1/2)^2 is 0.998 at l = 10
    direct = direct_kernel(STAND_IN, cosmology, ELL, **settings).ratio(model, 2.37)
    assert fast == pytest.approx(direct, rel=2e-3)


def test_magnification_at_the_slope_that_balances_dilution_changes_nothing(make, cosmology, response):
    model = make("source_evolution", "constant")
    balanced = redshift_kernel(STAND_IN, cosmology, ELL, magnification=0.4).ratio(model, 2.37)
    assert balanced == pytest.approx(response.ratio(model, 2.37), rel=1e-5)  # CCL's quadrature


def test_a_bias_shared_by_galaxies_and_sources_cancels(make, cosmology, response):
    model = make("source_evolution", "constant")
    biased = redshift_kernel(STAND_IN, cosmology, ELL, bias=1.7).ratio(model, 2.37)
    assert biased == pytest.approx(response.ratio(model, 2.37), rel=1e-9)


def test_beyond_limber_the_projection_integral_is_done_in_full(cosmology):
    """Against the double integral with spherical Bessel functions, linear power, l = 10."""
    import pyccl
    from scipy.special import spherical_jn

    linear = pyccl.Cosmology(
        **{k: cosmology[k] for k in ("Omega_c", "Omega_b", "h", "sigma8", "n_s")},
        transfer_function="eisenstein_hu",
        matter_power_spectrum="linear",
    )
    galaxies = Projection(z=STAND_IN.z, density=STAND_IN.density)
    order = np.array([10.0])
    full = angular_spectrum(linear, order, galaxies, galaxies, limber_from=50)[0]
    z = np.linspace(1e-3, 0.6, 1500)
    chi = linear.comoving_radial_distance(1 / (1 + z))
    weight = STAND_IN(z) * linear.growth_factor(1 / (1 + z))
    k = np.geomspace(1e-4, 1.0, 1200)
    transform = integrate.trapezoid(weight * spherical_jn(10, k[:, None] * chi), z, axis=1)
    power = pyccl.linear_matter_power(linear, k, 1.0)
    expected = 2 / np.pi * integrate.simpson(k**3 * power * transform**2, x=np.log(k))
    assert full == pytest.approx(expected, rel=2e-3)
    limber = angular_spectrum(linear, order, galaxies, galaxies)[0]
    assert abs(limber / expected - 1) > 3e-3


def test_models_have_the_known_strengths(make, response):
    """science.md section 7: checked values for the stand-in n(z), gamma 2.37, f_astro 0.013."""
    models = [
        make("source_evolution", "constant"),
        make("source_evolution", "star-formation-rate"),
        make("source_evolution", "power-law", k=-1.75),
        make("source_evolution", "sources-trace-catalog", z_min=1e-4),
    ]
    assert _predict(models, response) == pytest.approx([0.0051, 0.0021, 0.0077, 0.0108], rel=0.03)


def test_sources_tracing_depends_on_the_nearest_redshift(make, response):
    models = [make("source_evolution", "sources-trace-catalog", z_min=z) for z in (1e-5, 1e-4, 1e-3)]
    assert _predict(models, response) == pytest.approx([0.0102, 0.0108, 0.0123], rel=0.03)


def test_counts_tracing_is_exactly_f_astro(make, response):
    """Events of the tracer's objects have the bias of the objects, whatever that of other sources."""
    (found,) = _predict([make("source_evolution", "counts-trace-catalog")], response, bias_ratio=1.7)
    assert found == pytest.approx(0.013, rel=2e-3)


@pytest.mark.parametrize("noise", [0.0, 1e-6, 1e-3])
def test_the_shot_noise_of_the_objects_stands_in_both_spectra(make, cosmology, noise):
    """``<(C^gnu + S)/(C^gg + S)>`` by CCL's integrals."""
    response = redshift_kernel(STAND_IN, cosmology, ELL, shot_noise=noise)
    direct = direct_kernel(STAND_IN, cosmology, ELL, shot_noise=noise)
    for name in ("sources-trace-catalog", "counts-trace-catalog", "constant"):
        model = make("source_evolution", name)
        assert response.ratio(model, 2.37) == pytest.approx(direct.ratio(model, 2.37), rel=3e-3)
    assert response.ratio(make("source_evolution", "counts-trace-catalog"), 2.37) == pytest.approx(
        1, rel=2e-3
    )
    far = redshift_kernel(STAND_IN, cosmology, ELL, shot_noise=1e3)
    assert far.ratio(make("source_evolution", "sources-trace-catalog"), 2.37) == pytest.approx(1, abs=1e-3)


def test_the_flux_of_a_constant_density_is_its_closed_form(make, cosmology):
    """dV/dz / D_L^2 = c/H / (1 + z)^2, so dN_nu/dz ~ (1 + z)^-gamma / E(z)."""
    z, flux = normalised_flux(make("source_evolution", "constant"), 2.37, line_of_sight(cosmology, None))
    expected = (1 + z) ** -2.37 / cosmology.h_over_h0(1 / (1 + z))
    expected /= integrate.trapezoid(expected, z)
    assert np.allclose(flux, expected, rtol=1e-4)


def test_distances_equal_astropys():
    from astropy import units
    from astropy.cosmology import FlatLambdaCDM

    settings = Cosmology()
    reference = FlatLambdaCDM(67.66, settings.omega_cdm + settings.omega_baryon, Tcmb0=2.7255, Neff=3.044)
    sight = line_of_sight(settings.ccl(), None)
    z = np.array([0.01, 0.3, 2.0, 7.0])
    assert np.allclose(
        sight.luminosity_distance(z), reference.luminosity_distance(z).to_value("Mpc"), rtol=2e-3
    )
    volume = reference.differential_comoving_volume(z).to_value(units.Mpc**3 / units.sr)
    assert np.allclose(sight.volume_element(z), volume, rtol=4e-3)


def test_the_angular_spectrum_equals_a_limber_integral(cosmology):
    import pyccl

    ell = np.array([50.0, 200.0])
    z, n = STAND_IN.z, STAND_IN.density
    found = angular_spectrum(
        cosmology, ell, Projection(z=z, density=n, bias=1.2), Projection(z=z, density=n, bias=1.5)
    )
    a = 1 / (1 + z)
    chi = cosmology.comoving_radial_distance(a)
    rate = 2997.92458 / cosmology["h"] / cosmology.h_over_h0(a)  # dchi/dz
    for value, order in zip(found, ell, strict=True):
        power = np.array(
            [pyccl.nonlin_matter_power(cosmology, (order + 0.5) / c, b) for c, b in zip(chi, a, strict=True)]
        )
        expected = 1.2 * 1.5 * integrate.trapezoid(n**2 / rate / chi**2 * power, z)
        assert value == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("name", "settings", "z", "expected"),
    [
        ("power-law", {"k": 2.0}, 1.0, 4.0),
        ("power-law-cutoff", {"k": 1.0, "z_cut": 0.5}, 1.0, 2 * np.exp(-2)),
        ("constant", {}, 3.0, 1.0),
        ("star-formation-rate", {}, 0.0, 1 / (1 + (1 / 2.9) ** 5.6)),
        ("star-formation-rate", {"history": "hopkins-beacom-2006"}, 0.0, 0.0170),
    ],
)
def test_densities_are_their_formulas(make, name, settings, z, expected):
    model = make("source_evolution", name, **settings)
    assert model.density(np.array([z]))[0] == pytest.approx(expected)


def test_the_star_formation_rate_peaks_near_redshift_two(make):
    z = np.linspace(0, 6, 601)
    assert z[np.argmax(make("source_evolution", "star-formation-rate").density(z))] == pytest.approx(
        1.86, abs=0.05
    )


@pytest.mark.parametrize("z_cut", [0, -1.0])
def test_a_cutoff_that_is_not_positive_is_refused(make, z_cut):
    with pytest.raises(ConfigurationError, match="z_cut: expected a number > 0"):
        make("source_evolution", "power-law-cutoff", z_cut=z_cut)


def test_models_without_a_tracers_redshifts_say_so(make, cosmology):
    with pytest.raises(RedshiftError, match="the tracer has no redshift distribution"):
        normalised_flux(make("source_evolution", "counts-trace-catalog"), 2.0, line_of_sight(cosmology, None))


def _model(result, low=1e-4, high=8.0):
    @attrs.frozen(kw_only=True)
    class Odd(DensityModel):
        plugin_name = "odd"

        @property
        def redshift_range(self):
            return low, high

        def density(self, z):
            return result(z)

    return Odd()


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (lambda z: -np.ones_like(z), "odd: negative density at z = 0.0001"),
        (lambda z: np.where(z > 1, np.nan, 1.0), "odd: values that are not finite, first at z = 1.0"),
        (lambda z: np.zeros_like(z), "integrates to 0"),
        (lambda z: np.ones(3), "returned shape"),
    ],
)
def test_densities_that_make_no_sense_are_named(cosmology, result, message):
    sight = line_of_sight(cosmology, None)
    with pytest.raises(
        (RedshiftError, ValueError), match=message if message != "returned shape" else "shape|broadcast"
    ):
        normalised_flux(_model(result), 2.0, sight)


@pytest.mark.parametrize(("low", "high"), [(0.0, 8.0), (2.0, 1.0)])
def test_redshift_ranges_that_make_no_sense_are_named(low, high):
    with pytest.raises(RedshiftError, match="expected 0 < z_min < z_max"):
        _model(np.ones_like, low, high).redshifts()


def test_a_redshift_distribution_too_narrow_for_limber_is_named():
    z = np.linspace(0.1, 0.1001, 20)
    narrow = RedshiftDistribution.normalised(z, np.ones(20), "spike")
    with pytest.raises(RedshiftError, match="spike.*too narrow for the Limber approximation"):
        check_width(narrow, 10)


@pytest.mark.parametrize(("width", "possible"), [(0.05, True), (0.005, False)])
def test_a_slice_is_wide_enough_where_limber_is_good_to_a_fifth(cosmology, width, possible):
    z = np.linspace(max(0.1 - 5 * width / 2.56, 1e-3), 0.1 + 5 * width / 2.56, 800)
    thin = RedshiftDistribution.normalised(z, np.exp(-0.5 * ((z - 0.1) / (width / 2.56)) ** 2), "slice")
    galaxies = Projection(z=thin.z, density=thin.density)
    first = np.array([10.0])
    full = angular_spectrum(cosmology, first, galaxies, galaxies, limber_from=50)[0]
    limber = angular_spectrum(cosmology, first, galaxies, galaxies)[0]
    if possible:
        check_width(thin, 10)
        assert limber / full == pytest.approx(1, abs=0.2)
    else:
        with pytest.raises(RedshiftError, match="for multipoles from 10"):
            check_width(thin, 10)
        assert limber / full > 1.2


def test_counts_in_a_thin_slice_are_integrated_on_its_own_redshifts(make, cosmology):
    z = np.linspace(0.05, 0.15, 400)
    thin = RedshiftDistribution.normalised(z, np.exp(-0.5 * ((z - 0.1) / 0.01) ** 2), "slice")
    ratio = redshift_kernel(thin, cosmology, ELL).ratio(make("source_evolution", "counts-trace-catalog"), 2.0)
    assert ratio == pytest.approx(1, rel=5e-3)


def test_sources_of_a_histogram_of_redshifts_have_a_finite_flux(make, cosmology, rng):
    """No redshift lies below 0.004, so that the first bin begins there."""
    found = RedshiftDistribution.from_redshifts(rng.uniform(0.01, 0.3, 4000) ** 1.2, source="sample")
    response = redshift_kernel(found, cosmology, ELL)
    values = [
        response.ratio(make("source_evolution", "sources-trace-catalog", z_min=z), 2.0) for z in (1e-5, 1e-4)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-3)


@pytest.mark.parametrize("settings", [{"f_astro": 0.0}, {"bias_ratio": -1.0}])
def test_strengths_need_positive_inputs(response, settings):
    with pytest.raises(RedshiftError, match="must be positive"):
        _strength(response, **settings)


def test_the_published_limit_is_crossed_at_the_published_index(make, response):
    """Limit 0.0078 for f_astro 0.013: k = -1.75 within the 3 % of the stand-in n(z)."""
    model = make("source_evolution", "power-law")
    (found,) = crossings(model, _strength(response), 0.0078, field="k", bounds=(-4, 4))
    assert found == pytest.approx(-1.75, abs=0.12)
    assert crossings(model, _strength(response), 1.0, field="k", bounds=(-4, 4)) == []


def test_strengths_over_a_grid_are_those_of_single_models(make, response):
    strength = _strength(response)
    family = make("source_evolution", "power-law-cutoff")
    axes = {"k": np.array([-1.0, 2.0]), "z_cut": np.array([0.2, 1.0, 3.0])}
    grid = strengths(family, strength, axes)
    assert grid.shape == (2, 3)
    assert grid[1, 0] == strength(attrs.evolve(family, k=2.0, z_cut=0.2))


def _table(path, z, density):
    path.write_text("z,density\n" + "".join(f"{a},{b}\n" for a, b in zip(z, density, strict=True)))
    return path


def test_a_table_of_a_formula_gives_the_formulas_strength(make, response, tmp_path):
    z = np.linspace(0, 8, 2000)
    model = make("source_evolution", "power-law", k=2.0)
    table = make("source_evolution", "tabulated", file=str(_table(tmp_path / "t.csv", z, model.density(z))))
    assert _predict([table], response) == pytest.approx(_predict([model], response), rel=1e-4)
    assert table.inputs() == (tmp_path / "t.csv",)


@pytest.mark.parametrize(
    ("z", "density", "message"),
    [
        ([0.1, 0.1, 1], [1, 1, 1], "must be finite, not negative and increase"),
        ([0.1, 0.5, 1], [1, -1, 1], "densities must be finite, not negative"),
        ([0.1, 0.5, 1], [0, 0, 0], "not all zero"),
    ],
)
def test_tables_that_make_no_sense_are_named(make, tmp_path, z, density, message):
    table = make("source_evolution", "tabulated", file=str(_table(tmp_path / "t.csv", z, density)))
    with pytest.raises(RedshiftError, match=message):
        table.density(np.array([0.3]))


def test_a_redshift_outside_the_table_is_named(make, tmp_path):
    table = make(
        "source_evolution", "tabulated", file=str(_table(tmp_path / "t.csv", [0.1, 0.5, 1], [1, 2, 1]))
    )
    assert table.density(np.array([0.3]))[0] == pytest.approx(1.5)
    with pytest.raises(RedshiftError, match="redshift 2 lies outside the table, which covers 0.1 to 1"):
        table.density(np.array([0.3, 2.0]))


@pytest.mark.parametrize(("power", "diverges"), [(-0.9, False), (-1.1, True)])
def test_a_flux_that_diverges_at_redshift_zero_is_named(cosmology, power, diverges):
    """dV/dz / D_L**2 is finite at z = 0, so that the flux goes as the density."""
    sight = line_of_sight(cosmology, None)
    if diverges:
        with pytest.raises(RedshiftError, match=r"gamma 2.3 the flux grows as z\*\*-1.10.*diverges at z = 0"):
            normalised_flux(_model(lambda z: z**power), 2.3, sight)
    else:
        normalised_flux(_model(lambda z: z**power), 2.3, sight)
    # sources that begin further away have a flux
    normalised_flux(_model(lambda z: z**power, low=0.05), 2.3, sight)


def test_a_cutoff_below_the_smallest_redshift_converges(make, cosmology):
    model = make("source_evolution", "power-law-cutoff", z_cut=1e-4)
    z, flux = normalised_flux(model, 2.3, line_of_sight(cosmology, None))
    assert integrate.trapezoid(flux, z) == pytest.approx(1)


def test_a_mixture_has_the_weighted_strength_of_its_parts(make, response):
    parts = [make("source_evolution", "constant"), make("source_evolution", "sources-trace-catalog")]
    mixture = make("source_evolution", "mixture", models=parts, fractions=[3.0, 1.0])
    a, b = _predict(parts, response)
    assert _predict([mixture], response)[0] == pytest.approx(0.75 * a + 0.25 * b, rel=3e-3)


def test_a_mixture_keeps_a_narrow_component(make, response, tmp_path):
    narrow = make("source_evolution", "tabulated", file=str(_table(tmp_path / "t.csv", [0.1, 0.104], [1, 1])))
    parts = [make("source_evolution", "constant"), narrow]
    mixture = make("source_evolution", "mixture", models=parts, fractions=[1.0, 1.0])
    a, b = _predict(parts, response)
    assert _predict([mixture], response)[0] == pytest.approx((a + b) / 2, rel=3e-3)


@pytest.mark.parametrize("fractions", [[1.0], [0.0, 0.0]])
def test_shares_that_do_not_fit_are_refused(make, fractions):
    with pytest.raises(ConfigurationError, match="do not fit together"):
        make("source_evolution", "mixture", models=["constant", "constant"], fractions=fractions)
