"""Folders of runs: damaged files are named, one process at a time writes, a kill loses nothing complete."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import attrs
import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

import nuweft
from nuweft.cli import app
from nuweft.errors import (
    CacheWarning,
    CorruptFileError,
    MissingDataError,
    ModelError,
    NuweftError,
    OutputError,
    OutputExistsError,
    OutputHeldError,
)
from nuweft.interpretation.finished_run import read_run
from nuweft.io import values
from nuweft.io.output import disk_faults, held, written
from nuweft.io.trials_file import TrialFile, merge_trials, parts_folder, read_trials, write_trials
from nuweft.measurement.stored import CLASSES
from nuweft.runs.folder import run_trials
from nuweft.statistics.trials import binomial_p_value

SETTINGS = {
    "tracer": {"plugin": "mock-galaxies", "galaxies": 20000, "field_nside": 16},
    "neutrino_sample": {
        "plugin": "mock-tracks",
        "tracer": {"plugin": "mock-galaxies", "galaxies": 20000, "field_nside": 16},
        "livetime_days": 20.0,
        "energy_edges": [2.5, 3.5],
    },
    "mask": {"plugin": "declination", "minimum": "-5 deg"},
    "nside": 8,
    "oversampling": 2,
    "gamma_points": 7,
    "trials": 20,
    "gammas": [2.0, 2.37],
    "source_evolution": ["constant"],
    "cosmology": {"transfer_function": "eisenstein_hu"},
}


@pytest.fixture(scope="module")
def tiny():
    return nuweft.Analysis.from_mapping(SETTINGS)


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nuweft.plotting.gallery.write_figures", lambda *a: None)
        nuweft.run(tiny, path)
    return path


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copy")


# --- damaged inputs ----------------------------------------------------------------


def _changed(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("result.json", lambda p: p.write_text("{"), "result.json: not JSON"),
        ("result.json", lambda p: p.write_text("[]"), "result.json: the whole: .*not of type 'object'"),
        ("result.json", lambda p: p.write_bytes(b"\xff\xfe"), "result.json: not JSON"),
        ("result.json", lambda p: p.write_text('{"f_astro": NaN}'), "NaN is no number"),
        ("result.json", lambda p: _changed(p, lambda c: c.pop("f_astro")), "'f_astro' is a required"),
        (
            "result.json",
            lambda p: _changed(p, lambda c: c.update(f_astro="a")),
            "f_astro: 'a' is not of type",
        ),
        ("result.json", lambda p: _changed(p, lambda c: c.update(upper_limits=[])), "upper_limits: "),
        (
            "result.json",
            lambda p: _changed(p, lambda c: c["upper_limits"][0].update(f_corr_sigma=-1)),
            r"upper_limits\[0\].f_corr_sigma: -1 is less",
        ),
        (
            "result.json",
            lambda p: _changed(p, lambda c: c["upper_limits"][1].pop("gamma")),
            r"upper_limits\[1\]: 'gamma' is a required",
        ),
        ("spectra.sacc", lambda p: p.write_bytes(p.read_bytes()[:4000]), "spectra.sacc: not the spectra"),
        ("spectra.sacc", lambda p: p.write_bytes(b""), "spectra.sacc: not the spectra"),
        ("spectra.sacc", lambda p: p.unlink(), "no spectra.sacc"),
        ("analysis.yaml", lambda p: p.write_text("a: [1"), "analysis.yaml, line 1: not valid YAML"),
        (
            "analysis.yaml",
            lambda p: p.write_text("tracer: gone"),
            "analysis.yaml: analysis.tracer: no tracer",
        ),
    ],
)
def test_a_damaged_file_of_a_run_is_named_with_its_key(copy, name, damage, message):
    damage(copy / name)
    with pytest.raises(NuweftError, match=message):
        read_run(copy)


@pytest.mark.parametrize("name", ["result.json", "provenance.json", "evolution.json"])
def test_reports_name_a_damaged_file(copy, name):
    (copy / name).write_text('{"models": 3}')
    for command in ("report", "cite") if name != "evolution.json" else ("report",):
        error = CliRunner().invoke(app, [command, str(copy)]).exception
        assert isinstance(error, CorruptFileError)
        assert name in str(error)


@pytest.mark.parametrize("cut", [0, 100, 3000])
def test_a_cut_file_of_trials_is_named(copy, cut):
    path = copy / "trials.h5"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CorruptFileError, match="trials.h5: not a readable file of trials"):
        read_trials(path)


@pytest.mark.parametrize("link", ["external", "soft", "virtual"])
def test_links_of_hdf5_are_refused(copy, link):
    path, secret = copy / "trials.h5", copy / "other.h5"
    with h5py.File(secret, "w") as store:
        store["test_statistic"] = np.zeros(20)
    with h5py.File(path, "r+") as store:
        del store["test_statistic"]
        if link == "external":
            store["test_statistic"] = h5py.ExternalLink("other.h5", "/test_statistic")
        elif link == "soft":
            store["test_statistic"] = h5py.SoftLink("/trial")
        else:
            layout = h5py.VirtualLayout(shape=(20,), dtype=float)
            layout[:] = h5py.VirtualSource(secret, "test_statistic", shape=(20,))
            store.create_virtual_dataset("test_statistic", layout)
    with pytest.raises(CorruptFileError, match="'test_statistic' is a link to somewhere else"):
        read_trials(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.attrs.__delitem__("seed"), "no attribute 'seed'"),
        (lambda s: s.__delitem__("trial"), "no entry 'trial'"),
        (lambda s: s["trial"].__setitem__(3, 0), "'trial' is damaged"),
        (lambda s: s["test_statistic"].__setitem__(3, np.nan), "'test_statistic' is damaged"),
    ],
)
def test_a_damaged_entry_of_trials_is_named(copy, change, message):
    with h5py.File(copy / "trials.h5", "r+") as store:
        change(store)
    with pytest.raises(CorruptFileError, match=message):
        read_trials(copy / "trials.h5")


# --- one process at a time ---------------------------------------------------------

_HOLDER = """
import sys
from pathlib import Path
from nuweft.io.output import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _held_by_another(path):
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline().strip() == "held"
    try:
        yield child
    finally:
        child.communicate()


def test_a_second_process_on_one_output_is_refused(tiny, copy, tmp_path):
    with _held_by_another(copy):
        with pytest.raises(OutputHeldError, match="in use by another process"):
            nuweft.run(tiny, copy)
        assert isinstance(CliRunner().invoke(app, ["evolve", str(copy)]).exception, OutputHeldError)
    with _held_by_another(tmp_path / "t.h5"), pytest.raises(OutputHeldError, match="t.h5: in use"):
        run_trials(tiny, tmp_path / "t.h5", count=10)


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    with _held_by_another(tmp_path) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
        with held(tmp_path):
            pass
    assert not list(tmp_path.iterdir())


def test_a_file_that_another_process_holds_open_is_not_called_damaged(copy):
    holder = "import h5py, sys; f = h5py.File(sys.argv[1], 'r+'); print('held', flush=True); sys.stdin.read()"
    path = str(copy / "trials.h5")
    child = subprocess.Popen(
        [sys.executable, "-c", holder, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline().strip() == "held"
    with pytest.raises(OutputHeldError, match="in use by another process") as caught:
        read_trials(copy / "trials.h5")
    child.communicate()
    assert "damaged" not in str(caught.value)
    assert len(read_trials(copy / "trials.h5").number) == 20


# --- trials ----------------------------------------------------------------------


def _append(file, start, count, factor=1.0):
    number = start + np.arange(count)
    values = factor * np.stack([number, number**2 + 0.5], axis=1)
    file.append(start, [values], test_statistic=factor * number / 10)


def test_trials_of_two_processors_are_merged(tmp_path):
    one = TrialFile(tmp_path / "a.h5", "one", ["a"], 7)
    two = TrialFile(tmp_path / "b.h5", "one", ["a"], 7)
    _append(one, 0, 30)
    _append(two, 20, 30, factor=1 + 1e-12)
    assert merge_trials([one.gather(), two.gather()]).ranges == [(0, 50)]
    _append(two, 50, 5)
    other = attrs.evolve(two.gather(), number=two.gather().number - 1)
    with pytest.raises(CorruptFileError, match=r"differ in .* by more than rounding, first trial 19 .*a\.h5"):
        merge_trials([one.gather(), other])


def test_chunks_that_are_not_gathered_are_counted_and_merged(tmp_path):
    run = CliRunner().invoke
    file = TrialFile(tmp_path / "t.h5", "one", ["a"], 7)
    _append(file, 0, 30)
    shown = run(app, ["trials", "info", str(tmp_path / "t.h5")]).output
    assert "30 trials, numbers 0 to 29" in shown
    assert "30 of them in chunks" in shown
    done = run(app, ["trials", "merge", str(tmp_path / "t.h5"), "-o", str(tmp_path / "all.h5")])
    assert "30 trials" in done.output
    assert len(read_trials(tmp_path / "all.h5").number) == 30
    TrialFile(tmp_path / "none.h5", "one", ["a"], 7)
    empty = run(app, ["trials", "merge", str(tmp_path / "none.h5"), "-o", str(tmp_path / "no.h5")])
    assert isinstance(empty.exception, MissingDataError)
    assert not (tmp_path / "no.h5").exists()


def test_chunks_of_another_analysis_are_refused_and_kept(tmp_path):
    _append(TrialFile(tmp_path / "t.h5", "one", ["a"], 7), 0, 30)
    (tmp_path / "t.h5").unlink()
    with pytest.raises(OutputExistsError, match="trials of another analysis"):
        TrialFile(tmp_path / "t.h5", "two", ["a"], 7)
    assert len(list(parts_folder(tmp_path / "t.h5").iterdir())) == 1


@pytest.mark.parametrize("seed", [2**63 + 5, 242395513416837962117936154331943178061])
def test_seeds_of_128_bits_are_kept(tmp_path, seed):
    write_trials(
        tmp_path / "t.h5", attrs.evolve(TrialFile(tmp_path / "a.h5", "one", ["a"], 7).gather(), seed=seed)
    )
    assert read_trials(tmp_path / "t.h5").seed == seed


_FORK = """
import multiprocessing, sys
import nuweft
from nuweft.statistics.trials import trial_test_statistics

analysis = nuweft.Analysis.from_yaml(sys.argv[1])
measured = analysis.measure()

def work(i):
    statistics = analysis.run_trials(measured, 5, start=5 * i)
    return float(trial_test_statistics(analysis.model(measured), statistics).sum())

here = [work(i) for i in range(3)]
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(work, range(3)) == here
"""


def test_a_process_may_fork_after_trials(tiny, tmp_path):
    tiny.to_yaml(tmp_path / "a.yaml")
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _FORK, str(tmp_path / "a.yaml")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


_SCAN = """
import os, signal, sys, warnings
import attrs
from typing import ClassVar
import nuweft
from nuweft.errors import ExecutorWarning
from nuweft.studies.scans import scan
from neighbour import Dies

analysis = nuweft.Analysis.from_yaml("a.yaml")
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    found = scan(analysis, {"a": {}, "b": {"gammas": [2.1]}, "c": {"mask": Dies()}}, trials=0, jobs=2)
assert [row.name for row in found.rows] == ["a", "b", "c"]
assert any(isinstance(w.message, ExecutorWarning) for w in said), said
"""
_NEIGHBOUR = """
import os, signal
from pathlib import Path
from typing import ClassVar
import attrs
import numpy as np
from nuweft.interfaces import Mask

@attrs.frozen(kw_only=True)
class Dies(Mask):
    plugin_name: ClassVar[str] = "dies"

    def coverage(self, nside):
        if not Path("died").exists():
            Path("died").write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        return (np.arange(12 * nside**2) < 6 * nside**2).astype(float)
"""


def test_a_worker_of_a_scan_that_is_killed_loses_nothing(tiny, tmp_path):
    tiny.to_yaml(tmp_path / "a.yaml")
    (tmp_path / "neighbour.py").write_text(_NEIGHBOUR)
    paths = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", _SCAN],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# --- disks -----------------------------------------------------------------------


def test_a_fault_of_the_disk_is_named_and_leaves_nothing_partial(tmp_path):
    def fill(path):
        with written(path) as part:
            part.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match=r"a\.json: cannot be written \(No space left on device\)"):
        fill(tmp_path / "a.json")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(OutputError, match="file/a.json: cannot be written"),
        written(tmp_path / "file" / "a.json"),
    ):
        pass


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "a.yaml", "-o", "file/out"],
        ["sensitivity", "a.yaml", "-o", "file/out", "--sets", "0"],
        ["trials", "run", "a.yaml", "-o", "file/t.h5", "--count", "5"],
        ["trials", "merge", "t.h5", "-o", "file/t.h5"],
    ],
    ids=lambda a: a[0] + a[1],
)
def test_an_output_that_cannot_be_made_is_named(tiny, folder, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    tiny.to_yaml("a.yaml")
    shutil.copy(folder / "trials.h5", "t.h5")
    (tmp_path / "file").write_text("")
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, NuweftError)
    assert "file/" in str(error)


def test_a_fault_of_an_input_is_not_called_one_of_the_output(tmp_path):
    def read():
        with disk_faults(tmp_path / "out"):
            (tmp_path / "data" / "events.csv").read_text()

    with pytest.raises(OutputError, match=r"events.csv: No such file or directory; mend this"):
        read()


def test_too_few_multipoles_are_refused(tiny):
    varied = nuweft.plugin.compose.vary(
        tiny, {"estimator.ell_min": 20, "estimator.ell_max": 20}, where="test"
    )
    with pytest.raises(ModelError, match="1 data points .* for 3 parameters"):
        varied.fit(varied.measure())


def test_a_p_value_that_no_trial_reaches_is_a_bound():
    assert binomial_p_value(0, 20).is_bound
    assert not binomial_p_value(1, 20).is_bound


# --- cache -----------------------------------------------------------------------


def test_the_cache_holds_no_pickles_and_damage_is_made_good(tiny, tmp_path):
    cached = attrs.evolve(tiny, cache=tmp_path / "parts")
    right = cached.measure().blocks[0].data
    kinds = {path.suffix for path in (tmp_path / "parts").rglob("*") if path.is_file()}
    assert kinds == {".json", ".npy"}
    for damage in (
        lambda p: p.write_bytes(p.read_bytes()[: p.stat().st_size // 2]),
        lambda p: p.write_bytes(b""),
    ):
        for path in (tmp_path / "parts").rglob("*"):
            if path.is_file():
                damage(path)
        assert np.array_equal(attrs.evolve(cached).measure().blocks[0].data, right)


class _Evil:
    def __reduce__(self):
        return os.system, ("touch executed",)


def test_reading_a_cache_executes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values.write_values(tmp_path / "entry", (np.arange(3.0), {"a": [1, None, "b", float("inf")]}), CLASSES)
    array, plain = values.read_values(tmp_path / "entry", CLASSES)
    assert array.tolist() == [0, 1, 2]
    assert plain == {"a": [1, None, "b", float("inf")]}
    with pytest.raises(values.NotStorableError, match="_Evil"):
        values.write_values(tmp_path / "other", _Evil(), CLASSES)
    np.save(tmp_path / "entry" / "0.npy", np.array([_Evil()]), allow_pickle=True)
    with pytest.raises(CorruptFileError):
        values.read_values(tmp_path / "entry", CLASSES)
    (tmp_path / "entry" / "structure.json").write_text(
        json.dumps({"value": {"class": "Popen", "fields": {"args": "ls"}}, "arrays": []})
    )
    with pytest.raises(CorruptFileError):
        values.read_values(tmp_path / "entry", CLASSES)
    assert not (tmp_path / "executed").exists()


def test_a_cache_that_is_full_is_a_warning(tiny, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nuweft.cache.stages.write_values", full)
    with pytest.warns(CacheWarning, match="No space left on device"):
        attrs.evolve(tiny, cache=tmp_path / "parts").measure()


# --- killed ------------------------------------------------------------------------

_STATES = ["result.json", "spectra.sacc", "trials.h5", "analysis.yaml", "sensitivity.json", "evolution.json"]


def _content(path):
    """Return what a final file says, without dates."""
    if path.suffix == ".h5":
        found = read_trials(path)
        return found.identity, found.number.tolist(), {k: v.tolist() for k, v in found.rows.items()}
    if path.name == "spectra.sacc":
        run = read_run(path.parent) if (path.parent / "result.json").exists() else None
        return None if run is None else (run.ell.tolist(), run.redshifts.density.tolist())
    return path.read_text()


@pytest.mark.validation
@pytest.mark.parametrize(
    "command",
    [
        ["run", "a.yaml", "-o", "out"],
        ["trials", "run", "a.yaml", "-o", "t.h5", "--count", "3000"],
        ["sensitivity", "a.yaml", "-o", "out", "--sets", "4", "--trials", "200", "--tail-trials", "100000"],
        ["evolve", "out"],
    ],
    ids=lambda c: c[0],
)
def test_killed_at_random_moments_and_run_again_the_files_are_the_same(tiny, folder, tmp_path, command):
    """Random moments over the whole length of each command; NUWEFT_KILLS=50 for many."""
    draw = random.Random(3)

    def place(name):
        made = tmp_path / name
        made.mkdir()
        attrs.evolve(tiny, trials=2000).to_yaml(made / "a.yaml")
        if command[0] == "evolve":
            shutil.copytree(folder, made / "out")
        return made

    def go(where, seconds=None):
        child = subprocess.Popen(
            [sys.executable, "-m", "nuweft", *command],
            cwd=where,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if seconds is not None:
            time.sleep(seconds)
            child.kill()
        return child.wait()

    whole = place("whole")
    begun = time.monotonic()
    assert go(whole) == 0
    length = time.monotonic() - begun
    for i in range(int(os.environ.get("NUWEFT_KILLS", "4"))):
        again = place(f"again{i}")
        go(again, draw.uniform(0, length))
        assert go(again) == 0
        names = sorted(str(p.relative_to(whole)) for p in whole.rglob("*"))
        assert sorted(str(p.relative_to(again)) for p in again.rglob("*") if p.name != ".lock") == names
        for path in whole.rglob("*"):
            if path.name in _STATES or path.name == "t.h5":
                assert _content(path) == _content(again / path.relative_to(whole)), path.name
        shutil.rmtree(again)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
@pytest.mark.parametrize("after", [0.5, 1.5, 4.0])
def test_an_interruption_ends_a_command_and_says_how_to_go_on(tiny, tmp_path, number, after):
    attrs.evolve(tiny, trials=3_000_000).to_yaml(tmp_path / "a.yaml")
    child = subprocess.Popen(
        [sys.executable, "-m", "nuweft", "run", "a.yaml", "-o", "out"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(after)
    child.send_signal(number)
    begun = time.monotonic()
    _, said = child.communicate(timeout=30)
    assert time.monotonic() - begun < 5  # one or two seconds where the machine is idle
    assert child.returncode == 128 + number
    assert "The same command goes on from there" in said
    assert "Traceback" not in said
