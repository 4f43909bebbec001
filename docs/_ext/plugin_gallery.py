"""Write a gallery page per source-evolution plugin: formula, plot, YAML."""

from __future__ import annotations

import tempfile
from pathlib import Path

import attrs
import numpy as np
from plugin_reference import NEEDED, _autoclass

import nuweft
from nuweft.compose import dump_yaml, to_mapping
from nuweft.interfaces import RedshiftDistribution
from nuweft.plotting.source_model import source_model_figure
from nuweft.theory.cosmology import Cosmology
from nuweft.theory.evolution import Strength, scanned_fields
from nuweft.theory.redshift_response import redshift_response

KIND = "source_evolution"


def _strength() -> Strength:
    galaxies = RedshiftDistribution.smail(1.38880, 0.109472, 1.61597, source="unWISE-2MASS stand-in")
    cosmology = Cosmology(transfer_function="eisenstein_hu").ccl()
    response = redshift_response(galaxies, cosmology, np.arange(10.0, 384.0))
    return Strength(response=response, gamma=2.37, f_astro=0.013)


def _variants(name: str, folder: Path) -> list:
    """Return a few settings of a plugin: its default, and the ends of ranges and choices."""
    settings = dict(NEEDED.get(name, {}))
    if "file" in settings:
        table = folder / "density.csv"
        z = np.linspace(0, 4, 80)
        rows = zip(z, np.exp(-0.5 * ((z - 1.2) / 0.5) ** 2), strict=True)
        table.write_text("z,density\n" + "".join(f"{a},{b}\n" for a, b in rows))
        settings["file"] = str(table)
    model = nuweft.plugins.create(KIND, name, **settings)
    variants = [model]
    for field in scanned_fields(model):
        low, high = field.metadata["scan"]
        values = [low + share * (high - low) for share in (0.25, 0.75)]
        variants += [attrs.evolve(model, **{field.name: value}) for value in values]
    for field in attrs.fields(type(model)):
        for value in field.metadata.get("choices") or ():
            if value != getattr(model, field.name):
                variants.append(attrs.evolve(model, **{field.name: value}))
        for value in (field.metadata.get("vary") or ())[::2]:
            variants.append(attrs.evolve(model, **{field.name: value}))
    return variants


def _label(model) -> str:
    own = {k: v for k, v in to_mapping(model).items() if k not in ("plugin", "file", "models")}
    changed = [f"{k} = {v:.4g}" if isinstance(v, float) else str(v) for k, v in own.items()]
    return ", ".join(c for c in changed if c not in ("z", "density")) or model.plugin_name


def write_gallery(app) -> None:
    """Write pages and figures before Sphinx reads its sources."""
    folder = Path(app.srcdir) / "gallery"
    folder.mkdir(exist_ok=True)
    strength = _strength()
    names = nuweft.plugins.names(KIND)
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            models = _variants(name, Path(scratch))
            figure = source_model_figure(models, strength, labels=[_label(m) for m in models])
            figure.savefig(folder / f"{name}.png", dpi=110)
            info = nuweft.plugins.info(KIND, name)
            example = nuweft.plugins.create(KIND, name, **NEEDED.get(name, {}))
            lines = [
                f"# `{name}`",
                "",
                _autoclass(f"{info.cls.__module__}.{info.cls.__qualname__}"),
                "",
                f"![Density, flux distribution and expected f_corr of {name}]({name}.png)",
                "",
                "*For the stand-in redshifts of unWISE-2MASS, gamma 2.37, f_astro 0.013, b_nu = b_g.*",
                "",
                f"```yaml\n{dump_yaml({KIND: [to_mapping(example)]})}```",
                "",
            ]
            (folder / f"{name}.md").write_text("\n".join(lines), encoding="utf-8")
    index = ["# Gallery", "", "Models of source evolution, drawn by the plugins themselves.", ""]
    index += ["```{toctree}", ":maxdepth: 1", "", *names, "```", ""]
    (folder / "index.md").write_text("\n".join(index), encoding="utf-8")


def setup(app):
    """Register the extension."""
    app.connect("builder-inited", write_gallery)
    return {"parallel_read_safe": True}
