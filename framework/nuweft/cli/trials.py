"""``nuweft trials``: long runs of trials, from several machines."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Long runs of scrambled trials: run, merge, look into files.", no_args_is_help=True)


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="YAML file that describes the analysis")],
    output: Annotated[Path, typer.Option("-o", "--output", help="HDF5 file of trials; it is extended")],
    count: Annotated[int, typer.Option("--count", min=1, help="number of trials")],
    start: Annotated[int, typer.Option("--start", min=0, help="number of the first trial")] = 0,
) -> None:
    """Run trials that are not in the file yet; an interrupted run goes on where it stopped."""
    from nuweft.analysis import Analysis
    from nuweft.cli.progress import Bars
    from nuweft.io.trials_file import read_trials
    from nuweft.runs.folder import run_trials

    analysis = Analysis.from_yaml(file)
    with Bars() as bars:
        done = run_trials(analysis, output, start=start, count=count, progress=bars)
    typer.echo(f"{done} trials computed; {_describe(read_trials(output).ranges)} in {output}")


@app.command()
def tail(
    file: Annotated[Path, typer.Argument(help="YAML file that describes the analysis")],
    count: Annotated[int, typer.Option("--count", min=1, max=10**11, help="number of trials, say 100000000")],
    dense_from: Annotated[
        float, typer.Option("--dense-from", min=0.0, help="events from which a bin is drawn from its moments")
    ] = 1000.0,
) -> None:
    """Give the p-value from hybrid trials: only sparse energy bins are scrambled event by event."""
    from nuweft.analysis import Analysis
    from nuweft.cli.progress import Bars
    from nuweft.errors import ParameterError
    from nuweft.statistics.hybrid import DenseBin, tail_probability

    if math.isnan(dense_from):
        raise ParameterError("--dense-from: expected a number of events, got nan")
    analysis = Analysis.from_yaml(file)
    with Bars() as bars:
        measured = analysis.measure(bars)
        task = analysis.hybrid_task(measured, dense_from=dense_from)
        observed = analysis.fit(measured).test_statistic
        p, _ = tail_probability(task, observed, count, executor=analysis.executor, progress=bars)
    modes = [f"{part.label} by {'moments' if isinstance(part, DenseBin) else 'events'}" for part in task.bins]
    value = f"{p.value:.4g} +- {p.error:.1g}" if p.value > 0 else f"< {p.error:.1g} (68 %)"
    typer.echo(f"test statistic {observed:.3f}: p-value {value}, {p.significance:.2f} sigma (two-sided)")
    typer.echo(f"{p.trials} {p.mode} trials; energy bins {', '.join(modes)}")


@app.command()
def merge(
    files: Annotated[list[Path], typer.Argument(help="files of trials of one analysis")],
    output: Annotated[Path, typer.Option("-o", "--output", help="file that is written")],
) -> None:
    """Merge files of one analysis; trials that are in two of them must be equal and count once."""
    from nuweft.errors import MissingDataError, OutputExistsError
    from nuweft.io.trials_file import known_trials, merge_trials, write_trials

    if output.exists():
        raise OutputExistsError(f"{output}: exists; choose another file")
    trials = merge_trials([found for path in files for found in known_trials(path)[0]])
    if not len(trials.number):
        raise MissingDataError(f"{', '.join(map(str, files))}: no trials to merge")
    write_trials(output, trials)
    typer.echo(f"{_describe(trials.ranges)} in {output}")


@app.command()
def info(file: Annotated[Path, typer.Argument(help="file of trials")]) -> None:
    """Say which analysis and which trials a file holds."""
    from nuweft.io.trials_file import known_trials, merge_trials, parts_folder

    sets, apart = known_trials(file)
    trials = merge_trials(sets)
    typer.echo(f"analysis {trials.identity}")
    typer.echo(f"seed {trials.seed}")
    typer.echo(f"energy bins log10(E/GeV) {', '.join(trials.labels)}")
    typer.echo(_describe(trials.ranges))
    if apart:
        typer.echo(
            f"{apart} of them in chunks of an interrupted or running process ({parts_folder(file)}); "
            "`nuweft trials run` or `nuweft trials merge` gathers them"
        )


def _describe(ranges: list[tuple[int, int]]) -> str:
    total = sum(high - low for low, high in ranges)
    parts = ", ".join(f"{low} to {high - 1}" for low, high in ranges)
    return f"{total} trials{f', numbers {parts}' if parts else ''}"
