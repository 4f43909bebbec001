"""Values that pass between the parts of an analysis."""

from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.events import Events
from nuweft.model.auto_spectrum import AutoSpectrum, BiasFit
from nuweft.model.bin_data import BinData
from nuweft.model.cross_spectrum import CrossSpectrum, SpectrumBlock
from nuweft.model.dataset import DataFile, Dataset, Repository, Source, Url, WheelMember, check_dataset
from nuweft.model.gaussian_model import GaussianBlock, GaussianModel
from nuweft.model.linear_kernel import LinearKernel
from nuweft.model.matched_filter import MatchedFilter
from nuweft.model.published_result import PublishedResult, check_published
from nuweft.model.redshift_distribution import FEWEST_REDSHIFTS, RedshiftDistribution
from nuweft.sky.sources import Sources

__all__ = [
    "FEWEST_REDSHIFTS",
    "AutoSpectrum",
    "BiasFit",
    "BinData",
    "CrossSpectrum",
    "DataFile",
    "Dataset",
    "EnergyBins",
    "Events",
    "GaussianBlock",
    "GaussianModel",
    "LinearKernel",
    "MatchedFilter",
    "PublishedResult",
    "RedshiftDistribution",
    "Repository",
    "Source",
    "Sources",
    "SpectrumBlock",
    "Url",
    "WheelMember",
    "check_dataset",
    "check_published",
]
