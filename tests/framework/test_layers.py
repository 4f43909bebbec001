"""Imports point one way, and importing does nothing."""

import ast
import importlib
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import nuweft
from nuweft.defaults import DEFAULTS

ROOT = Path(nuweft.__file__).parent
ORDER = [
    ("errors", "moved", "typing", "seeds", "progress", "references", "html", "answers", "defaults"),
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


PUBLIC = [
    *(
        "data",
        "errors",
        "evolution",
        "flux",
        "interfaces",
        "interpretation",
        "io",
        "irf",
        "model",
        "parameters",
    ),
    *("plotting", "process", "references", "report", "runs", "seeds", "sky", "statistics", "studies"),
    *("testing", "testing.fakes", "typing"),
]
"""What a plugin, an example or the documentation imports from, beside the package itself."""

CHECKOUT = Path(__file__).parents[2]
USERS = sorted(
    path
    for folder, pattern in (
        ("plugins", "*.py"),
        ("examples", "*.py"),
        ("docs", "*.md"),
        ("framework/nuweft/templates", "*.j2"),
        ("tests/third_party/nuweft_openngc", "*.py"),
    )
    for path in (CHECKOUT / folder).rglob(pattern)
    if not {"_build", "design", "changes"} & set(path.parts) and path.parent.name not in ("gallery",)
    if CHECKOUT / "docs/examples" not in path.parents
)


@pytest.mark.parametrize("path", USERS, ids=lambda p: str(p.relative_to(CHECKOUT)))
def test_users_import_from_public_packages_only(path):
    for module, names in re.findall(
        r"^[ >]*from (nuweft(?:\.[\w.]+)?) import ([^\n]+)", path.read_text(), re.M
    ):
        assert module == "nuweft" or module.removeprefix("nuweft.") in PUBLIC, f"{module} is not public"
        assert not re.search(r"\b_\w", names), names


@pytest.mark.parametrize("name", ["", *PUBLIC])
def test_public_packages_say_what_they_hold(name):
    module = importlib.import_module(f"nuweft.{name}" if name else "nuweft")
    if name in (
        "errors",
        "references",
        "seeds",
        "typing",
        "testing.fakes",
    ):  # modules: all that has no underscore
        return
    assert len(set(module.__all__)) == len(module.__all__)
    for attribute in module.__all__:
        assert getattr(module, attribute) is not None


@pytest.mark.parametrize("path", sorted((CHECKOUT / "plugins").rglob("*.py")), ids=lambda p: p.stem)
def test_no_plugin_imports_another_one(path):
    own = path.parts[path.parts.index("plugins") + 1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("nuweft_"):
            assert node.module.split(".")[0] == own


def test_the_graph_of_imports_is_the_one_that_is_written_down():
    namespace = runpy.run_path(str(CHECKOUT / "docs/design/import_graph.py"))
    assert namespace["page"]() == (CHECKOUT / "docs/design/imports.md").read_text()


def test_no_plugin_is_named_in_the_framework():
    """Neither by import nor by a string; what an analysis uses by default stands in one table."""
    plugins = [info for found in nuweft.plugins.collect().values() for info in found.values()]
    modules, names = {info.module for info in plugins}, {info.name for info in plugins} - {"intersection"}
    for path in FILES:
        text = path.read_text()
        assert not [module for module in modules if module in text], path
        if path.name != "defaults.py":
            constants = {
                node.value
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
            assert not constants & (names - WORDS), path


WORDS = {"catalog", "constant", "declination", "map", "mixture", "power-law"}
"""Names of plugins that are words of other things too."""


def test_defaults_name_plugins_that_are_registered():
    for kind, name in DEFAULTS.items():
        assert name in nuweft.plugins.names(kind)


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
