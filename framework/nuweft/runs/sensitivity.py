"""What an analysis can see, written into a folder: limits, discoveries, energies, injections, systematics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nuweft.analysis import Analysis
from nuweft.errors import OutputExistsError
from nuweft.io.json_file import write_json
from nuweft.io.output import disk_faults, held, make_folder
from nuweft.runs.provenance import identity
from nuweft.studies.sensitivity import Sensitivity, sensitivity, sensitivity_json


def write_sensitivity(analysis: Analysis, folder: Path, **options: Any) -> Sensitivity:
    """Return :func:`sensitivity` after writing ``sensitivity.json`` and figures into a folder.

    Raises
    ------
    OutputExistsError
        If the folder is a file, or holds the sensitivity of another analysis.
    """
    from nuweft.plotting.sensitivity import write_figures

    own = identity(analysis)
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError(f"{folder}: is a file; name a folder")
    make_folder(folder)
    with held(folder), disk_faults(folder):
        mark = folder / "analysis.yaml"
        if mark.is_file() and identity(Analysis.from_yaml(mark)) != own:
            raise OutputExistsError(f"{folder}: holds another analysis; choose another folder")
        result = sensitivity(analysis, **options)
        write_figures(result, analysis, folder / "figures")
        if not mark.is_file():
            analysis.to_yaml(mark)
        write_json(folder / "sensitivity.json", {"identity": own, **sensitivity_json(result, analysis)})
    return result
