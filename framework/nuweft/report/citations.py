"""What a finished run should cite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nuweft.analysis import Analysis
from nuweft.evolution.cosmology import Cosmology
from nuweft.interfaces.base import held_components
from nuweft.io.json_file import read_json
from nuweft.io.schemas import PROVENANCE, RESULT
from nuweft.model.dataset import Dataset
from nuweft.plugin.registry import plugins
from nuweft.references import LIBRARIES, METHOD, PLANCK_2018, Reference, bibliography, misc

_ALWAYS = ("numpy", "scipy", "astropy", "healpy", "ducc0", "matplotlib", "sacc")


def citations(folder: Path) -> list[Reference]:
    """Return what a run used: nuweft, the method, data sets, plugins and libraries.

    Parameters
    ----------
    folder
        Of a finished run.

    Raises
    ------
    MissingDataError
        If it holds no finished run.
    """
    result = read_json(folder, "result.json", RESULT)
    provenance = read_json(folder, "provenance.json", PROVENANCE)
    analysis = Analysis.from_yaml(folder / "analysis.yaml")
    found = [_software(provenance), *METHOD]
    for dataset in used_datasets(provenance):
        found += dataset.references or [_dataset(dataset)]
    for part in held_components(analysis):
        found += part.references
    for library in _libraries(analysis, result):
        found += LIBRARIES[library]
    if _has_theory(result) and analysis.cosmology == Cosmology(
        transfer_function=analysis.cosmology.transfer_function
    ):
        found.append(PLANCK_2018)
    return list({reference.key: reference for reference in found}.values())


def bibtex(folder: Path) -> str:
    """Return :func:`citations` as a BibTeX file, which names plugins that say nothing of what to cite."""
    found = citations(folder)
    silent = _silent(Analysis.from_yaml(folder / "analysis.yaml"))
    notes = "".join(f"% {name}: names no reference; ask its authors\n" for name in silent)
    return notes + ("\n" if notes else "") + bibliography(found)


def used_datasets(provenance: dict[str, Any]) -> list[Dataset]:
    """Return the data sets whose files a run read: by content, or by name where no checksum is known."""
    inputs = provenance["inputs_sha256_uncompressed"]
    return [
        dataset
        for dataset in plugins.datasets().values()
        if any(
            file.sha256 in inputs.values() if file.sha256 is not None else file.path in inputs
            for file in dataset.files
        )
    ]


def _silent(analysis: Analysis) -> list[str]:
    """Return plugins of other distributions without a reference."""
    found = set()
    for part in held_components(analysis):
        try:
            distribution = plugins.info(part.kind, part.plugin_name).distribution
        except LookupError:
            distribution = "a script"
        if distribution != "nuweft" and not part.references:
            found.add(f"{part.kind} {part.plugin_name} of {distribution}")
    return sorted(found)


def _libraries(analysis: Analysis, result: dict[str, Any]) -> Iterator[str]:
    yield from _ALWAYS
    if result["trials"]:
        yield "numba"
    if result.get("posterior"):
        yield "emcee"
    if _has_theory(result):
        yield "pyccl"
        if analysis.cosmology.transfer_function == "boltzmann_camb":
            yield "camb"


def _has_theory(result: dict[str, Any]) -> bool:
    return bool(result["source_evolution"] or result.get("galaxy_bias"))


def _software(provenance: dict[str, Any]) -> Reference:
    return misc(
        "nuweft",
        "{The nuweft developers}",
        "nuweft: cross-correlation of astrophysical neutrinos with the large-scale structure",
        howpublished="software",
        version=provenance["nuweft"],
        year=provenance.get("finished", "")[:4] or "n.d.",
    )


def _dataset(dataset: Dataset) -> Reference:
    citation, title = (re.sub(r"([%&#_])", r"\\\1", text) for text in (dataset.citation, dataset.title))
    return misc(dataset.name, f"{{{citation}}}", title, note=f"data set {dataset.name}")
