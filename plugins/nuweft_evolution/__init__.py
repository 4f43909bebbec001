"""Models of the evolution of neutrino sources with redshift."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_source_evolution() -> list[type]:
    """Register the models."""
    from nuweft_evolution.catalog_tracing import CountsTraceCatalog, SourcesTraceCatalog
    from nuweft_evolution.composite import Mixture, Tabulated
    from nuweft_evolution.power_law import Constant, PowerLaw, PowerLawCutoff
    from nuweft_evolution.star_formation import StarFormationRate

    return [
        PowerLaw,
        PowerLawCutoff,
        StarFormationRate,
        Constant,
        SourcesTraceCatalog,
        CountsTraceCatalog,
        Tabulated,
        Mixture,
    ]
