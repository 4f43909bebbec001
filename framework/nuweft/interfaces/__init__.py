"""The kinds of plugin."""

from nuweft.interfaces.background import BackgroundModel
from nuweft.interfaces.base import Component
from nuweft.interfaces.estimator import PowerSpectrumEstimator
from nuweft.interfaces.likelihood import Likelihood
from nuweft.interfaces.mask import Intersection, Mask, SharpMask
from nuweft.interfaces.neutrino_sample import NeutrinoSample
from nuweft.interfaces.response_variation import ResponseVariation
from nuweft.interfaces.source_evolution import (
    DensityModel,
    LineOfSight,
    SourceEvolutionModel,
    normalised_flux,
)
from nuweft.interfaces.tracer import Tracer
from nuweft.moved import renamed

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
    "DensityModel",
    "Intersection",
    "Likelihood",
    "LineOfSight",
    "Mask",
    "NeutrinoSample",
    "PowerSpectrumEstimator",
    "ResponseVariation",
    "SharpMask",
    "SourceEvolutionModel",
    "Tracer",
    "normalised_flux",
]

__getattr__ = renamed(
    __name__,
    {
        "Events": "nuweft.model.Events",
        "GaussianBlock": "nuweft.model.GaussianBlock",
        "GaussianModel": "nuweft.model.GaussianModel",
        "LinearResponse": "nuweft.model.LinearKernel",
        "MatchedFilter": "nuweft.model.MatchedFilter",
        "NullInput": "nuweft.model.BinData",
        "RedshiftDistribution": "nuweft.model.RedshiftDistribution",
        "Sources": "nuweft.model.Sources",
    },
)
