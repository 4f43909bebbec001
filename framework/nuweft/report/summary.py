"""What a run found, as rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from nuweft.model.published_result import PublishedResult
from nuweft.plugin.compose import label
from nuweft.plugin.registry import plugins

_SAME = 1e-6


@attrs.frozen
class Row:
    """One quantity.

    Attributes
    ----------
    name : str
    value : str
        Of the run.
    key : str
        Where it stands in ``result.json``, with dots between the levels; for
        limits ``upper_limits.SIGNAL.GAMMA``. Published values are given by it.
    """

    name: str
    value: str
    key: str = ""


def _join(values: Iterable[float], form: str) -> str:
    return " / ".join(format(float(v), form) for v in values)


def summary(result: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a run's table.

    Degrees of freedom are data points minus fitted parameters.

    Parameters
    ----------
    result
        Content of ``result.json``.
    """
    null, best = result["null"], result["best_fit"]
    rows = [
        Row("events per energy bin", _join(result["events_per_bin"], ".0f"), "events_per_bin"),
        Row("f_sky", f"{result['f_sky']:.5f}", "f_sky"),
        Row("null: f_atm", _join(null["f_atm"], ".3f"), "null.f_atm"),
        Row("null: chi2 / dof", f"{null['chi2']:.1f} / {null['dof']}", "null.chi2"),
        Row("best fit: f_corr", f"{best['f_corr']:.5f}", "best_fit.f_corr"),
        Row(
            "best fit: gamma",
            "undetermined" if best["gamma"] is None else f"{best['gamma']:.2f}",
            "best_fit.gamma",
        ),
        Row("best fit: n_corr", f"{best['n_corr']:.0f}", "best_fit.n_corr"),
        Row("best fit: f_atm", _join(best["f_atm"], ".3f"), "best_fit.f_atm"),
        Row("best fit: chi2 / dof", f"{best['chi2']:.1f} / {best['dof']}", "best_fit.chi2"),
        Row("test statistic", f"{result['test_statistic']:.3f}", "test_statistic"),
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
    rows.append(Row("f_astro", f"{result['f_astro']:.5f}", "f_astro"))
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
    return Row(
        f"{limit['credibility']:.0%} limit ({limit['signal']}), gamma {limit['gamma']:g}",
        f"f_corr < {limit['f_corr']:.5f} (expected {limit['f_corr_expected']:.5f}), "
        f"flux < {limit['flux_100TeV']:.3g}, {inside:.0%} of diffuse{where} (expected {typical:.0%})",
        f"upper_limits.{limit['signal']}.{limit['gamma']:g}",
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
        Row("p-value", f"{value} ({trials} trials)", "p_value"),
        Row(
            "significance (two-sided)",
            f"{'> ' if p == 0 else ''}{result['significance_sigma']:.2f} sigma",
            "significance_sigma",
        ),
    ]


def published_beside(result: Mapping[str, Any]) -> list[PublishedResult]:
    """Return what others have published for the tracer and the sample of a run.

    Parameters
    ----------
    result
        Content of ``result.json``.
    """
    return plugins.published_results(result["tracer"], result.get("neutrino_sample", ""))
