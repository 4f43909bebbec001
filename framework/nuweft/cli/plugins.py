"""``nuweft plugins``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

_WIDE = 160


def plugins(
    kind: Annotated[str | None, typer.Argument(help="kind of plugin, or 'doctor'")] = None,
    name: Annotated[str | None, typer.Argument(help="plugin to describe")] = None,
) -> None:
    """List plugins, describe one, or (`doctor`) say why one failed."""
    import nuweft

    registry = nuweft.plugins
    if kind == "list":
        kind, name = name, None
    if kind == "doctor":
        _doctor()
    elif kind is not None and name is not None:
        _describe(kind, name)
    else:
        if kind is not None:
            registry.names(kind)  # an unknown kind is an error
        _list(kind)


def _list(kind: str | None) -> None:
    from rich.console import Console
    from rich.table import Table

    import nuweft

    table = Table()
    for heading in ("kind", "name"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what it is", overflow="fold")
    table.add_column("distribution", no_wrap=True)
    for group, found in nuweft.plugins.collect().items():
        if kind is not None and group != kind:
            continue
        for info in found.values():
            table.add_row(group, info.name, info.summary, f"{info.distribution} {info.version}".strip())
    console = Console()
    # a pipe has no width; lines that are cut help nobody
    console = console if console.is_terminal or "COLUMNS" in os.environ else Console(width=_WIDE)
    console.print(table)
    for what, names in (
        ("failed", list(nuweft.plugins.failed)),
        ("claimed twice", [name for _, name in nuweft.plugins.conflicts]),
    ):
        if names:
            print(f"{what}: {', '.join(names)} (see `nuweft plugins doctor`)")


def _describe(kind: str, name: str) -> None:
    import inspect

    from rich.console import Console
    from rich.table import Table

    import nuweft

    info = nuweft.plugins.info(kind, name)
    console = Console()
    console.print(f"[bold]{info.name}[/] ({kind}) from {info.module}, {info.distribution} {info.version}\n")
    console.print(inspect.getdoc(info.cls) or "", markup=False, highlight=False)
    table = Table("setting", "default", "unit", "allowed", "meaning")
    for row in nuweft.plugins.describe(kind, name):
        table.add_row(row["name"], row["default"], row["unit"], row["bounds"], row["doc"])
    console.print(table)


def _doctor() -> None:
    import warnings

    import nuweft
    from nuweft.errors import PluginWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)  # shown in full below
        found = nuweft.plugins.collect()
        nuweft.plugins.datasets()
    print(f"{sum(map(len, found.values()))} plugins of {len(found)} kinds are registered")
    for message in nuweft.plugins.conflicts.values():
        print(f"\nDuplicatePluginError: {message}; rename or uninstall one of them")
    for module, traceback in nuweft.plugins.failed.items():
        print(f"\n{module} failed:\n{traceback}")
    if nuweft.plugins.conflicts or nuweft.plugins.failed:
        raise typer.Exit(1)
    print("all is well")
