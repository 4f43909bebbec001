"""All commands of the command line."""

from __future__ import annotations

import typer

from nuweft.cli import cite, data, demo, evolve, explain, new, plugins, report, run, sensitivity, trials

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
