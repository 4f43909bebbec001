"""JSON files: written whole, read with a schema."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from nuweft.errors import MissingDataError
from nuweft.io.output import write_text
from nuweft.io.schemas import Schema, read_checked


def finite(value: float) -> float | None:
    """Return a number as JSON knows it: None where it is not finite."""
    return float(value) if math.isfinite(value) else None


def write_json(path: Path, content: Any) -> None:
    """Write JSON under a temporary name until it is complete."""
    write_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def read_json(folder: Path, name: str, schema: Schema) -> dict[str, Any]:
    """Return the content of a JSON file of a finished run.

    Raises
    ------
    MissingDataError
        If the folder has no such file.
    CorruptFileError
        If it is not JSON, or an entry is missing or wrong; names it.
    """
    path = folder / name
    if not path.is_file():
        raise MissingDataError(f"{folder}: no {name}; `nuweft run` or `nuweft demo` make it")
    return read_checked(path, schema)
