"""Which room imports which: writes docs/design/imports.md.

Usage: python docs/design/import_graph.py
"""

from __future__ import annotations

from pathlib import Path

import grimp

PAGE = Path(__file__).with_name("imports.md")
PACKAGE = "nuweft"


def rooms() -> dict[str, set[str]]:
    """Return the rooms that each room imports, also within functions and for types only."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    found: dict[str, set[str]] = {}
    for importer in graph.modules:
        if importer == PACKAGE:  # the package itself names all public homes
            continue
        own = importer.split(".")[1]
        found.setdefault(own, set())
        for imported in graph.find_modules_directly_imported_by(importer):
            if imported != PACKAGE and imported.split(".")[1] != own:
                found[own].add(imported.split(".")[1])
    return found


def levels(imports: dict[str, set[str]]) -> list[list[str]]:
    """Return rooms by level: each imports rooms of lower levels only.

    Raises
    ------
    ValueError
        If rooms import each other in a circle; names them.
    """
    left, result = dict(imports), []
    while left:
        ready = sorted(name for name, needs in left.items() if not needs & set(left))
        if not ready:
            raise ValueError(f"a circle of imports among {', '.join(sorted(left))}")
        result.append(ready)
        for name in ready:
            del left[name]
    return result


def page() -> str:
    """Return the page."""
    imports = rooms()
    lines = [
        "# Imports",
        "",
        "Made by `python docs/design/import_graph.py`; a test holds it. Imports within functions and for",
        "types count too. Each room imports rooms of lower levels only.",
        "",
        "| level | room | imports |",
        "|---|---|---|",
    ]
    for number, names in enumerate(levels(imports)):
        lines += [
            f"| {number} | `{name}` | {', '.join(sorted(imports[name])) or 'nothing'} |" for name in names
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
