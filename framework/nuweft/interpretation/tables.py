"""An interpretation as ``evolution.json`` and ``evolution.csv``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from nuweft.interpretation.interpret import Interpretation
from nuweft.io.json_file import finite
from nuweft.io.output import written
from nuweft.model.cross_spectrum import SOURCES
from nuweft.plugin.compose import label, named
from nuweft.statistics.limits import UpperLimit


def interpretation_json(result: Interpretation) -> dict[str, Any]:
    """Return the content of ``evolution.json``."""
    run = result.run
    return {
        "limit": limit_json(run.limit),
        "limit_sources": limit_json(run.limit_on({SOURCES: 1.0})),
        "f_astro": result.run.f_astro,
        "largest_f_corr": {case.label: finite(case.limit) for case in result.cases},
        "models": [
            named(item.model)
            | {
                "median_redshift": item.median_redshift,
                "f_corr_model": item.f_corr,
                "signal": " and ".join(item.parts),
                "redshift_error": item.redshift_error,
                "ratio_to_limit": {case.label: finite(case.ratio(item)) for case in result.cases},
            }
            for item in result.models
        ],
        "limits_on_parameters": [
            {
                "plugin": curve.model.plugin_name,
                "field": curve.field,
                "range": [float(curve.values[0]), float(curve.values[-1])],
                "crossings": curve.limits,
                "verdicts": curve.verdicts,
            }
            for curve in result.curves
        ],
        "regions": [
            {
                "plugin": region.model.plugin_name,
                "excluded_fraction_of_plane": {
                    case.label: float(np.mean(region.f_corr > case.limit)) for case in result.cases
                },
                "posterior": {
                    name: {str(q): region.posterior.quantile(name, q) for q in (0.05, 0.16, 0.5, 0.84, 0.95)}
                    for name in region.posterior.parameters
                },
                "posterior_of": result.cases[-1].label,
                "converged": region.posterior.converged,
            }
            for region in result.regions
        ],
        "dependence": [
            named(row.model)
            | {
                "quantity": row.quantity,
                "value": row.value,
                "f_corr_model": row.f_corr,
                "ratio_to_limit": finite(row.ratio_to_limit),
            }
            for row in result.dependences
        ],
        "finite_sources": [
            named(item.model)
            | {
                "expected_number": item.expected_number,
                "effective_number": item.effective_number,
                "brightest": item.brightest,
                "factor": {
                    str(q): float(np.quantile(item.scatter.factor, q)) for q in (0.05, 0.16, 0.5, 0.84, 0.95)
                },
                "f_corr_model": item.f_corr,
                "mean_f_corr": item.f_corr * float(np.mean(item.scatter.factor)),
                "largest_f_corr": {label: finite(limit) for label, limit in item.limits.items()},
                "ratio_to_limit": {
                    label: finite(item.f_corr / limit) for label, limit in item.limits.items()
                },
            }
            for item in result.finite
        ],
        "notes": list(result.notes),
    }


def limit_json(limit: UpperLimit | None) -> dict[str, Any] | None:
    """Return the numbers of a limit, or None."""
    if limit is None:
        return None
    return {
        "gamma": limit.gamma,
        "credibility": limit.credibility,
        "signal": limit.signal,
        "f_corr": limit.f_corr,
        "f_corr_expected": limit.expected,
    }


def evolution_table(content: dict[str, Any]) -> list[list[Any]]:
    """Return the models against the limit as rows, headings first, from :func:`interpretation_json`."""
    labels = list(content["largest_f_corr"])
    ratios = [f"ratio_to_limit_b_{b}" for b in labels]
    heading = ["model", "median_redshift", "f_corr_model", *ratios, "signal"]
    rows = [
        [
            label(row),
            row["median_redshift"],
            row["f_corr_model"],
            *("" if row["ratio_to_limit"][b] is None else row["ratio_to_limit"][b] for b in labels),
            row["signal"],
        ]
        for row in content["models"]
    ]
    return [heading, *rows]


def write_table(path: Path, content: dict[str, Any]) -> None:
    """Write :func:`evolution_table` as CSV, under a temporary name until it is complete."""
    with written(path) as part, part.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(evolution_table(content))
