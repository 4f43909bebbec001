"""The kinds of plugin."""

from nuweft.interfaces.background import BackgroundModel, MatchedFilter, NullInput
from nuweft.interfaces.base import Component
from nuweft.interfaces.estimator import LinearResponse, PowerSpectrumEstimator
from nuweft.interfaces.likelihood import GaussianBlock, GaussianModel, Likelihood
from nuweft.interfaces.mask import Intersection, Mask, SharpMask
from nuweft.interfaces.neutrino_sample import NeutrinoSample
from nuweft.interfaces.redshift_distribution import RedshiftDistribution
from nuweft.interfaces.response_variation import ResponseVariation
from nuweft.interfaces.source_evolution import LineOfSight, SourceEvolutionModel
from nuweft.interfaces.tracer import Tracer
from nuweft.sky.events import Events
from nuweft.sky.sources import Sources

KINDS: dict[str, type[Component]] = {
    "tracer": Tracer,
    "neutrino_sample": NeutrinoSample,
    "mask": Mask,
    "estimator": PowerSpectrumEstimator,
    "background": BackgroundModel,
    "source_evolution": SourceEvolutionModel,
    "likelihood": Likelihood,
    "response_variation": ResponseVariation,
}
"""Interface of each kind, by the name used in hooks, settings and documentation."""

__all__ = [
    "KINDS",
    "BackgroundModel",
    "Component",
    "Events",
    "GaussianBlock",
    "GaussianModel",
    "Intersection",
    "Likelihood",
    "LineOfSight",
    "LinearResponse",
    "Mask",
    "MatchedFilter",
    "NeutrinoSample",
    "NullInput",
    "PowerSpectrumEstimator",
    "RedshiftDistribution",
    "ResponseVariation",
    "SharpMask",
    "SourceEvolutionModel",
    "Sources",
    "Tracer",
]
