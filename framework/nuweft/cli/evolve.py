"""``nuweft evolve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def evolve(
    folder: Annotated[Path, typer.Argument(help="folder of a finished run")],
    model: Annotated[
        list[str] | None, typer.Option("--model", help="a source_evolution plugin beside those of the run")
    ] = None,
) -> None:
    """Compare models of source evolution with the limit of a finished run; needs no data."""
    from rich.console import Console
    from rich.table import Table

    import nuweft
    from nuweft.cli.progress import Bars
    from nuweft.errors import RedshiftError
    from nuweft.interpretation import BIAS_RATIOS, interpret_run, interpretation_json, read_run
    from nuweft.plotting.interpretation import curve_figure, region_figure
    from nuweft.plotting.style import save
    from nuweft.provenance import write_json

    run = read_run(folder)
    models = list(run.analysis.source_evolution)
    models += [nuweft.plugins.create("source_evolution", name) for name in model or []]
    if not models:
        raise RedshiftError(f"{folder}: the run has no source_evolution; name models with --model")
    with Bars() as bars:
        bars.note("comparing models with the limit")
        result = interpret_run(run, models)
        bars.note("drawing figures")
        figures = folder / "figures"
        figures.mkdir(exist_ok=True)
        for curve in result.curves:
            save(curve_figure(result, curve), figures / f"evolution_{curve.model.plugin_name}.png")
        for region in result.regions:
            save(region_figure(result, region), figures / f"evolution_{region.model.plugin_name}.png")
    write_json(folder / "evolution.json", interpretation_json(result))

    limit = run.limit
    title = f"f_corr < {limit.f_corr:.5f} at gamma {limit.gamma:g}, f_astro {run.f_astro:.5f}"
    table = Table(title=title, title_justify="left")
    table.add_column("model", overflow="fold")
    for heading in ("median z", "f_corr", *(f"of the limit, b {b:g}" for b in BIAS_RATIOS)):
        table.add_column(heading, justify="right")
    for item, content in zip(result.models, interpretation_json(result)["models"], strict=True):
        settings = ", ".join(f"{k} {v}" for k, v in content["settings"].items())
        table.add_row(
            f"{item.model.plugin_name}{f' ({settings})' if settings else ''}",
            f"{item.median_redshift:.3f}",
            f"{item.f_corr:.5f}",
            *(f"{b * item.f_corr / limit.f_corr:.3f}" for b in BIAS_RATIOS),
        )
    out = Console()
    out.print(table)
    for curve in result.curves:
        for ratio, found in curve.limits.items():
            where = ", ".join(f"{v:.2f}" for v in found) or "not reached in the range scanned"
            out.print(f"{curve.model.plugin_name}: limit on {curve.field} for b_nu/b_g = {ratio:g}: {where}")
    out.print(f"written to {folder / 'evolution.json'} and {figures}")
