"""The command line: one module per subcommand."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from nuweft.cli import cite, data, demo, evolve, explain, new, plugins, report, run, sensitivity, trials
from nuweft.errors import NuweftError

app = typer.Typer(
    name="nuweft",
    help="Cross-correlation of astrophysical neutrinos with tracers of the large-scale structure.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("evolve")(evolve.evolve)
app.command("report")(report.report)
app.command("cite")(cite.cite)
app.command("explain")(explain.explain)
app.command("new")(new.new)
app.command("plugins")(plugins.plugins)
app.add_typer(data.app, name="data")
app.add_typer(trials.app, name="trials")


def main() -> None:
    """Run the command line; an error of nuweft is one message and exit code 1."""
    try:
        app()
    except NuweftError as error:
        Console(stderr=True).print(f"[bold red]{type(error).__name__}[/]: ", end="")
        print(error, file=sys.stderr)
        sys.exit(1)
