"""Generated packages install, and their tests pass as they are."""

import tomllib
from xml.etree import ElementTree

import pytest
import yaml

import nuweft
from nuweft.errors import DuplicatePluginError, OutputExistsError, ParameterError, UnknownPluginError
from nuweft.interfaces import KINDS
from nuweft.plugin.scaffold import class_name, write_package


def _name(kind):
    return f"new-{kind.replace('_', '-')}"


@pytest.fixture(scope="module")
def generated(new_environment, tmp_path_factory):
    """An environment with a generated package of every kind, and the outcome of all their tests."""
    folder = tmp_path_factory.mktemp("generated")
    environment = new_environment("--without-pip")
    first, *others = KINDS
    environment.run("nuweft", "new", first, _name(first), "-o", folder, cwd=folder)
    packages = [folder / f"nuweft-{_name(first)}"]
    packages += [write_package(kind, _name(kind), folder) for kind in others]
    environment.install(*packages)
    tests = [package / "tests" for package in packages]
    run = ("python", "-W", "error", "-m", "pytest", "-q", "--junitxml", folder / "outcome.xml", *tests)
    environment.run(*run, cwd=folder)
    return environment, ElementTree.parse(folder / "outcome.xml")


@pytest.mark.validation  # half a minute; run in CI with -m validation
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_generated_package_installs_and_passes_its_tests(generated, kind, tmp_path):
    environment, outcome = generated
    listed = environment.run("nuweft", "plugins", kind, cwd=tmp_path).stdout.splitlines()
    (line,) = [line for line in listed if f" {_name(kind)} " in line]
    assert f"nuweft-{_name(kind)} 0.1.0" in line
    cases = [
        case for case in outcome.iter("testcase") if f"Test{class_name(_name(kind))}" in case.get("classname")
    ]
    assert len(cases) >= 15
    assert [list(case) for case in cases] == [[]] * len(cases)  # nothing failed, nothing was skipped


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_generated_package_is_complete(kind, tmp_path):
    package = write_package(kind, "my-thing", tmp_path)
    project = tomllib.loads((package / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["nuweft"] == {"nuweft_my_thing": "nuweft_my_thing"}
    assert len((package / "tests" / "test_my_thing.py").read_text().split("\n\n\n")[1].splitlines()) == 2
    block = (package / "docs" / "my-thing.md").read_text().split("```yaml\n")[1].split("```")[0]
    assert yaml.safe_load(block)
    ci = yaml.safe_load((package / ".github" / "workflows" / "tests.yml").read_text())
    assert {"run": "pytest"} in ci["jobs"]["tests"]["steps"]
    for path in (package / "src").rglob("*.py"):
        compile(path.read_text(), str(path), "exec")


def test_a_package_is_not_overwritten(tmp_path):
    write_package("mask", "my-mask", tmp_path)
    with pytest.raises(OutputExistsError, match="nuweft-my-mask: exists already"):
        write_package("mask", "my-mask", tmp_path)


@pytest.mark.parametrize(
    ("kind", "name", "error", "message"),
    [
        ("tracker", "mine", UnknownPluginError, "did you mean 'tracer'"),
        ("tracer", "My_Galaxies", ParameterError, "expected words in lower case .* got 'My_Galaxies'"),
        ("tracer", "wise-2mass", DuplicatePluginError, "named 'wise-2mass' is installed already"),
    ],
)
def test_what_cannot_be_made_is_refused(kind, name, error, message, tmp_path):
    with pytest.raises(error, match=message):
        write_package(kind, name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_begins_with_a_digit_makes_a_valid_class(tmp_path):
    package = write_package("mask", "6df", tmp_path)
    assert "class Plugin6Df(SharpMask)" in (package / "src" / "nuweft_6df" / "mask.py").read_text()
    assert "6df" not in nuweft.plugins.names("mask")
