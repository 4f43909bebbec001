"""``nuweft cite``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def cite(folder: Annotated[Path, typer.Argument(help="folder of a finished run")]) -> None:
    """Print BibTeX for the data, plugins and libraries that a run used."""
    from nuweft.report.citations import bibtex

    print(bibtex(folder), end="")
