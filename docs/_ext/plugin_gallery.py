"""Write a gallery page per installed plugin: formula, plot, YAML."""

from __future__ import annotations

import tempfile
from pathlib import Path

from plugin_figures import plugin_figure
from plugin_reference import TITLES, autoclass, example_settings

import nuweft
from nuweft.errors import MissingDataError
from nuweft.interfaces import KINDS
from nuweft.io import dump_yaml

CAPTIONS = {
    "tracer": "Objects per area and redshifts of an example.",
    "neutrino_sample": "Events of an example, effective area of its last season, point spread.",
    "mask": "Weights of an example.",
    "estimator": "Estimates of a known spectrum from simulated skies.",
    "background": "Template and one realisation, for simulated events.",
    "source_evolution": (
        "For the stand-in redshifts of unWISE-2MASS, gamma 2.37, f_astro 0.013, b_nu = b_g: density, flux, "
        "expected f_corr."
    ),
    "likelihood": "Likelihood of a simulated spectrum, f_atm fixed.",
    "response_variation": "A simulated response and the varied one.",
}
LISTS = {"source_evolution": "source_evolution", "response_variation": "response_variations"}


def page(kind: str, name: str, image: str | None) -> str:
    """Return the page of a plugin as Markdown."""
    info = nuweft.plugins.info(kind, name)
    shown = (
        f"![{CAPTIONS[kind]}]({image})\n\n*{CAPTIONS[kind]}*"
        if image
        else "*No figure: the data that the example reads are not on the machine that made this page.*"
    )
    settings = example_settings(info.cls)
    yaml = dump_yaml({LISTS[kind]: [settings]} if kind in LISTS else {kind: settings})
    return "\n".join(
        [
            f"# `{name}`",
            "",
            autoclass(f"{info.cls.__module__}.{info.cls.__qualname__}"),
            "",
            shown,
            "",
            f"```yaml\n{yaml}```",
            "",
            f"Settings: {{doc}}`../reference/{kind}`. From {info.distribution} {info.version}.",
            "",
        ]
    )


def figure_of(cls: type, target: Path) -> bool:
    """Return whether a figure of a plugin's example could be drawn."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            drawn = plugin_figure(cls.example(Path(scratch)))
        except MissingDataError:
            return False
        drawn.savefig(target, dpi=110)
    return True


def write_gallery(app) -> None:
    """Write pages and figures before Sphinx reads its sources."""
    folder = Path(app.srcdir) / "gallery"
    folder.mkdir(exist_ok=True)
    index = ["# Gallery of plugins", "", "Every installed plugin, drawn by itself.", ""]
    for kind in KINDS:
        index += [f"## {TITLES[kind]}", "", "```{toctree}", ":maxdepth: 1", ""]
        for name in nuweft.plugins.names(kind):
            cls = nuweft.plugins.info(kind, name).cls
            stem = f"{kind}_{name}"
            image = f"{stem}.png" if figure_of(cls, folder / f"{stem}.png") else None
            _write(folder / f"{stem}.md", page(kind, name, image))
            index.append(stem)
        index += ["```", ""]
    _write(folder / "index.md", "\n".join(index))


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app):
    """Register the extension."""
    app.connect("builder-inited", write_gallery)
    return {"parallel_read_safe": True}
