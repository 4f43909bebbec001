"""The table at the end of a run."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from nuweft.analysis import Analysis
from nuweft.cli import terminal
from nuweft.report.summary import published_beside, summary
from nuweft.results.result import Result, to_json


def print_summary(
    result: Result, analysis: Analysis, folder: Path, *, console: Console | None = None
) -> None:
    """Print what a run found, beside what was published for the same tracer and a similar sample.

    Parameters
    ----------
    result, analysis
        The run.
    folder
        Where it was written.
    console
        Where to print.
    """
    out = console or terminal.console()
    table = Table(
        title=f"{analysis.tracer.plugin_name} x {analysis.neutrino_sample.description()}",
        title_justify="left",
    )
    table.add_column("quantity", overflow="fold")
    table.add_column("this run", justify="right", overflow="fold")
    content = to_json(result, analysis)
    published = published_beside(content)
    for found in published:
        table.add_column(found.source, justify="right", style="dim")
    for row in summary(content):
        table.add_row(row.name, row.value, *(found.values.get(row.key, "") for found in published))
    out.print(table)
    for warning in result.warnings:
        terminal.note(out, warning)
    terminal.line(out, f"written to {folder}")
