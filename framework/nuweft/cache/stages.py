"""The parts of a measurement: what each depends on, and those that are kept to be used again.

A part is kept under a hash of its inputs: settings, the content of input files,
the code and version of the plugins, the versions of the libraries, and the
other parts it is made from. Files hold arrays and plain values; a damaged one
is made again.
"""

from __future__ import annotations

import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

import attrs

from nuweft.cache.fingerprint import digest, fingerprint
from nuweft.errors import CacheWarning, ConfigurationError, CorruptFileError, UnreadableCodeError
from nuweft.io.folders import cache_folder
from nuweft.io.values import STRUCTURE, NotStorableError, read_values, write_values

T = TypeVar("T")

OFF, AUTO = "off", "auto"

_LIMIT = 5 * 2**30  # bytes; what was not used for longest goes first
_LIBRARIES = ("astropy", "camb", "ducc0", "healpy", "numpy", "pyccl", "scipy")


@attrs.frozen
class Part:
    """A part of a measurement.

    Attributes
    ----------
    name : str
    settings : tuple of str
        Fields of the analysis that it depends on.
    parts : tuple of str
        Parts that it is made from.
    """

    name: str
    settings: tuple[str, ...]
    parts: tuple[str, ...] = ()


_EXPOSURE = ("neutrino_sample", "nside", "oversampling")
PARTS: Mapping[str, Part] = {
    part.name: part
    for part in (
        Part("fields", ("tracer", "mask", "nside", "tracer_uses_joint_mask")),
        Part("exposure", (*_EXPOSURE, "gamma_range", "gamma_points")),
        Part("weights", (*_EXPOSURE, "weights", "weight_gamma_range"), ("fields",)),
        Part("kernel", ("estimator",), ("fields",)),
        Part(
            "templates",
            ("tracer", "nside", "oversampling", "signal_density", "subtract_ra_mean"),
            ("fields", "exposure", "weights", "kernel"),
        ),
        Part("moments", ("background", "neutrino_sample", "nside"), ("weights", "kernel")),
        Part("spectrum", ("signal",), ("fields", "exposure", "weights", "kernel", "templates", "moments")),
        Part("trials", ("background", "likelihood", "seed", "trials"), ("spectrum",)),
    )
}
"""All parts, each after those that it is made from."""


@attrs.frozen
class Inputs:
    """Everything that a part depends on.

    Attributes
    ----------
    values : mapping of str to str
        By name.
    """

    values: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """Hash of all of it."""
        return digest(self.values)


def part_inputs(analysis: Any, name: str) -> Inputs:
    """Return everything that a part of an analysis depends on.

    Raises
    ------
    UnreadableCodeError
        If the code of a plugin cannot be read, so that nothing made with it can be kept.
    """
    return _inputs(analysis, name, {})


def _inputs(analysis: Any, name: str, done: dict[str, Inputs]) -> Inputs:
    if name not in done:
        part = PARTS[name]
        values = fingerprint(analysis, part.settings)
        values |= {f"version of {library}": _version(library) for library in _LIBRARIES}
        values |= {other: _inputs(analysis, other, done).key for other in part.parts}
        done[name] = Inputs(values)
    return done[name]


def kept(analysis: Any, name: str, compute: Callable[[], T], classes: Mapping[str, type]) -> T:
    """Return a part of an analysis: as it was kept, or computed and kept for the next time.

    Parameters
    ----------
    analysis
        Its setting ``cache`` says where parts are kept, if at all.
    name
        Name of the part.
    compute
        Makes the part.
    classes
        Of which parts are made, by name; a part that holds another one is not kept.
    """
    if analysis.cache == OFF:
        return compute()
    try:
        inputs = part_inputs(analysis, name)
    except UnreadableCodeError:
        return compute()
    entry = _entry(analysis, name, inputs)
    if entry.is_dir():
        try:
            found: T = read_values(entry, classes)
        except CorruptFileError:
            shutil.rmtree(entry, ignore_errors=True)
        else:
            _used(entry)
            return found
    found = compute()
    try:
        write_values(entry, found, classes)
        note = _notes(analysis, name) / f"{inputs.key}.json"
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(dict(inputs.values)), encoding="utf-8")
        _reduce(cache_of(analysis), keep=entry)
    except NotStorableError:
        pass
    except OSError as error:
        warnings.warn(
            f"cache: {name} cannot be kept in {cache_of(analysis)} ({error.strerror or error}); "
            "the results do not depend on it",
            CacheWarning,
            stacklevel=2,
        )
    return found


def _entry(analysis: Any, name: str, inputs: Inputs) -> Path:
    """Return the folder of a part, after making that of the cache."""
    folder = cache_of(analysis)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"cache: {folder} cannot be made ({error.strerror}); name another folder, or off"
        ) from error
    return folder / name / inputs.key


def _used(entry: Path) -> None:
    """Note that a part was used."""
    with suppress(OSError):
        os.utime(entry / STRUCTURE)


def _reduce(folder: Path, *, keep: Path) -> None:
    """Remove what was not used for longest where the cache is larger than its limit."""
    entries = []
    for mark in folder.glob(f"*/*/{STRUCTURE}"):
        with suppress(OSError):
            size = sum(path.stat().st_size for path in mark.parent.iterdir())
            entries.append((mark.stat().st_mtime, size, mark.parent))
    total = sum(size for _, size, _ in entries)
    for _, size, entry in sorted(entries):
        if total <= _LIMIT:
            break
        if entry != keep:
            shutil.rmtree(entry, ignore_errors=True)
            total -= size


def cache_of(analysis: Any) -> Path:
    """Return the folder in which parts of an analysis are kept."""
    return cache_folder() / "parts" if analysis.cache == AUTO else Path(analysis.cache).expanduser()


def _notes(analysis: Any, name: str) -> Path:
    return cache_of(analysis) / "inputs" / name


# --- explaining ------------------------------------------------------------------


@attrs.frozen
class Explanation:
    """What happens to a part, and why.

    Attributes
    ----------
    part : str
    state : str
        ``kept``, ``computed`` or ``not needed``.
    reason : str
    """

    part: str
    state: str
    reason: str


def explain(analysis: Any) -> tuple[Explanation, ...]:
    """Return which parts of an analysis are kept and which would be computed, and why.

    Parameters
    ----------
    analysis
        With ``cache: off`` everything is computed.
    """
    if analysis.cache == OFF:
        return tuple(Explanation(name, "computed", "cache: off") for name in PARTS)
    wanted, found = {"spectrum", "trials"}, []
    for name, part in reversed(list(PARTS.items())):
        if name not in wanted:
            found.append(Explanation(name, "not needed", "what is made from it is kept"))
            continue
        try:
            inputs = part_inputs(analysis, name)
        except UnreadableCodeError as error:
            found.append(Explanation(name, "computed", str(error)))
            wanted |= set(part.parts)
            continue
        if (_entry(analysis, name, inputs) / STRUCTURE).is_file():
            found.append(Explanation(name, "kept", "nothing that it depends on has changed"))
        else:
            found.append(Explanation(name, "computed", _why(_notes(analysis, name), inputs)))
            wanted |= set(part.parts)
    return tuple(reversed(found))


def _why(notes: Path, inputs: Inputs) -> str:
    """Return how inputs differ from the most similar ones of which the part was made."""
    if (notes / f"{inputs.key}.json").is_file():
        return "it was made, but is no longer in the cache"
    best: list[str] | None = None
    for path in sorted(notes.glob("*.json")) if notes.is_dir() else ():
        try:
            changes = list(_differences(json.loads(path.read_text(encoding="utf-8")), inputs.values))
        except (OSError, ValueError, AttributeError):  # damaged
            continue
        if best is None or len(changes) < len(best):
            best = changes
    if best is None:
        return "it was never made"
    shown = "; ".join(best[:3])
    return f"{shown}; and {len(best) - 3} more" if len(best) > 3 else shown


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*new, *old]):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if name in PARTS or name.startswith(("code of", "content of")):
            yield f"{name} changed" if before and after else f"{name} is {'new' if after else 'gone'}"
        else:
            yield f"{name}: {before or 'none'} -> {after or 'none'}"


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
