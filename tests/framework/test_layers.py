"""Imports point one way, and importing does nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nuweft

ROOT = Path(nuweft.__file__).parent
ORDER = [
    ("errors", "typing", "seeds", "progress", "references", "html", "answers", "defaults"),
    *(("process",), ("parameters",), ("sky",), ("flux",), ("irf",), ("model",), ("io",), ("interfaces",)),
    *(("plugin",), ("data",), ("cache",), ("measurement",), ("statistics",), ("evolution",), ("analysis",)),
    *(("studies",), ("results",), ("interpretation",), ("plotting",), ("report",), ("runs",), ("testing",)),
    *(("cli",), ("__main__",)),
]
LEVEL = {name: i for i, names in enumerate(ORDER) for name in names}
FILES = sorted(p for p in ROOT.rglob("*.py") if p != ROOT / "__init__.py")


def _imports(path):
    """Yield the rooms that a file imports, also within functions and for types only."""
    for node in ast.walk(ast.parse(path.read_text())):
        modules = []
        if isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
            if node.module == "nuweft":
                modules = [f"nuweft.{HOMES.get(alias.name, alias.name)}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            assert not module.startswith("nuweft_"), "the framework knows no plugin"
            if module.startswith("nuweft."):
                yield module.split(".")[1]


HOMES = {"Analysis": "analysis", "hookimpl": "plugin", "plugins": "plugin", "__version__": "errors"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path):
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for room in _imports(path):
        assert LEVEL[room] <= LEVEL[own], f"{own} imports {room}"


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
