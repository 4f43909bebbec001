"""From the evolution of sources with redshift to the expected correlation."""

from nuweft.evolution.angular_spectra import Projection, angular_spectrum, check_width
from nuweft.evolution.cosmology import HUBBLE_DISTANCE, Cosmology, line_of_sight
from nuweft.evolution.galaxy_bias import LARGEST_WAVENUMBER, fit_bias, largest_multipole
from nuweft.evolution.luminosity import (
    LogNormalLuminosity,
    LuminosityFunction,
    PowerLawLuminosity,
    StandardCandle,
)
from nuweft.evolution.population import (
    MOST_SOURCES,
    DensityField,
    SourceEnsemble,
    SourcePopulation,
    check_number,
)
from nuweft.evolution.posterior import sample_evolution
from nuweft.evolution.prediction import (
    EvolutionResult,
    Predictor,
    crossings,
    members,
    one_parameter_families,
    predict,
    scanned_fields,
    strengths,
    two_parameter_families,
)
from nuweft.evolution.realisation_variance import RealisationVariance, source_variance
from nuweft.evolution.redshift_kernel import DirectKernel, RedshiftKernel, direct_kernel, redshift_kernel

__all__ = [
    "HUBBLE_DISTANCE",
    "LARGEST_WAVENUMBER",
    "MOST_SOURCES",
    "Cosmology",
    "DensityField",
    "DirectKernel",
    "EvolutionResult",
    "LogNormalLuminosity",
    "LuminosityFunction",
    "PowerLawLuminosity",
    "Predictor",
    "Projection",
    "RealisationVariance",
    "RedshiftKernel",
    "SourceEnsemble",
    "SourcePopulation",
    "StandardCandle",
    "angular_spectrum",
    "check_number",
    "check_width",
    "crossings",
    "direct_kernel",
    "fit_bias",
    "largest_multipole",
    "line_of_sight",
    "members",
    "one_parameter_families",
    "predict",
    "redshift_kernel",
    "sample_evolution",
    "scanned_fields",
    "source_variance",
    "strengths",
    "two_parameter_families",
]
