"""Write one reference page per kind of plugin, from the plugins themselves."""

from pathlib import Path

import attrs

import nuweft
from nuweft.compose import dump_yaml, to_mapping
from nuweft.interfaces import KINDS

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
NEEDED = {
    "catalog": {"file": "galaxies.fits", "ra": "RA", "dec": "DEC"},
    "map": {"file": "counts.fits"},
    "unwise-2mass": {"file": "unwise.fits"},
    "circles": {"ra": [80.894], "dec": [-69.756]},
    "map-file": {"file": "mask.fits"},
    "response-of-sample": {"sample": "icecube-ps-3yr"},
    "tabulated": {"file": "density.csv"},
    "mixture": {"models": ["constant", "star-formation-rate"], "shares": [0.7, 0.3]},
    "intersection": {"masks": ["galactic-cut", {"plugin": "declination", "minimum": "-5 deg"}]},
}


def _autoclass(name: str, *, members: bool = False) -> str:
    options = ["   :noindex:"] + (["   :members:"] if members else [])
    return "\n".join(["```{eval-rst}", f".. autoclass:: {name}", *options, "```"])


def page(kind: str) -> str:
    """Return the reference page of a kind as Markdown."""
    interface = KINDS[kind]
    lines = [
        f"# {TITLES[kind]}",
        "",
        f"Kind `{kind}`: hook `nuweft_register_{kind}`, key `{kind}` in YAML.",
        "",
        _autoclass(f"nuweft.interfaces.{interface.__name__}", members=True),
        "",
    ]
    for name in nuweft.plugins.names(kind):
        info = nuweft.plugins.info(kind, name)
        lines += [
            f"## `{name}`",
            "",
            _autoclass(f"{info.cls.__module__}.{info.cls.__qualname__}"),
            "",
        ]
        rows = nuweft.plugins.describe(kind, name)
        if rows:
            lines += ["| setting | default | unit | allowed | meaning |", "|---|---|---|---|---|"]
            for row in rows:
                cells = [row[k].replace("|", "\\|") for k in ("name", "default", "unit", "bounds", "doc")]
                lines.append(f"| `{cells[0]}` | {' | '.join(cells[1:])} |")
            lines.append("")
        example = nuweft.plugins.create(kind, name, **NEEDED.get(name, {}))
        own = {"plugin": name} | {
            f.name: to_mapping(example)[f.name]
            for f in attrs.fields(type(example))
            if f.default is attrs.NOTHING or f.name in NEEDED.get(name, {})
        }
        lines += [f"```yaml\n{dump_yaml({kind: own})}```", ""]
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
