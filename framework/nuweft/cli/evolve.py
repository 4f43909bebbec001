"""``nuweft evolve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from nuweft.evolution.luminosity import LuminosityFunction
    from nuweft.interpretation import Interpretation


def evolve(
    folder: Annotated[Path, typer.Argument(help="folder of a finished run")],
    model: Annotated[
        list[str] | None, typer.Option("--model", help="a source_evolution plugin beside those of the run")
    ] = None,
    bias_prior: Annotated[
        float, typer.Option("--bias-prior", min=0.0, help="spread of ln(b_nu/b_g) of a log-normal prior")
    ] = 0.0,
    local_density: Annotated[
        float | None, typer.Option("--local-density", help="sources per Mpc^3 today, for finite sources")
    ] = None,
    number: Annotated[
        float | None, typer.Option("--number", help="mean number of sources on the sky, instead of a density")
    ] = None,
    luminosity: Annotated[
        str,
        typer.Option("--luminosity", help="standard-candle, log-normal or power-law, for finite sources"),
    ] = "standard-candle",
) -> None:
    """Compare models of source evolution with the limit of a finished run; needs no data."""
    import nuweft
    from nuweft.cli.progress import Bars
    from nuweft.cli.terminal import console
    from nuweft.errors import RedshiftError
    from nuweft.interpretation import FiniteSources, interpret_run, interpretation_json, write_table
    from nuweft.interpretation.finished_run import read_run
    from nuweft.io.json_file import write_json
    from nuweft.io.output import disk_faults, held
    from nuweft.plotting.interpretation import write_figures

    run = read_run(folder)
    models = list(run.analysis.source_evolution)
    models += [nuweft.plugins.create("source_evolution", name) for name in model or []]
    if not models:
        raise RedshiftError(f"{folder}: the run has no source_evolution; name models with --model")
    sources, finite = _luminosity(luminosity), None
    if local_density is not None or number is not None:
        finite = FiniteSources(local_density=local_density, number=number, luminosity=sources)
    with Bars() as bars:
        bars.note("comparing models with the limit")
        result = interpret_run(run, models, bias_prior=bias_prior, finite=finite)
        content = interpretation_json(result)
        bars.note("drawing figures")
        with held(folder), disk_faults(folder):
            write_figures(result, folder / "figures")
            write_table(folder / "evolution.csv", content)
            write_json(folder / "evolution.json", content)
    _print(result, content, console())
    typer.echo(f"written to {folder / 'evolution.json'}, evolution.csv and figures")


def _luminosity(name: str) -> LuminosityFunction:
    from nuweft.errors import ParameterError, did_you_mean
    from nuweft.evolution.luminosity import LogNormalLuminosity, PowerLawLuminosity, StandardCandle

    known = {
        "standard-candle": StandardCandle,
        "log-normal": LogNormalLuminosity,
        "power-law": PowerLawLuminosity,
    }
    if name not in known:
        raise ParameterError(f"--luminosity: {name!r} is not possible; {did_you_mean(name, known)}")
    found: LuminosityFunction = known[name]()
    return found


def _print(result: Interpretation, content: dict[str, Any], out: Console) -> None:
    from rich.table import Table

    from nuweft.cli.terminal import note
    from nuweft.plugin.compose import label

    labels = [case.label for case in result.cases]
    limits = ", ".join(
        f"f_corr < {found['f_corr']:.5f} ({found['signal']}, expected {found['f_corr_expected']:.5f})"
        for found in (content["limit"], content["limit_sources"])
        if found is not None
    )
    title = f"{limits} at gamma {result.run.fit.gamma:g}, f_astro {result.run.f_astro:.5f}"
    table = Table(title=title, title_justify="left")
    table.add_column("model", overflow="fold")
    for heading in ("median z", "f_corr", "limit on", *(f"of the limit, b {b}" for b in labels)):
        table.add_column(heading, justify="right")
    for row in content["models"]:
        ratios = [_ratio(row["ratio_to_limit"][b]) for b in labels]
        numbers = (f"{row['median_redshift']:.3f}", f"{row['f_corr_model']:.5f}", row["signal"])
        table.add_row(label(row), *numbers, *ratios)
    out.print(table)

    table = Table(title="f_corr where one thing is changed (of the limit)", title_justify="left")
    table.add_column("model", overflow="fold")
    for heading in ("changed", "f_corr (of the limit) at each value"):
        table.add_column(heading)
    for name, quantity, values in _grouped(content["dependence"]):
        table.add_row(name, quantity, values)
    out.print(table)

    if content["finite_sources"]:
        table = Table(title=f"finitely many sources, b {labels[0]}", title_justify="left")
        table.add_column("model", overflow="fold")
        for heading in ("sources", "effective", "f_corr 16 % to 84 %", "limit", "of the limit"):
            table.add_column(heading, justify="right")
        first = labels[0]
        for row, item in zip(content["finite_sources"], result.finite, strict=True):
            low, high = (row["factor"][q] * item.f_corr for q in ("0.16", "0.84"))
            top = row["largest_f_corr"][first]
            table.add_row(
                label(row),
                f"{row['expected_number']:.3g}",
                f"{row['effective_number']:.3g}",
                f"{low:.5f} to {high:.5f}",
                "none" if top is None else f"{top:.5f}",
                _ratio(row["ratio_to_limit"][first]),
            )
        out.print(table)
    for curve in result.curves:
        for bias, found in curve.limits.items():
            where = ", ".join(f"{v:.2f}" for v in found) or _VERDICTS[curve.verdicts[bias]].format(
                low=curve.values[0], high=curve.values[-1]
            )
            out.print(f"{curve.model.plugin_name}: limit on {curve.field} for b_nu/b_g {bias}: {where}")
    for words in result.notes:
        note(out, words)


_VERDICTS = {
    "excluded": "none, the whole range from {low:g} to {high:g} is excluded",
    "allowed": "none, the whole range from {low:g} to {high:g} is allowed",
    "no limit": "none, there is no limit on such a signal",
}


def _ratio(value: float | None) -> str:
    return "no limit" if value is None else f"{value:.3f}"


def _grouped(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    from nuweft.plugin.compose import label

    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        cell = f"{row['value']:.4g}: {row['f_corr_model']:.5f} ({_ratio(row['ratio_to_limit'])})"
        groups.setdefault((label(row), row["quantity"]), []).append(cell)
    return [(name, quantity, "; ".join(cells)) for (name, quantity), cells in groups.items()]
