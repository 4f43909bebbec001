"""Figures; the one place that imports matplotlib."""

import nuweft.plotting.backend  # noqa: F401 (matplotlib, before all that use it)
from nuweft.plotting.comparison import comparison_figure
from nuweft.plotting.evolution import evolution_figure
from nuweft.plotting.flux import diffuse_band, flux_limit_figure
from nuweft.plotting.injection import injection_figure, recovery_figure
from nuweft.plotting.interpretation import curve_figure, finite_figure, region_figure
from nuweft.plotting.likelihood import likelihood_figure, profile_surface
from nuweft.plotting.response import count_table_figure, response_figure
from nuweft.plotting.sensitivity import sensitivity_figure, systematics_figure
from nuweft.plotting.sky import draw_map, sample_figure, tracer_figure
from nuweft.plotting.source_model import source_model_figure
from nuweft.plotting.spectra import auto_power_figure, band_average, spectrum_figure
from nuweft.plotting.style import BLUE, CYCLE, GREY, LINES, ORANGE, figure, save
from nuweft.plotting.trials import test_statistic_figure

__all__ = [
    "BLUE",
    "CYCLE",
    "GREY",
    "LINES",
    "ORANGE",
    "auto_power_figure",
    "band_average",
    "comparison_figure",
    "count_table_figure",
    "curve_figure",
    "diffuse_band",
    "draw_map",
    "evolution_figure",
    "figure",
    "finite_figure",
    "flux_limit_figure",
    "injection_figure",
    "likelihood_figure",
    "profile_surface",
    "recovery_figure",
    "region_figure",
    "response_figure",
    "sample_figure",
    "save",
    "sensitivity_figure",
    "source_model_figure",
    "spectrum_figure",
    "systematics_figure",
    "test_statistic_figure",
    "tracer_figure",
]
