"""Trials on disk, from several machines, and from processes that are killed."""

import os
import random
import signal
import subprocess
import sys
import time

import attrs
import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from nuweft.cli import app
from nuweft.errors import CorruptFileError, ExecutorError, MissingDataError, OutputExistsError
from nuweft.io.trials_file import TrialFile, merge_trials, read_trials, write_trials
from nuweft.runs.folder import run_trials
from nuweft.statistics.executor import run_chunks


def _file(path, identity="one"):
    return TrialFile(path, identity, ["a"], 7)


def _append(file, start, count):
    number = start + np.arange(count)
    file.append(start, [np.stack([number, number**2], axis=1)], test_statistic=number / 10)


def test_trials_come_back_in_order_whatever_the_order_of_chunks(tmp_path):
    file = _file(tmp_path / "t.h5")
    for start, count in [(40, 10), (0, 25), (25, 15)]:
        _append(file, start, count)
    assert file.test_statistics(50).tolist() == (np.arange(50) / 10).tolist()
    found = read_trials(tmp_path / "t.h5")
    assert found.ranges == [(0, 50)]
    assert found.seed == 7
    assert found.rows["a"][:, 1].tolist() == (np.arange(50) ** 2).tolist()
    with h5py.File(tmp_path / "t.h5") as store:
        assert store["ranges"][:].tolist() == [[0, 50]]
    assert not (tmp_path / "t.h5.parts").exists()


def test_missing_trials_are_found_in_chunks(tmp_path):
    file = _file(tmp_path / "t.h5")
    assert file.missing(0, 25, chunk=10) == [(0, 10), (10, 10), (20, 5)]
    _append(file, 5, 10)
    assert file.missing(0, 25, chunk=10) == [(0, 5), (15, 10)]
    assert file.missing(5, 10, chunk=10) == []
    assert file.missing(100, 5, chunk=10) == [(100, 5)]


def test_many_chunks_are_gathered(tmp_path):
    file = _file(tmp_path / "t.h5")
    for start in range(130):
        _append(file, start, 1)
    assert len(list((tmp_path / "t.h5.parts").iterdir())) < 64
    assert len(file.test_statistics(130)) == 130


def test_half_written_chunks_do_not_count(tmp_path):
    file = _file(tmp_path / "t.h5")
    _append(file, 0, 5)
    (tmp_path / "t.h5.parts" / "000000000005.h5.99.part").write_bytes(b"half")
    again = _file(tmp_path / "t.h5")
    assert again.missing(0, 8, chunk=10) == [(5, 3)]


def test_trials_of_another_analysis_are_refused(tmp_path):
    _file(tmp_path / "t.h5")
    with pytest.raises(OutputExistsError, match="trials of another analysis"):
        _file(tmp_path / "t.h5", "two")
    other = _file(tmp_path / "u.h5", "two").gather()
    with pytest.raises(OutputExistsError, match="cannot be mixed: one and two"):
        merge_trials([read_trials(tmp_path / "t.h5"), other])


def test_the_same_trial_in_two_files_counts_once_and_must_be_equal(tmp_path):
    one, two = _file(tmp_path / "a.h5"), _file(tmp_path / "b.h5")
    _append(one, 0, 10)
    _append(two, 5, 10)
    sets = [one.gather(), two.gather()]
    merged = merge_trials(sets)
    assert merged.ranges == [(0, 15)]
    damaged = attrs.evolve(
        sets[1], rows=sets[1].rows | {"test_statistic": sets[1].rows["test_statistic"] + 1}
    )
    with pytest.raises(CorruptFileError, match="differ in test_statistic"):
        merge_trials([sets[0], damaged])


def test_unreadable_files_are_named(tmp_path):
    (tmp_path / "t.h5").write_bytes(b"not HDF5")
    with pytest.raises(CorruptFileError, match="not a readable file of trials"):
        read_trials(tmp_path / "t.h5")
    with pytest.raises(MissingDataError, match="no such file of trials"):
        read_trials(tmp_path / "none.h5")


def test_too_few_trials_are_named(tmp_path):
    file = _file(tmp_path / "t.h5")
    _append(file, 0, 5)
    with pytest.raises(MissingDataError, match="5 of 8 trials"):
        file.test_statistics(8)


_CHILD = """
import sys, time
import numpy as np
from pathlib import Path
from nuweft.io.trials_file import TrialFile

file = TrialFile(Path(sys.argv[1]), "one", ["a"], 7)
for start, count in file.missing(0, 4000, chunk=20):
    number = start + np.arange(count)
    file.append(start, [np.stack([number, number**2], axis=1)], test_statistic=number / 10)
file.gather()
"""


def test_a_process_killed_at_random_moments_loses_nothing(tmp_path):
    """Chunks are small, so that most kills hit a file being written or gathered."""
    path = tmp_path / "t.h5"
    draw = random.Random(4)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    killed = 0
    for _ in range(40):
        child = subprocess.Popen([sys.executable, "-c", _CHILD, str(path)], env=environment)
        begun = time.monotonic()
        while not path.exists() and time.monotonic() - begun < 30:
            time.sleep(0.01)
        time.sleep(draw.uniform(0.0, 0.3))
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            killed += 1
        code = child.wait()
        if code == 0 or killed == 8:
            break
    assert killed >= 2
    subprocess.run([sys.executable, "-c", _CHILD, str(path)], check=True, env=environment)
    found = read_trials(path)
    assert found.ranges == [(0, 4000)]
    assert found.rows["test_statistic"].tolist() == (np.arange(4000) / 10).tolist()
    assert found.rows["a"][:, 1].tolist() == (np.arange(4000) ** 2).tolist()


def test_trials_of_two_machines_merge_to_those_of_one(small_sky, tmp_path, monkeypatch):
    small_sky.to_yaml(tmp_path / "analysis.yaml")
    run = CliRunner().invoke
    for name, start, count in [("a", 0, 30), ("b", 30, 20), ("whole", 0, 50)]:
        arguments = ["trials", "run", str(tmp_path / "analysis.yaml"), "-o", str(tmp_path / f"{name}.h5")]
        done = run(app, [*arguments, "--start", str(start), "--count", str(count)])
        assert done.exit_code == 0, done.output
        assert f"{count} trials computed" in done.output
    files = [str(tmp_path / "a.h5"), str(tmp_path / "b.h5")]
    done = run(app, ["trials", "merge", *files, "-o", str(tmp_path / "merged.h5")])
    assert done.exit_code == 0, done.output
    merged, whole = read_trials(tmp_path / "merged.h5"), read_trials(tmp_path / "whole.h5")
    assert merged.identity == whole.identity
    for name, values in whole.rows.items():
        assert np.array_equal(merged.rows[name], values)
    shown = run(app, ["trials", "info", str(tmp_path / "merged.h5")]).output
    assert "50 trials, numbers 0 to 49" in shown
    assert merged.identity in shown
    again = run(app, ["trials", "merge", *files, "-o", str(tmp_path / "merged.h5")])
    assert isinstance(again.exception, OutputExistsError)


def test_the_tail_is_given_by_hybrid_trials(small_sky, tmp_path):
    small_sky.to_yaml(tmp_path / "analysis.yaml")
    arguments = ["trials", "tail", str(tmp_path / "analysis.yaml"), "--count", "3000"]
    done = CliRunner().invoke(app, [*arguments, "--dense-from", "2000"])
    assert done.exit_code == 0, done.output
    assert "3000 hybrid trials" in done.output
    assert "p-value" in done.output


def test_a_range_that_is_there_is_not_computed_again(small_sky, tmp_path):
    assert run_trials(small_sky, tmp_path / "t.h5", count=20) == 20
    assert run_trials(small_sky, tmp_path / "t.h5", count=30) == 10
    with pytest.raises(OutputExistsError, match="another analysis"):
        run_trials(attrs.evolve(small_sky, seed=99), tmp_path / "t.h5", count=10)


def _slow_square(shared, start, count):
    time.sleep(0.2)
    return shared + np.arange(start, start + count) ** 2


def test_chunks_run_in_order_here():
    done = list(run_chunks(_slow_square, 1, [(0, 2), (2, 2)]))
    assert [start for start, _ in done] == [0, 2]
    assert done[1][1].tolist() == [5, 10]


def test_a_worker_that_is_killed_loses_nothing(small_sky, measured, tmp_path):
    """A real cluster of two processes, one of them killed while chunks are under way."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    import psutil

    from nuweft.statistics.trials import TrialTask, compute_trials

    task = TrialTask(
        filters=tuple(small_sky.filters(measured)),
        bins=small_sky.bins,
        background=small_sky.background,
        seed=small_sky.seed,
    )
    chunks = [(start, 200) for start in range(0, 4000, 200)]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        pids = [worker.pid for worker in cluster.workers.values()]
        found = {}
        for start, statistics in run_chunks(compute_trials, task, chunks, executor=cluster.scheduler_address):
            if not found:
                psutil.Process(pids[0]).kill()
            found[start] = statistics
    assert sorted(found) == [start for start, _ in chunks]
    whole = small_sky.run_trials(measured, 4000)
    for i, block in enumerate(whole):
        assert np.array_equal(block, np.concatenate([found[start][i] for start, _ in chunks]))


def test_a_scheduler_that_is_not_there_is_named():
    pytest.importorskip("distributed", reason="Dask is not installed")
    with pytest.raises(ExecutorError, match="no Dask scheduler at 'nowhere'"):
        list(run_chunks(_slow_square, 1, [(0, 1)], executor="nowhere"))


def test_write_trials_keeps_the_old_file_until_the_new_one_is_whole(tmp_path, monkeypatch):
    file = _file(tmp_path / "t.h5")
    _append(file, 0, 5)
    before = file.gather()

    def fails(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("nuweft.io.trials_file.h5py.File.__setitem__", fails)
    with pytest.raises(OSError, match="disk full"):
        write_trials(tmp_path / "t.h5", before)
    monkeypatch.undo()
    assert read_trials(tmp_path / "t.h5").ranges == [(0, 5)]
