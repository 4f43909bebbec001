"""Packages for new plugins, tests included."""

from __future__ import annotations

import keyword
import tempfile
from pathlib import Path

from nuweft.errors import (
    DuplicatePluginError,
    OutputExistsError,
    ParameterError,
    UnknownPluginError,
    did_you_mean,
)
from nuweft.interfaces import KINDS
from nuweft.interfaces.base import KEBAB_CASE
from nuweft.io.output import disk_faults, make_folder
from nuweft.io.yaml_file import dump_yaml
from nuweft.plugin.registry import plugins


def class_name(name: str) -> str:
    """Return the name of a class for a plugin's name.

    Examples
    --------
    >>> class_name("desi-lrg"), class_name("6df")
    ('DesiLrg', 'Plugin6Df')
    """
    title = "".join(part.title() for part in name.split("-"))
    return title if title.isidentifier() and not keyword.iskeyword(title) else f"Plugin{title}"


def write_package(kind: str, name: str, folder: Path) -> Path:
    """Return the folder of a new package that holds one working plugin, its test, documentation and CI file.

    Parameters
    ----------
    kind
        Kind of plugin.
    name
        Its name in kebab case; the distribution is ``nuweft-<name>``.
    folder
        Where the package's folder is made.

    Raises
    ------
    UnknownPluginError
        If there is no such kind.
    ParameterError
        If the name is not in kebab case.
    DuplicatePluginError
        If a plugin of that kind and name is installed.
    OutputExistsError
        If the folder exists.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from nuweft import __version__

    if kind not in KINDS:
        raise UnknownPluginError(f"no plugin kind named {kind!r}; {did_you_mean(kind, KINDS)}")
    if not KEBAB_CASE.fullmatch(name):
        raise ParameterError(f"name: expected words in lower case joined by hyphens (desi-lrg), got {name!r}")
    if name in plugins.names(kind):
        owner = plugins.info(kind, name).distribution
        raise DuplicatePluginError(f"a {kind} plugin named {name!r} is installed already (by {owner})")
    module = f"nuweft_{name.replace('-', '_')}"
    target = folder / f"nuweft-{name}"
    if target.exists():
        raise OutputExistsError(f"{target}: exists already")
    needs_file = kind in ("tracer", "neutrino_sample")
    settings: str | dict[str, str] = {"plugin": name, "file": f"{name}.csv"} if needs_file else name
    listed = [settings] if kind in ("source_evolution", "response_variation") else settings
    key = {"response_variation": "response_variations"}.get(kind, kind)
    context = {
        "kind": kind,
        "name": name,
        "module": module,
        "distribution": f"nuweft-{name}",
        "cls": class_name(name),
        "contract": "".join(part.title() for part in kind.split("_")) + "Contract",
        "title": f"The {kind.replace('_', ' ')} {name}",
        "nuweft_version": __version__,
        "yaml": dump_yaml({key: listed}),
    }
    files = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        ".gitignore": "gitignore",
        ".github/workflows/tests.yml": "tests.yml",
        f"docs/{name}.md": "docs.md",
        f"tests/test_{name.replace('-', '_')}.py": "test.py",
        f"src/{module}/__init__.py": "init.py",
        f"src/{module}/{kind}.py": f"{kind}.py",
    }
    environment = Environment(
        loader=PackageLoader("nuweft", "templates/package"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    make_folder(folder)
    with disk_faults(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as temporary:
        package = Path(temporary) / target.name
        for path, template in files.items():
            (package / path).parent.mkdir(parents=True, exist_ok=True)
            (package / path).write_text(
                environment.get_template(f"{template}.j2").render(context), encoding="utf-8"
            )
        package.rename(target)
    return target
