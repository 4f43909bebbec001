"""Progress bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from nuweft.cli.terminal import console

T = TypeVar("T")


class Bars:
    """Shows work on standard error; a context manager."""

    def __init__(self) -> None:
        out = console(stderr=True)
        self._progress = Progress(
            SpinnerColumn("line" if out.options.ascii_only else "dots"),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=out,
        )
        self._note: int | None = None

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish_note()
        self._progress.stop()

    def _finish_note(self) -> None:
        if self._note is not None:
            self._progress.update(self._note, total=1, completed=1)  # type: ignore[arg-type]
            self._note = None

    def note(self, description: str) -> None:
        """Show what is being done, without a known length."""
        self._finish_note()
        self._note = int(self._progress.add_task(description, total=None))

    def track(self, items: Iterable[T], description: str, total: int) -> Iterator[T]:
        """Yield the items and show how many of ``total`` are done."""
        self._finish_note()
        yield from self._progress.track(items, total=total, description=description)
