"""Let sphinx-gallery see figures that are made without pyplot."""

from __future__ import annotations

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

_SHOWN: set[int] = set()


def scrape_figures(block, block_vars, gallery_conf):
    """Return the reStructuredText of figures that a block of an example made."""
    paths = []
    for value in block_vars["example_globals"].values():
        if isinstance(value, Figure) and id(value) not in _SHOWN:
            _SHOWN.add(id(value))
            path = next(block_vars["image_path_iterator"])
            value.savefig(path, dpi=110, format="png")
            paths.append(path)
    return figure_rst(paths, gallery_conf["src_dir"])
