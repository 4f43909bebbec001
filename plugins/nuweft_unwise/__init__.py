"""Galaxies of unWISE and 2MASS: the catalog with its selection, and the ready count map."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_tracer() -> list[type]:
    """Register the tracers."""
    from nuweft_unwise.catalog import UnWISE2MASS
    from nuweft_unwise.count_map import WISE2MASSMap

    return [UnWISE2MASS, WISE2MASSMap]


@hookimpl
def nuweft_register_dataset() -> list[object]:
    """Register the public maps."""
    from nuweft_unwise.data import PLANCK_MASK, WISE_2MASS_MAP

    return [WISE_2MASS_MAP, PLANCK_MASK]
