"""Backgrounds from the flux of atmospheric neutrinos."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_background() -> list[type]:
    """Register the background."""
    from nuweft_atmosphere.atmospheric_flux import AtmosphericFlux

    return [AtmosphericFlux]


@hookimpl
def nuweft_register_dataset() -> list[object]:
    """Register the table of a cascade calculation."""
    from nuweft_atmosphere.data import MCEQ_SOUTH_POLE

    return [MCEQ_SOUTH_POLE]
