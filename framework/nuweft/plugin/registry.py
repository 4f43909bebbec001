"""The registry of plugins: load entry points, look classes up, make objects."""

from __future__ import annotations

import inspect
import os
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import Distribution, distributions
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import attrs
import pluggy

from nuweft.errors import (
    DuplicatePluginError,
    InvalidPluginError,
    PluginWarning,
    UnknownPluginError,
    did_you_mean,
)
from nuweft.interfaces import KINDS
from nuweft.interfaces.base import KEBAB_CASE, Component
from nuweft.model.dataset import Dataset, check_dataset
from nuweft.model.published_result import PublishedResult, check_published
from nuweft.plugin import hookspecs
from nuweft.process.interruption import Interrupted, asked_to_stop

GROUP = "nuweft"
"""Entry-point group in which distributions announce their plugin modules."""

DISABLED_VARIABLE = "NUWEFT_DISABLED_PLUGINS"
"""Environment variable with comma-separated plugin modules to leave out."""


REFUSED_BY = "analysis refused by the plugin module"
"""Begins a note of an error by which a plugin refuses an analysis."""

_MOST = 10_000  # things that one hook registers


@attrs.frozen(kw_only=True)
class PluginInfo:
    """Where a registered plugin comes from."""

    kind: str
    name: str
    cls: type[Component]
    module: str
    distribution: str
    version: str

    @property
    def summary(self) -> str:
        """First line of the class's docstring."""
        return (inspect.getdoc(self.cls) or "").partition("\n")[0]


class Registry:
    """Plugin modules and the classes they register.

    Parameters
    ----------
    entry_points
        Whether installed distributions are loaded (at the first look-up).

    Attributes
    ----------
    failed : dict of str to str
        Traceback of each plugin module that could not be used, or not wholly.
    conflicts : dict of (str, str) to str
        What is wrong with each name that two modules claim, by kind (or
        ``"dataset"``) and name. Only looking it up is an error.
    """

    def __init__(self, *, entry_points: bool = True) -> None:
        self._manager = pluggy.PluginManager("nuweft")
        self._manager.add_hookspecs(hookspecs)
        self._pending = entry_points
        self._origin: dict[str, tuple[str, str]] = {}
        self._classes: dict[str, dict[str, PluginInfo]] | None = None
        self._unreported: list[str] = []
        self.failed: dict[str, str] = {}
        self.conflicts: dict[tuple[str, str], str] = {}

    # --- loading -------------------------------------------------------------

    def register(self, module: object, name: str | None = None) -> None:
        """Add a plugin module (or any object with hook implementations)."""
        name = name or getattr(module, "__name__", None) or type(module).__name__
        try:
            self._manager.register(module, name=name)
        except ValueError as error:
            raise DuplicatePluginError(f"plugin module {name!r} is registered already ({error})") from None
        self._origin.setdefault(name, ("", ""))
        self._classes = None

    def load(self) -> None:
        """Load the entry points of the installed distributions, once and one by one."""
        if not self._pending:
            return
        self._pending = False
        blocked = {n.strip() for n in os.environ.get(DISABLED_VARIABLE, "").split(",") if n.strip()}
        for name, found in groupby(_entry_points(), key=lambda pair: pair[1].name):
            # one distribution may be found twice on the path
            owners = {f"{d.name} {d.version}": (d, entry) for d, entry in found}
            if name in blocked or self._manager.has_plugin(name):
                continue
            distribution, entry = next(iter(owners.values()))
            self._origin[name] = (distribution.name, distribution.version)
            with self._guarded(name, "import"):
                if len(owners) > 1:
                    raise DuplicatePluginError(
                        f"two distributions announce the plugin module {name!r}: "
                        f"{' and '.join(owners)}; uninstall one of them"
                    )
                self._manager.register(entry.load(), name=name)
        for name, module in self._manager.list_name_plugin():
            with self._guarded(name, "hook"):
                self._check_hooks(name, module)
        self._classes = None
        self._report()

    def _check_hooks(self, name: str, module: object) -> None:
        """Refuse hook implementations whose name matches no hook."""
        known = [hook for hook in vars(hookspecs) if hook.startswith("nuweft_")]
        for attribute in dir(module):
            marked = self._manager.parse_hookimpl_opts(module, attribute) is not None
            if marked and attribute not in known:
                raise InvalidPluginError(
                    f"plugin module {name!r} implements the unknown hook {attribute!r}; "
                    f"{did_you_mean(attribute, known, label='hooks')}"
                )

    @contextmanager
    def _guarded(self, name: str, what: str) -> Iterator[None]:
        """Leave out what a plugin module does in a block where it fails, be it by ending the program.

        Only an interruption by the user goes on.
        """
        with asked_to_stop() as asked:
            try:
                yield
            except Interrupted:
                raise
            except BaseException as error:
                if asked():
                    raise
                self._fail(name, what, error)

    def _fail(self, name: str, what: str, error: BaseException) -> None:
        text = "".join(traceback.format_exception(error))
        if name in self.failed and text not in self.failed[name]:
            text = f"{self.failed[name]}\n{text}"
        elif name in self.failed:
            return
        self.failed[name] = text
        self._unreported.append(
            f"plugin module {name!r}: {what} failed and is left out: {_in_words(error)} "
            "(`nuweft plugins doctor` shows the traceback)"
        )

    def _report(self) -> None:
        """Warn of new failures, once the registry is in a usable state."""
        messages, self._unreported = self._unreported, []
        for message in messages:
            warnings.warn(message, PluginWarning, stacklevel=4)

    def check_pending(self) -> None:
        """Raise for hook implementations whose name matches no hook.

        Raises
        ------
        InvalidPluginError
            Names the hook and the nearest that exists.
        """
        self.load()
        for name, module in self._manager.list_name_plugin():
            self._check_hooks(name, module)

    def collect(self) -> Mapping[str, Mapping[str, PluginInfo]]:
        """Return all registered plugins by kind and name, without those of :attr:`conflicts`."""
        self.load()
        if self._classes is None:
            self._classes = {kind: self._collect(kind) for kind in KINDS}
            self._report()
        return self._classes

    def _collect(self, kind: str) -> dict[str, PluginInfo]:
        claims: dict[str, list[PluginInfo]] = {}
        hook = getattr(self._manager.hook, f"nuweft_register_{kind}")
        for implementation in hook.get_hookimpls():
            module = implementation.plugin_name
            distribution, version = self._origin.get(module, ("", ""))
            classes: list[Any] = []
            with self._guarded(module, f"hook nuweft_register_{kind}"):
                found = list(islice(implementation.function(), _MOST))
                for cls in found:
                    _check_class(kind, cls)
                classes = found
            for cls in classes:
                info = PluginInfo(
                    kind=kind,
                    name=cls.plugin_name,
                    cls=cls,
                    module=module,
                    distribution=distribution,
                    version=version,
                )
                claims.setdefault(info.name, []).append(info)
        for name, infos in claims.items():
            if len(infos) > 1:
                owners = " and ".join(f"{i.module} ({i.distribution or 'not installed'})" for i in infos)
                self._conflict(kind, name, f"two {kind} plugins are named {name!r}: {owners}")
        return {name: infos[0] for name, infos in sorted(claims.items()) if len(infos) == 1}

    def _conflict(self, kind: str, name: str, message: str) -> None:
        if (kind, name) not in self.conflicts:
            self._unreported.append(f"{message}; neither can be used")
        self.conflicts[kind, name] = message

    # --- looking up ----------------------------------------------------------

    def names(self, kind: str) -> list[str]:
        """Return the sorted plugin names of a kind."""
        return list(self._of_kind(kind))

    def _of_kind(self, kind: str) -> Mapping[str, PluginInfo]:
        if kind not in KINDS:
            raise UnknownPluginError(f"no plugin kind named {kind!r}; {did_you_mean(kind, KINDS)}")
        return self.collect()[kind]

    def info(self, kind: str, name: str) -> PluginInfo:
        """Return where a plugin comes from.

        Raises
        ------
        UnknownPluginError
            Says kind, name and the nearest names.
        DuplicatePluginError
            If two modules register that kind and name.
        """
        plugins = self._of_kind(kind)
        self._check_known(kind, name, plugins, f"{kind} plugin")
        return plugins[name]

    def _check_known(self, kind: str, name: str, known: Iterable[str], what: str) -> None:
        if (kind, name) in self.conflicts:
            raise DuplicatePluginError(self.conflicts[kind, name])
        if name not in known:
            left_out = f"; left out, for they failed: {', '.join(self.failed)}" if self.failed else ""
            raise UnknownPluginError(
                f"no {what} named {name!r}; {did_you_mean(name, known, label='registered')}{left_out}"
            )

    def get(self, kind: str, name: str) -> type[Component]:
        """Return a plugin class."""
        return self.info(kind, name).cls

    def create(self, kind: str, name: str, **settings: Any) -> Any:
        """Return a plugin object.

        Settings are values as in Python or as in YAML: other plugins may be
        objects, names or mappings.
        """
        from nuweft.plugin.compose import build

        return build(kind, {"plugin": name, **settings}, registry=self)

    def describe(self, kind: str, name: str) -> list[dict[str, str]]:
        """Return name, default, unit, bounds and meaning of each parameter of a plugin."""
        rows = []
        cls: Any = self.get(kind, name)
        for field in attrs.fields(cls):
            default: Any = field.default
            if hasattr(default, "factory"):
                default = default.factory()
            rows.append(
                {
                    "name": field.name,
                    "default": "required" if default is attrs.NOTHING else _show(default),
                    "unit": field.metadata.get("unit", ""),
                    "bounds": field.metadata.get("bounds", "")
                    or ", ".join(field.metadata.get("choices") or ()),
                    "doc": field.metadata.get("doc", ""),
                }
            )
        return rows

    # --- hooks without a kind ------------------------------------------------

    def datasets(self) -> dict[str, Dataset]:
        """Return the named data sets that plugins register."""
        self.load()
        claims: dict[str, list[tuple[str, Dataset]]] = {}
        for module, dataset in self._registered("nuweft_register_dataset", check_dataset):
            claims.setdefault(dataset.name, []).append((module, dataset))
        for name, found in claims.items():
            if len(found) > 1:
                owners = " and ".join(module for module, _ in found)
                self._conflict("dataset", name, f"two data sets are named {name!r}: {owners}")
        self._report()
        return {name: found[0][1] for name, found in sorted(claims.items()) if len(found) == 1}

    def _registered(self, hook: str, check: Callable[[object], None]) -> list[tuple[str, Any]]:
        """Return module and object of all that a hook returns, without what modules give that fail."""
        found: list[tuple[str, Any]] = []
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            with self._guarded(implementation.plugin_name, f"hook {hook}"):
                answer = list(islice(implementation.function(), _MOST))
                for item in answer:
                    check(item)
                found += [(implementation.plugin_name, item) for item in answer]
        return found

    def published_results(self, tracer: str, neutrino_sample: str) -> list[PublishedResult]:
        """Return what others have published for a tracer and a sample, given by their plugin names."""
        self.load()
        found = self._registered("nuweft_register_published_result", check_published)
        self._report()
        results: list[PublishedResult] = [result for _, result in found]
        return [result for result in results if result.stands_beside(tracer, neutrino_sample)]

    def dataset(self, name: str) -> Dataset:
        """Return one named data set."""
        datasets = self.datasets()
        self._check_known("dataset", name, datasets, "data set")
        return datasets[name]

    def locate(self, dataset: Dataset, filename: str) -> Path | None:
        """Ask the plugins for a file of a data set; the answer of a broken one is left out."""
        self.load()
        try:
            for implementation in reversed(self._manager.hook.nuweft_locate_data.get_hookimpls()):
                with self._guarded(implementation.plugin_name, "hook nuweft_locate_data"):
                    found = _call(implementation, dataset=dataset, filename=filename)
                    if found is not None and not (isinstance(found, Path) and found.is_file()):
                        raise InvalidPluginError(
                            f"nuweft_locate_data returned {found!r} for {filename}, "
                            "expected the pathlib.Path of a file or None"
                        )
                    if found is not None:
                        return found
            return None
        finally:
            self._report()

    def demo(self) -> Path:
        """Return the YAML file of the analysis of ``nuweft demo``.

        Raises
        ------
        UnknownPluginError
            If no plugin that is installed has one.
        """
        self.load()
        for implementation in reversed(self._manager.hook.nuweft_demo_analysis.get_hookimpls()):
            with self._guarded(implementation.plugin_name, "hook nuweft_demo_analysis"):
                found = _call(implementation)
                if found is not None and not (isinstance(found, Path) and found.is_file()):
                    raise InvalidPluginError(
                        f"nuweft_demo_analysis returned {found!r}, expected the pathlib.Path of a file"
                    )
                if found is not None:
                    self._report()
                    return found
        self._report()
        raise UnknownPluginError("no plugin that is installed has an analysis for `nuweft demo`")

    def composed(self, analysis: object) -> None:
        """Tell the plugins that an analysis was composed; one may raise.

        Raises
        ------
        Exception
            Whatever a plugin raises to refuse the analysis.
        InvalidPluginError
            If one ends the program instead.
        """
        self.load()
        for implementation in reversed(self._manager.hook.nuweft_analysis_composed.get_hookimpls()):
            with asked_to_stop() as asked:
                try:
                    _call(implementation, analysis=analysis)
                except Exception as error:
                    error.add_note(f"{REFUSED_BY} {implementation.plugin_name!r}")
                    raise
                except Interrupted:
                    raise
                except BaseException as error:
                    if asked():
                        raise
                    raise InvalidPluginError(
                        f"plugin module {implementation.plugin_name!r}: nuweft_analysis_composed raised "
                        f"{_in_words(error)}; expected an error or nothing"
                    ) from error


plugins = Registry()
"""The shared registry; entry points load at its first look-up."""


def create(kind: str, name: str, **settings: Any) -> Any:
    """Return a plugin object of the shared registry; see :meth:`Registry.create`."""
    return plugins.create(kind, name, **settings)


def _call(implementation: Any, **arguments: Any) -> Any:
    """Return what a hook implementation answers; it takes those arguments that it names."""
    return implementation.function(*(arguments[name] for name in implementation.argnames))


def _in_words(error: BaseException) -> str:
    """Return type and message of an error, also where its message cannot be made."""
    return traceback.format_exception_only(error)[-1].strip()


def _entry_points() -> Iterable[tuple[Distribution, Any]]:
    found = [
        (distribution, entry)
        for distribution in distributions()
        for entry in distribution.entry_points
        if entry.group == GROUP
    ]
    return sorted(found, key=lambda pair: (pair[1].name, pair[0].name))


def _check_class(kind: str, cls: object) -> None:
    interface = KINDS[kind]
    if not isinstance(cls, type) or not issubclass(cls, interface):
        raise InvalidPluginError(f"{cls!r} is not a subclass of {interface.__name__}, as a {kind} must be")
    missing = sorted(getattr(cls, "__abstractmethods__", ()))
    if missing:
        raise InvalidPluginError(f"{cls.__name__} lacks the {kind} methods: {', '.join(missing)}")
    if not attrs.has(cls):
        raise InvalidPluginError(f"{cls.__name__} is not an attrs class; decorate it with attrs.frozen")
    name = getattr(cls, "plugin_name", None)
    if not isinstance(name, str) or not KEBAB_CASE.fullmatch(name):
        raise InvalidPluginError(f"{cls.__name__}.plugin_name must be in kebab case, got {name!r}")


def _show(value: object) -> str:
    if isinstance(value, Component):
        return value.plugin_name
    if isinstance(value, tuple):
        return "[" + ", ".join(_show(v) for v in value) + "]"
    return str(value)
