"""Write one reference page per kind of plugin, from the plugins themselves."""

import tempfile
from pathlib import Path

import attrs

import nuweft
from nuweft.interfaces import KINDS
from nuweft.io import dump_yaml
from nuweft.plugin.compose import to_mapping

TITLES = {
    "tracer": "Tracers",
    "neutrino_sample": "Neutrino samples",
    "mask": "Masks",
    "estimator": "Estimators",
    "background": "Background models",
    "source_evolution": "Source evolution",
    "likelihood": "Likelihoods",
    "response_variation": "Response variations",
}


def autoclass(name: str, *, members: bool = False) -> str:
    options = ["   :noindex:"] + (["   :members:"] if members else [])
    return "\n".join(["```{eval-rst}", f".. autoclass:: {name}", *options, "```"])


def example_settings(cls: type) -> dict | str:
    """Return what one would write in YAML for the example of a plugin, defaults left out."""
    with tempfile.TemporaryDirectory() as folder:
        example = cls.example(Path(folder))
        mapping = to_mapping(example)
        given = {
            field.name: mapping[field.name]
            for field in attrs.fields(cls)
            if getattr(example, field.name) != _default(field)
        }
        settings = _relative({"plugin": cls.plugin_name, **given}, folder + "/")
    return settings if given else cls.plugin_name


def _default(field: attrs.Attribute) -> object:
    if field.default is attrs.NOTHING:
        return attrs.NOTHING
    default = field.default.factory() if hasattr(field.default, "factory") else field.default
    return default if field.converter is None else field.converter.converter(default, field)


def _relative(value: object, folder: str) -> object:
    """Return settings with the folder taken off every path."""
    if isinstance(value, dict):
        return {key: _relative(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [_relative(item, folder) for item in value]
    return value.removeprefix(folder) if isinstance(value, str) else value


def page(kind: str) -> str:
    """Return the reference page of a kind as Markdown."""
    interface = KINDS[kind]
    lines = [
        f"# {TITLES[kind]}",
        "",
        f"Kind `{kind}`: hook `nuweft_register_{kind}`, key `{kind}` in YAML.",
        "",
        autoclass(f"nuweft.interfaces.{interface.__name__}", members=True),
        "",
    ]
    for name in nuweft.plugins.names(kind):
        info = nuweft.plugins.info(kind, name)
        lines += [
            f"## `{name}`",
            "",
            autoclass(f"{info.cls.__module__}.{info.cls.__qualname__}"),
            "",
        ]
        rows = nuweft.plugins.describe(kind, name)
        if rows:
            lines += ["| setting | default | unit | allowed | meaning |", "|---|---|---|---|---|"]
            for row in rows:
                cells = [row[k].replace("|", "\\|") for k in ("name", "default", "unit", "bounds", "doc")]
                lines.append(f"| `{cells[0]}` | {' | '.join(cells[1:])} |")
            lines.append("")
        lines += [f"```yaml\n{dump_yaml({kind: example_settings(info.cls)})}```", ""]
    return "\n".join(lines)


def write_pages(app) -> None:
    """Write the pages before Sphinx reads its sources."""
    folder = Path(app.srcdir) / "reference"
    for kind in KINDS:
        path, text = folder / f"{kind}.md", page(kind)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app):
    """Register the extension."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
