"""Terminals, pipes and environments: names stay whole, nothing crashes."""

import os
import subprocess
import sys

import pytest

import nuweft

PLAIN = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "FORCE_COLOR", "MPLBACKEND")}


def _run(*arguments, cwd=None, **environment):
    return subprocess.run(
        [sys.executable, "-m", "nuweft", *arguments],
        capture_output=True,
        cwd=cwd,
        env=PLAIN | environment,
        check=False,
    )


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"COLUMNS": "30"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"TERM": "dumb"},
    ],
    ids=str,
)
def test_names_are_whole_in_a_pipe(environment):
    done = _run("data", "list", **environment)
    assert done.returncode == 0, done.stderr
    assert all(name.encode() in done.stdout for name in nuweft.plugins.datasets())
    done = _run("plugins", "list", **environment)
    assert done.returncode == 0, done.stderr
    assert all(name.encode() in done.stdout for kind in nuweft.plugins.collect().values() for name in kind)


@pytest.mark.parametrize("name", ["[old] run", "it's[/bold]", "a b#c%20d", "data[red]", "naïve"])
def test_names_of_folders_are_shown_as_they_are(tmp_path, name):
    (tmp_path / name / "events").mkdir(parents=True)
    (tmp_path / name / "events" / "IC40_exp.csv").write_text("# x\n")
    done = _run("data", "list", cwd=tmp_path, NUWEFT_DATA=name)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout.decode()
    done = _run("run", f"{name}/none.yaml", "-o", "out", cwd=tmp_path)
    assert name in done.stderr.decode()
    assert done.returncode == 1


def test_names_that_are_not_utf8_do_not_crash(tmp_path):
    done = _run("run", os.fsdecode(b"caf\xe9.yaml"), "-o", "out", cwd=tmp_path)
    assert done.returncode == 1
    assert b"ConfigurationError" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("backend", ["module://absent.backend", "no-such-backend", "TkAgg", ""])
def test_a_figure_back_end_that_is_absent_is_not_needed(tmp_path, backend):
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from nuweft.plotting.style import figure, save\n"
        "save(figure(), Path(sys.argv[1]))\n"
    )
    path = tmp_path / "a.png"
    environment = {k: v for k, v in PLAIN.items() if k != "DISPLAY"} | {"MPLBACKEND": backend}
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert path.is_file()


@pytest.mark.parametrize("cache", ["file/cache", "/proc/nuweft"])
def test_a_download_that_cannot_be_written_names_folder_and_variable(tmp_path, cache):
    (tmp_path / "file").write_text("")
    environment = {"NUWEFT_CACHE": cache, "PIP_NO_INDEX": "1", "NUWEFT_DATA": ""}
    done = _run("data", "fetch", "agn-ir-selected", cwd=tmp_path, **environment)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert cache.encode() in done.stderr
    assert b"NUWEFT_CACHE" in done.stderr
