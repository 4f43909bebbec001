"""``nuweft data``."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Named data sets: list, fetch, verify.", no_args_is_help=True)

NAMES = typer.Argument(help="names of data sets; all where none are given")


@app.command("list")
def list_datasets() -> None:
    """List the data sets, where they are and what to cite."""
    import nuweft
    from nuweft.cli.terminal import console, table
    from nuweft.data.locate import find
    from nuweft.errors import NuweftError

    rows = table(("name", "what it is", "on this machine", "cite", "licence"), names=("name",))
    for dataset in nuweft.plugins.datasets().values():
        places = []
        for file in dataset.files:
            try:
                path = find(dataset, file)
            except NuweftError as error:
                places.append(type(error).__name__)
                continue
            if path is not None:
                places.append(str(path))
        shown = "\n".join(places[:2]) + (
            f"\n... {len(places)} of {len(dataset.files)} files" if len(places) > 2 else ""
        )
        rows.add_row(dataset.name, dataset.title, shown or "no", dataset.citation, dataset.licence)
    console().print(rows)


@app.command()
def fetch(names: Annotated[list[str], typer.Argument(help="names of data sets")]) -> None:
    """Download data sets; every download is verified."""
    import nuweft
    from nuweft.cli.terminal import console
    from nuweft.data.locate import fetch as fetch_dataset

    for name in names:
        dataset = nuweft.plugins.dataset(name)
        with console(stderr=True).status(f"fetching {name}"):
            paths = fetch_dataset(dataset)
        for path in paths:
            print(f"{name}: {path}")


@app.command()
def verify(names: Annotated[list[str] | None, NAMES] = None) -> None:
    """Check the content of the data sets that are on this machine."""
    import nuweft
    from nuweft.data.locate import find
    from nuweft.errors import NuweftError
    from nuweft.io.checksums import content_sha256

    bad = False
    datasets = nuweft.plugins.datasets()
    for dataset in [nuweft.plugins.dataset(n) for n in names] if names else datasets.values():
        for file in dataset.files:
            try:
                path = find(dataset, file)
            except NuweftError as error:
                bad = True
                print(f"BAD      {dataset.name}: {error}")
                continue
            if path is None:
                print(f"missing  {dataset.name}: {file.path}")
            elif file.sha256 is None:
                own = content_sha256(path)
                print(f"unknown  {dataset.name}: {path} (no checksum is published; it is {own})")
            else:
                print(f"ok       {dataset.name}: {path}")
    if bad:
        raise typer.Exit(1)
