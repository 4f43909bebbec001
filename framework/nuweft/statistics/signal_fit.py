"""Limits on signals that are partly events of the tracer's objects, partly of the field behind them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from nuweft.errors import ModelError
from nuweft.flux.power_law import check_gamma
from nuweft.model.gaussian_model import GaussianModel
from nuweft.statistics.limits import UpperLimit, truncated_gaussian_limit
from nuweft.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class SignalFit:
    """The likelihood of f_corr at fixed gamma for any mixture of kinds of signal, f_atm profiled.

    ``log L = score . f - f . information . f / 2`` for the f_corr of each kind.

    Attributes
    ----------
    gamma : float
    signals : tuple of str
        Kinds of signal, of ``sources`` and ``field``.
    score : array of shape (n,)
    information : array of shape (n, n)
    """

    gamma: float
    signals: tuple[str, ...]
    score: FloatArray
    information: FloatArray

    def holds(self, parts: Mapping[str, float]) -> bool:
        """Return whether there are templates for all kinds of signal in a mixture."""
        return all(kind in self.signals for kind, part in parts.items() if part)

    def estimate(self, parts: Mapping[str, float]) -> tuple[float, float]:
        """Return the unconstrained estimate of the total f_corr of a mixture, and its sigma.

        Parameters
        ----------
        parts
            f_corr of each kind of signal, in any common unit.

        Raises
        ------
        ModelError
            If there is no template for one of them, or all are zero.
        """
        weights = np.array([parts.get(kind, 0.0) for kind in self.signals])
        if not self.holds(parts) or not weights.sum() > 0:
            raise ModelError(f"no limit on a signal of {dict(parts)}; there are templates for {self.signals}")
        weights = weights / weights.sum()
        information = float(weights @ self.information @ weights)
        return float(weights @ self.score) / information, 1 / np.sqrt(information)

    def upper_limit(self, parts: Mapping[str, float], credibility: float) -> UpperLimit:
        """Return the limit on the total f_corr of a mixture; parameters and errors as :meth:`estimate`."""
        estimate, sigma = self.estimate(parts)
        return UpperLimit(
            gamma=self.gamma,
            credibility=credibility,
            f_corr=float(truncated_gaussian_limit(np.array(estimate), sigma, credibility)),
            f_corr_hat=estimate,
            f_corr_sigma=sigma,
            signal=" and ".join(kind for kind in self.signals if parts.get(kind)),
        )


def signal_fit(models: Mapping[str, GaussianModel], gamma: float) -> SignalFit:
    """Return the joint likelihood of several kinds of signal in one spectrum.

    Parameters
    ----------
    models
        Likelihood of the spectrum by kind of signal; they differ in their signal templates only.
    gamma
        Spectral index.
    """
    first = next(iter(models.values()))
    gamma = check_gamma(gamma, first.gammas[0], first.gammas[-1])
    score, information = np.zeros(len(models)), np.zeros((len(models), len(models)))
    amplitudes = {kind: model.amplitudes(np.asarray(gamma)) for kind, model in models.items()}
    for i, (one, model) in enumerate(models.items()):
        for b, block in enumerate(model.blocks):
            a = amplitudes[one][b]
            score[i] += float(a @ block.score(block.projection))
            for j, (two, other) in enumerate(models.items()):
                against = other.blocks[b]
                cross = block.filters[1:] @ against.templates[1:].T
                cross = cross - np.outer(block.gram[0, 1:], against.gram[0, 1:]) / block.gram[0, 0]
                information[i, j] += float(a @ cross @ amplitudes[two][b])
    return SignalFit(
        gamma=gamma, signals=tuple(models), score=score, information=0.5 * (information + information.T)
    )
