"""A run: measure, fit, calibrate, limit, interpret, and write it all into a folder."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from nuweft.analysis import Analysis
from nuweft.errors import ConfigurationError, OutputExistsError
from nuweft.io.json_file import write_json
from nuweft.io.output import LOCK, disk_faults, held, make_folder, written
from nuweft.io.sacc_file import auto_to_sacc, to_sacc, write_sacc
from nuweft.io.trials_file import (
    TrialFile,
    check_identity,
    known_trials,
    merge_trials,
    missing_chunks,
    parts_folder,
)
from nuweft.io.yaml_file import read_yaml
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.plugin.answers import repeated_trial
from nuweft.plugin.compose import to_mapping
from nuweft.process.capacity import check_trials
from nuweft.progress import Progress, Silent
from nuweft.results.result import Result, interpret, to_json
from nuweft.runs.provenance import NOT_IDENTITY, identity, provenance
from nuweft.statistics.executor import run_chunks
from nuweft.statistics.profile import check_data_points
from nuweft.statistics.trials import TrialTask, compute_trials, trial_test_statistics

_CHUNK = 2000
_DRAWS = 60_000_000  # random numbers of a chunk, about a second


def prepare_folder(analysis: Analysis, folder: Path) -> str:
    """Return the identity of the analysis after making or checking its folder.

    Raises
    ------
    OutputExistsError
        If the folder holds another run or other files.
    """
    own = identity(analysis)
    check_folder(folder)
    settings = folder / "analysis.yaml"
    begun = folder.is_dir() and {p.name for p in folder.iterdir()} - {
        settings.name,
        f"{settings.name}.part",
        LOCK,
    }
    if settings.is_file() and begun:
        try:
            other = identity(Analysis.from_yaml(settings))
        except (ConfigurationError, LookupError, FileNotFoundError) as error:
            raise OutputExistsError(f"{folder}: holds a run that cannot be read ({error})") from error
        if other != own:
            changed = _differences(read_yaml(settings), to_mapping(analysis, folder=folder))
            raise OutputExistsError(
                f"{folder}: holds another run (different: {', '.join(changed) or 'input files'}); "
                "choose another folder or remove it"
            )
        return own
    if begun:
        raise OutputExistsError(f"{folder}: holds files that are not a run; choose another folder")
    make_folder(folder)
    analysis.to_yaml(settings)
    return own


def check_folder(folder: Path) -> None:
    """Refuse a folder that is a file.

    Raises
    ------
    OutputExistsError
        If it is one.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError(f"{folder}: is a file; name a folder")


def _differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [key for key in new if key not in NOT_IDENTITY and old.get(key) != new[key]]


def _fill(
    path: Path,
    own: str,
    analysis: Analysis,
    measured: CrossSpectrum,
    *,
    start: int,
    count: int,
    report: Progress,
) -> tuple[TrialFile, int]:
    """Compute trials that are missing in the file of an identity; return it and their number."""
    file = TrialFile(path, own, [block.energy_bin for block in measured.blocks], analysis.seed)
    events = int(measured.events_per_bin.sum())
    chunks = file.missing(start, count, chunk=max(1, min(_CHUNK, _DRAWS // max(events, 1))))
    if not chunks:
        return file, 0
    model = analysis.model(measured)
    shared = TrialTask(
        filters=tuple(analysis.filters(measured)),
        bins=analysis.bins,
        background=analysis.background,
        seed=analysis.seed,
    )
    for filters, bin_data in zip(shared.filters, shared.bins, strict=True):
        repeated_trial(analysis.background, filters, bin_data, seed=analysis.seed, start=start)
    done = run_chunks(compute_trials, shared, chunks, executor=analysis.executor)
    for first, statistics in report.track(done, "scrambled trials", len(chunks)):
        file.append(first, statistics, test_statistic=trial_test_statistics(model, statistics))
    file.gather()
    return file, sum(n for _, n in chunks)


def missing_trials(analysis: Analysis, folder: Path) -> int:
    """Return how many trials a run in a folder would have to compute.

    Raises
    ------
    OutputExistsError
        If the folder holds trials of another analysis.
    """
    check_trials(analysis.trials, len(analysis.neutrino_sample.energy_bins.labels))
    path, own = folder / "trials.h5", identity(analysis)
    check_identity(path, own)
    if not path.exists() and not parts_folder(path).exists():
        return analysis.trials
    there = merge_trials(known_trials(path)[0])
    return sum(count for _, count in missing_chunks(there, 0, analysis.trials, chunk=_CHUNK))


def run_trials(
    analysis: Analysis, path: Path, *, start: int = 0, count: int, progress: Progress | None = None
) -> int:
    """Return how many trials were computed to have a range of them in a file.

    Parameters
    ----------
    analysis
        The analysis.
    path
        HDF5 file; trials that it holds are not computed again.
    start, count
        Trials ``start`` to ``start + count - 1``.
    progress
        Reports progress.

    Raises
    ------
    OutputExistsError
        If the file holds trials of another analysis.
    """
    check_trials(count, len(analysis.neutrino_sample.energy_bins.labels))
    report, own = progress or Silent(), identity(analysis)
    check_identity(path, own)
    with held(path), disk_faults(path):
        measured = analysis.measure(report)
        return _fill(path, own, analysis, measured, start=start, count=count, report=report)[1]


def write_windows(path: Path, analysis: Analysis) -> None:
    """Write the point-spread windows b_l of each energy bin at the indices of the limits, as CSV."""
    windows = {gamma: analysis.point_spread_windows(gamma) for gamma in analysis.gammas}
    labels = analysis.neutrino_sample.energy_bins.labels
    names = [f"{label} gamma {gamma:g}" for gamma in windows for label in labels]
    ell = np.arange(3 * analysis.nside)
    columns = np.zeros((len(ell), 1 + len(names)))
    columns[:, 0] = ell
    values = np.concatenate(list(windows.values()))[:, : len(ell)]
    columns[: values.shape[1], 1:] = values.T
    header, form = ",".join(["ell", *names]), ["%d", *["%.6e"] * len(names)]
    with written(path) as part:
        np.savetxt(part, columns, delimiter=",", header=header, comments="", fmt=form)


def run(analysis: Analysis, folder: Path, *, progress: Progress | None = None) -> Result:
    """Return the result of a run, after writing it into ``folder``.

    Trials of an interrupted run of the same analysis are used again.

    Parameters
    ----------
    analysis
        What to do.
    folder
        Where results go: ``result.json``, ``spectra.sacc``, ``tracer.sacc``, ``point_spread.csv``,
        ``trials.h5``, ``chain.h5``, ``analysis.yaml``, ``provenance.json`` and
        ``figures/``.
    progress
        Reports progress.

    Raises
    ------
    OutputExistsError
        If the folder holds another run.
    """
    check_trials(analysis.trials, len(analysis.neutrino_sample.energy_bins.labels))
    analysis.inputs()  # missing data are named before a folder is made
    check_folder(folder)
    make_folder(folder)
    with held(folder), disk_faults(folder):
        return _run(analysis, folder, progress or Silent())


def _run(analysis: Analysis, folder: Path, report: Progress) -> Result:
    from nuweft.plotting.gallery import write_figures

    started, clock = datetime.now(UTC), perf_counter()
    own = prepare_folder(analysis, folder)
    origin = provenance(analysis)
    times: dict[str, float] = {}

    def lap(name: str) -> None:
        nonlocal clock
        now = perf_counter()
        times[name] = round(now - clock, 2)
        clock = now

    measured = analysis.measure(report)
    check_data_points(measured)
    redshifts = analysis.tracer.redshift_distribution()
    store = to_sacc(
        measured,
        redshifts,
        windows=analysis.kernel.windows,
        metadata={"identity": own, "sample": analysis.neutrino_sample.description(), "creator": "nuweft"},
    )
    write_sacc(folder / "spectra.sacc", store)
    write_windows(folder / "point_spread.csv", analysis)
    lap("measure")

    file, computed = _fill(
        folder / "trials.h5", own, analysis, measured, start=0, count=analysis.trials, report=report
    )
    lap("trials")

    with written(folder / "chain.h5") as chain:
        posterior = analysis.posterior(measured, backend=chain, progress=report)
    lap("posterior")

    report.note("interpreting")
    result = interpret(analysis, measured, file.test_statistics(analysis.trials), posterior)
    if result.galaxy_bias is not None and redshifts is not None:
        auto = auto_to_sacc(
            result.galaxy_bias, redshifts, analysis.tracer.plugin_name, metadata={"identity": own}
        )
        write_sacc(folder / "tracer.sacc", auto)
    lap("interpret")
    report.note("drawing figures")
    part = folder / "figures.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    write_figures(analysis, result, part)
    shutil.rmtree(folder / "figures", ignore_errors=True)
    part.replace(folder / "figures")
    lap("figures")

    analysis.to_yaml(folder / "analysis.yaml")
    origin |= {
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": times,
        "trials_taken_over": analysis.trials - computed,
        "warnings": list(result.warnings),
    }
    write_json(folder / "provenance.json", origin)
    write_json(folder / "result.json", to_json(result, analysis))
    return result
