"""Broken and hostile neighbours: what they do is named, the rest works."""

import subprocess
import sys
import types
from typing import ClassVar

import attrs
import numpy as np
import pytest
from astropy import units

import nuweft
from nuweft import answers
from nuweft.data.downloads import fetch_wheel
from nuweft.data.locate import find
from nuweft.errors import (
    DownloadError,
    InvalidPluginError,
    NuweftError,
    ParameterError,
    PluginAnswerError,
    PluginWarning,
)
from nuweft.interfaces import DensityModel
from nuweft.io.maps import write_map
from nuweft.model import RedshiftDistribution
from nuweft.model.dataset import DataFile, Dataset, Repository, Url, WheelMember
from nuweft.plugin import registry as registry_module
from nuweft.plugin.answers import check_mask
from nuweft.plugin.registry import Registry


class Unprintable(Exception):  # noqa: N818 (a neighbour's)
    def __str__(self):
        raise RuntimeError("no words")


@attrs.frozen(kw_only=True)
class Flat(DensityModel):
    """A flat density."""

    plugin_name: ClassVar[str] = "flat"

    def density(self, z):
        return 0 * z + 1


def _raiser(error):
    def load(*args, **options):
        raise error

    return load


def _module(name, hook, answer):
    module = types.ModuleType(name)
    if hook == "nuweft_locate_data":

        def implementation(dataset, filename):
            return answer()
    elif hook == "nuweft_analysis_composed":

        def implementation(analysis):
            return answer()
    else:

        def implementation():
            return answer()

    implementation.__name__ = hook
    setattr(module, hook, nuweft.hookimpl(implementation))
    return module


ENDINGS = [
    SystemExit(0),
    KeyboardInterrupt(),
    GeneratorExit(),
    BaseException("x"),
    RuntimeError("x"),
    RecursionError(),
    MemoryError(),
    Unprintable(),
]


@pytest.mark.parametrize("error", ENDINGS, ids=lambda e: type(e).__name__)
def test_a_module_that_ends_the_program_at_import_leaves_the_others_working(monkeypatch, error):
    entries = [("bad", _raiser(error)), ("good", lambda: _module("good", "nuweft_register_mask", list))]

    class Entry:
        group = "nuweft"

        def __init__(self, name, load):
            self.name, self.load = name, load

    class Distribution:
        name, version = "dist", "1"
        entry_points: ClassVar = [Entry(*e) for e in entries]

    monkeypatch.setattr(registry_module, "distributions", lambda: [Distribution()])
    registry = Registry()
    with pytest.warns(PluginWarning, match="plugin module 'bad': import failed"):
        assert registry.names("mask") == []
    assert list(registry.failed) == ["bad"]
    assert type(error).__name__ in registry.failed["bad"]


@pytest.mark.parametrize("error", ENDINGS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("kind", ["source_evolution", "dataset", "locate_data"])
def test_a_hook_that_ends_the_program_leaves_the_others_working(error, kind):
    hook = f"nuweft_{kind}" if kind == "locate_data" else f"nuweft_register_{kind}"
    registry = Registry(entry_points=False)
    registry.register(_module("good", "nuweft_register_source_evolution", lambda: [Flat]))
    registry.register(_module("bad", hook, _raiser(error)))
    ask = {
        "locate_data": lambda: registry.locate(_dataset(), "a.csv"),
        "dataset": lambda: registry.datasets() or None,
        "source_evolution": lambda: registry.collect() and None,
    }[kind]
    with pytest.warns(PluginWarning, match="plugin module 'bad': hook"):
        assert ask() is None
    assert registry.names("source_evolution") == ["flat"]
    assert list(registry.failed) == ["bad"]


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt()], ids=lambda e: type(e).__name__)
def test_a_hook_that_ends_the_program_where_an_analysis_is_composed_is_named(error):
    registry = Registry(entry_points=False)
    registry.register(_module("bad", "nuweft_analysis_composed", _raiser(error)))
    with pytest.raises(
        InvalidPluginError, match=f"'bad': nuweft_analysis_composed raised {type(error).__name__}"
    ):
        registry.composed(object())


def _dataset(**change):
    settings = {"name": "mine", "title": "t", "citation": "c", "licence": "l", "files": ()}
    return Dataset(**(settings | change))


JUNK = [None, 5, "text", [5], ["text"], [None], [Dataset]]
WRONG = [
    {"name": "../../etc"},
    {"name": 7},
    {"name": "a/b"},
    {"files": ["x"]},
    {"files": None},
    {"title": None},
]


@pytest.mark.parametrize("answer", [*JUNK, *([_dataset(**change)] for change in WRONG)], ids=str)
def test_junk_from_a_data_set_hook_is_left_out(answer):
    registry = Registry(entry_points=False)
    registry.register(_module("good", "nuweft_register_dataset", lambda: [_dataset(name="sdss-z0.1-map")]))
    registry.register(_module("bad", "nuweft_register_dataset", lambda: answer))
    with pytest.warns(PluginWarning, match="'bad': hook nuweft_register_dataset failed"):
        assert list(registry.datasets()) == ["sdss-z0.1-map"]
    assert list(registry.failed) == ["bad"]


@pytest.mark.parametrize("answer", ["/etc/passwd", 5, b"x", [], "a Path that is not there"])
def test_junk_from_a_locate_hook_is_left_out(tmp_path, answer):
    right = tmp_path / "right.csv"
    right.write_text("x")
    junk = tmp_path / "absent" if answer == "a Path that is not there" else answer
    registry = Registry(entry_points=False)
    registry.register(_module("good", "nuweft_locate_data", lambda: right))
    registry.register(_module("bad", "nuweft_locate_data", lambda: junk))
    with pytest.warns(PluginWarning, match="'bad': hook nuweft_locate_data failed"):
        assert registry.locate(_dataset(), "a.csv") == right


@pytest.mark.parametrize(
    "path", ["../a", "/etc/passwd", "a/../../b", "", "a//b", "C:\\a", "..\\a", "a\0b", None, 3]
)
def test_paths_of_data_sets_stay_in_their_folder(path):
    with pytest.raises(ParameterError, match="expected a relative path"):
        DataFile(path=path, sha256=None)
    with pytest.raises(ParameterError, match="expected a relative path"):
        WheelMember(requirement="a==1", wheel_sha256="0", member=path)


@pytest.mark.parametrize(
    "requirement",
    ["-r file", "--index-url=http://x", "--pre", "a @ file:///etc/passwd", "./a.whl", "", None, "a==1 -r x"],
)
def test_a_requirement_of_a_wheel_is_no_option(requirement):
    with pytest.raises(ParameterError, match="requirement: expected one such as"):
        WheelMember(requirement=requirement, wheel_sha256="0", member="a")


def test_pip_is_told_where_options_end(monkeypatch, tmp_path):
    commands = []

    def run(command, **options):
        commands.append(command)
        raise OSError("no pip")

    monkeypatch.setattr("nuweft.data.downloads.subprocess.run", run)
    with pytest.raises(DownloadError):
        fetch_wheel("a==1", "0", tmp_path)
    assert commands[0][-2:] == ["--", "a==1"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "/etc/passwd", "pip://a", None])
def test_addresses_are_those_of_a_server(url):
    with pytest.raises(ParameterError, match="url: expected"):
        Url(url=url)
    assert (
        DataFile(path="a", sha256=None, source=Repository(repository="r", commit="c", path="p")).path == "a"
    )


def test_links_in_a_data_folder_are_followed_once(tmp_path, monkeypatch):
    (tmp_path / "group" / "release" / "events").mkdir(parents=True)
    (tmp_path / "group" / "release" / "events" / "a[1].csv").write_text("x")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "release").symlink_to(tmp_path / "group" / "release")
    (tmp_path / "group" / "release" / "back").symlink_to(tmp_path / "home")
    monkeypatch.setenv("NUWEFT_DATA", str(tmp_path / "home"))
    found = find(_dataset(), DataFile(path="events/a[1].csv", sha256=None))
    assert found == tmp_path / "home" / "release" / "events" / "a[1].csv"


# --- answers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "came"),
    [
        (np.ones(3) + 1j, "values of type complex128"),
        (np.ma.masked_equal([1.0, 2.0, 3.0], 2.0), "1 masked values"),
        (np.array(["a", "b", "c"]), "values of type <U1"),
        ([1.0, None, 2.0], "list"),
        ([[1.0], [1.0, 2.0], [3.0]], "list"),
        (None, "NoneType"),
        ("abc", "values of type <U3"),
        (np.ones(4), r"shape \(4,\)"),
        (np.ones((3, 1)), r"shape \(3, 1\)"),
        (1.0, r"shape \(\)"),
        (np.array([1.0, np.nan, np.inf]), "2 values that are not finite"),
        (np.array([1.0, -1.0, 0.0]), "values down to -1"),
        (np.array([1.0, 9.0, 0.0]), "values up to 9"),
        (np.ones(3) * units.deg, "a quantity in deg"),
        (np.array([1, 2, 3], dtype="datetime64[s]"), r"values of type datetime64"),
    ],
)
def test_a_wrong_answer_is_named_with_plugin_and_method(value, came):
    words = f"source_evolution 'flat': density returned {came}.*, expected real numbers of shape"
    with pytest.raises(PluginAnswerError, match=words):
        answers.array(value, Flat(), "density", shape=(3,), lowest=0, highest=5)


@pytest.mark.parametrize(
    "value",
    [[1, 2, 3], np.array([1, 2, 3], np.float32), np.array([1, 2, 3], ">f8"), np.ma.array([1.0, 2.0, 3.0])],
)
def test_a_right_answer_is_taken_as_it_is(value):
    assert answers.array(value, Flat(), "density", shape=(None,)).tolist() == [1, 2, 3]


def test_an_answer_that_changes_is_named():
    drawn = iter([np.zeros(2), np.ones(2)])
    with pytest.raises(
        PluginAnswerError, match="density returned answers to the same question that differ by up to 1"
    ):
        answers.constant(lambda: next(drawn), Flat(), "density")


def _varied(small_sky, part, method, answer):
    """Return an analysis with one method of a plugin replaced."""
    plugin = getattr(small_sky, part)
    cls = type(plugin)
    other = type(cls.__name__, (cls,), {method: answer, "__module__": __name__, "__slots__": ()})
    own = {f.name: getattr(plugin, f.name) for f in attrs.fields(cls) if f.init}
    return attrs.evolve(small_sky, nside=16, **{part: attrs.frozen(kw_only=True)(other)(**own)})


def test_moments_of_the_wrong_shape_are_named(small_sky):
    broken = _varied(
        small_sky, "background", "moments", lambda self, response, bin_data: (np.zeros(2), np.eye(2))
    )
    with pytest.raises(PluginAnswerError, match=r"background 'ra-scramble': moments\(\)\[0\] returned shape"):
        broken.measure()


def test_a_response_of_another_class_is_named(small_sky):
    broken = _varied(small_sky, "estimator", "kernel", lambda self, *a, **k: np.zeros(3))
    with pytest.raises(PluginAnswerError, match="estimator 'pseudo-cl': kernel returned"):
        broken.measure()


def test_trials_that_depend_on_their_neighbours_are_named(small_sky, measured, tmp_path):
    from nuweft.runs.folder import run_trials

    def trials(self, statistics, bin_data, *, seed, start, count):
        return np.random.default_rng(seed).normal(size=(count, len(statistics.maps)))

    broken = _varied(small_sky, "background", "trials", trials)
    with pytest.raises(PluginAnswerError, match="trials returned answers to the same question that differ"):
        run_trials(broken, tmp_path / "t.h5", count=10)


def test_a_likelihood_that_answers_nothing_is_named(small_sky, measured):
    broken = _varied(small_sky, "likelihood", "model", lambda self, spectrum: None)
    with pytest.raises(PluginAnswerError, match="likelihood 'gaussian': model returned None"):
        broken.model(measured)


def _changed(method, change):
    """Return a method whose answers are changed."""

    def answer(original):
        return lambda self, *arguments: change(getattr(original, method)(self, *arguments))

    return answer


def _events(**changes):
    return lambda events: attrs.evolve(events, **{k: f(getattr(events, k)) for k, f in changes.items()})


_RNG = np.random.default_rng(1)

CHANGED = [
    ("tracer", "counts", lambda n: n + 1j, "counts returned values of type complex128"),
    ("tracer", "counts", lambda n: np.ma.masked_less(n, np.median(n)), r"counts returned \d+ masked values"),
    ("tracer", "counts", lambda n: n.astype(str), "counts returned values of type <U"),
    ("tracer", "counts", lambda n: _RNG.poisson(n), "counts returned answers .* that differ"),
    ("tracer", "counts", lambda n: None, "counts returned NoneType"),
    ("tracer", "sources", lambda s: 3, "sources returned 3, expected a nuweft"),
    ("tracer", "redshift_distribution", lambda r: 3, "redshift_distribution returned 3"),
    (
        "tracer",
        "redshift_distribution",
        lambda r: RedshiftDistribution.smail(1.4, 0.1 + _RNG.random(), 1.6, source="x"),
        "redshift_distribution returned answers .* that differ",
    ),
    ("neutrino_sample", "events", lambda e: 3, "events returned 3, expected a nuweft"),
    (
        "neutrino_sample",
        "events",
        _events(ra=lambda v: v + 1j),
        "ra .* returned values of type complex",
    ),
    (
        "neutrino_sample",
        "events",
        _events(ra=np.degrees),
        r"ra \(radians\) returned values up to 3",
    ),
    ("neutrino_sample", "events", _events(dec=np.degrees), r"events\(\).dec \(radians\) returned values"),
    ("neutrino_sample", "events", _events(dec=lambda v: np.ma.masked_less(v, 0)), "masked values"),
    ("neutrino_sample", "events", _events(dec=lambda v: _RNG.permutation(v)), "that differ by up to"),
    (
        "neutrino_sample",
        "events",
        _events(log10_energy=lambda v: 10**v),
        "log10_energy returned values up",
    ),
    (
        "neutrino_sample",
        "events",
        _events(log10_energy=lambda v: v[:10]),
        r"energy returned shape \(10,\)",
    ),
    (
        "neutrino_sample",
        "events",
        _events(angular_error=lambda v: -v),
        "error .* returned values down",
    ),
    ("neutrino_sample", "events", _events(season=lambda v: v + 7), "season returned values up to 7"),
    ("mask", "coverage", lambda c: c * 1j, "coverage returned values of type complex128"),
    ("mask", "coverage", lambda c: c * _RNG.random(len(c)), "coverage returned answers .* that differ"),
    ("mask", "apodization", lambda a: a * _RNG.random(len(a)), "apodization returned answers .* that differ"),
    ("mask", "apodization", lambda a: np.ma.masked_less(a, 2), "apodization returned .* masked values"),
    ("mask", "completeness", lambda c: 2 * c, "completeness returned values up to 2"),
    ("mask", "contains", lambda c: c[:3], r"contains returned shape \(3,\)"),
    ("mask", "contains", lambda c: c * 1.0, "contains returned values of type float64, expected booleans"),
    ("mask", "contains", lambda c: _RNG.random(len(c)) < 0.5, "contains returned answers .* that differ"),
]


@pytest.mark.parametrize(
    ("part", "method", "change", "words"), CHANGED, ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CHANGED)]
)
def test_what_a_tracer_a_sample_and_a_mask_answer_is_checked(small_sky, part, method, change, words):
    original = type(getattr(small_sky, part))
    broken = _varied(small_sky, part, method, _changed(method, change)(original))
    with pytest.raises(PluginAnswerError, match=f"{part} '.*': .*{words}"):
        broken.bins  # noqa: B018 (made from masks, tracer and events)


def _density(change):
    @attrs.frozen(kw_only=True)
    class Changed(Flat):
        """A density that is none."""

        def density(self, z):
            return change(np.ones(len(z)))

    return Changed()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d + 1j, "density returned values of type complex128"),
        (lambda d: np.ma.masked_array(d, mask=np.arange(len(d)) % 2), "density returned .* masked values"),
        (lambda d: d.astype(str), "density returned values of type <U"),
        (lambda d: d[:, None], "density returned shape"),
        (lambda d: d[:5], "density returned shape"),
        (lambda d: None, "density returned NoneType"),
        (lambda d: np.linspace(1, 2 + _RNG.random(), len(d)), "flux_distribution returned answers .* differ"),
    ],
)
def test_what_a_source_model_answers_is_checked(small_sky, measured, change, words):
    broken = attrs.evolve(small_sky, source_evolution=[_density(change)])
    with pytest.raises(PluginAnswerError, match=f"source_evolution 'flat': {words}"):
        broken.evolution(measured)


def test_a_plugin_that_ends_the_program_within_a_command_is_named(tmp_path):
    script = (
        "import sys, types, nuweft\n"
        "from nuweft import registry, hookimpl\n"
        "module = types.ModuleType('ends')\n"
        "def nuweft_register_mask(): sys.exit(0)\n"
        "module.nuweft_register_mask = hookimpl(nuweft_register_mask)\n"
        "nuweft.plugins.register(module)\n"
        "from nuweft.cli import main\n"
        "sys.argv = ['nuweft', 'plugins', 'doctor']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ends failed" in done.stdout
    assert "SystemExit: 0" in done.stdout


def test_every_error_here_is_one_of_nuweft():
    assert issubclass(PluginAnswerError, NuweftError)


@pytest.mark.parametrize("nside", [8, 32, 64])
def test_a_mask_is_asked_at_the_resolution_of_the_analysis_only(small_sky, tmp_path, nside):
    """A map is known at its own resolution; checking it asks for no other."""
    write_map(tmp_path / "mask.fits", np.ones(12 * nside**2))
    mask = nuweft.create("mask", "map-file", file=tmp_path / "mask.fits")
    check_mask(mask, nside)
