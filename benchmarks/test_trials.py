"""Trials and moments against the usual path, side by side; writes docs/explanation/speed.md.

Run with ``pytest -n 0 benchmarks`` on an idle machine.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import attrs
import numpy as np
import pytest
from problem import EVENTS, Problem, moments, problem, problem_bins, response, sky

import nuweft
from nuweft.model import MatchedFilter
from nuweft.process import thread_count
from nuweft.statistics import hybrid_test_statistics, scan_gamma, trial_test_statistics

NSIDE = 128
USUAL_TRIALS = 64_700
HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "explanation" / "speed.md"


@pytest.fixture(scope="session")
def table():
    """Rows of the page, written when all is done."""
    rows: dict[str, list[str]] = {"main": [], "growth": [], "moments": []}
    yield rows
    text = [
        "# Speed",
        "",
        "Made by `pytest -n 0 benchmarks`; every ratio is measured side by side in one run.",
        f"{thread_count()} cores, NSIDE {NSIDE}, l from 10 to {3 * NSIDE - 1}, {EVENTS:,} simulated events",
        "in 3 energy bins (91 %, 8.7 %, 0.2 %).",
        "The usual path of a trial: positions to pixels, count map, `map2alm(iter=3)`, cross-power,",
        "one thread per trial on all cores.",
        "",
        "| what | time | usual path (healpy) | ratio | ducc0 alone | ratio |",
        "|---|---|---|---|---|---|",
        *rows["main"],
        "",
        "How the cost of an event-level trial grows:",
        "",
        "| with | ms per trial |",
        "|---|---|",
        *rows["growth"],
        "",
        "How the cost of exact mean and covariance grows, kernel included (that of trials does not):",
        "",
        "| with | s |",
        "|---|---|",
        *rows["moments"],
        "",
        "NSIDE 512 is in [Many trials, many machines](../howto/cluster.md).",
        "",
    ]
    PAGE.write_text("\n".join(text), encoding="utf-8")


def _usual(way: str, trials: int = 6) -> float:
    """Return seconds per trial with one single-threaded process on each core."""
    command = [sys.executable, "-W", "ignore", str(HERE / "usual_path.py"), str(NSIDE), str(EVENTS)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE)}
    running = [
        subprocess.Popen([*command, str(trials), way], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(thread_count())
    ]
    times = [float(process.communicate()[0]) for process in running]
    return float(np.mean(times)) / len(times)


@pytest.fixture(scope="session")
def usual() -> dict[str, float]:
    """Seconds per trial of the usual path, all cores at work."""
    return {way: _usual(way) for way in ("healpy", "ducc0")}


def _duration(seconds: float) -> str:
    if seconds >= 60:
        return f"{seconds / 3600:.2f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.2f} us"


def _row(what: str, seconds: float, others: dict[str, float] | None) -> str:
    cells = [what, _duration(seconds)]
    for way in ("healpy", "ducc0"):
        cells += ["", ""] if others is None else [_duration(others[way]), f"{others[way] / seconds:.0f}"]
    return f"| {' | '.join(cells)} |"


@pytest.fixture(scope="session")
def ready() -> tuple[Problem, float]:
    """The problem, and the time from nothing to exact moments."""
    part = sky(NSIDE)
    bins = problem_bins(NSIDE, part.mask)
    start = perf_counter()
    kernel = response(part)
    exact = moments(kernel, bins)
    return problem(part, kernel, bins, exact), perf_counter() - start


def _trials(made: Problem, filters: list[MatchedFilter], count: int) -> list[np.ndarray]:
    background = nuweft.plugins.create("background", "ra-scramble")
    return [
        background.trials(f, bin_data, seed=1, start=0, count=count)
        for f, bin_data in zip(filters, made.bins, strict=True)
    ]


def _widened(filters: MatchedFilter, maps: int) -> MatchedFilter:
    """Return filters with so many maps; further ones repeat the last."""
    index = np.minimum(np.arange(maps), len(filters.maps) - 1)
    return attrs.evolve(
        filters,
        maps=filters.maps[index],
        offset=filters.offset[index],
        spectrum=filters.spectrum[index],
    )


def test_moments_from_nothing(benchmark, ready, usual, table):
    made, _ = ready

    def run():
        return moments(response(made.sky), made.bins)

    benchmark.pedantic(run, rounds=1)
    seconds = benchmark.stats.stats.mean
    others = {way: value * USUAL_TRIALS for way, value in usual.items()}
    table["main"].append(
        _row("exact mean and covariance, kernel included (usual: 64,700 trials)", seconds, others)
    )


def test_event_level_trials_with_test_statistic(benchmark, ready, usual, table):
    made, _ = ready
    count, maps = 400, 4
    filters = [_widened(f, maps) for f in made.filters]
    kept = [1 + block.coefficients.shape[1] for block in made.model.blocks]
    assert max(kept) <= maps

    def run():
        found = _trials(made, filters, count)
        return trial_test_statistics(made.model, [s[:, :n] for s, n in zip(found, kept, strict=True)])

    run()
    benchmark.pedantic(run, rounds=3)
    seconds = benchmark.stats.stats.mean / count
    table["main"].append(_row(f"event-level trial with its TS, {maps} maps in every bin", seconds, usual))


def test_hybrid_trials(benchmark, ready, usual, table):
    made, _ = ready
    count = 400_000
    hybrid_test_statistics(made.hybrid, 0, 10)
    benchmark.pedantic(lambda: hybrid_test_statistics(made.hybrid, 0, count), rounds=3)
    seconds = benchmark.stats.stats.mean / count
    table["main"].append(_row(f"hybrid trial with its TS ({1 / seconds:,.0f} per second)", seconds, usual))


def test_test_statistics(benchmark, ready, table):
    made, _ = ready
    rank = made.hybrid.table.amplitude.shape[1]
    scores = np.random.default_rng(1).standard_normal((400_000, rank))
    scan_gamma(made.hybrid.table, scores[:10])
    benchmark.pedantic(lambda: scan_gamma(made.hybrid.table, scores), rounds=3)
    seconds = benchmark.stats.stats.mean / len(scores)
    table["main"].append(_row(f"TS from sufficient statistics ({rank} in all)", seconds, None))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    table["main"].append(f"| peak memory of all of these | {peak:.2f} GiB | | | | |")


@pytest.mark.parametrize("maps", [4, 8, 16])
def test_growth_with_maps(benchmark, ready, table, maps):
    made, _ = ready
    filters = [_widened(f, maps) for f in made.filters]
    count = 200
    _trials(made, filters, 4)
    benchmark.pedantic(lambda: _trials(made, filters, count), rounds=2)
    table["growth"].append(f"| {maps} maps in every bin | {benchmark.stats.stats.mean / count * 1e3:.2f} |")


@pytest.mark.parametrize("events", [50_000, 507_017, 2_000_000])
def test_growth_with_events(benchmark, ready, table, events):
    made, _ = ready
    bins = problem_bins(NSIDE, made.sky.mask, events)
    background = nuweft.plugins.create("background", "ra-scramble")
    count = 100

    def run():
        for f, bin_data in zip(made.filters, bins, strict=True):
            background.trials(f, bin_data, seed=1, start=0, count=count)

    run()
    benchmark.pedantic(run, rounds=2)
    table["growth"].append(f"| {events:,} events | {benchmark.stats.stats.mean / count * 1e3:.2f} |")


@pytest.mark.parametrize("ell_max", [127, 255, 383])
def test_growth_of_moments_with_multipoles(benchmark, ready, table, ell_max):
    made, _ = ready
    benchmark.pedantic(lambda: moments(response(made.sky, ell_max), made.bins), rounds=1)
    table["moments"].append(f"| l up to {ell_max} | {benchmark.stats.stats.mean:.1f} |")


@pytest.mark.parametrize("nside", [64, 256])
def test_growth_with_resolution(benchmark, table, nside):
    part = sky(nside)
    bins = problem_bins(nside, part.mask)
    rng = np.random.default_rng(3)
    filters = MatchedFilter(
        maps=rng.standard_normal((4, len(part.mask))) * part.mask,
        weight=part.mask[None],
        area=np.array([part.mask.sum()]),
        offset=np.zeros(4),
        spectrum=np.zeros(4, dtype=int),
    )
    background = nuweft.plugins.create("background", "ra-scramble")
    count = 100

    def run():
        for bin_data in bins:
            background.trials(filters, bin_data, seed=1, start=0, count=count)

    run()
    benchmark.pedantic(run, rounds=2)
    table["growth"].append(f"| NSIDE {nside} | {benchmark.stats.stats.mean / count * 1e3:.2f} |")


def test_growth_with_workers(benchmark, ready, table):
    made, _ = ready
    cores = os.sched_getaffinity(0)
    count = 100
    os.sched_setaffinity(0, {min(cores)})
    try:
        _trials(made, made.filters, 4)
        benchmark.pedantic(lambda: _trials(made, made.filters, count), rounds=2)
    finally:
        os.sched_setaffinity(0, cores)
    each = benchmark.stats.stats.mean / count * 1e3
    table["growth"].append(f"| one core instead of {len(cores)} | {each:.2f} |")
