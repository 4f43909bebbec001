"""What a run found."""

from nuweft.results.result import (
    Result,
    bias_summary,
    evolution_json,
    interpret,
    limit_json,
    posterior_summary,
    to_json,
)

__all__ = [
    "Result",
    "bias_summary",
    "evolution_json",
    "interpret",
    "limit_json",
    "posterior_summary",
    "to_json",
]
