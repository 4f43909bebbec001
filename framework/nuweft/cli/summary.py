"""The table at the end of a run."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from nuweft.analysis import Analysis
from nuweft.compose import label, named
from nuweft.results import Result

PUBLISHED = {
    "events": "338377 / 32281 / 723",
    "null f_atm": "1.101 / 1.012 / 0.893",
    "null chi2 / dof": "1082 / 1119",
    "best f_corr": "0.011",
    "best gamma": "4.0 (boundary)",
    "n_corr": "4143",
    "f_atm": "1.089 / 1.122 / 0.891",
    "chi2 / dof": "1077 / 1117",
    "TS": "2.307",
    "p-value": "0.23",
    "limit": "0.0078 (54 % of the diffuse flux)",
    "f_astro": "0.013",
}
"""Abbasi et al. 2025, Tables 1 and 2 (degrees of freedom: data points minus parameters)."""


def _join(values: object, form: str) -> str:
    return " / ".join(format(float(v), form) for v in values)  # type: ignore[attr-defined]


def print_summary(
    result: Result, analysis: Analysis, folder: Path, *, compare: bool, console: Console | None = None
) -> None:
    """Print what a run found.

    Parameters
    ----------
    result, analysis
        The run.
    folder
        Where it was written.
    compare
        Whether the published values stand beside.
    console
        Where to print.
    """
    out = console or Console()
    fit, p = result.fit, result.p_value
    table = Table(
        title=f"{analysis.tracer.plugin_name} x {analysis.neutrino_sample.description()}",
        title_justify="left",
    )
    table.add_column("quantity")
    table.add_column("this run", justify="right")
    if compare:
        table.add_column("Abbasi et al. 2025 (ten years)", justify="right", style="dim")

    def row(name: str, value: str, key: str = "") -> None:
        table.add_row(*([name, value] + ([PUBLISHED.get(key, "")] if compare else [])))

    row("events per energy bin", _join(result.measured.events_per_bin, ".0f"), "events")
    row("f_sky", f"{result.measured.sky_fraction:.5f}")
    row("null: f_atm", _join(fit.null_f_atm, ".3f"), "null f_atm")
    row("null: chi2 / dof", f"{fit.null_chi2:.1f} / {fit.null_dof}", "null chi2 / dof")
    row("best fit: f_corr", f"{fit.f_corr:.5f}", "best f_corr")
    row("best fit: gamma", f"{fit.gamma:.2f}" if fit.f_corr > 0 else "undetermined", "best gamma")
    row("best fit: n_corr", f"{fit.n_corr:.0f}", "n_corr")
    row("best fit: f_atm", _join(fit.f_atm, ".3f"), "f_atm")
    row("best fit: chi2 / dof", f"{fit.chi2:.1f} / {fit.dof}", "chi2 / dof")
    row("test statistic", f"{fit.test_statistic:.3f}", "TS")
    if p is not None:
        value = f"{p.value:.4g} +- {p.error:.1g}" if p.value > 0 else f"< {p.error:.1g} (68 %)"
        if fit.test_statistic == 0:
            atom = (result.trial_test_statistics == 0).mean()
            value = f"1 by definition at TS = 0, as for {atom:.0%} of scrambles"
        row("p-value", f"{value} ({p.trials} trials)", "p-value")
        row("significance (two-sided)", f"{'> ' if p.value == 0 else ''}{p.significance:.2f} sigma")
    for limit, flux in zip(result.upper_limits, result.fluxes, strict=True):
        row(
            f"{limit.credibility:.0%} limit, gamma {limit.gamma:g}",
            f"f_corr < {limit.f_corr:.5f}, flux < {flux:.3g} "
            f"({flux / analysis.diffuse_flux.normalisation:.0%} of diffuse)",
            "limit" if limit.gamma == 2.37 else "",
        )
    if result.posterior is not None:
        chain = result.posterior
        low, middle, high = (chain.quantile("f_corr", q) for q in (0.16, 0.5, 0.84))
        row(
            "posterior f_corr, gamma free",
            f"{middle:.5f} (68 %: {low:.5f} to {high:.5f}), "
            f"{'converged' if chain.converged else 'not converged'}, split R-hat {chain.gelman_rubin:.3f}",
        )
    row("f_astro", f"{result.f_astro:.5f}", "f_astro")
    for item in result.evolution:
        row(
            label(named(item.model)),
            f"f_corr {item.f_corr:.5f}, {item.f_corr / result.evolution_limit.f_corr:.2f} of the limit",
        )
    out.print(table)
    for warning in result.warnings:
        out.print(f"[yellow]note:[/] {warning}")
    out.print(f"written to {folder}")
