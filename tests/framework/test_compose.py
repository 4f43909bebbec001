import pytest

import nuweft
from nuweft.errors import ConfigurationError, UnknownPluginError

MINIMAL = {"tracer": "mock-galaxies", "neutrino_sample": "mock-tracks"}


def test_python_and_yaml_give_equal_analyses(tmp_path, make):
    analysis = nuweft.Analysis(
        tracer=make("tracer", "mock-galaxies", seed=4),
        neutrino_sample=make("neutrino_sample", "mock-tracks", gamma=2.5),
        mask=make("mask", "declination", minimum="-5 deg") & make("mask", "galactic-cut"),
        source_evolution=[make("source_evolution", "power-law", k=-1.75)],
        nside=32,
    )
    path = tmp_path / "a.yaml"
    path.write_text(
        """
tracer: {plugin: mock-galaxies, seed: 4}
neutrino_sample: {plugin: mock-tracks, gamma: 2.5}
mask:
  plugin: intersection
  masks:
    - {plugin: declination, minimum: -300 arcmin}
    - galactic-cut
source_evolution:
  - {plugin: power-law, k: -1.75}
nside: 32
"""
    )
    assert nuweft.Analysis.from_yaml(path) == analysis


def test_yaml_round_trip_holds_every_setting(tmp_path):
    analysis = nuweft.Analysis.from_mapping({**MINIMAL, "gammas": [2.2], "f_astro": 0.01})
    analysis.to_yaml(tmp_path / "a.yaml")
    again = nuweft.Analysis.from_yaml(tmp_path / "a.yaml")
    assert again == analysis
    text = (tmp_path / "a.yaml").read_text()
    for key in ("gamma_range", "credibility", "transfer_function", "n_iter", "template", "signal_tolerance"):
        assert key in text


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"tracer": "mock-galaxy"},
            UnknownPluginError,
            "analysis.tracer: no tracer plugin named 'mock-galaxy'; did you mean 'mock-galaxies'",
        ),
        (
            {"estimator": {"plugin": "pseudo-cl", "lmin": 3}},
            ConfigurationError,
            "analysis.estimator.lmin: no such setting.*ell_min",
        ),
        ({"nsid": 64}, ConfigurationError, "analysis.nsid: no such setting; did you mean 'nside'"),
        ({"nside": "64"}, ConfigurationError, "analysis.nside: expected an integer, got '64'"),
        (
            {"mask": {"minimum": "3 deg"}},
            ConfigurationError,
            "analysis.mask: expected the name of a mask plugin",
        ),
        ({"mask": 5}, ConfigurationError, "analysis.mask: expected the name"),
        ({"mask": {"plugin": "circles", "ra": [1.0]}}, ConfigurationError, "analysis.mask: missing dec"),
        (
            {"source_evolution": [{"plugin": "power-law-cutoff", "z_cut": -1}]},
            ConfigurationError,
            r"source_evolution\[0\].z_cut: expected a number > 0",
        ),
        ({"source_evolution": 3}, ConfigurationError, "expected a list of source_evolution plugins"),
        (
            {"cosmology": {"sigma_8": 0.8}},
            ConfigurationError,
            "analysis.cosmology.sigma_8: .*did you mean 'sigma8'",
        ),
        ({"cosmology": "planck"}, ConfigurationError, "analysis.cosmology: expected a mapping"),
        ({"nside": 100}, ConfigurationError, "analysis: NSIDE must be a power of two, got 100"),
        ({"gamma_range": [2.5, 4], "gammas": [3.0]}, ConfigurationError, "diffuse_flux.gamma: 2.37 lies"),
        ({"weights": "aceptance"}, ConfigurationError, "did you mean 'acceptance'"),
        ({"gammas": [5.0]}, ConfigurationError, "5 lies outside gamma_range 1 to 4"),
        (
            {"neutrino_sample": {"plugin": "icecube-ps-3yr", "seasons": ["IC86-2021"]}},
            ConfigurationError,
            "'IC86-2021' is not in the release; did you mean 'IC86-201",
        ),
    ],
)
def test_a_mistake_is_named_with_its_path(change, error, message):
    with pytest.raises(error, match=message):
        nuweft.Analysis.from_mapping({**MINIMAL, **change})


def test_missing_parts_are_named():
    with pytest.raises(ConfigurationError, match="analysis: missing neutrino_sample"):
        nuweft.Analysis.from_mapping({"tracer": "mock-galaxies"})


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [1", "not valid YAML"), ("- 1", "expected a mapping"), (None, "cannot be read")],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text, message):
    path = tmp_path / "a.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        nuweft.Analysis.from_yaml(path)


def test_a_component_of_the_wrong_kind_is_refused(make):
    with pytest.raises(ValueError, match="tracer: expected a tracer plugin"):
        nuweft.Analysis(
            tracer=make("mask", "galactic-cut"), neutrino_sample=make("neutrino_sample", "mock-tracks")
        )


def test_an_old_name_of_a_setting_goes_on_with_a_warning(make):
    models = ["constant", "star-formation-rate"]
    with pytest.warns(DeprecationWarning, match="shares: is now called fractions"):
        old = make("source_evolution", "mixture", models=models, shares=[0.7, 0.3])
    assert old == make("source_evolution", "mixture", models=models, fractions=[0.7, 0.3])
    with pytest.raises(ConfigurationError, match="shares: no such setting"):
        make("source_evolution", "mixture", models=models, shares=[1, 1], fractions=[1, 1])
