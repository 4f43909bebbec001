"""Arrays, plain values and listed attrs classes of them in a folder; reading executes nothing."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from nuweft.errors import CorruptFileError

STRUCTURE = "structure.json"
"""Name of the file that says what the arrays of a folder belong to."""

_MAPPED = 2**24  # bytes from which an array stays on disk until it is used
_KINDS = "biufc"

Classes = Mapping[str, type]
"""Classes that may be written and read, by name."""


class NotStorableError(TypeError):
    """A value holds something else than arrays, plain values and listed classes."""


def write_values(folder: Path, value: Any, classes: Classes) -> None:
    """Write a value into a folder that does not exist yet, complete or not at all.

    Parameters
    ----------
    folder
        Where it goes; one that another process has written meanwhile stays.
    value
        None, truth values, numbers, strings, arrays of numbers, tuples, lists, mappings from strings,
        and objects of ``classes``.
    classes
        Frozen attrs classes by name.

    Raises
    ------
    NotStorableError
        If the value holds anything else; nothing is written.
    OSError
        If the disk does not take it.
    """
    arrays: list[np.ndarray[Any, Any]] = []
    tree = _described(value, classes, arrays)
    part = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    part.mkdir(parents=True)
    try:
        entries = []
        for i, array in enumerate(arrays):
            np.save(part / f"{i}.npy", array, allow_pickle=False)
            entries.append({"shape": list(array.shape), "dtype": array.dtype.str, "sha256": _digest(array)})
        content = json.dumps({"value": tree, "arrays": entries})
        (part / STRUCTURE).write_text(content, encoding="utf-8")
        try:
            part.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def read_values(folder: Path, classes: Classes) -> Any:
    """Return the value that was written into a folder; large arrays are mapped into memory.

    Raises
    ------
    CorruptFileError
        If a file is damaged or missing, or names a class that is not listed.
    """
    try:
        content = json.loads((folder / STRUCTURE).read_text(encoding="utf-8"))
        arrays = [_array(folder / f"{i}.npy", entry) for i, entry in enumerate(content["arrays"])]
        return _restored(content["value"], classes, arrays)
    except (OSError, ValueError, TypeError, LookupError, RecursionError, AttributeError) as error:
        raise CorruptFileError(f"{folder}: cannot be read ({error})") from error


def _described(value: Any, classes: Classes, arrays: list[np.ndarray[Any, Any]]) -> Any:
    """Return a value as JSON knows it, with numbers in the place of arrays."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray):
        if value.dtype.kind not in _KINDS:
            raise NotStorableError(f"an array of type {value.dtype}")
        arrays.append(np.asarray(value))
        return {"array": len(arrays) - 1}
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_described(item, classes, arrays) for item in value]}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {"mapping": {key: _described(item, classes, arrays) for key, item in value.items()}}
    cls: Any = type(value)
    name = cls.__name__
    if classes.get(name) is not type(value):
        raise NotStorableError(f"an object of {cls.__module__}.{name}")
    fields = {f.name: getattr(value, f.name) for f in attrs.fields(cls) if f.init}
    return {
        "class": name,
        "fields": {key: _described(item, classes, arrays) for key, item in fields.items()},
    }


def _restored(tree: Any, classes: Classes, arrays: list[np.ndarray[Any, Any]]) -> Any:
    if not isinstance(tree, dict):
        return tree
    if "class" in tree:
        fields = {key: _restored(item, classes, arrays) for key, item in tree["fields"].items()}
        return classes[tree["class"]](**fields)
    ((kind, content),) = tree.items()
    if kind == "array":
        return arrays[content]
    if kind == "float":
        return float(content)
    if kind == "mapping":
        return {key: _restored(item, classes, arrays) for key, item in content.items()}
    items = [_restored(item, classes, arrays) for item in content]
    return {"tuple": tuple, "list": list}[kind](items)


def _digest(array: np.ndarray[Any, Any]) -> str | None:
    """Return the hash of an array that is read as a whole."""
    if array.nbytes >= _MAPPED:
        return None
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def _array(path: Path, entry: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    large = int(np.prod(entry["shape"])) * np.dtype(entry["dtype"]).itemsize >= _MAPPED
    found: np.ndarray[Any, Any] = np.load(path, mmap_mode="r" if large else None, allow_pickle=False)
    if list(found.shape) != entry["shape"] or found.dtype.str != entry["dtype"]:
        raise ValueError(f"{path.name} holds another array")
    if _digest(found) != entry["sha256"]:
        raise ValueError(f"{path.name} is damaged")
    if not large:
        found.flags.writeable = False
    return found
