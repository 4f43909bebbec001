"""``nuweft new``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    kind: Annotated[str, typer.Argument(help="kind of plugin, such as tracer or source_evolution")],
    name: Annotated[str, typer.Argument(help="name of the plugin in lower case, such as desi-lrg")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="folder in which the package is made")
    ] = Path(),
) -> None:
    """Write a package with a working plugin, its tests, a documentation page and a CI file."""
    from nuweft.plugin.scaffold import write_package

    package = write_package(kind, name, output)
    print(f"written to {package}; next:")
    print(f"  pip install -e '{package}[test]'")
    print(f"  nuweft plugins {kind} {name}")
    print(f"  pytest {package}")
