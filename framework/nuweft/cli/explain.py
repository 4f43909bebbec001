"""``nuweft explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def explain(
    file: Annotated[Path, typer.Argument(help="YAML file that describes the analysis")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="folder of a run, whose trials would be taken over")
    ] = None,
) -> None:
    """Say what `nuweft run` would compute, what comes from the cache, and why."""
    import attrs

    from nuweft.analysis import Analysis
    from nuweft.cache.stages import AUTO, OFF
    from nuweft.cache.stages import explain as explain_parts
    from nuweft.cli.terminal import console, table
    from nuweft.runs.folder import missing_trials

    analysis = Analysis.from_yaml(file)
    if analysis.cache == OFF:
        print("cache: off, so that everything is computed. With cache: auto:")
        analysis = attrs.evolve(analysis, cache=AUTO)
    rows = table(("part", "is", "because"), names=("part", "is"))
    for row in explain_parts(analysis):
        if row.part != "trials":  # a run keeps its own
            rows.add_row(row.part, row.state, row.reason)
    wanted = analysis.trials
    missing = wanted if output is None else missing_trials(analysis, output)
    where = "no folder of a run is named (-o)" if output is None else f"{wanted - missing} are in {output}"
    rows.add_row("trials", f"{missing} computed", where)
    console().print(rows)
    for model in analysis.source_evolution:
        kinds = " and ".join(sorted({member.signal for _, member in model.populations()}))
        typer.echo(f"{model.plugin_name} is compared with the limit on a signal of the {kinds}")
