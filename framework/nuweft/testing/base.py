"""What the contracts of all kinds share."""

from __future__ import annotations

import functools
import inspect
import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import attrs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nuweft.errors import MissingDataError, did_you_mean
from nuweft.interfaces.base import KEBAB_CASE, Component
from nuweft.io.yaml_file import dump_yaml, parse_yaml
from nuweft.plugin import compose
from nuweft.plugin.registry import plugins
from nuweft.testing.strategies import variations

_THREADS = 4

Answers = Mapping[str, Any]
"""Arrays that an object returned, by name."""


class ComponentContract:
    """What every plugin promises.

    A subclass names its ``plugin``: a registered name, a class or an object.
    Of a name or a class, :meth:`~nuweft.interfaces.Component.example` is tested.

    Attributes
    ----------
    plugin : str, type or Component
        What is tested.
    expected_failures : mapping of str to str
        Tests that this plugin fails on purpose, with the reason; one that
        passes nevertheless fails.
    """

    kind: ClassVar[str]
    plugin: ClassVar[str | type[Component] | Component]
    expected_failures: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        tests = [name for name in dir(cls) if name.startswith("test_")]
        for name in set(tests) & set(cls.__dict__):
            setattr(cls, name, _skipped_without_data(cls.__dict__[name]))
        for name, reason in cls.__dict__.get("expected_failures", {}).items():
            if name not in tests:
                raise TypeError(
                    f"{cls.__name__}.expected_failures: no test named {name!r}; "
                    f"{did_you_mean(name, tests, label='tests')}"
                )
            setattr(cls, name, _expected_to_fail(getattr(cls, name), reason))

    # --- what is tested --------------------------------------------------------

    @classmethod
    def make(cls, folder: Path) -> Component:
        """Return the object that is tested; it may write files into ``folder``."""
        plugin = cls.plugin
        if isinstance(plugin, str):
            plugin = plugins.get(cls.kind, plugin)
        return plugin.example(folder) if isinstance(plugin, type) else plugin

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return what an object answers to everything it can be asked, as arrays."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def component(cls, tmp_path_factory: pytest.TempPathFactory) -> Component:
        """Return the object that is tested."""
        return cls.make(tmp_path_factory.mktemp("plugin"))

    @pytest.fixture(scope="class")
    @classmethod
    def answered(cls, component: Component) -> Answers:
        """Return the answers of the object; skips where data that it reads are not on this machine."""
        try:
            return cls.answers(component)
        except MissingDataError as error:
            pytest.skip(f"data are not on this machine: {error.dataset or error}")

    # --- facts -----------------------------------------------------------------

    def test_name_is_in_kebab_case(self, component: Component) -> None:
        name = component.plugin_name
        assert KEBAB_CASE.fullmatch(name), f"{name!r}: expected words in lower case, joined by hyphens"
        assert component.kind == self.kind

    def test_summary_is_one_sentence(self, component: Component) -> None:
        summary = (inspect.getdoc(type(component)) or "").partition("\n")[0]
        assert summary.endswith("."), f"first line of the docstring: {summary!r}"

    def test_object_is_frozen(self, component: Component) -> None:
        for name in [field.name for field in attrs.fields(_class(component))] or ["anything"]:
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(component, name, None)

    def test_every_field_is_documented_with_its_unit(self, component: Component) -> None:
        for field in attrs.fields(_class(component)):
            assert field.metadata.get("doc"), f"{field.name}: declare it with nuweft.parameters, with a doc"
            if isinstance(getattr(component, field.name), float):
                assert "unit" in field.metadata, f"{field.name}: declare its unit ('' for none)"

    def test_object_pickles(self, component: Component) -> None:
        assert pickle.loads(pickle.dumps(component)) == component

    def test_settings_survive_a_round_trip(self, component: Component) -> None:
        mapping = compose.to_mapping(component)
        assert mapping.pop("plugin") == component.plugin_name
        for text, read in ((json.dumps(mapping), json.loads), (dump_yaml(mapping), _read_yaml)):
            assert compose.construct(type(component), read(text), where=self.kind) == component

    @given(data=st.data())
    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
    )
    def test_any_allowed_settings_survive_a_round_trip(
        self, component: Component, data: st.DataObject
    ) -> None:
        varied = data.draw(variations(component))
        mapping = _read_yaml(dump_yaml(compose.to_mapping(varied)))
        del mapping["plugin"]
        assert compose.construct(type(component), mapping, where=self.kind) == varied

    def test_same_settings_give_the_same_answers(self, component: Component, answered: Answers) -> None:
        _assert_same(self.answers(_copy(component)), answered)

    def test_answers_do_not_change_when_asked_again(self, component: Component, answered: Answers) -> None:
        _assert_same(self.answers(component), answered)

    def test_answers_do_not_depend_on_threads(self, component: Component, answered: Answers) -> None:
        fresh = _copy(component)
        with ThreadPoolExecutor(_THREADS) as pool:
            for found in pool.map(lambda _: self.answers(fresh), range(_THREADS)):
                _assert_same(found, answered)

    def test_input_files_are_named(self, component: Component, answered: Answers) -> None:
        for path in component.inputs():
            assert path.is_file(), f"inputs() names {path}, which is no file"


def _class(component: Component) -> Any:
    return type(component)


def _read_yaml(text: str) -> dict[str, Any]:
    return parse_yaml(text, where="settings")


def _copy(component: Component) -> Component:
    """Return an equal object that has computed nothing yet."""
    own = {f.name: getattr(component, f.name) for f in attrs.fields(_class(component)) if f.init}
    copied = {name: _copy(value) if isinstance(value, Component) else value for name, value in own.items()}
    return type(component)(**copied)


def _assert_same(found: Answers, expected: Answers) -> None:
    assert set(found) == set(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def _skipped_without_data(test: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(test)
    def tried(*arguments: Any, **options: Any) -> Any:
        try:
            return test(*arguments, **options)
        except MissingDataError as error:
            pytest.skip(f"data are not on this machine: {error.dataset or error}")

    return tried


def _expected_to_fail(test: Callable[..., Any], reason: str) -> Callable[..., Any]:
    @functools.wraps(test)
    def copy(*arguments: Any, **options: Any) -> Any:
        return test(*arguments, **options)

    marked: Callable[..., Any] = pytest.mark.xfail(reason=reason, strict=True)(copy)
    return marked


@contextmanager
def inputs_unmodified(*arrays: np.ndarray[Any, Any]) -> Iterator[None]:
    """Check at the end of a block that arrays were not modified in it."""
    before = [a.copy() for a in arrays]
    yield
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy, err_msg="an input was modified")
