"""What readers of a finished run expect in its JSON files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nuweft.errors import CorruptFileError

Schema = Mapping[str, Any]
"""A JSON schema."""

_NUMBER: Schema = {"type": "number"}
_NOT_NEGATIVE: Schema = {"type": "number", "minimum": 0}
_POSITIVE: Schema = {"type": "number", "exclusiveMinimum": 0}
_MAYBE: Schema = {"type": ["number", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "object", "additionalProperties": _TEXT}


def _object(entries: Mapping[str, Schema], *optional: str) -> Schema:
    return {
        "type": "object",
        "properties": dict(entries),
        "required": [name for name in entries if name not in optional],
    }


def _list(entry: Schema, *, at_least: int = 0) -> Schema:
    return {"type": "array", "items": entry, "minItems": at_least}


_LIMIT = _object(
    {
        "gamma": _NUMBER,
        "credibility": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "f_corr": _POSITIVE,
        "f_corr_hat": _NUMBER,
        "f_corr_sigma": _POSITIVE,
        "signal": _TEXT,
        "f_corr_expected": _NOT_NEGATIVE,
        "flux_100TeV": _NOT_NEGATIVE,
        "fraction_of_diffuse": _NOT_NEGATIVE,
        "fraction_of_diffuse_in_range": _NOT_NEGATIVE,
        "fraction_of_diffuse_in_range_expected": _NOT_NEGATIVE,
        "energy_range_GeV": {**_list(_POSITIVE, at_least=2), "maxItems": 2},
        "f_astro": _POSITIVE,
    },
    "f_astro",
)

_FIT = _object(
    {
        "gamma": _NUMBER,
        "signals": _list({"enum": ["sources", "field"]}, at_least=1),
        "score": _list(_NUMBER, at_least=1),
        "information": _list(_list(_NUMBER, at_least=1), at_least=1),
    }
)

LIMITS = _object(
    {
        "upper_limits": _list(_LIMIT, at_least=1),
        "signal_fits": _list(_FIT, at_least=1),
        "relative_shot_noise": _NOT_NEGATIVE,
        "f_astro": _POSITIVE,
        "source_variance": {"type": ["number", "null"], "minimum": 0},
        "response_remarks": _list({"type": "string", "minLength": 1}),
    },
    "source_variance",
    "response_remarks",
)
"""Of ``result.json``, what a comparison with source models needs."""

RESULT = _object(
    {
        "events_per_bin": _list(_NOT_NEGATIVE, at_least=1),
        "f_sky": _NUMBER,
        "null": _object({"f_atm": _list(_NUMBER), "chi2": _NUMBER, "dof": _COUNT}),
        "best_fit": _object(
            {
                "f_corr": _NUMBER,
                "gamma": _MAYBE,
                "f_atm": _list(_NUMBER),
                "n_corr": _NUMBER,
                "chi2": _NUMBER,
                "dof": _COUNT,
            }
        ),
        "test_statistic": _NUMBER,
        "p_value": _MAYBE,
        "p_value_error": _MAYBE,
        "significance_sigma": _MAYBE,
        "trials": _COUNT,
        "upper_limits": _list(_LIMIT),
        "other_limits": {"type": "object", "additionalProperties": _list(_LIMIT)},
        "source_evolution": _list(
            _object(
                {
                    "plugin": _TEXT,
                    "settings": {"type": "object"},
                    "f_corr_model": _NUMBER,
                    "signal": _TEXT,
                    "ratio_to_limit": _MAYBE,
                }
            )
        ),
        "f_astro": _NUMBER,
        "warnings": _list({"type": "string", "minLength": 1}),
        "energy_bins": _list(_TEXT),
        "tracer": _TEXT,
        "sample": _TEXT,
        "response": _list(
            _object({"season": _TEXT, "livetime": _TEXT, "effective_area": _TEXT, "smearing": _TEXT})
        ),
        "posterior": _object(
            {
                "quantiles": _object({"f_corr": _object(dict.fromkeys(("0.16", "0.5", "0.84"), _NUMBER))}),
                "converged": {"type": "boolean"},
                "split_r_hat": _MAYBE,
            }
        ),
    },
    "posterior",
)
"""``result.json``."""

PROVENANCE = _object(
    {
        "nuweft": _TEXT,
        "python": _TEXT,
        "platform": _TEXT,
        "threads": _COUNT,
        "libraries": _TEXTS,
        "plugins": _TEXTS,
        "seed": _COUNT,
        "identity": _TEXT,
        "inputs_sha256_uncompressed": _TEXTS,
        "finished": _TEXT,
        "seconds": {"type": "object", "additionalProperties": _NOT_NEGATIVE},
    },
    "finished",
    "seconds",
)
"""``provenance.json``."""

EVOLUTION = _object(
    {
        "largest_f_corr": {"type": "object", "additionalProperties": _MAYBE},
        "models": _list(
            _object(
                {
                    "plugin": _TEXT,
                    "settings": {"type": "object"},
                    "median_redshift": _NUMBER,
                    "f_corr_model": _NUMBER,
                    "signal": _TEXT,
                    "ratio_to_limit": {"type": "object", "additionalProperties": _MAYBE},
                }
            )
        ),
        "limits_on_parameters": _list(
            _object(
                {
                    "plugin": _TEXT,
                    "field": _TEXT,
                    "range": {**_list(_NUMBER, at_least=2), "maxItems": 2},
                    "crossings": {"type": "object", "additionalProperties": _list(_NUMBER)},
                    "verdicts": _TEXTS,
                }
            )
        ),
    }
)
"""``evolution.json``."""


def read_checked(path: Path, schema: Schema) -> dict[str, Any]:
    """Return the content of a JSON file that fits a schema.

    Raises
    ------
    CorruptFileError
        If it cannot be read, is not JSON, or an entry is missing or not what it should be; names it.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except OSError as error:
        raise CorruptFileError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise CorruptFileError(
            f"{path}: not JSON ({error}), not a finished run; run the analysis again"
        ) from error
    fault = best_match(Draft202012Validator(dict(schema)).iter_errors(content))
    if fault is not None:
        key = fault.json_path.removeprefix("$").removeprefix(".")
        said = fault.message if len(fault.message) < 200 else f"{fault.message[:200]}..."
        raise CorruptFileError(
            f"{path}: {key or 'the whole'}: {said}; not a finished run, run the analysis again"
        )
    return content


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no number")
