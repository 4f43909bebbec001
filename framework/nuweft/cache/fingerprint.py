"""What a result depends on, by content: settings, input files, and the code of framework and plugins.

One fingerprint decides whether parts of a measurement, a file of trials or a
run that was interrupted may be used again. A file counts with its content, not
with its place.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import attrs

from nuweft.errors import UnreadableCodeError
from nuweft.interfaces.base import Component, all_inputs, held_components
from nuweft.io.checksums import content_sha256
from nuweft.plugin import compose

_THIS_PROCESS = uuid.uuid4().hex


def fingerprint(analysis: Any, settings: Iterable[str], *, strict: bool = True) -> dict[str, str]:
    """Return everything that settings of an analysis stand for, by name.

    Parameters
    ----------
    analysis
        The analysis.
    settings
        Names of its fields.
    strict
        Whether a plugin whose code cannot be read is an error; otherwise its
        fingerprint is that of this process alone.

    Raises
    ------
    UnreadableCodeError
        If the code of a plugin cannot be read.
    """
    values: dict[str, str] = {}
    modules, contents = {"nuweft"}, []
    for setting in settings:
        value = getattr(analysis, setting)
        held = list(held_components(value))
        modules |= {type(item).__module__ for item in held}
        places = {str(path) for item in held for path in _paths(item)}
        for item in held:
            contents += [(path.name, _file_sha256(path, _modified(path))) for path in all_inputs(item)]
        values |= dict(_flatten(setting, _plain(value), places))
    for name, sha256 in sorted(set(contents)):
        key, number = f"content of {name}", 1
        while key in values:
            number += 1
            key = f"content of {name} ({number})"
        values[key] = sha256
    for package in sorted({module.partition(".")[0] for module in modules}):
        what = f"code of {'the script' if package == '__main__' else package}"
        try:
            values[what] = _code(package)
        except UnreadableCodeError:
            if strict:
                raise
            values[what] = _THIS_PROCESS
    return values


def digest(values: Mapping[str, str]) -> str:
    """Return the hash of a fingerprint."""
    return hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Component):
        return compose.to_mapping(value)
    if isinstance(value, tuple) and value and all(isinstance(item, Component) for item in value):
        return [compose.to_mapping(item) for item in value]
    if attrs.has(type(value)):
        return attrs.asdict(value)
    return value


def _paths(component: Component) -> Iterator[Path]:
    """Yield the paths among the settings of a plugin."""
    for field in attrs.fields(cast("Any", type(component))):
        value = getattr(component, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Path):
                yield item


def _flatten(name: str, value: Any, places: set[str]) -> Iterator[tuple[str, str]]:
    """Yield settings by their path; a file or folder counts with its content elsewhere."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flatten(f"{name}.{key}", item, places)
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for i, item in enumerate(value):
            yield from _flatten(f"{name}[{i}]", item, places)
    elif isinstance(value, list | tuple):
        yield name, ", ".join("a file" if str(item) in places else str(item) for item in value)
    else:
        yield name, "a file" if str(value) in places else str(value)


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns


@lru_cache(maxsize=256)
def _file_sha256(path: Path, modified: int) -> str:  # noqa: ARG001 (of the cache)
    return content_sha256(path)


def _code(package: str) -> str:
    """Return a hash of the sources of a package, module or script."""
    module = sys.modules.get(package) or import_module(package)
    folders = list(getattr(module, "__path__", ()))
    if folders:
        files = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    else:
        try:
            files = [Path(inspect.getsourcefile(module) or "")]
        except TypeError:
            files = []
        if not files or not files[0].is_file():
            raise UnreadableCodeError(
                f"a plugin is defined interactively: the code of {package} cannot be read"
            )
    found = hashlib.sha256()
    for path in files:
        found.update(_source_sha256(path, _modified(path)).encode())
    return found.hexdigest()


@lru_cache(maxsize=4096)
def _source_sha256(path: Path, modified: int) -> str:  # noqa: ARG001
    return hashlib.sha256(path.read_bytes()).hexdigest()
