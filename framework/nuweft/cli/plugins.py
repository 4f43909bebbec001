"""``nuweft plugins``."""

from __future__ import annotations

from typing import Annotated

import typer


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
    import nuweft
    from nuweft.cli.terminal import console, table

    rows = table(("kind", "name", "what it is", "distribution"), names=("kind", "name", "distribution"))
    for group, found in nuweft.plugins.collect().items():
        if kind is not None and group != kind:
            continue
        for info in found.values():
            rows.add_row(group, info.name, info.summary, f"{info.distribution} {info.version}".strip())
    console().print(rows)
    for what, names in (
        ("failed", list(nuweft.plugins.failed)),
        ("claimed twice", [name for _, name in nuweft.plugins.conflicts]),
    ):
        if names:
            print(f"{what}: {', '.join(names)} (see `nuweft plugins doctor`)")


def _describe(kind: str, name: str) -> None:
    import inspect

    from rich.text import Text

    import nuweft
    from nuweft.cli.terminal import console, table

    info = nuweft.plugins.info(kind, name)
    out = console()
    title = f" ({kind}) from {info.module}, {info.distribution} {info.version}\n"
    out.print(Text(info.name, style="bold") + Text(title))
    out.print(inspect.getdoc(info.cls) or "")
    rows = table(("setting", "default", "unit", "allowed", "meaning"), names=("setting",))
    for row in nuweft.plugins.describe(kind, name):
        rows.add_row(row["name"], row["default"], row["unit"], row["bounds"], row["doc"])
    out.print(rows)


def _doctor() -> None:
    import warnings

    import nuweft
    from nuweft.errors import PluginWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)  # shown in full below
        found = nuweft.plugins.collect()
        for dataset in nuweft.plugins.datasets().values():
            for file in dataset.files[:1]:
                nuweft.plugins.locate(dataset, file.path)
    print(f"{sum(map(len, found.values()))} plugins of {len(found)} kinds are registered")
    for message in nuweft.plugins.conflicts.values():
        print(f"\nDuplicatePluginError: {message}; rename or uninstall one of them")
    for module, traceback in nuweft.plugins.failed.items():
        print(f"\n{module} failed:\n{traceback}")
    if nuweft.plugins.conflicts or nuweft.plugins.failed:
        raise typer.Exit(1)
    print("all is well")
