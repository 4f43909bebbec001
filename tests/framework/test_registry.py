import types
import warnings
from typing import ClassVar

import attrs
import pytest

import nuweft
from nuweft.errors import (
    DuplicatePluginError,
    InvalidPluginError,
    PluginWarning,
    UnknownPluginError,
)
from nuweft.interfaces import KINDS, DensityModel
from nuweft.plugin import registry as registry_module
from nuweft.plugin.registry import Registry


@attrs.frozen(kw_only=True)
class Flat(DensityModel):
    """A flat density."""

    plugin_name: ClassVar[str] = "flat"

    def density(self, z):
        return 0 * z + 1


def _module(name, **hooks):
    module = types.ModuleType(name)
    for hook, result in hooks.items():

        def implementation(result=result):
            return result() if callable(result) and not isinstance(result, type) else result

        implementation.__name__ = hook
        setattr(module, hook, nuweft.hookimpl(lambda r=implementation: r()))
        getattr(module, hook).__name__ = hook
    return module


class _Entry:
    group = "nuweft"

    def __init__(self, name, load):
        self.name, self._load = name, load

    def load(self):
        return self._load()


class _Distribution:
    def __init__(self, name, *entries):
        self.name, self.version, self.entry_points = name, "1.0", entries


def _install(monkeypatch, *distributions):
    monkeypatch.setattr(registry_module, "distributions", lambda: list(distributions))
    return Registry()


def test_every_shipped_plugin_is_registered_through_the_entry_points():
    found = {
        kind: [name for name, info in plugins.items() if info.distribution == "nuweft"]
        for kind, plugins in nuweft.plugins.collect().items()
    }
    assert found == {
        "tracer": ["catalog", "map", "mock-galaxies", "unwise-2mass", "wise-2mass"],
        "neutrino_sample": ["icecube-ps-10yr", "icecube-ps-3yr", "mock-tracks"],
        "mask": ["circles", "declination", "galactic-cut", "intersection", "map-file"],
        "estimator": ["pseudo-cl", "pseudo-cl-decoupled"],
        "background": ["atmospheric-flux", "ra-scramble"],
        "source_evolution": [
            "constant",
            "counts-trace-catalog",
            "mixture",
            "power-law",
            "power-law-cutoff",
            "sources-trace-catalog",
            "star-formation-rate",
            "tabulated",
        ],
        "likelihood": ["gaussian"],
        "response_variation": [
            "dom-efficiency",
            "hole-ice",
            "ice-absorption",
            "ice-scattering",
            "response-of-sample",
            "scaled",
        ],
    }
    assert nuweft.plugins.failed == {}
    nuweft.plugins.check_pending()
    assert nuweft.plugins.info("mask", "circles").distribution == "nuweft"


def test_a_registry_without_entry_points_is_empty_and_isolated():
    registry = Registry(entry_points=False)
    assert registry.names("source_evolution") == []
    registry.register(_module("mine", nuweft_register_source_evolution=[Flat]))
    assert registry.create("source_evolution", "flat") == Flat()
    assert "flat" not in nuweft.plugins.names("source_evolution")


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(
        UnknownPluginError,
        match="no source_evolution plugin named 'powerlaw'; did you mean 'power-law'.*registered: constant",
    ):
        nuweft.plugins.get("source_evolution", "powerlaw")
    with pytest.raises(UnknownPluginError, match="no plugin kind named 'masks'; did you mean 'mask'"):
        nuweft.plugins.names("masks")


def test_a_plugin_that_cannot_be_imported_leaves_the_others_working(monkeypatch):
    def broken():
        raise ImportError("no module named 'something'")

    good = _module("good", nuweft_register_source_evolution=[Flat])
    registry = _install(monkeypatch, _Distribution("a", _Entry("bad", broken), _Entry("good", lambda: good)))
    with pytest.warns(
        PluginWarning, match="'bad': import failed and is left out: ImportError: no module named 'something'"
    ):
        assert registry.names("source_evolution") == ["flat"]
    assert "ImportError" in registry.failed["bad"]


def test_a_broken_plugin_leaves_the_others_working_where_warnings_are_errors(monkeypatch):
    def broken():
        raise ImportError("nothing")

    good = _module("good", nuweft_register_source_evolution=[Flat])
    registry = _install(monkeypatch, _Distribution("a", _Entry("bad", broken), _Entry("good", lambda: good)))
    with pytest.raises(PluginWarning):
        registry.names("source_evolution")
    assert registry.names("source_evolution") == ["flat"]


def test_a_hook_that_raises_leaves_the_others_working():
    def explode():
        raise RuntimeError("boom")

    registry = Registry(entry_points=False)
    registry.register(_module("bad", nuweft_register_source_evolution=explode))
    registry.register(_module("good", nuweft_register_source_evolution=[Flat]))
    with pytest.warns(PluginWarning, match="RuntimeError: boom"):
        assert registry.names("source_evolution") == ["flat"]


def test_an_abstract_class_is_refused_by_its_missing_methods():
    @attrs.frozen(kw_only=True)
    class Unfinished(DensityModel):
        plugin_name: ClassVar[str] = "unfinished"

    registry = Registry(entry_points=False)
    registry.register(_module("bad", nuweft_register_source_evolution=[Unfinished]))
    with pytest.warns(PluginWarning, match="Unfinished lacks the source_evolution methods: density"):
        registry.collect()


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (int, "not a subclass of SourceEvolutionModel"),
        (Flat(), "not a subclass"),
        (KINDS["mask"], "not a subclass"),
    ],
)
def test_a_wrong_class_is_refused(cls, message):
    registry = Registry(entry_points=False)
    registry.register(_module("bad", nuweft_register_source_evolution=[cls]))
    with pytest.warns(PluginWarning, match=message):
        registry.collect()


def test_a_name_that_is_not_kebab_case_is_refused():
    @attrs.frozen(kw_only=True)
    class Shouting(Flat):
        plugin_name: ClassVar[str] = "Flat_Model"

    registry = Registry(entry_points=False)
    registry.register(_module("bad", nuweft_register_source_evolution=[Shouting]))
    with pytest.warns(PluginWarning, match="must be in kebab case, got 'Flat_Model'"):
        registry.collect()


def test_of_two_plugins_of_one_name_neither_can_be_used_and_the_others_work():
    @attrs.frozen(kw_only=True)
    class Other(Flat):
        plugin_name: ClassVar[str] = "other"

    registry = Registry(entry_points=False)
    registry.register(_module("one", nuweft_register_source_evolution=[Flat, Other]))
    registry.register(_module("two", nuweft_register_source_evolution=[Flat]))
    with pytest.warns(PluginWarning, match="two source_evolution plugins are named 'flat'.*neither"):
        assert registry.names("source_evolution") == ["other"]
    with pytest.raises(DuplicatePluginError, match="named 'flat': .*one.*two|two.*one"):
        registry.get("source_evolution", "flat")


def test_of_two_distributions_with_one_entry_point_neither_is_loaded_and_the_others_work(monkeypatch):
    module = _module("same", nuweft_register_source_evolution=[Flat])
    good = _module("good", nuweft_register_mask=[nuweft.plugins.get("mask", "circles")])
    registry = _install(
        monkeypatch,
        _Distribution("first", _Entry("same", lambda: module), _Entry("good", lambda: good)),
        _Distribution("second", _Entry("same", lambda: module)),
    )
    with pytest.warns(PluginWarning, match=r"plugin module 'same': first 1.0 and second 1.0; uninstall"):
        assert registry.names("mask") == ["circles"]
    with pytest.raises(UnknownPluginError, match="left out, for they failed: same"):
        registry.get("source_evolution", "flat")


def test_a_distribution_that_is_found_twice_on_the_path_is_loaded_once(monkeypatch):
    module = _module("same", nuweft_register_source_evolution=[Flat])
    distribution = _Distribution("first", _Entry("same", lambda: module))
    registry = _install(monkeypatch, distribution, distribution)
    assert registry.names("source_evolution") == ["flat"]


def test_of_two_data_sets_of_one_name_neither_can_be_used():
    data = nuweft.Dataset(name="mine", title="t", citation="c", licence="l", files=())
    registry = Registry(entry_points=False)
    registry.register(_module("one", nuweft_register_dataset=[data]))
    registry.register(_module("two", nuweft_register_dataset=[data]))
    with pytest.warns(PluginWarning, match="two data sets are named 'mine'"):
        assert registry.datasets() == {}
    with pytest.raises(DuplicatePluginError, match="two data sets are named 'mine'"):
        registry.dataset("mine")


def test_a_misspelt_hook_of_a_distribution_is_reported_and_its_other_hooks_work(monkeypatch):
    module = _module("typo", nuweft_register_source_evolution=[Flat])

    @nuweft.hookimpl
    def nuweft_register_maks():
        return []

    module.nuweft_register_maks = nuweft_register_maks
    registry = _install(monkeypatch, _Distribution("first", _Entry("typo", lambda: module)))
    with pytest.warns(PluginWarning, match="'nuweft_register_maks'; did you mean 'nuweft_register_mask'"):
        assert registry.names("source_evolution") == ["flat"]


def test_a_misspelt_hook_is_found():
    module = types.ModuleType("typo")

    @nuweft.hookimpl
    def nuweft_register_source_evolutoin():
        return [Flat]

    module.nuweft_register_source_evolutoin = nuweft_register_source_evolutoin
    registry = Registry(entry_points=False)
    registry.register(module)
    with pytest.raises(InvalidPluginError, match="did you mean 'nuweft_register_source_evolution'"):
        registry.check_pending()


def test_disabled_plugins_are_left_out(monkeypatch):
    good = _module("good", nuweft_register_source_evolution=[Flat])
    monkeypatch.setenv("NUWEFT_DISABLED_PLUGINS", "good, other")
    registry = _install(monkeypatch, _Distribution("a", _Entry("good", lambda: good)))
    assert registry.names("source_evolution") == []


def test_entry_points_are_not_loaded_before_the_first_look_up(monkeypatch):
    def never():
        raise AssertionError("loaded too early")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _install(monkeypatch, _Distribution("a", _Entry("late", never)))


def test_a_blinding_guard_can_refuse_an_analysis(monkeypatch, small_sky):
    module = types.ModuleType("guard")

    @nuweft.hookimpl
    def nuweft_analysis_composed(analysis):
        raise PermissionError("right ascensions are blind")

    module.nuweft_analysis_composed = nuweft_analysis_composed
    registry = Registry(entry_points=False)
    registry.register(module)
    monkeypatch.setattr("nuweft.analysis.plugins", registry)
    with pytest.raises(PermissionError, match="blind"):
        attrs.evolve(small_sky, seed=99)
