"""``nuweft sensitivity``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nuweft.analysis import Analysis
    from nuweft.studies.sensitivity import Sensitivity


def sensitivity(
    file: Annotated[Path, typer.Argument(help="YAML file that describes the analysis")],
    output: Annotated[Path, typer.Option("-o", "--output", help="folder for the results")],
    sets: Annotated[
        int, typer.Option("--sets", min=0, help="injected data sets per strength; 0 for limits only")
    ] = 100,
    trials: Annotated[int, typer.Option("--trials", min=100, help="trials without signal")] = 2000,
    tail_trials: Annotated[
        int, typer.Option("--tail-trials", min=100_000, help="hybrid trials for 3 and 5 sigma; 1e8 for 5")
    ] = 2_000_000,
    fetch: Annotated[bool, typer.Option("--fetch", help="download data sets that are missing")] = False,
) -> None:
    """Give median limits, discovery potentials, sensitive energies, injections and systematics."""
    from rich.table import Table

    from nuweft.analysis import Analysis
    from nuweft.cli.progress import Bars
    from nuweft.cli.terminal import console, note
    from nuweft.data.locate import fetch_missing
    from nuweft.runs.sensitivity import write_sensitivity
    from nuweft.studies.sensitivity import recovery_summary, study_summary

    analysis = Analysis.from_yaml(file)
    with Bars() as bars:
        if fetch:
            bars.note("fetching data")
            fetch_missing(analysis.inputs)
        result = write_sensitivity(
            analysis, output, sets=sets, trials=trials, tail_trials=tail_trials, progress=bars
        )
    out = console()
    table = Table(title="sensitivity", title_justify="left")
    for heading in ("gamma", "f_corr", "flux at 100 TeV", "of diffuse", "GeV", "3 sigma", "5 sigma"):
        table.add_column(heading, justify="right")
    for row in _rows(result, analysis):
        table.add_row(*row)
    out.print(table)
    for found in map(recovery_summary, result.recovery):
        pull, error = found["mean_pull"]
        out.print(
            f"{found['n_corr']:.0f} correlated events: pull {pull:+.3f} +- {error:.3f}, "
            f"limit above the truth {found['coverage'][0]:.3f}, expected {found['coverage_expected']:.3f}"
        )
    for study in map(study_summary, result.studies):
        gamma = "-" if study["sigma_gamma"] is None else f"{study['sigma_gamma']:.3f}"
        out.print(
            f"systematic uncertainty with {study['n_corr']:.0f} correlated events: "
            f"f_corr {study['sigma_f_corr']:.5f}, gamma {gamma}"
        )
    for warning in result.warnings:
        note(out, warning)
    typer.echo(f"written to {output / 'sensitivity.json'} and figures")


def _rows(result: Sensitivity, analysis: Analysis) -> list[tuple[str, ...]]:
    """Return the rows of the table that the command line prints."""
    from nuweft.studies.sensitivity import sensitivity_json

    content = sensitivity_json(result, analysis)
    rows = []
    for row in content["sensitivity"]:
        low, high = row["energy_range_GeV"]
        found = {d["sigma"]: d for d in content["discovery_potential"] if d["gamma"] == row["gamma"]}
        cells = [
            f"{row['gamma']:g}",
            f"{row['f_corr']:.5f}",
            f"{row['flux_100TeV']:.3g}",
            f"{row['fraction_of_diffuse']:.0%}",
            f"{low:.2g} to {high:.2g}",
        ]
        cells += [f"{found[s]['fraction_of_diffuse']:.0%}" if s in found else "-" for s in (3, 5)]
        rows.append(tuple(cells))
    return rows
