"""Sphinx configuration."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import nuweft

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
]
myst_enable_extensions = ["dollarmath", "colon_fence"]
exclude_patterns = ["_build", "changes/*"]
html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_title = "nuweft"
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False}
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
nitpicky = False
