"""Where a result comes from: versions, plugins, settings, seed, checksums of inputs."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import attrs

from nuweft.analysis import Analysis
from nuweft.cache.fingerprint import digest, fingerprint
from nuweft.interfaces.base import held_components
from nuweft.io.checksums import content_sha256
from nuweft.plugin.registry import plugins
from nuweft.process.threads import thread_count

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
