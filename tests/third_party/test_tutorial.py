"""The tutorial on packages, step by step, with nothing but the wheel."""

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.validation  # a minute; run in CI with -m validation
PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial_package.md"


def _steps():
    """Return language and text of each block of the page."""
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(r"^```(sh|python)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def followed(new_environment, real_data_folder, tmp_path_factory):
    """What each step printed, after following the page in an empty folder."""
    if real_data_folder is None:
        pytest.skip("the real public data are not here: set NUWEFT_DATA to their folder")
    folder = tmp_path_factory.mktemp("tutorial")
    environment = new_environment()
    printed = {}
    for language, block in _steps():
        if language == "python":
            name, _, content = block.partition("\n")
            path = folder / name.removeprefix("# ")
            assert path.parent.is_dir(), path
            path.write_text(content)
        elif "python3 -m venv" not in block:  # the environment holds the wheel already
            # pip builds with what is here, without the network
            offline = "export PIP_NO_INDEX=1 PIP_NO_DEPS=1 PIP_NO_BUILD_ISOLATION=0\nset -euo pipefail\n"
            done = environment.run("bash", "-c", offline + block, cwd=folder, data=real_data_folder)
            printed[block.strip().splitlines()[-1]] = done.stdout + done.stderr
    return folder, printed


def test_both_plugins_are_listed_with_distribution_and_version(followed):
    _, printed = followed
    for name in ("bright-agn", "quasar-like"):
        (line,) = [line for line in printed["nuweft plugins"].splitlines() if f" {name} " in line]
        assert "nuweft-bright-agn 0.1.0" in line


def test_their_tests_pass_on_the_real_catalog(followed):
    _, printed = followed
    last = printed["python -m pytest nuweft-bright-agn"].splitlines()[-1]
    passed = int(re.search(r"(\d+) passed", last)[1])
    assert passed >= 38
    assert "failed" not in last
    assert re.findall(r"(\d+) skipped", last) == ["1"]  # it has no redshifts


def test_they_run_on_the_real_events(followed):
    folder, printed = followed
    result = json.loads((folder / "out" / "result.json").read_text())
    assert result["tracer"] == "bright-agn"
    assert sum(result["events_per_bin"]) == pytest.approx(105_000, rel=0.05)
    assert result["upper_limits"][1]["f_corr"] > 0
    assert "no source evolution: tracer bright-agn: no redshift distribution" in result["warnings"]
    used = json.loads((folder / "out" / "provenance.json").read_text())
    assert used["plugins"]["tracer:bright-agn"] == "nuweft_bright_agn (nuweft-bright-agn 0.1.0)"
    assert any("agn" in name.lower() for name in used["inputs_sha256_uncompressed"])
    assert "it was never made" in printed["nuweft run analysis.yaml -o out"]  # by explain


def test_the_model_is_evaluated(followed):
    _, printed = followed
    near, far = (float(f) for f in re.findall(r"f_corr ([\d.]+)", printed["python models.py"]))
    assert 0 < far < near  # sources further away fraction less of the nearby structure


def test_report_and_citations_are_made(followed):
    folder, printed = followed
    assert "bright-agn" in (folder / "out" / "report.html").read_text()
    cited = printed["nuweft cite out"]
    assert "Abbasi2022" in cited  # the catalog
    assert "tracer bright-agn of nuweft-bright-agn: names no reference" in cited
