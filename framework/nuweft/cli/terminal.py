"""What commands print on: names stay whole in a terminal, a pipe and without Unicode."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPE = 10_000  # columns of what has no width


def console(*, stderr: bool = False) -> Console:
    """Return what a command prints on.

    Square brackets and colons stand for themselves; into a pipe every row of a table is one line.
    """
    found = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if found.is_terminal:
        return found
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, width=_PIPE)


def table(headings: Sequence[str], *, names: Sequence[str] = (), title: str | None = None) -> Table:
    """Return an empty table.

    Parameters
    ----------
    headings
        Of the columns.
    names
        Those of columns whose cells are not broken.
    title
        Above the table.
    """
    made = Table(title=title, title_justify="left")
    for heading in headings:
        made.add_column(heading, overflow="fold", no_wrap=heading in names)
    return made


def line(out: Console, words: str) -> None:
    """Print a line that is not broken."""
    out.print(words, soft_wrap=True)


def note(out: Console, words: str) -> None:
    """Print a remark."""
    out.print(Text("note: ", style="yellow") + Text(words), soft_wrap=True)
