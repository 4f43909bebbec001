"""Contracts find what is wrong with a plugin: each fact is broken once."""

import uuid
from typing import ClassVar

import attrs
import numpy as np
import pytest

import nuweft
from nuweft.errors import MissingDataError
from nuweft.interfaces import BackgroundModel, DensityModel, Mask, Tracer
from nuweft.model import Sources
from nuweft.parameters import number
from nuweft.sky.pixels import pixel_count
from nuweft.testing import (
    CONTRACTS,
    BackgroundContract,
    EstimatorContract,
    LikelihoodContract,
    MaskContract,
    NeutrinoSampleContract,
    ResponseVariationContract,
    SourceEvolutionContract,
    TracerContract,
    fakes,
)

FILE = """
from nuweft.testing import fakes

contract, tested = fakes._under_test

class TestIt(contract):
    plugin = tested
"""


def _failures(contract, plugin, tmp_path, monkeypatch):
    """Return the names of the tests of a contract that a plugin fails."""
    found = []

    class Recorder:
        def pytest_runtest_logreport(self, report):
            if report.failed:
                found.append(report.nodeid.split("::")[-1].partition("[")[0])

    monkeypatch.setattr(fakes, "_under_test", (contract, plugin), raising=False)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    module = tmp_path / f"test_{uuid.uuid4().hex}.py"  # modules are imported once by their name
    module.write_text(FILE)
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-c", str(tmp_path / "pytest.ini")]
    # in this process: pytester would forget the modules that are imported meanwhile
    pytest.main([*options, str(module)], plugins=[Recorder()])
    return set(found)


@attrs.frozen(kw_only=True)
class Flat(DensityModel):
    """A flat density."""

    plugin_name: ClassVar[str] = "flat"
    level: float = number(default=1.0, doc="level")

    def density(self, z):
        return self.level + 0 * z


@attrs.frozen(kw_only=True)
class Redrawn(BackgroundModel):
    """Right ascensions drawn anew; nothing but what one realisation is."""

    plugin_name: ClassVar[str] = "redrawn"
    keeps: ClassVar[tuple[str, ...]] = ("dec", "log10_energy", "time")

    @property
    def uniform_in_ra(self):
        return True

    def realize(self, bin_data, *, rng):
        return attrs.evolve(bin_data.events, ra=rng.uniform(0, 2 * np.pi, len(bin_data.events)))


def test_a_background_needs_realisations_only(tmp_path, monkeypatch):
    """Template, moments and trials follow, with the stated error."""
    assert Redrawn.__abstractmethods__ == frozenset()
    assert _failures(BackgroundContract, Redrawn(), tmp_path, monkeypatch) == set()


def test_what_follows_from_realisations_is_what_a_scramble_knows_exactly():
    bin_data = fakes.fake_bin_data()
    kernel, drawn = fakes.fake_kernel(bin_data.mask), Redrawn()
    exact = nuweft.plugins.create("background", "ra-scramble")
    (mean, covariance), (own, known) = drawn.moments(kernel, bin_data), exact.moments(kernel, bin_data)
    assert drawn.moments_error() == pytest.approx(np.sqrt(2 / drawn.draws))
    assert exact.moments_error() == 0
    sigma = np.sqrt(np.diag(known))
    assert np.all(np.abs(mean - own) < 5 * sigma / np.sqrt(drawn.draws))
    assert np.all(np.abs(np.diag(covariance) / np.diag(known) - 1) < 5 * drawn.moments_error())


def test_a_model_of_a_density_that_does_not_say_so_goes_on_with_a_warning():
    with pytest.warns(DeprecationWarning, match="Old: a model that answers `density` is a subclass of"):

        @attrs.frozen(kw_only=True)
        class Old(nuweft.interfaces.SourceEvolutionModel):
            plugin_name: ClassVar[str] = "old"

            def density(self, z):
                return 1 + z

    class New(Flat):
        def density(self, z):
            return 1 + z

    z, sight = np.linspace(0.1, 2, 5), fakes.fake_line_of_sight()
    assert np.array_equal(Old().flux_distribution(z, 2.0, sight), New().flux_distribution(z, 2.0, sight))


def test_the_fakes_keep_the_contracts(tmp_path, monkeypatch):
    assert _failures(SourceEvolutionContract, Flat(), tmp_path, monkeypatch) == set()
    assert _failures(TracerContract, fakes.FakeTracer(), tmp_path, monkeypatch) == set()
    assert _failures(NeutrinoSampleContract, fakes.FakeSample(), tmp_path, monkeypatch) == set()
    assert _failures(MaskContract, fakes.FakeMask(), tmp_path, monkeypatch) == set()


def test_there_is_a_contract_for_every_kind():
    assert set(CONTRACTS) == set(nuweft.interfaces.KINDS)


def _broken_base():
    @attrs.define(kw_only=True, slots=False)
    class Mutable(Flat):
        """Not frozen."""

        plugin_name: ClassVar[str] = "Not_Kebab"

    @attrs.frozen(kw_only=True)
    class Undeclared(Flat):
        """Declares a field with attrs alone"""

        width: float = 1.0

    return Mutable, Undeclared


def test_a_name_a_summary_and_a_field_without_meaning_are_found(tmp_path, monkeypatch):
    _, undeclared = _broken_base()
    assert {
        "test_summary_is_one_sentence",
        "test_every_field_is_documented_with_its_unit",
    } <= _failures(SourceEvolutionContract, undeclared(), tmp_path, monkeypatch)


CASES = []


def case(contract, *expected):
    def add(make):
        CASES.append(pytest.param(contract, make, set(expected), id=make.__name__))
        return make

    return add


@case(
    SourceEvolutionContract,
    "test_density_is_finite_not_negative_and_keeps_its_shape",
    "test_flux_is_finite_not_negative_and_keeps_its_shape",
    "test_flux_can_be_normalised",
)
def a_negative_density():
    return Flat(level=-1.0)


@case(SourceEvolutionContract, "test_redshifts_that_are_passed_are_not_modified")
def a_density_that_writes_into_its_input():
    @attrs.frozen(kw_only=True)
    class Writes(Flat):
        """Writes into its input."""

        def density(self, z):
            np.maximum(z, 1.0, out=z)
            return np.ones_like(z)

    return Writes()


@case(SourceEvolutionContract, "test_density_is_a_function_of_redshift_alone")
def a_density_that_depends_on_the_order():
    @attrs.frozen(kw_only=True)
    class Ordered(Flat):
        """Depends on the order of its input."""

        def density(self, z):
            return np.arange(1.0, len(z) + 1)

    return Ordered()


@case(
    TracerContract,
    "test_same_settings_give_the_same_answers",
    "test_answers_do_not_change_when_asked_again",
    "test_answers_do_not_depend_on_threads",
)
def a_tracer_without_a_seed():
    @attrs.frozen(kw_only=True)
    class Unseeded(Tracer):
        """Counts that change."""

        plugin_name: ClassVar[str] = "unseeded"

        def counts(self, nside):
            return np.random.default_rng().poisson(5.0, pixel_count(nside)).astype(float)

    return Unseeded()


@case(TracerContract, "test_a_coarser_resolution_adds_pixels_up")
def a_tracer_that_averages_pixels():
    @attrs.frozen(kw_only=True)
    class Mean(Tracer):
        """Counts per pixel, whatever its size."""

        plugin_name: ClassVar[str] = "mean"

        def counts(self, nside):
            return np.full(pixel_count(nside), 5.0)

    return Mean()


@case(TracerContract, "test_sources_are_the_objects_that_are_counted")
def a_tracer_whose_sources_are_elsewhere():
    @attrs.frozen(kw_only=True)
    class Elsewhere(fakes.FakeTracer):
        """Sources at the pole."""

        def sources(self, nside):
            return Sources.points(np.zeros(10), np.full(10, np.pi / 2))

    return Elsewhere()


@case(
    MaskContract,
    "test_coverage_and_apodization_lie_between_0_and_1",
    "test_combined_masks_keep_what_both_keep_in_any_order",
)
def a_mask_above_1():
    @attrs.frozen(kw_only=True)
    class Loud(Mask):
        """Coverage of 2."""

        plugin_name: ClassVar[str] = "loud"

        def coverage(self, nside):
            return np.full(pixel_count(nside), 2.0)

        def completeness(self, ra, dec):
            return np.full(len(ra), 2.0)

        def __and__(self, other):
            return self

    return Loud()


def _changed(kind, name, **methods):
    """Return an object of a registered plugin with some methods replaced."""
    base = nuweft.plugins.get(kind, name)
    changed = type("Changed", (base,), {"__doc__": "Changed.", "__module__": __name__, **methods})
    return attrs.frozen(kw_only=True)(changed)()


@case(
    EstimatorContract,
    "test_a_known_spectrum_is_recovered_on_the_whole_sky",
    "test_a_white_spectrum_is_recovered_on_a_masked_sky",
    "test_kernel_reproduces_the_spectrum",
)
def an_estimator_that_is_too_high():
    base = nuweft.plugins.get("estimator", "pseudo-cl")
    return _changed(
        "estimator", "pseudo-cl", spectrum=lambda self, *a, **k: 1.1 * base.spectrum(self, *a, **k)
    )


@case(EstimatorContract, "test_spectrum_is_linear_in_the_second_field")
def an_estimator_that_squares():
    base = nuweft.plugins.get("estimator", "pseudo-cl")
    return _changed(
        "estimator", "pseudo-cl", spectrum=lambda self, a, b, **k: base.spectrum(self, a, b * abs(b), **k)
    )


@case(EstimatorContract, "test_independent_maps_are_not_correlated")
def an_estimator_with_an_offset():
    base = nuweft.plugins.get("estimator", "pseudo-cl")
    return _changed(
        "estimator", "pseudo-cl", spectrum=lambda self, *a, **k: 0.01 + base.spectrum(self, *a, **k)
    )


@case(BackgroundContract, "test_moments_equal_those_of_trials", "test_moments_equal_those_of_realisations")
def a_background_whose_covariance_is_too_small():
    base = nuweft.plugins.get("background", "ra-scramble")

    def moments(self, kernel, bin_data):
        mean, covariance = base.moments(self, kernel, bin_data)
        return mean, 0.5 * covariance

    return _changed("background", "ra-scramble", moments=moments)


@case(BackgroundContract, "test_moments_equal_those_of_trials", "test_moments_equal_those_of_realisations")
def a_background_whose_mean_is_shifted():
    base = nuweft.plugins.get("background", "ra-scramble")

    def moments(self, kernel, bin_data):
        mean, covariance = base.moments(self, kernel, bin_data)
        return mean + np.sqrt(np.diag(covariance)), covariance

    return _changed("background", "ra-scramble", moments=moments)


@case(
    BackgroundContract,
    "test_right_ascensions_are_uniform_where_they_are_claimed_to_be",
    "test_moments_equal_those_of_realisations",
)
def a_background_that_scrambles_a_hemisphere():
    def realize(self, bin_data, *, rng):
        return attrs.evolve(bin_data.events, ra=rng.uniform(0, np.pi, len(bin_data.events)))

    return _changed("background", "ra-scramble", realize=realize)


@case(BackgroundContract, "test_realisations_keep_what_they_claim_to_keep")
def a_background_that_moves_declinations():
    def realize(self, bin_data, *, rng):
        dec = np.arcsin(np.clip(np.sin(bin_data.events.dec) + 1e-3, -1, 1))
        return attrs.evolve(bin_data.events, ra=rng.uniform(0, 2 * np.pi, len(bin_data.events)), dec=dec)

    return _changed("background", "ra-scramble", realize=realize)


@case(LikelihoodContract, "test_the_truth_is_a_maximum_in_the_mean")
def a_likelihood_that_pulls():
    base = nuweft.plugins.get("likelihood", "gaussian")
    return _changed(
        "likelihood",
        "gaussian",
        log_likelihood=lambda self, theta, s: base.log_likelihood(self, theta, s) + 300 * theta[0],
    )


@case(LikelihoodContract, "test_order_of_energy_bins_does_not_matter")
def a_likelihood_that_prefers_a_bin():
    base = nuweft.plugins.get("likelihood", "gaussian")
    return _changed(
        "likelihood",
        "gaussian",
        log_likelihood=lambda self, theta, s: base.log_likelihood(self, theta, s) - theta[2] ** 2,
    )


@case(NeutrinoSampleContract, "test_simulated_events_meet_the_expectation", "test_point_spread_is_normalised")
def a_sample_whose_point_spread_leaks():
    class Leaky:
        def __init__(self, smearing):
            self._smearing = smearing

        def __getattr__(self, name):
            return getattr(self._smearing, name)

        def windows(self, bins, lmax):
            return 0.8 * self._smearing.windows(bins, lmax)

    def response(self):
        nominal = fakes.fake_response()
        season = nominal.seasons[0]
        return type(nominal)((attrs.evolve(season, smearing=Leaky(season.smearing)),))

    leaky = type("LeakySample", (fakes.FakeSample,), {"__doc__": "Leaks.", "__module__": __name__})
    leaky.response = response
    return attrs.frozen(kw_only=True)(leaky)()


@case(ResponseVariationContract, "test_seasons_are_kept")
def a_variation_that_adds_a_season():
    def vary(self, response):
        return type(response)(response.seasons * 2)

    return _changed("response_variation", "scaled", vary=vary)


@pytest.mark.parametrize(("contract", "make", "expected"), CASES)
def test_a_broken_plugin_fails_by_name(contract, make, expected, tmp_path, monkeypatch):
    assert expected <= _failures(contract, make(), tmp_path, monkeypatch)


def test_an_expected_failure_must_name_a_test():
    with pytest.raises(TypeError, match="no test named 'test_covrage'; did you mean 'test_"):

        class TestWrong(MaskContract):
            expected_failures: ClassVar = {"test_covrage": "none"}


def test_an_expected_failure_that_passes_fails(tmp_path, monkeypatch):
    class Expecting(MaskContract):
        expected_failures: ClassVar = {"test_some_sky_is_covered": "it is not"}

    assert _failures(Expecting, fakes.FakeMask(), tmp_path, monkeypatch) == {"test_some_sky_is_covered"}


def test_a_plugin_whose_data_are_missing_is_skipped(tmp_path, monkeypatch):
    @attrs.frozen(kw_only=True)
    class Absent(Mask):
        """A mask in a file."""

        plugin_name: ClassVar[str] = "absent"

        def coverage(self, nside):
            raise MissingDataError("not here", dataset="somewhere")

    found = _failures(MaskContract, Absent(), tmp_path, monkeypatch)
    assert found == {"test_object_pickles"}  # a class inside a function
