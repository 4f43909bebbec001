import attrs
import numpy as np
import pytest
from scipy import integrate

from nuweft.errors import ConfigurationError, RedshiftError
from nuweft.interfaces import RedshiftDistribution, SourceEvolutionModel
from nuweft.interfaces.source_evolution import normalised_flux, redshift_grid
from nuweft.theory.cosmology import Cosmology, line_of_sight
from nuweft.theory.evolution import predict_f_corr
from nuweft.theory.spectra import angular_spectrum, check_width

ELL = np.arange(10, 384).astype(float)
STAND_IN = RedshiftDistribution.smail(1.38880, 0.109472, 1.61597, source="stand-in")


@pytest.fixture(scope="module")
def cosmology():
    return Cosmology().ccl()


def _predict(models, cosmology, tracer=STAND_IN, **settings):
    options = {"ell": ELL, "gamma": 2.37, "f_astro": 0.013, **settings}
    return [r.f_corr for r in predict_f_corr(models, tracer, cosmology, **options)]


def test_models_have_the_known_strengths(make, cosmology):
    """science.md section 7: checked values for the stand-in n(z), gamma 2.37, f_astro 0.013."""
    models = [
        make("source_evolution", "constant"),
        make("source_evolution", "star-formation-rate"),
        make("source_evolution", "power-law", k=-1.75),
        make("source_evolution", "sources-trace-catalog", z_min=1e-4),
    ]
    assert _predict(models, cosmology) == pytest.approx([0.0051, 0.0021, 0.0077, 0.0108], rel=0.03)


def test_sources_tracing_depends_on_the_nearest_redshift(make, cosmology):
    models = [make("source_evolution", "sources-trace-catalog", z_min=z) for z in (1e-5, 1e-4, 1e-3)]
    assert _predict(models, cosmology) == pytest.approx([0.0102, 0.0108, 0.0123], rel=0.03)


def test_counts_tracing_is_exactly_f_astro_times_the_bias_ratio(make, cosmology):
    (found,) = _predict([make("source_evolution", "counts-trace-catalog")], cosmology, bias_ratio=1.7)
    assert found == pytest.approx(0.013 * 1.7, rel=2e-3)


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
    found = angular_spectrum(cosmology, ell, (z, n), (z, n), bias=(1.2, 1.5))
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
    with pytest.raises(RedshiftError, match="no density of its own"):
        make("source_evolution", "sources-trace-catalog").density(np.ones(2))


def _model(result, low=1e-4, high=8.0):
    @attrs.frozen(kw_only=True)
    class Odd(SourceEvolutionModel):
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
        redshift_grid(_model(np.ones_like, low, high))


def test_a_redshift_distribution_too_narrow_for_limber_is_named():
    z = np.linspace(0.1, 0.1001, 20)
    narrow = RedshiftDistribution.normalised(z, np.ones(20), "spike")
    with pytest.raises(RedshiftError, match="spike.*too narrow for the Limber approximation"):
        check_width(narrow)


@pytest.mark.parametrize("settings", [{"f_astro": 0.0}, {"bias_ratio": -1.0}])
def test_strengths_need_positive_inputs(make, cosmology, settings):
    with pytest.raises(RedshiftError, match="must be positive"):
        _predict([make("source_evolution", "constant")], cosmology, **settings)
