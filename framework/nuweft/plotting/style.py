"""Colours and sizes that the figures share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from nuweft.io.output import written

BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#3b6ea8", "#d9822b", "#3a8f5d", "#b5403a", "#7a5aa6", "#8a8a8a"
CYCLE = (BLUE, ORANGE, GREEN, PURPLE, RED)
LINES: tuple[Any, ...] = ("--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))


def figure(width: float = 7.0, height: float = 4.5) -> Figure:
    """Return an empty figure; sizes in inches."""
    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, path: Path) -> None:
    """Write a PNG file, under a temporary name until it is complete."""
    with written(path) as part:
        figure.savefig(part, dpi=130, format="png")
