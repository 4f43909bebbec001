"""Contracts of everything that is registered."""

from __future__ import annotations

from collections.abc import Mapping

from nuweft.plugin.registry import plugins
from nuweft.testing.background import BackgroundContract
from nuweft.testing.base import ComponentContract
from nuweft.testing.estimator import EstimatorContract
from nuweft.testing.likelihood import LikelihoodContract
from nuweft.testing.mask import MaskContract
from nuweft.testing.neutrino_sample import NeutrinoSampleContract
from nuweft.testing.response_variation import ResponseVariationContract
from nuweft.testing.source_evolution import SourceEvolutionContract
from nuweft.testing.tracer import TracerContract

CONTRACTS: Mapping[str, type[ComponentContract]] = {
    contract.kind: contract
    for contract in (
        TracerContract,
        NeutrinoSampleContract,
        MaskContract,
        EstimatorContract,
        BackgroundContract,
        SourceEvolutionContract,
        LikelihoodContract,
        ResponseVariationContract,
    )
}
"""Contract of each kind."""


def registered_contracts(
    expected_failures: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, type[ComponentContract]]:
    """Return a test class for every registered plugin, of any distribution.

    ``globals().update(registered_contracts())`` in a test module runs them all.

    Parameters
    ----------
    expected_failures
        By ``kind/name``, as in :class:`~nuweft.testing.ComponentContract`.

    Returns
    -------
    dict of str to type
        By the name of the class.
    """
    known = expected_failures or {}
    classes = {}
    for kind, found in plugins.collect().items():
        for name in found:
            title = "".join(part.title() for part in (*kind.split("_"), *name.split("-")))
            own = {
                "plugin": name,
                "expected_failures": known.get(f"{kind}/{name}", {}),
                "__module__": __name__,
            }
            classes[f"Test{title}"] = type(f"Test{title}", (CONTRACTS[kind],), own)
    return classes
