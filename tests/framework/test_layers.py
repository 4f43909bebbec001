"""Imports point one way, and importing does nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nuweft

ROOT = Path(nuweft.__file__).parent
LAYERS = [
    {
        *("bounds", "datasets", "downloads", "errors", "interruption", "outputs", "parameters", "progress"),
        *("references", "rendering", "schemas", "seeds", "yamlfile"),
    },
    {"sky", "response", "capacity", "threads", "values", "answers"},
    {"interfaces", "hookspecs", "published", "registry", "compose", "redshift_table"},
    {"theory", "inference", "diffuse"},
    {"analysis", "fingerprint", "parts", "provenance", "saccfile", "trialfile"},
    {"results", "sensitivities", "demo", "finishedrun", "interpretation", "citations", "scans", "summary"},
    {"plotting"},
    {"runs", "report", "scaffold", "testing"},
    {"cli", "__main__"},
]
LEVEL = {name: i for i, names in enumerate(LAYERS) for name in names}
FILES = sorted(p for p in ROOT.rglob("*.py") if p != ROOT / "__init__.py")


def _top_level_imports(path):
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, [a.name for a in node.names]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path):
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for module, names in _top_level_imports(path):
        assert not module.startswith("nuweft_"), "the framework knows no plugin"
        if module == "nuweft":
            targets = [n for n in names if n in LEVEL]
        elif module.startswith("nuweft."):
            targets = [module.split(".")[1]]
        else:
            continue
        for target in targets:
            assert LEVEL[target] <= LEVEL[own], f"{own} imports {target}"


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "plugins").rglob("*.py")), ids=str)
def test_plugins_use_public_names_only(path):
    own = path.parts[path.parts.index("plugins") + 1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("nuweft"):
            assert node.module.split(".")[0] in ("nuweft", own), "a plugin imports another one"
            assert not any(n.name.startswith("_") for n in node.names)


def test_no_plugin_is_named_in_the_framework():
    names = {info.module for found in nuweft.plugins.collect().values() for info in found.values()}
    for path in FILES:
        text = path.read_text()
        assert not any(name in text for name in names), path


def test_importing_does_nothing():
    code = (
        "import sys, nuweft\n"
        "assert not nuweft.plugins.failed\n"
        "assert not [m for m in sys.modules if m.startswith('nuweft_')], 'plugins were loaded'\n"
        "heavy = {'matplotlib', 'pyccl', 'emcee', 'numba', 'healpy', 'h5py', 'sacc', 'camb'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
