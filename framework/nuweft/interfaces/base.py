"""What every plugin has in common."""

from __future__ import annotations

import re
from abc import ABC
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self, cast

import attrs

from nuweft.references import Reference

KEBAB_CASE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Component(ABC):
    """Base of the plugin interfaces.

    A plugin is a frozen attrs class whose fields are declared with
    :mod:`nuweft.parameters`. Its constructor neither reads files nor computes.

    Attributes
    ----------
    kind : str
        Kind of plugin, set by the interface.
    plugin_name : str
        Name in kebab case under which users ask for it, set by the plugin.
    references : tuple of Reference
        What a result that used the plugin should cite.
    renamed_settings : mapping of str to str
        New name of a setting by its old one, which goes on working with a warning.
    """

    __slots__ = ()

    kind: ClassVar[str]
    plugin_name: ClassVar[str]
    references: ClassVar[tuple[Reference, ...]] = ()
    renamed_settings: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return a small object for documentation and tests.

        A plugin without a default for every setting, or with a slow one,
        overrides this.

        Parameters
        ----------
        folder
            Where files that the object reads may be written.
        """
        return cls()

    def inputs(self) -> tuple[Path, ...]:
        """Return the files that this object reads, for the provenance of a result."""
        return ()

    def notes(self) -> tuple[str, ...]:
        """Return what was left out of the input and why, one sentence each, for the summary of a run.

        A note is no warning: what it says was done as asked for, or is what
        everyone would do (a code for a missing redshift is no redshift).
        """
        return ()


def held_components(value: Any) -> Iterator[Component]:
    """Yield the plugins in a value: itself, those of a tuple, and those that its fields hold."""
    if isinstance(value, Component):
        yield value
    if isinstance(value, tuple):
        for item in value:
            yield from held_components(item)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if field.metadata.get("component") or field.metadata.get("components"):
                yield from held_components(getattr(value, field.name))


def all_inputs(component: Component) -> tuple[Path, ...]:
    """Return the input files of a component and of all components it holds."""
    paths = list(component.inputs())
    for field in attrs.fields(cast("Any", type(component))):
        value = getattr(component, field.name)
        if field.metadata.get("component") and isinstance(value, Component):
            paths.extend(all_inputs(value))
        elif field.metadata.get("components"):
            for item in value:
                paths.extend(all_inputs(item))
    return tuple(dict.fromkeys(paths))


def all_notes(holder: Any) -> tuple[str, ...]:
    """Return the notes of a component, or of all components that an analysis holds."""
    return tuple(dict.fromkeys(note for item in held_components(holder) for note in item.notes()))
