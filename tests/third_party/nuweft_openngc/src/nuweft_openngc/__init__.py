"""NGC and IC galaxies, and the rate of long gamma-ray bursts, for nuweft."""

from nuweft import hookimpl


@hookimpl
def nuweft_register_tracer():
    """Register the galaxies."""
    from nuweft_openngc.galaxies import OpenNGC

    return [OpenNGC]


@hookimpl
def nuweft_register_source_evolution():
    """Register the model."""
    from nuweft_openngc.bursts import LongGRBRate

    return [LongGRBRate]


@hookimpl
def nuweft_register_dataset():
    """Register the catalog."""
    from nuweft_openngc.data import CATALOG

    return [CATALOG]
