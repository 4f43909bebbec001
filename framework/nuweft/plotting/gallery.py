"""All figures of a run."""

from __future__ import annotations

from pathlib import Path

from nuweft.analysis import Analysis
from nuweft.plotting.evolution import evolution_figure
from nuweft.plotting.flux import flux_limit_figure
from nuweft.plotting.likelihood import likelihood_figure
from nuweft.plotting.response import response_figure
from nuweft.plotting.sky import sample_figure, tracer_figure
from nuweft.plotting.spectra import auto_power_figure, spectrum_figure
from nuweft.plotting.style import save
from nuweft.plotting.trials import test_statistic_figure
from nuweft.results.result import Result


def write_figures(analysis: Analysis, result: Result, folder: Path) -> None:
    """Write the figures of a run as PNG files."""
    redshifts = analysis.tracer.redshift_distribution()
    figures = {
        "tracer": tracer_figure(analysis.fields, redshifts, analysis.tracer.plugin_name),
        "sample": sample_figure(analysis.bins, analysis.fields),
        "response": response_figure(analysis, analysis.gammas),
        "spectrum": spectrum_figure(result.measured, result.fit),
        "flux_limit": flux_limit_figure(
            result.upper_limits, result.fluxes, result.sensitive_ranges, analysis.diffuse_flux
        ),
        "likelihood": likelihood_figure(result),
        "test_statistic": test_statistic_figure(result, analysis.seed),
    }
    if result.galaxy_bias is not None:
        figures["tracer_auto"] = auto_power_figure(result.galaxy_bias, analysis.tracer.plugin_name)
    if result.evolution:
        figures["evolution"] = evolution_figure(analysis, result)
    for name, figure in figures.items():
        save(figure, folder / f"{name}.png")
