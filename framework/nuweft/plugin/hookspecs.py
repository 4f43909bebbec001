"""The hooks a plugin module may implement.

A plugin module is announced in the entry-point group ``nuweft``; it holds
functions decorated with :data:`hookimpl` and imports what they need inside
them. Every ``nuweft_register_*`` hook returns classes, never instances.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from nuweft.interfaces import (
        BackgroundModel,
        Likelihood,
        Mask,
        NeutrinoSample,
        PowerSpectrumEstimator,
        ResponseVariation,
        SourceEvolutionModel,
        Tracer,
    )
    from nuweft.model.dataset import Dataset
    from nuweft.model.published_result import PublishedResult

hookspec = pluggy.HookspecMarker("nuweft")
hookimpl = pluggy.HookimplMarker("nuweft")


@hookspec
def nuweft_register_tracer() -> list[type[Tracer]]:  # type: ignore[empty-body]
    """Return tracers of the large-scale structure."""


@hookspec
def nuweft_register_neutrino_sample() -> list[type[NeutrinoSample]]:  # type: ignore[empty-body]
    """Return neutrino samples."""


@hookspec
def nuweft_register_mask() -> list[type[Mask]]:  # type: ignore[empty-body]
    """Return sky masks."""


@hookspec
def nuweft_register_estimator() -> list[type[PowerSpectrumEstimator]]:  # type: ignore[empty-body]
    """Return estimators of the cross-power spectrum."""


@hookspec
def nuweft_register_background() -> list[type[BackgroundModel]]:  # type: ignore[empty-body]
    """Return models of the uncorrelated background."""


@hookspec
def nuweft_register_source_evolution() -> list[type[SourceEvolutionModel]]:  # type: ignore[empty-body]
    """Return models of the evolution of the sources with redshift."""


@hookspec
def nuweft_register_likelihood() -> list[type[Likelihood]]:  # type: ignore[empty-body]
    """Return likelihoods."""


@hookspec
def nuweft_register_response_variation() -> list[type[ResponseVariation]]:  # type: ignore[empty-body]
    """Return variations of the detector's response, for systematic uncertainties."""


@hookspec
def nuweft_register_dataset() -> list[Dataset]:  # type: ignore[empty-body]
    """Return named data sets."""


@hookspec
def nuweft_register_published_result() -> list[PublishedResult]:  # type: ignore[empty-body]
    """Return published results that stand beside those of a run with the same tracer and sample."""


@hookspec(firstresult=True)
def nuweft_locate_data(dataset: Dataset, filename: str) -> Path | None:
    """Return where a file of a data set lies, or None to let the next plugin try."""


@hookspec(firstresult=True)
def nuweft_demo_analysis() -> Path | None:
    """Return the YAML file of the analysis that ``nuweft demo`` runs, or None to let the next plugin try.

    It needs no data, and its sample knows the origin of its events.
    """


@hookspec
def nuweft_analysis_composed(analysis: Any) -> None:
    """React to a composed analysis before any data are read; raise to refuse it (a blinding guard)."""
