"""The example scripts run as they are written."""

import csv
import json
import runpy
import sys
from pathlib import Path

import attrs
import pytest

import nuweft

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def folder(small_sky, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "out"
    models = [nuweft.plugins.create("source_evolution", "constant")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nuweft.plotting.gallery.write_figures", lambda *a: None)
        nuweft.run(attrs.evolve(small_sky, source_evolution=models, trials=0), path)
    return path


def test_a_model_written_in_a_script_meets_a_finished_run(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["plot_new_evolution_model.py", str(folder)])
    runpy.run_path(str(EXAMPLES / "plot_new_evolution_model.py"), run_name="__main__")
    lines = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    run = json.loads((folder / "result.json").read_text())["source_evolution"][0]
    assert lines["constant"].startswith(f"f_corr {run['f_corr_model']:.5f}")
    assert set(lines) == {"tidal-disruption", "constant", "star-formation-rate"}
    assert (folder / "figures" / "new_model.png").stat().st_size > 10_000


@pytest.mark.validation  # most of a minute
def test_signals_are_injected_at_any_resolution(monkeypatch, capsys, tmp_path):
    output = tmp_path / "injections.png"
    monkeypatch.setattr(sys, "argv", ["plot_injections.py", "4", str(output), "16"])
    runpy.run_path(str(EXAMPLES / "plot_injections.py"), run_name="__main__")
    text = capsys.readouterr().out
    assert [f"gamma {g}: f_corr" in text for g in ("2", "2.37", "3")] == [True] * 3
    assert output.stat().st_size > 10_000


def test_atmospheric_templates_are_compared(small_sky, real_data, monkeypatch, capsys, tmp_path):
    small_sky.to_yaml(tmp_path / "small.yaml")
    output = tmp_path / "templates.png"
    monkeypatch.setattr(
        sys, "argv", ["plot_atmospheric_templates.py", str(output), str(tmp_path / "small.yaml")]
    )
    runpy.run_path(str(EXAMPLES / "plot_atmospheric_templates.py"), run_name="__main__")
    rows = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert rows["exact mean"].startswith("0.00, 0.00; ")
    assert {"kernel density", "analytic flux", "MCEq flux"} <= set(rows)
    assert output.stat().st_size > 10_000


def test_the_energy_response_is_fitted_again(real_data, monkeypatch, capsys, tmp_path):
    output = tmp_path / "response.png"
    monkeypatch.setattr(sys, "argv", ["plot_energy_response.py", "IC79-2010", str(output)])
    runpy.run_path(str(EXAMPLES / "plot_energy_response.py"), run_name="__main__")
    text = capsys.readouterr().out
    shipped, fitted = (
        float(text.split(f"{name}: chi2 per cell ")[1].split()[0]) for name in ("shipped", "fitted")
    )
    assert fitted == pytest.approx(shipped, abs=0.02)
    assert output.stat().st_size > 10_000


def test_real_catalogs_stand_side_by_side(real_data, monkeypatch, capsys, tmp_path):
    output = tmp_path / "tracers.png"
    monkeypatch.setattr(sys, "argv", ["plot_tracers.py", str(output), "30", "16"])
    runpy.run_path(str(EXAMPLES / "plot_tracers.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert lines[-1].startswith("global p-value: ")
    with output.with_suffix(".csv").open() as stream:
        rows = list(csv.DictReader(stream))
    objects = {row["variation"]: float(row["objects"]) for row in rows}
    # sums of the published maps and catalogs inside their masks
    assert objects["SDSS, 0.1 < z < 0.2"] == pytest.approx(81698, rel=0.03)
    assert 52_000 < objects["infrared-selected AGN"] <= 52_835
    assert 25_000 < objects["low-luminosity AGN"] <= 25_648
    assert output.stat().st_size > 10_000
