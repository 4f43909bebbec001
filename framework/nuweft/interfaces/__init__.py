"""The kinds of plugin."""

from nuweft.interfaces.background import BackgroundModel
from nuweft.interfaces.base import Component
from nuweft.interfaces.estimator import PowerSpectrumEstimator
from nuweft.interfaces.likelihood import Likelihood
from nuweft.interfaces.mask import Intersection, Mask, SharpMask
from nuweft.interfaces.neutrino_sample import NeutrinoSample
from nuweft.interfaces.response_variation import ResponseVariation
from nuweft.interfaces.source_evolution import LineOfSight, SourceEvolutionModel
from nuweft.interfaces.tracer import Tracer
from nuweft.irf.events import Events
from nuweft.model.bin_data import BinData
from nuweft.model.gaussian_model import GaussianBlock, GaussianModel
from nuweft.model.linear_kernel import LinearKernel
from nuweft.model.matched_filter import MatchedFilter
from nuweft.model.redshift_distribution import RedshiftDistribution
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
    "BinData",
    "Component",
    "Events",
    "GaussianBlock",
    "GaussianModel",
    "Intersection",
    "Likelihood",
    "LineOfSight",
    "LinearKernel",
    "Mask",
    "MatchedFilter",
    "NeutrinoSample",
    "PowerSpectrumEstimator",
    "RedshiftDistribution",
    "ResponseVariation",
    "SharpMask",
    "SourceEvolutionModel",
    "Sources",
    "Tracer",
]
