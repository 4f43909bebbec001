"""The example scripts run as they are written."""

import json
import runpy
import sys
from pathlib import Path

import attrs
import pytest

import nuweft
from nuweft.runs import execute

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def folder(small_sky, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "out"
    models = [nuweft.plugins.create("source_evolution", "constant")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nuweft.plotting.gallery.write_figures", lambda *a: None)
        execute(attrs.evolve(small_sky, source_evolution=models, trials=0), path)
    return path


def test_a_model_written_in_a_script_meets_a_finished_run(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["plot_new_evolution_model.py", str(folder)])
    runpy.run_path(str(EXAMPLES / "plot_new_evolution_model.py"), run_name="__main__")
    lines = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    run = json.loads((folder / "result.json").read_text())["source_evolution"][0]
    assert lines["constant"].startswith(f"f_corr {run['f_corr_model']:.5f}")
    assert set(lines) == {"tidal-disruption", "constant", "star-formation-rate"}
    assert (folder / "figures" / "new_model.png").stat().st_size > 10_000
