"""Sphinx configuration."""

import os
import sys
from pathlib import Path

import nuweft

_HERE = Path(__file__).parent
sys.path.insert(0, str(_HERE / "_ext"))
_DATA = _HERE.parent.parent / "shared" / "data"
if _DATA.is_dir():  # pages of plugins show real data where there are any
    os.environ.setdefault("NUWEFT_DATA", str(_DATA))

project = "nuweft"
author = "The nuweft developers"
copyright = "2026, the nuweft developers"
version = release = nuweft.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # formulas are shown without a network
    "plugin_reference",
    "plugin_gallery",
    "sphinx_gallery.gen_gallery",
]
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "examples",
    "filename_pattern": r"plot_scan\.py",  # the others need real data, or minutes
    "ignore_pattern": r"^(?!.*plot_).*\.py$",
    "image_scrapers": ("figure_scraper.scrape_figures",),
    "download_all_examples": False,
    "show_memory": False,
    "write_computation_times": False,
    "show_signature": False,
    "default_thumb_file": str(_HERE / "_static" / "demo_likelihood.png"),
}
myst_enable_extensions = ["dollarmath", "colon_fence"]
exclude_patterns = ["_build", "changes/*"]
html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_title = "nuweft"
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False, "header_links_before_dropdown": 8}
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
nitpicky = False
