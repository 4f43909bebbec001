"""Where a result comes from: versions, plugins, settings, seed, checksums of inputs."""

from __future__ import annotations

import json
import math
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import attrs

from nuweft.analysis import Analysis
from nuweft.datasets import content_sha256
from nuweft.errors import MissingDataError
from nuweft.fingerprint import digest, fingerprint
from nuweft.interfaces.base import held_components
from nuweft.outputs import write_text
from nuweft.registry import plugins
from nuweft.schemas import Schema, read_checked
from nuweft.sky.harmonics import thread_count

_LIBRARIES = (
    "astropy",
    "camb",
    "ducc0",
    "emcee",
    "h5py",
    "healpy",
    "numba",
    "numpy",
    "pyccl",
    "sacc",
    "scipy",
)

NOT_IDENTITY = ("trials", "executor", "cache")
"""Settings that results do not depend on."""


def identity(analysis: Analysis) -> str:
    """Return a hash of the settings, the content of all inputs, and the code of framework and plugins.

    Two runs with one identity may share trials; the number of trials is not
    part of it, nor is where input files lie.
    """
    settings = [f.name for f in attrs.fields(type(analysis)) if f.name not in NOT_IDENTITY]
    return digest(fingerprint(analysis, settings, strict=False))


def input_checksums(analysis: Analysis) -> dict[str, str]:
    """Return the sha256 of each input file's (uncompressed) content, by folder and file name."""
    return {f"{path.parent.name}/{path.name}": content_sha256(path) for path in analysis.inputs()}


def used_plugins(analysis: Analysis) -> dict[str, str]:
    """Return module, distribution and version of each plugin that an analysis holds."""
    used = {}
    for part in held_components(analysis):
        try:
            info = plugins.info(part.kind, part.plugin_name)
        except LookupError:  # defined in a script, not registered
            used[f"{part.kind}:{part.plugin_name}"] = f"{type(part).__module__} (not registered)"
            continue
        used[f"{part.kind}:{part.plugin_name}"] = (
            f"{info.module} ({info.distribution or 'not installed'} {info.version})".strip()
        )
    return dict(sorted(used.items()))


def provenance(analysis: Analysis) -> dict[str, Any]:
    """Return a mapping that says how a result was made."""
    from nuweft import __version__

    return {
        "nuweft": __version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "threads": thread_count(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "plugins": used_plugins(analysis),
        "seed": analysis.seed,
        "identity": identity(analysis),
        "inputs_sha256_uncompressed": input_checksums(analysis),
        "sample": analysis.neutrino_sample.description(),
        "settings": analysis.to_mapping(),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def finite(value: float) -> float | None:
    """Return a number as JSON knows it: None where it is not finite."""
    return float(value) if math.isfinite(value) else None


def write_json(path: Path, content: Any) -> None:
    """Write JSON under a temporary name until it is complete."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def read_json(folder: Path, name: str, schema: Schema) -> dict[str, Any]:
    """Return the content of a JSON file of a finished run.

    Raises
    ------
    MissingDataError
        If the folder has no such file.
    CorruptFileError
        If it is not JSON, or an entry is missing or wrong; names it.
    """
    path = folder / name
    if not path.is_file():
        raise MissingDataError(f"{folder}: no {name}; `nuweft run` or `nuweft demo` make it")
    return read_checked(path, schema)
