"""Progress of long work: silent in the API, bars on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What reports progress."""

    def track(self, items: Iterable[T], description: str, total: int) -> Iterator[T]:
        """Yield the items and report how many of ``total`` are done."""

    def note(self, description: str) -> None:
        """Say what is being done."""


class Silent:
    """Reports nothing."""

    def track(self, items: Iterable[T], description: str, total: int) -> Iterator[T]:
        """Yield the items."""
        yield from items

    def note(self, description: str) -> None:
        """Say nothing."""
