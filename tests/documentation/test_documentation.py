"""The documentation is complete and true: every field has a meaning, every example runs."""

import re
import sys
from pathlib import Path

import attrs
import pytest
import yaml

import nuweft
from nuweft.cli import app
from nuweft.interfaces import KINDS
from nuweft.plugin import compose, hookspecs

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(p for p in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")] if "_build" not in p.parts)
PAGE_ROOT = ROOT / "docs"
HAND_WRITTEN = [p for p in PAGES if not (p.parent.name == "reference" and p.stem in KINDS)]


def _blocks(path, language):
    return re.findall(
        rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def _plugins():
    return [(kind, name) for kind in KINDS for name in nuweft.plugins.names(kind)]


@pytest.mark.parametrize(("kind", "name"), _plugins())
def test_every_plugin_and_every_setting_is_documented(kind, name):
    assert nuweft.plugins.info(kind, name).summary.endswith(".")
    for row in nuweft.plugins.describe(kind, name):
        assert row["doc"], f"{name}.{row['name']}"


def test_every_setting_of_an_analysis_is_documented():
    for field in attrs.fields(nuweft.Analysis):
        assert field.metadata["doc"], field.name


def test_every_hook_is_documented():
    for name, hook in vars(hookspecs).items():
        if name.startswith("nuweft_"):
            assert hook.__doc__, name


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_a_reference_page_with_all_its_plugins(kind, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    from plugin_reference import page

    text = page(kind)
    for name in nuweft.plugins.names(kind):
        assert f"## `{name}`" in text
        for row in nuweft.plugins.describe(kind, name):
            assert f"| `{row['name']}` |" in text
    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        compose.build(kind, yaml.safe_load(block)[kind])
    sys.modules.pop("plugin_reference", None)


@pytest.mark.parametrize(("kind", "name"), _plugins())
def test_every_plugin_has_a_gallery_page_with_formula_and_settings(kind, name, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    from plugin_gallery import page

    info = nuweft.plugins.info(kind, name)
    assert ".. math::" in info.cls.__doc__
    (block,) = re.findall(r"```yaml\n(.*?)```", page(kind, name, "figure.png"), re.DOTALL)
    ((key, settings),) = yaml.safe_load(block).items()
    assert key in attrs.fields_dict(nuweft.Analysis)
    compose.build(kind, settings[0] if isinstance(settings, list) else settings)


def test_every_command_is_documented():
    text = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    names = [c.name for c in app.registered_commands] + [g.name for g in app.registered_groups]
    assert len(names) >= 11
    for name in names:
        assert f"`nuweft {name} " in text, name


def test_every_page_of_the_documentation_is_reached():
    listed = {PAGE_ROOT / "index.md"}
    for path in PAGES:
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            entries = [line for line in tree.splitlines() if line and not line.startswith(":")]
            targets = [re.sub(r".*<(.*)>", r"\1", entry) for entry in entries]
            listed |= {(path.parent / f"{target}.md").resolve() for target in targets}
    written = {p for p in HAND_WRITTEN if PAGE_ROOT in p.parents} - set((PAGE_ROOT / "changes").iterdir())
    assert written <= listed


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_python_block_runs(path, capsys):
    namespace = {"__name__": "documentation"}
    for block in _blocks(path, "python"):
        exec(compile(block, str(path), "exec"), namespace)


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_yaml_block_is_a_setting_of_an_analysis(path):
    whole = {"tracer": "mock-galaxies", "neutrino_sample": "mock-tracks"}
    for block in _blocks(path, "yaml"):
        nuweft.Analysis.from_mapping({**whole, **yaml.safe_load(block)})


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples" / "analyses").glob("*.yaml")), ids=lambda p: p.name
)
def test_every_example_analysis_is_valid(path):
    assert nuweft.Analysis.from_yaml(path).nside == 128


def test_examples_of_docstrings_run():
    import doctest
    import importlib
    import pkgutil

    tried = 0
    for info in pkgutil.walk_packages(nuweft.__path__, "nuweft."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
        assert result.failed == 0, info.name
        tried += result.attempted
    assert tried >= 10


def test_top_level_is_what_it_should_be():
    if not (ROOT / "framework").is_dir():
        pytest.skip("not a source tree")
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    ours = {"framework", "plugins", "tests", "docs", "examples", "benchmarks"}
    extra = {n for n in folders - ours if not n.startswith(("out", "nuweft-demo", "build", "dist"))}
    assert extra == set()


def test_every_promise_names_a_test_that_exists():
    text = (ROOT / "docs" / "explanation" / "trust.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", text))
    written = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        written |= set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(named) > 30
    assert named <= written
