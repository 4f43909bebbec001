"""A distribution of somebody else, installed beside the wheel of nuweft, and broken on purpose."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "nuweft_openngc"


def _json(environment, cwd, code):
    return json.loads(environment.run("python", "-c", f"import json, nuweft\n{code}", cwd=cwd).stdout)


def test_nothing_of_the_source_tree_is_used(environment, tmp_path):
    places = _json(
        environment,
        tmp_path,
        "import nuweft_evolution, nuweft_openngc\n"
        "print(json.dumps([m.__file__ for m in (nuweft, nuweft_evolution, nuweft_openngc)]))",
    )
    assert all(Path(p).is_relative_to(environment.folder) for p in places), places


def test_its_plugins_are_listed_with_distribution_and_version(environment, tmp_path):
    lines = environment.run("nuweft", "plugins", cwd=tmp_path).stdout.splitlines()
    for name in ("openngc", "long-grb-rate"):
        (line,) = [line for line in lines if f" {name} " in line]
        assert "nuweft-openngc 1.2.0" in line
    described = environment.run("nuweft", "plugins", "source_evolution", "long-grb-rate", cwd=tmp_path).stdout
    assert "from nuweft_openngc, nuweft-openngc 1.2.0" in described
    assert "all is well" in environment.run("nuweft", "plugins", "doctor", cwd=tmp_path).stdout
    assert "openngc-catalog" in environment.run("nuweft", "data", "list", cwd=tmp_path).stdout


def test_its_contracts_hold(environment, real_data_folder, tmp_path):
    shutil.copytree(PACKAGE / "tests", tmp_path / "tests")
    shutil.copy(PACKAGE / "pyproject.toml", tmp_path)
    text = environment.run("python", "-m", "pytest", "-q", cwd=tmp_path, data=real_data_folder).stdout
    assert " passed" in text.splitlines()[-1]
    assert int(text.splitlines()[-1].split(" passed")[0].split()[-1]) >= 40
    assert real_data_folder is None or "skipped" not in text.splitlines()[-1], text


def test_installing_it_extends_the_contracts_of_everything_registered(environment, tmp_path):
    (tmp_path / "test_all.py").write_text(
        "from nuweft.testing import registered_contracts\nglobals().update(registered_contracts())\n"
    )
    text = environment.run(
        "python", "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", cwd=tmp_path
    ).stdout
    for name in ("TestTracerOpenngc", "TestSourceEvolutionLongGrbRate", "TestTracerMockGalaxies"):
        assert name in text


@pytest.mark.validation  # a minute
def test_it_takes_part_in_a_run(environment, tmp_path):
    galaxies = {"plugin": "mock-galaxies", "galaxies": 1e5, "field_nside": 32}
    settings = {
        "tracer": galaxies,
        "neutrino_sample": {
            "plugin": "mock-tracks",
            "tracer": galaxies,
            "livetime_days": 60.0,
            "energy_edges": [2.5, 3.5],
        },
        "mask": {"plugin": "declination", "minimum": "-5 deg"},
        "source_evolution": ["constant", {"plugin": "long-grb-rate", "z_break": 2.0}],
        "nside": 16,
        "gamma_points": 9,
        "trials": 50,
        "cosmology": {"transfer_function": "eisenstein_hu"},
    }
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(settings))
    environment.run("nuweft", "run", "a.yaml", "-o", "out", cwd=tmp_path)
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    constant, bursts = result["source_evolution"]
    assert bursts["plugin"] == "long-grb-rate"
    assert bursts["settings"]["z_break"] == 2.0
    assert 0 < bursts["f_corr_model"] < constant["f_corr_model"]  # bursts are further away
    used = json.loads((tmp_path / "out" / "provenance.json").read_text())["plugins"]
    assert used["source_evolution:long-grb-rate"] == "nuweft_openngc (nuweft-openngc 1.2.0)"


# --- broken in five ways -----------------------------------------------------------


def _edit(tree, file, old, new):
    path = tree / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _import_error(tree):
    _edit(tree, "src/nuweft_openngc/__init__.py", "from nuweft import hookimpl", "import a_missing_library")


def _missing_method(tree):
    _edit(tree, "src/nuweft_openngc/bursts.py", "def density(", "def densty(")


def _duplicate_name(tree):
    _edit(tree, "src/nuweft_openngc/bursts.py", '= "long-grb-rate"', '= "power-law"')


def _duplicate_entry_point(tree):
    _edit(tree, "pyproject.toml", 'nuweft_openngc = "nuweft_openngc"', 'nuweft_evolution = "nuweft_openngc"')


def _misspelt_hook(tree):
    init = "src/nuweft_openngc/__init__.py"
    _edit(tree, init, "nuweft_register_source_evolution", "nuweft_register_source_evolutoin")


@pytest.mark.parametrize(
    ("breakage", "says", "lost", "kept"),
    [
        (
            _import_error,
            "ModuleNotFoundError: No module named 'a_missing_library'",
            ["openngc", "long-grb-rate"],
            ["power-law", "mock-galaxies"],
        ),
        (
            _missing_method,
            "LongGRBRate lacks the source_evolution methods: density",
            ["long-grb-rate"],
            ["openngc", "power-law", "mock-galaxies"],
        ),
        (
            _duplicate_name,
            (
                "two source_evolution plugins are named 'power-law': nuweft_evolution (nuweft) and "
                "nuweft_openngc (nuweft-openngc)"
            ),
            ["power-law"],
            ["openngc", "constant", "mock-galaxies"],
        ),
        (
            _duplicate_entry_point,
            (
                "two distributions announce the plugin module 'nuweft_evolution': nuweft 0.1.0 and "
                "nuweft-openngc 1.2.0; uninstall one of them"
            ),
            ["openngc", "power-law", "constant"],
            ["mock-galaxies", "pseudo-cl"],
        ),
        (
            _misspelt_hook,
            (
                "unknown hook 'nuweft_register_source_evolutoin'; "
                "did you mean 'nuweft_register_source_evolution'"
            ),
            ["long-grb-rate"],
            ["openngc", "power-law", "mock-galaxies"],
        ),
    ],
    ids=lambda v: v.__name__.strip("_") if callable(v) else None,
)
@pytest.mark.validation  # most of a minute
def test_broken_it_is_left_out_and_nuweft_says_why(new_environment, breakage, says, lost, kept, tmp_path):
    tree = tmp_path / "tree"
    shutil.copytree(PACKAGE, tree, ignore=shutil.ignore_patterns("__pycache__"))
    breakage(tree)
    environment = new_environment("--without-pip")
    environment.install(tree)
    both = environment.run("nuweft", "plugins", cwd=tmp_path)
    listed = {word for line in both.stdout.splitlines() for word in line.split("│")[2:3]}
    names = {word.strip() for word in listed}
    assert set(kept) <= names
    assert not set(lost) & names
    assert says in both.stderr.replace("\n", " ")  # a warning at once
    doctor = environment.run("nuweft", "plugins", "doctor", cwd=tmp_path, check=False)
    assert doctor.returncode == 1
    assert says in doctor.stdout
    # what does not need it goes on
    made = environment.run(
        "python",
        "-c",
        "import nuweft; print(nuweft.plugins.create('mask', 'circles', ra=[1], dec=[2]))",
        cwd=tmp_path,
    )
    assert "Circles(" in made.stdout


@pytest.mark.network
def test_the_wheel_alone_installs_all_it_needs(wheel, fresh_environment, tmp_path):
    pip = fresh_environment.bin / "pip"
    fresh_environment.run(pip, "install", "--quiet", f"{wheel}[testing]", cwd=tmp_path)
    fresh_environment.run(pip, "install", "--quiet", PACKAGE, cwd=tmp_path)
    shutil.copytree(PACKAGE / "tests", tmp_path / "tests")
    shutil.copy(PACKAGE / "pyproject.toml", tmp_path)
    text = fresh_environment.run(fresh_environment.bin / "pytest", "-q", cwd=tmp_path).stdout
    assert " passed" in text.splitlines()[-1]
    assert "failed" not in text
