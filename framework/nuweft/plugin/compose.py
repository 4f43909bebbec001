"""Mappings and YAML to objects and back; errors carry the path of the key."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import cattrs
from astropy import units

from nuweft.errors import (
    ConfigurationError,
    NsideError,
    ParameterError,
    UnknownPluginError,
    did_you_mean,
)
from nuweft.interfaces.base import Component
from nuweft.plugin.registry import Registry, plugins

# --- mapping to objects ---------------------------------------------------------


def build(
    kind: str,
    settings: Any,
    *,
    registry: Registry = plugins,
    where: str = "",
    folder: Path | None = None,
) -> Any:
    """Return a plugin object.

    Parameters
    ----------
    kind
        Kind of plugin.
    settings
        A plugin object, a name, or a mapping with ``plugin`` and its fields.
    registry
        Where plugins are looked up.
    where
        Path of the key, for messages.
    folder
        What relative paths are relative to, instead of the working folder.

    Raises
    ------
    UnknownPluginError
        If no plugin has that name; says the kind and the nearest names.
    ConfigurationError
        If the mapping does not fit the plugin.
    """
    where = where or kind
    if isinstance(settings, Component):
        return settings
    if isinstance(settings, str):
        settings = {"plugin": settings}
    if not isinstance(settings, Mapping) or not isinstance(settings.get("plugin"), str):
        raise ConfigurationError(
            f"{where}: expected the name of a {kind} plugin or a mapping with 'plugin', got {settings!r}"
        )
    try:
        cls = registry.get(kind, settings["plugin"])
    except UnknownPluginError as error:
        raise UnknownPluginError(f"{where}: {error}") from None
    rest = {key: value for key, value in settings.items() if key != "plugin"}
    return construct(cls, rest, registry=registry, where=where, folder=folder)


def construct(
    cls: type,
    settings: Mapping[str, Any],
    *,
    registry: Registry = plugins,
    where: str,
    folder: Path | None = None,
) -> Any:
    """Return an object of an attrs class from a mapping of its fields; arguments as in :func:`build`.

    Raises
    ------
    ConfigurationError
        For an unknown or missing key, or a value that its declaration forbids.
    """
    fields = attrs.fields_dict(cls)
    values = {}
    renamed = getattr(cls, "renamed_settings", {})
    for given, value in settings.items():
        key = given
        if renamed.get(key, key) not in (key, *settings):
            key = renamed[key]
            warnings.warn(f"{where}.{given}: is now called {key}", DeprecationWarning, stacklevel=3)
        if key not in fields:
            raise ConfigurationError(
                f"{where}.{key}: no such setting; {did_you_mean(str(key), fields, label='settings')}"
            )
        values[key] = _value(fields[key], value, registry, f"{where}.{key}", folder)
    missing = [n for n, f in fields.items() if f.default is attrs.NOTHING and n not in values]
    if missing:
        raise ConfigurationError(f"{where}: missing {', '.join(missing)}")
    try:
        return cls(**values)
    except ConfigurationError:
        raise
    except ParameterError as error:
        raise ConfigurationError(f"{where}.{error}") from error
    except NsideError as error:
        raise ConfigurationError(f"{where}: {error}") from error


def _value(
    field: attrs.Attribute[Any], value: Any, registry: Registry, where: str, folder: Path | None = None
) -> Any:
    """Return a field's value with the plugins and objects it names."""
    metadata = field.metadata
    if value is None:
        return None
    if kind := metadata.get("component"):
        if isinstance(value, str) and value in metadata["words"]:
            return value
        return build(kind, value, registry=registry, where=where, folder=folder)
    if kind := metadata.get("components"):
        items = [value] if isinstance(value, str | Mapping | Component) else value
        if not isinstance(items, list | tuple):
            raise ConfigurationError(f"{where}: expected a list of {kind} plugins, got {value!r}")
        return tuple(
            build(kind, item, registry=registry, where=f"{where}[{i}]", folder=folder)
            for i, item in enumerate(items)
        )
    if (nested := metadata.get("nested")) and not isinstance(value, nested):
        if not isinstance(value, Mapping):
            raise ConfigurationError(f"{where}: expected a mapping of settings, got {value!r}")
        return construct(nested, value, registry=registry, where=where, folder=folder)
    if folder is not None:
        return _placed(metadata, value, folder)
    return value


def _placed(metadata: Mapping[str, Any], value: Any, folder: Path) -> Any:
    """Return a field's value with its paths, if it holds any, seen from the working folder."""
    if metadata.get("files") and isinstance(value, Mapping):
        return {key: _path(item, folder) for key, item in value.items()}
    if metadata.get("path") and value not in metadata["words"]:
        return _path(value, folder)
    return value


def _path(value: Any, folder: Path) -> Any:
    if not isinstance(value, str) or not value or value.startswith("~") or "\0" in value:
        return value
    joined = folder / value
    plain = Path(os.path.normpath(joined))
    # behind a link, .. may be another folder
    return str(joined if joined.exists() and not plain.exists() else plain)


def vary(obj: Any, settings: Mapping[str, Any], *, registry: Registry = plugins, where: str) -> Any:
    """Return an object with some settings changed.

    Parameters
    ----------
    obj
        A plugin, an analysis, or another object with declared fields.
    settings
        Values as in Python or YAML, by name; a dot reaches into an object that
        it holds: ``{"estimator.ell_min": 30}``.
    registry
        Where plugins are looked up.
    where
        What is varied, for messages.

    Raises
    ------
    ConfigurationError
        For an unknown setting, or a value that its declaration forbids.
    """
    fields = attrs.fields_dict(type(obj))
    inner: dict[str, dict[str, Any]] = {}
    values: dict[str, Any] = {}
    for key, value in settings.items():
        name, _, rest = key.partition(".")
        if name not in fields:
            hint = did_you_mean(name, fields, label="settings")
            raise ConfigurationError(f"{where}: {key}: no such setting; {hint}")
        if rest:
            inner.setdefault(name, {})[rest] = value
        else:
            values[name] = _value(fields[name], value, registry, f"{where}: {name}")
    for name, changes in inner.items():
        held = values.get(name, getattr(obj, name))
        if not attrs.has(type(held)):
            raise ConfigurationError(f"{where}: {name}: holds {held!r}, which has no settings")
        values[name] = vary(held, changes, registry=registry, where=f"{where}: {name}")
    try:
        return attrs.evolve(obj, **values)
    except ParameterError as error:
        raise ConfigurationError(f"{where}: {error}") from error


# --- objects to mapping ---------------------------------------------------------


def _converter(folder: Path | None = None) -> cattrs.Converter:
    def seen_from(path: str | Path) -> str:
        moved = folder is not None and not Path(path).is_absolute()
        return os.path.relpath(path, folder) if moved else str(path)

    converter = cattrs.Converter()
    converter.register_unstructure_hook(units.Quantity, lambda q: f"{float(q.value)!r} {q.unit}")
    converter.register_unstructure_hook(Path, seen_from)
    converter.register_unstructure_hook_func(
        lambda t: isinstance(t, type) and issubclass(t, Enum), lambda e: e.value
    )

    def fields(value: Any) -> dict[str, Any]:
        return {
            f.name: {k: seen_from(v) for k, v in item.items()}
            if f.metadata.get("files")
            else converter.unstructure(item)
            for f in attrs.fields(type(value))
            if f.init
            for item in [getattr(value, f.name)]
        }

    def unstructure(value: Any) -> Any:
        head = {"plugin": value.plugin_name} if isinstance(value, Component) else {}
        return {**head, **fields(value)}

    converter.register_unstructure_hook_func(lambda t: isinstance(t, type) and attrs.has(t), unstructure)
    converter.register_unstructure_hook(tuple, lambda t: [converter.unstructure(v) for v in t])
    return converter


def to_mapping(value: Any, *, folder: Path | None = None) -> dict[str, Any]:
    """Return all settings of an object, defaults included, as plain values.

    :func:`build` (or :func:`construct`) with the same ``folder`` makes an equal object from it.

    Parameters
    ----------
    value
        A plugin, an analysis, or another object with declared fields.
    folder
        What relative paths shall be relative to, instead of the working folder.
    """
    mapping: dict[str, Any] = _converter(folder).unstructure(value)
    return mapping


def named(component: Component) -> dict[str, Any]:
    """Return a plugin's name and settings, under ``plugin`` and ``settings``."""
    mapping = to_mapping(component)
    return {"plugin": mapping.pop("plugin"), "settings": mapping}


def label(entry: Mapping[str, Any]) -> str:
    """Return ``name (field value, ...)`` of what :func:`named` returns."""
    settings = ", ".join(f"{key} {value}" for key, value in entry["settings"].items())
    return f"{entry['plugin']}{f' ({settings})' if settings else ''}"
