"""What a run found, as rows of a table beside the published values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from nuweft.compose import label
from nuweft.sky.spectra import SOURCES

PUBLISHED_GAMMA = 2.37
"""Spectral index of the published limit."""

_SAME = 1e-6


@attrs.frozen
class Row:
    """One quantity.

    Attributes
    ----------
    name : str
    value : str
        Of the run.
    published : str
        Abbasi et al. 2025, tables 1 and 2; empty where none is given.
    """

    name: str
    value: str
    published: str = ""


def _join(values: Iterable[float], form: str) -> str:
    return " / ".join(format(float(v), form) for v in values)


def summary(result: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a run's table.

    Degrees of freedom are data points minus fitted parameters, also those of
    the published fit.

    Parameters
    ----------
    result
        Content of ``result.json``.
    """
    null, best = result["null"], result["best_fit"]
    rows = [
        Row("events per energy bin", _join(result["events_per_bin"], ".0f"), "338377 / 32281 / 723"),
        Row("f_sky", f"{result['f_sky']:.5f}"),
        Row("null: f_atm", _join(null["f_atm"], ".3f"), "1.101 / 1.012 / 0.893"),
        Row("null: chi2 / dof", f"{null['chi2']:.1f} / {null['dof']}", "1082 / 1119"),
        Row("best fit: f_corr", f"{best['f_corr']:.5f}", "0.011"),
        Row(
            "best fit: gamma",
            "undetermined" if best["gamma"] is None else f"{best['gamma']:.2f}",
            "4.0 (boundary)",
        ),
        Row("best fit: n_corr", f"{best['n_corr']:.0f}", "4143"),
        Row("best fit: f_atm", _join(best["f_atm"], ".3f"), "1.089 / 1.122 / 0.891"),
        Row("best fit: chi2 / dof", f"{best['chi2']:.1f} / {best['dof']}", "1077 / 1117"),
        Row("test statistic", f"{result['test_statistic']:.3f}", "2.307"),
        *_significance(result),
    ]
    rows += [_limit(limit) for limit in result["upper_limits"]]
    rows += [_limit(limit) for found in result.get("other_limits", {}).values() for limit in found]
    if posterior := result.get("posterior"):
        quantiles = posterior["quantiles"]["f_corr"]
        low, middle, high = (quantiles[q] for q in ("0.16", "0.5", "0.84"))
        rows.append(
            Row(
                "posterior f_corr, gamma free",
                f"{middle:.5f} (68 %: {low:.5f} to {high:.5f}), "
                f"{'converged' if posterior['converged'] else 'not converged'}, "
                f"split R-hat {posterior['split_r_hat']:.3f}",
            )
        )
    if notes := result.get("notes"):
        rows.append(Row("left out", "; ".join(notes)))
    rows.append(Row("f_astro", f"{result['f_astro']:.5f}", "0.013"))
    for item in result["source_evolution"]:
        beside = (
            f"no limit on a signal of the {item['signal']}"
            if item["ratio_to_limit"] is None
            else f"{item['ratio_to_limit']:.2f} of the limit ({item['signal']})"
        )
        rows.append(Row(label(item), f"f_corr {item['f_corr_model']:.5f}, {beside}"))
    return rows


def _limit(limit: Mapping[str, Any]) -> Row:
    """Return the row of a limit, beside the median of samples without signal.

    Where the index is not that of the diffuse flux, the two are compared over
    the energies of the limit.
    """
    low, high = limit["energy_range_GeV"]
    inside, typical = (limit[f"fraction_of_diffuse_in_range{end}"] for end in ("", "_expected"))
    same = abs(inside - limit["fraction_of_diffuse"]) < _SAME * inside
    where = "" if same else f" at {low / 1e3:.2g} to {high / 1e3:.2g} TeV"
    published = limit["gamma"] == PUBLISHED_GAMMA and limit["signal"] == SOURCES
    return Row(
        f"{limit['credibility']:.0%} limit ({limit['signal']}), gamma {limit['gamma']:g}",
        f"f_corr < {limit['f_corr']:.5f} (expected {limit['f_corr_expected']:.5f}), "
        f"flux < {limit['flux_100TeV']:.3g}, {inside:.0%} of diffuse{where} (expected {typical:.0%})",
        "0.0078 (54 % of the diffuse flux)" if published else "",
    )


def _significance(result: Mapping[str, Any]) -> list[Row]:
    p, trials = result["p_value"], result["trials"]
    if p is None:
        return []
    error = result["p_value_error"]
    value = f"{p:.4g} +- {error:.1g}" if p > 0 else f"< {error:.1g} (68 %)"
    if result["test_statistic"] == 0:
        value = "1 by definition at TS = 0"
        if "trials_at_zero" in result:
            value += f", as for {result['trials_at_zero'] / trials:.0%} of scrambles"
    return [
        Row("p-value", f"{value} ({trials} trials)", "0.23"),
        Row("significance (two-sided)", f"{'> ' if p == 0 else ''}{result['significance_sigma']:.2f} sigma"),
    ]
