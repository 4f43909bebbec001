"""Plugins that are used where a setting names none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

DEFAULTS: Mapping[str, str] = {
    "estimator": "pseudo-cl",
    "background": "ra-scramble",
    "likelihood": "gaussian",
}
"""Plugin of an analysis by kind; the only place where the framework names plugins."""

_makers: list[Callable[[str, Any], Any]] = []


def provide(maker: Callable[[str, Any], Any]) -> None:
    """Set what makes a plugin from its kind and its name or settings.

    The package itself does so, since declarations of parameters lie below the registry.
    """
    _makers[:] = [maker]


def made(kind: str, settings: str | Mapping[str, Any]) -> Any:
    """Return the plugin that a default names."""
    (maker,) = _makers
    return maker(kind, settings)
