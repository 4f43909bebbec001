import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import nuweft
from nuweft.cli import app

runner = CliRunner()


def _run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "nuweft", *arguments], capture_output=True, text=True, check=False
    )


def test_plugins_are_listed_with_their_distribution():
    result = runner.invoke(app, ["plugins"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    for text in ("wise-2mass", "icecube-ps-3yr", "ra-scramble", f"nuweft {nuweft.__version__}"):
        assert text in result.output


def test_one_kind_is_listed():
    result = runner.invoke(app, ["plugins", "mask"], env={"COLUMNS": "200"})
    assert "galactic-cut" in result.output
    assert "wise-2mass" not in result.output


def test_a_plugin_is_described_with_its_settings():
    result = runner.invoke(app, ["plugins", "source_evolution", "power-law-cutoff"], env={"COLUMNS": "200"})
    assert "z_cut" in result.output
    assert "redshift scale of the cutoff" in result.output
    assert "> 0" in result.output


def test_the_doctor_finds_a_healthy_installation():
    result = runner.invoke(app, ["plugins", "doctor"])
    assert result.exit_code == 0
    assert "all is well" in result.output


def test_the_doctor_shows_why_a_plugin_failed(monkeypatch):
    from nuweft.plugin.registry import Registry

    registry = Registry(entry_points=False)

    class Bad:
        @nuweft.hookimpl
        def nuweft_register_mask(self):
            raise RuntimeError("no sky today")

    registry.register(Bad())
    monkeypatch.setattr(nuweft, "plugins", registry)
    result = runner.invoke(app, ["plugins", "doctor"])
    assert result.exit_code == 1
    assert "no sky today" in result.output


def test_data_sets_are_listed_with_their_citation():
    result = runner.invoke(app, ["data", "list"], env={"COLUMNS": "250"})
    assert "icecube-ps-3yr" in result.output
    assert "2101.09836" in result.output


def test_data_are_verified(real_data):
    result = runner.invoke(app, ["data", "verify", "wise-2mass-map", "icecube-ps-3yr"])
    assert result.exit_code == 0
    assert result.output.count("ok ") == 2


def test_bad_data_are_found(tmp_path, monkeypatch):
    (tmp_path / "WISE_galaxymap.fits").write_bytes(b"other")
    monkeypatch.setenv("NUWEFT_DATA", str(tmp_path))
    result = runner.invoke(app, ["data", "verify", "wise-2mass-map"])
    assert result.exit_code == 1
    assert "BAD" in result.output


def test_an_error_is_one_message_and_exit_code_one(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("tracer: wise-2mas\nneutrino_sample: mock-tracks\n")
    done = _run("run", str(path), "-o", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "UnknownPluginError" in done.stderr
    assert "did you mean 'wise-2mass'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_missing_data_name_the_command(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("tracer: mock-galaxies\nneutrino_sample: icecube-ps-3yr\n")
    done = _run("run", str(path), "-o", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "nuweft data fetch icecube-ps-3yr" in " ".join(done.stderr.split())


def test_run_needs_an_output_folder(tmp_path):
    assert _run("run", "a.yaml").returncode == 2


@pytest.mark.validation  # a minute; CI also runs the demo as the README does
def test_demo_recovers_what_it_injects(tmp_path):
    """The demo in its full size but for the trials; it says so itself."""
    done = _run("demo", "-o", str(tmp_path / "demo"), "--trials", "500")
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert last.startswith("injected f_corr")
    content = json.loads((tmp_path / "demo" / "result.json").read_text())
    assert sum(content["events_per_bin"]) > 100_000
    pull = float(last.rpartition("(")[2].partition(" sigma")[0])
    assert abs(pull) < 3
    assert content["trials"] == 500
