"""A finished run as one HTML page that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nuweft.errors import MissingDataError
from nuweft.html import data_uri, render
from nuweft.io.json_file import read_json
from nuweft.io.output import held, write_text
from nuweft.io.schemas import EVOLUTION, PROVENANCE, RESULT
from nuweft.io.yaml_file import read_yaml
from nuweft.plugin.compose import label
from nuweft.report.captions import caption, captioned
from nuweft.report.citations import bibtex, used_datasets
from nuweft.report.summary import published_beside, summary

_EVOLUTION = "evolution.json"  # written by `nuweft evolve`
_NEEDED = ("result.json", "provenance.json", "analysis.yaml")


def write_report(folder: Path) -> Path:
    """Return the page ``report.html``, after writing it into the folder of a finished run.

    It says what was run on what, shows tables beside what was published for the same tracer
    and a similar sample, figures with captions, warnings, provenance, settings and citations. What
    ``nuweft evolve`` wrote into the folder is in it.

    Parameters
    ----------
    folder
        Of a finished run.

    Raises
    ------
    MissingDataError
        If the folder holds no finished run.
    CorruptFileError
        If a file of it cannot be read.
    """
    for name in _NEEDED:
        if not (folder / name).is_file():
            raise MissingDataError(f"{folder}: no {name}; `nuweft run` or `nuweft demo` make it")
    result, provenance = (
        read_json(folder, "result.json", RESULT),
        read_json(folder, "provenance.json", PROVENANCE),
    )
    page = render(
        "report.html.j2",
        result=result,
        provenance=provenance,
        settings=read_yaml(folder / "analysis.yaml"),
        yaml=(folder / "analysis.yaml").read_text(encoding="utf-8"),
        rows=summary(result),
        published=published_beside(result),
        evolution=_evolution(read_json(folder, _EVOLUTION, EVOLUTION))
        if (folder / _EVOLUTION).is_file()
        else None,
        figures=_figures(folder / "figures"),
        datasets=used_datasets(provenance),
        bibtex=bibtex(folder),
        simulated=not provenance["inputs_sha256_uncompressed"],
    )
    target = folder / "report.html"
    with held(folder):
        write_text(target, page)
    return target


def _figures(folder: Path) -> list[dict[str, str]]:
    order = {name: i for i, name in enumerate(captioned())}
    paths = sorted(folder.glob("*.png"), key=lambda path: (order.get(path.stem, len(order)), path.stem))
    return [
        {"name": path.stem, "caption": caption(path.stem), "image": data_uri(path.read_bytes())}
        for path in paths
    ]


def _evolution(content: dict[str, Any]) -> dict[str, Any]:
    """Return models, limits on their parameters and notes of an ``evolution.json``."""
    return {
        "cases": list(content["largest_f_corr"]),
        "models": [
            {
                "label": label(model),
                "median_redshift": model["median_redshift"],
                "f_corr": model["f_corr_model"],
                "ratios": list(model["ratio_to_limit"].values()),
            }
            for model in content["models"]
        ],
        "limits": content["limits_on_parameters"],
    }
