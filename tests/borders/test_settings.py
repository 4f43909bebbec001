"""Settings: YAML as people write it, numbers no one can mean, and paths."""

import json

import numpy as np
import pytest
import yaml

import nuweft
from nuweft.errors import CapacityError, ConfigurationError, ParameterError
from nuweft.io.yaml_file import dump_yaml, parse_yaml
from nuweft.parameters import number, number_table, numbers
from nuweft.parameters.bounds import OF_UNIT
from nuweft.plugin.compose import to_mapping
from nuweft.process.capacity import check_maps, check_trials

BASE = "tracer: mock-galaxies\nneutrino_sample: mock-tracks\n"


def _read(tmp_path, extra):
    path = tmp_path / "a.yaml"
    path.write_text(BASE + extra)
    return nuweft.Analysis.from_yaml(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-18", 1e-18),
        ("1E-18", 1e-18),
        ("+1e3", 1e3),
        (".5", 0.5),
        ("1.", 1.0),
        ("1_000", 1000),
        ("0123", 123),
        ("-0123", -123),
        ("010", 10),
        ("0o17", 15),
        ("off", "off"),
        ("on", "on"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("true", True),
        ("~", None),
        ("12:30:00", "12:30:00"),
        ("2020-01-01", "2020-01-01"),
        ("1e5 # events", 1e5),
        ("242395513416837962117936154331943178061", 242395513416837962117936154331943178061),
    ],
)
def test_a_scalar_is_what_was_meant(text, value):
    found = parse_yaml(f"a: {text}", where="a.yaml")["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("diffuse_flux: {normalisation: 1e-18}", "diffuse_flux.normalisation", 1e-18),
        ("cache: off", "cache", "off"),
        ("seed: 0123", "seed", 123),
        ("trials: 1e4", "trials", 10_000),
        ("subtract_ra_mean: no", "subtract_ra_mean", False),
        ("tracer_uses_joint_mask: On", "tracer_uses_joint_mask", True),
        ("seed: 242395513416837962117936154331943178061", "seed", 242395513416837962117936154331943178061),
    ],
)
def test_a_setting_is_what_was_meant(tmp_path, setting, name, value):
    found = _read(tmp_path, setting)
    for part in name.split("."):
        found = getattr(found, part)
    assert found == value


_BOMB = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nside: 16\ntrials: 20\nnside: 32", "a.yaml, line 3: 'nside' stands there twice"),
        ("mask:\n  minimum: -5 deg\n  minimum: 10 deg", "line 3: 'minimum' stands there twice"),
        ("a: {b: 1, b: 2}", "'b' stands there twice"),
        ("a: &x {b: *x}", "contains itself"),
        ("a: &x [*x]", "contains itself"),
        (_BOMB, "more than 100000 values"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("a: 1\n---\na: 2", "expected a single document"),
        ("a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("%YAML 1.1\n---\na: 010", "expected YAML 1.2"),
        ("a: " + "9" * 5000, "not valid YAML"),
        ("a: 1\x00", "not valid YAML"),
        ("a: [1", "line 1: not valid YAML"),
        ("", "expected a mapping of settings, got nothing"),
    ],
    ids=lambda value: value[:20],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text, message):
    with pytest.raises(ConfigurationError, match=message):
        parse_yaml(text, where="a.yaml")


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + (BASE + "nside: 16\n").replace("\n", "\r\n").encode())
    assert nuweft.Analysis.from_yaml(tmp_path / "a.yaml").nside == 16


@pytest.mark.parametrize("content", [b"a: \xe9", "a: 1".encode("utf-16"), b"a: 1\n" * 2**20])
def test_what_is_no_text_of_settings_is_named(tmp_path, content):
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(ConfigurationError, match="not UTF-8 text|larger than"):
        nuweft.Analysis.from_yaml(tmp_path / "a.yaml")


def test_what_is_written_is_read_alike_by_yaml_1_1():
    mapping = {"a": 1e-18, "b": "off", "c": "1e-18", "d": "0123", "e": "12:30:00", "f": "2020-01-01"}
    mapping |= {"g": True, "h": None, "i": [1, 2.5], "j": {"k": []}, "l": "é", "m": 10**30, "n": "[old]"}
    text = dump_yaml(mapping)
    assert parse_yaml(text, where="a") == mapping == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("cosmology: {hubble: 67.66}", r"hubble: expected a number .*H0 = 67.66 km/s/Mpc is 0.6766"),
        ("cosmology: {sigma8: 2.1e-09}", r"sigma8: .*A_s"),
        ("cosmology: {omega_cdm: 26.07}", r"omega_cdm: .*26 % is 0.26"),
        ("cosmology: {n_s: -0.96}", r"n_s: .*minus sign"),
        ("cosmology: {omega_cdm: 0.9, omega_baryon: 0.2}", r"omega_cdm: .*more than the whole density"),
        ("diffuse_flux: {normalisation: 1.44e-15}", r"normalisation: .*per TeV"),
        ("diffuse_flux: {normalisation: 1.44}", r"normalisation: .*about 1e-18"),
        ("diffuse_flux: {gamma: -2.37}", r"gamma: .*positive"),
        ("neutrino_sample: {plugin: mock-tracks, livetime_days: 6.0e7}", r"livetime_days: .*86400 seconds"),
        (
            "neutrino_sample: {plugin: icecube-ps-3yr, livetime_days: {IC86-2012: 2.8e7}}",
            r"livetime_days: .*86400 seconds",
        ),
        (
            "neutrino_sample: {plugin: mock-tracks, energy_edges: [316, 3162, 31623]}",
            r"energy_edges: .*316 GeV is 2.5",
        ),
        (
            "neutrino_sample: {plugin: mock-tracks, energy_edges: [-0.5, 0.5, 1.5]}",
            r"energy_edges: .*in TeV add 3",
        ),
        ("neutrino_sample: {plugin: mock-tracks, energy_edges: [2.5]}", "energy_edges: .*at least 2 numbers"),
        ("credibility: 90", r"credibility: .*90 % is 0.9"),
        ("f_astro: 1.3", r"f_astro: .*1 % is 0.01"),
        ("nside: 65536", r"nside: .*NSIDE 16384"),
        ("nside: 4096\noversampling: 8", "oversampling: 8 times nside 4096"),
        ("gammas: []", "gammas: expected at least 1 number"),
        ("gammas: [2, 2.5, 2]", r"gammas: expected each number once \(twice: 2\)"),
        ("gammas: [.inf]", "gammas: expected a number that is finite"),
        ("bias_ratio: .nan", "bias_ratio: expected a number that is finite"),
        ("bias_ratio: 1e400", "bias_ratio: expected a number that is finite"),
        ("bias_ratio: '1.2'", "bias_ratio: expected a number, got '1.2'; remove the quotes"),
        ("signal: 1", "signal: expected a string, got 1; put it into quotes"),
        ("seed: 1.5", "seed: expected an integer"),
        ("mask: {plugin: circles, ra: [1.0e4], dec: [0]}", "ra: .*degrees are asked"),
    ],
)
def test_numbers_no_one_can_mean_are_refused_with_the_likely_slip(tmp_path, setting, words):
    name = setting.partition(":")[0]
    base = "".join(line + "\n" for line in BASE.splitlines() if not line.startswith(name))
    (tmp_path / "a.yaml").write_text(base + setting)
    with pytest.raises(ConfigurationError, match=words):
        nuweft.Analysis.from_yaml(tmp_path / "a.yaml")


def test_whole_numbers_too_large_for_floats_are_refused():
    with pytest.raises(ConfigurationError, match="bias_ratio: expected a number that is finite"):
        nuweft.Analysis.from_mapping(
            {"tracer": "mock-galaxies", "neutrino_sample": "mock-tracks", "bias_ratio": 10**400}
        )


def test_every_unit_gives_a_range_to_settings_that_declare_none():
    import attrs

    for unit, bounds in OF_UNIT.items():
        assert bounds.text

        @attrs.frozen
        class Thing:
            one: float = number(default=1.0, unit=unit, doc="one")
            many: tuple[float, ...] = numbers(default=(1.0,), unit=unit, doc="many")
            named: dict[str, float] = number_table(default={}, unit=unit, doc="named")

        for value in ({"one": 1e30}, {"many": [1e30]}, {"named": {"a": 1e30}}):
            with pytest.raises(ParameterError, match="expected"):
                Thing(**({"one": 0.0, "many": (0.0,)} | value))


@pytest.mark.parametrize(
    "check", [lambda: check_trials(10**12, 3), lambda: check_maps(8192, 64, 3)], ids=["trials", "maps"]
)
def test_what_does_not_fit_into_memory_is_estimated_first(check):
    with pytest.raises(CapacityError, match="GiB of memory"):
        check()


def test_paths_are_relative_to_the_yaml_file(tmp_path, monkeypatch):
    (tmp_path / "project" / "data").mkdir(parents=True)
    tracer = {"plugin": "catalog", "file": "data/cat.csv", "ra": "ra", "dec": "dec"}
    settings = {"tracer": tracer, "neutrino_sample": "mock-tracks"}
    (tmp_path / "project" / "a.yaml").write_text(json.dumps(settings | {"cache": "parts"}))
    absolute = nuweft.Analysis.from_yaml(tmp_path / "project" / "a.yaml")
    assert absolute.tracer.file == tmp_path / "project" / "data" / "cat.csv"
    assert absolute.cache == tmp_path / "project" / "parts"
    monkeypatch.chdir(tmp_path)
    relative = nuweft.Analysis.from_yaml("project/a.yaml")
    assert str(relative.tracer.file) == "project/data/cat.csv"
    (tmp_path / "out").mkdir()
    relative.to_yaml("out/analysis.yaml")
    assert nuweft.Analysis.from_yaml("out/analysis.yaml") == relative
    assert to_mapping(relative)["tracer"]["file"] == "project/data/cat.csv"
    monkeypatch.chdir(tmp_path / "project")
    assert nuweft.Analysis.from_yaml("a.yaml").tracer.file.resolve() == absolute.tracer.file
    again = nuweft.Analysis.from_yaml("../out/analysis.yaml")
    assert again.tracer.file.resolve() == absolute.tracer.file


def test_numpy_values_are_written_plainly(tmp_path, make):
    tracer = make("tracer", "mock-galaxies", galaxies=np.int64(20000), field_nside=np.int32(16))
    analysis = nuweft.Analysis(
        tracer=tracer, neutrino_sample=make("neutrino_sample", "mock-tracks"), credibility=np.float32(0.9)
    )
    analysis.to_yaml(tmp_path / "a.yaml")
    assert "numpy" not in (tmp_path / "a.yaml").read_text()
    assert nuweft.Analysis.from_yaml(tmp_path / "a.yaml") == analysis
