"""What is assumed of the bias of sources, and the largest f_corr that it allows."""

from __future__ import annotations

import attrs

from nuweft.finishedrun import FinishedRun
from nuweft.inference.scatter import Scatter

BIAS_RATIOS = (1.0, 2.0)
"""Values of b_nu / b_g for which constraints are given."""


@attrs.frozen(eq=False, kw_only=True)
class Case:
    """What is assumed of the bias.

    Attributes
    ----------
    label : str
    bias_ratio : float
        b_nu / b_g, or the median of its prior.
    scatter : Scatter
        Of a prior.
    limit : float
        Largest f_corr for b_nu = b_g that is allowed.
    """

    label: str
    bias_ratio: float
    scatter: Scatter
    limit: float


def bias_cases(run: FinishedRun, bias_prior: float) -> tuple[Case, ...]:
    """Return the assumptions on the bias: fixed ratios and, with a spread, a prior."""
    options = [(f"{b:.1f}", b, Scatter.none()) for b in BIAS_RATIOS]
    if bias_prior > 0:
        options.append(("prior", run.analysis.bias_ratio, Scatter.log_normal(bias_prior)))
    return tuple(
        Case(label=label, bias_ratio=b, scatter=scatter, limit=limit_with(run, scatter) / b)
        for label, b, scatter in options
    )


def limit_with(run: FinishedRun, scatter: Scatter) -> float:
    """Return the limit of a run on the mean f_corr of a model with a scatter."""
    limit = run.limit
    return scatter.limit(estimate=limit.f_corr_hat, sigma=limit.f_corr_sigma, credibility=limit.credibility)
