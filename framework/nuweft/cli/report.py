"""``nuweft report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(folder: Annotated[Path, typer.Argument(help="folder of a finished run")]) -> None:
    """Write a finished run as one HTML page that needs nothing else."""
    from nuweft.report.page import write_report

    print(f"written to {write_report(folder)}")
