"""The registry of plugins: load entry points, look classes up, make objects."""

from __future__ import annotations

import inspect
import os
import traceback
import warnings
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pluggy

from nuweft import hookspecs
from nuweft.errors import (
    DuplicatePluginError,
    InvalidPluginError,
    PluginWarning,
    UnknownPluginError,
    did_you_mean,
)
from nuweft.interfaces import KINDS
from nuweft.interfaces.base import KEBAB_CASE, Component

if TYPE_CHECKING:
    from nuweft.datasets import Dataset

GROUP = "nuweft"
"""Entry-point group in which distributions announce their plugin modules."""

DISABLED_VARIABLE = "NUWEFT_DISABLED_PLUGINS"
"""Environment variable with comma-separated plugin modules to leave out."""


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
        Traceback of each plugin module that could not be used.
    """

    def __init__(self, *, entry_points: bool = True) -> None:
        self._manager = pluggy.PluginManager("nuweft")
        self._manager.add_hookspecs(hookspecs)
        self._pending = entry_points
        self._origin: dict[str, tuple[str, str]] = {}
        self._classes: dict[str, dict[str, PluginInfo]] | None = None
        self._unreported: list[str] = []
        self.failed: dict[str, str] = {}

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
        seen: dict[str, str] = {}
        for distribution, entry in _entry_points():
            owner = f"{distribution.name} {distribution.version}"
            if entry.name in seen:
                if seen[entry.name] == owner:
                    continue  # the same distribution found twice on the path
                self._pending = True
                raise DuplicatePluginError(
                    f"two distributions announce the plugin module {entry.name!r}: "
                    f"{seen[entry.name]} and {owner}; uninstall one of them"
                )
            seen[entry.name] = owner
            if entry.name in blocked or self._manager.has_plugin(entry.name):
                continue
            self._origin[entry.name] = (distribution.name, distribution.version)
            try:
                self._manager.register(entry.load(), name=entry.name)
            except Exception as error:
                self._fail(entry.name, "import", error)
        self._classes = None
        self._report()

    def _fail(self, name: str, what: str, error: Exception) -> None:
        self.failed[name] = "".join(traceback.format_exception(error))
        self._unreported.append(
            f"plugin module {name!r}: {what} failed and is left out: {type(error).__name__}: {error} "
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
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            known = [n for n in vars(hookspecs) if n.startswith("nuweft_")]
            wanted = str(error).partition("unknown hook ")[2].partition(" in ")[0].strip("'\"")
            raise InvalidPluginError(f"{error}; {did_you_mean(wanted, known, label='hooks')}") from None

    def collect(self) -> Mapping[str, Mapping[str, PluginInfo]]:
        """Return all registered plugins by kind and name.

        Raises
        ------
        DuplicatePluginError
            Two modules register one kind and name.
        """
        self.load()
        if self._classes is None:
            self._classes = {kind: self._collect(kind) for kind in KINDS}
            self._report()
        return self._classes

    def _collect(self, kind: str) -> dict[str, PluginInfo]:
        found: dict[str, PluginInfo] = {}
        hook = getattr(self._manager.hook, f"nuweft_register_{kind}")
        for implementation in hook.get_hookimpls():
            module = implementation.plugin_name
            distribution, version = self._origin.get(module, ("", ""))
            try:
                classes = list(implementation.function())
                for cls in classes:
                    _check_class(kind, cls)
            except Exception as error:
                self._fail(module, f"hook nuweft_register_{kind}", error)
                continue
            for cls in classes:
                name = cls.plugin_name
                if name in found:
                    raise DuplicatePluginError(
                        f"two {kind} plugins are named {name!r}: "
                        f"{found[name].module} ({found[name].distribution or 'not installed'}) and "
                        f"{module} ({distribution or 'not installed'})"
                    )
                found[name] = PluginInfo(
                    kind=kind, name=name, cls=cls, module=module, distribution=distribution, version=version
                )
        return dict(sorted(found.items()))

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
        """
        plugins = self._of_kind(kind)
        if name not in plugins:
            raise UnknownPluginError(
                f"no {kind} plugin named {name!r}; {did_you_mean(name, plugins, label='registered')}"
            )
        return plugins[name]

    def get(self, kind: str, name: str) -> type[Component]:
        """Return a plugin class."""
        return self.info(kind, name).cls

    def create(self, kind: str, name: str, **settings: Any) -> Any:
        """Return a plugin object.

        Settings are values as in Python or as in YAML: other plugins may be
        objects, names or mappings.
        """
        from nuweft.compose import build

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
        found: dict[str, Dataset] = {}
        for implementation in self._manager.hook.nuweft_register_dataset.get_hookimpls():
            hook: Any = implementation.function
            try:
                registered = list(hook())
            except Exception as error:
                self._fail(implementation.plugin_name, "hook nuweft_register_dataset", error)
                continue
            for dataset in registered:
                if dataset.name in found:
                    raise DuplicatePluginError(f"two data sets are named {dataset.name!r}")
                found[dataset.name] = dataset
        self._report()
        return dict(sorted(found.items()))

    def dataset(self, name: str) -> Dataset:
        """Return one named data set."""
        datasets = self.datasets()
        if name not in datasets:
            raise UnknownPluginError(
                f"no data set named {name!r}; {did_you_mean(name, datasets, label='registered')}"
            )
        return datasets[name]

    def locate(self, dataset: Dataset, filename: str) -> Path | None:
        """Ask the plugins for a file of a data set."""
        self.load()
        found = self._manager.hook.nuweft_locate_data(dataset=dataset, filename=filename)
        if found is not None and not isinstance(found, Path):
            raise InvalidPluginError(
                f"nuweft_locate_data returned {found!r}, expected a pathlib.Path or None"
            )
        return found

    def composed(self, analysis: object) -> None:
        """Tell the plugins that an analysis was composed; one may raise."""
        self.load()
        self._manager.hook.nuweft_analysis_composed(analysis=analysis)


plugins = Registry()
"""The shared registry; entry points load at its first look-up."""


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
