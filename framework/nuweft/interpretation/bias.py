"""What is assumed of the bias of sources, and the largest f_corr that it allows."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from nuweft.evolution.prediction import EvolutionResult
from nuweft.evolution.realisation_variance import RealisationVariance
from nuweft.interpretation.finished_run import FinishedRun
from nuweft.model.cross_spectrum import FIELD

BIAS_RATIOS = (1.0, 2.0)
"""Values of b_nu / b_g for which constraints are given."""


@attrs.frozen(eq=False, kw_only=True)
class Case:
    """What is assumed of the bias of sources that are not objects of the tracer.

    Attributes
    ----------
    label : str
    bias_ratio : float
        b_nu / b_g, or the median of its prior.
    scatter : RealisationVariance
        Of a prior.
    run : FinishedRun
        Its limits.
    """

    label: str
    bias_ratio: float
    scatter: RealisationVariance
    run: FinishedRun

    @property
    def limit(self) -> float:
        """Largest f_corr for b_nu = b_g of sources that share the density field; NaN without such a limit."""
        return self.limit_on({FIELD: 1.0})

    def limit_on(self, parts: Mapping[str, float], scatter: RealisationVariance | None = None) -> float:
        """Return the largest f_corr for b_nu = b_g that is allowed; NaN where there is no limit.

        Parameters
        ----------
        parts
            f_corr of each kind of signal for b_nu = b_g, in any common unit.
        scatter
            Of realisations, beside that of the bias.
        """
        biased = {kind: part * (self.bias_ratio if kind == FIELD else 1.0) for kind, part in parts.items()}
        limit = self.run.limit_on(biased)
        if limit is None:
            return float("nan")
        own = self.scatter if parts.get(FIELD) else RealisationVariance.none()
        largest = (own if scatter is None else scatter.combined(own)).limit(
            estimate=limit.f_corr_hat, sigma=limit.f_corr_sigma, credibility=limit.credibility
        )
        return largest * sum(parts.values()) / sum(biased.values())

    def ratio(self, item: EvolutionResult) -> float:
        """Return the expected f_corr of a model over the largest that is allowed; NaN without a limit."""
        return item.f_corr / self.limit_on(item.parts)


def bias_cases(run: FinishedRun, bias_prior: float) -> tuple[Case, ...]:
    """Return the assumptions on the bias: fixed ratios and, with a spread, a prior."""
    options = [(f"{b:.1f}", b, RealisationVariance.none()) for b in BIAS_RATIOS]
    if bias_prior > 0:
        options.append(("prior", run.analysis.bias_ratio, RealisationVariance.log_normal(bias_prior)))
    return tuple(Case(label=label, bias_ratio=b, scatter=scatter, run=run) for label, b, scatter in options)
