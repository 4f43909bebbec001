"""Values that pass between the parts of an analysis."""

from nuweft.model.auto_spectrum import AutoSpectrum, BiasFit
from nuweft.model.bin_data import BinData
from nuweft.model.cross_spectrum import CrossSpectrum, SpectrumBlock
from nuweft.model.dataset import DataFile, Dataset, Repository, Source, Url, WheelMember, check_dataset
from nuweft.model.gaussian_model import GaussianBlock, GaussianModel
from nuweft.model.linear_kernel import LinearKernel
from nuweft.model.matched_filter import MatchedFilter
from nuweft.model.published_result import PublishedResult, check_published
from nuweft.model.redshift_distribution import FEWEST_REDSHIFTS, RedshiftDistribution

__all__ = [
    "FEWEST_REDSHIFTS",
    "AutoSpectrum",
    "BiasFit",
    "BinData",
    "CrossSpectrum",
    "DataFile",
    "Dataset",
    "GaussianBlock",
    "GaussianModel",
    "LinearKernel",
    "MatchedFilter",
    "PublishedResult",
    "RedshiftDistribution",
    "Repository",
    "Source",
    "SpectrumBlock",
    "Url",
    "WheelMember",
    "check_dataset",
    "check_published",
]
