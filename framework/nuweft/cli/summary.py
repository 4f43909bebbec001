"""The table at the end of a run."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from nuweft.analysis import Analysis
from nuweft.cli import terminal
from nuweft.results import Result, to_json
from nuweft.summary import summary


def print_summary(
    result: Result, analysis: Analysis, folder: Path, *, compare: bool, console: Console | None = None
) -> None:
    """Print what a run found.

    Parameters
    ----------
    result, analysis
        The run.
    folder
        Where it was written.
    compare
        Whether the published values stand beside.
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
    if compare:
        table.add_column("Abbasi et al. 2025 (ten years)", justify="right", style="dim")
    for row in summary(to_json(result, analysis)):
        table.add_row(*([row.name, row.value] + ([row.published] if compare else [])))
    out.print(table)
    for warning in result.warnings:
        terminal.note(out, warning)
    terminal.line(out, f"written to {folder}")
