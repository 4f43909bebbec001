"""Generic tracers: any catalog, any map of counts."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_tracer() -> list[type]:
    """Register the tracers."""
    from nuweft_tracers.catalog import Catalog
    from nuweft_tracers.count_map import CountMap

    return [Catalog, CountMap]


@hookimpl
def nuweft_register_dataset() -> list[object]:
    """Register public catalogs."""
    from nuweft_tracers.data import AGN_IR_SELECTED, AGN_LOW_LUMINOSITY, OPENNGC, SDSS

    return [AGN_IR_SELECTED, AGN_LOW_LUMINOSITY, OPENNGC, *SDSS]
