"""``nuweft run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    file: Annotated[Path, typer.Argument(help="YAML file that describes the analysis")],
    output: Annotated[Path, typer.Option("-o", "--output", help="folder for the results")],
    fetch: Annotated[bool, typer.Option("--fetch", help="download data sets that are missing")] = False,
) -> None:
    """Measure, fit, calibrate, limit, interpret; results go into a folder."""
    from nuweft.analysis import Analysis
    from nuweft.cli.progress import Bars
    from nuweft.cli.summary import print_summary
    from nuweft.data.locate import fetch_missing
    from nuweft.runs.folder import run as run_analysis

    analysis = Analysis.from_yaml(file)
    with Bars() as bars:
        if fetch:
            bars.note("fetching data")
            fetch_missing(analysis.inputs)
        result = run_analysis(analysis, output, progress=bars)
    print_summary(result, analysis, output)
