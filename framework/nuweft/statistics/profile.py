"""Closed-form profile in f_corr and f_atm, global scan over gamma.

At fixed gamma the model is linear, so that best fit and test statistic of any
number of data sets follow from the sufficient statistics ``T Sigma^-1 C``
without an optimiser. Gamma is scanned over its whole range and refined.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from nuweft.errors import ModelError
from nuweft.flux.power_law import check_gamma
from nuweft.html import render
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.model.gaussian_model import GaussianModel
from nuweft.statistics.gamma_scan import GammaTable, scan_gamma
from nuweft.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class Scan:
    """Best fits of many data sets.

    Attributes
    ----------
    test_statistic : array of shape (n,)
        ``2 [log L(best) - log L(f_corr = 0)]`` with f_corr >= 0.
    f_corr, gamma : arrays of shape (n,)
        Best fit; gamma is NaN where f_corr is 0.
    """

    test_statistic: FloatArray
    f_corr: FloatArray
    gamma: FloatArray


def check_data_points(measured: CrossSpectrum) -> None:
    """Refuse a spectrum with no more data points than parameters.

    Raises
    ------
    ModelError
        If f_corr, gamma and one f_atm per energy bin are not fewer than the multipoles of all bins.
    """
    bins, points = len(measured.blocks), sum(len(block.ell) for block in measured.blocks)
    parameters = 2 + bins
    if points <= parameters:
        raise ModelError(
            f"{points} data points (multipoles or bands of {bins} energy bins) for {parameters} parameters "
            "(f_corr, gamma, f_atm of each bin); expected more of them: widen "
            "ell_min to ell_max, or narrow the bands"
        )


def project_out(model: GaussianModel) -> list[FloatArray]:
    """Return the information matrix of the signal basis of each block, f_atm profiled."""
    return [block.information for block in model.blocks]


def scores(model: GaussianModel, projections: Sequence[FloatArray]) -> list[FloatArray]:
    """Return the score of the signal basis of each block, f_atm profiled.

    Parameters
    ----------
    model
        Likelihood.
    projections
        ``T Sigma^-1 C`` per block, shapes (..., 1 + rank).
    """
    return [block.score(s) for s, block in zip(projections, model.blocks, strict=True)]


def data_projections(model: GaussianModel) -> list[FloatArray]:
    """Return ``T Sigma^-1 C`` of the data, per block."""
    return [block.projection for block in model.blocks]


def score_and_information(
    model: GaussianModel, gamma: FloatArray, score: Sequence[FloatArray], information: Sequence[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return score and information of f_corr at given gamma; shapes broadcast."""
    total, norm = 0.0, 0.0
    for a, s, q in zip(model.amplitudes(gamma), score, information, strict=True):
        total = total + np.sum(a * s, axis=-1)
        norm = norm + np.einsum("...a,ab,...b->...", a, q, a)
    return np.asarray(total), np.asarray(norm)


def unconstrained(
    model: GaussianModel, gamma: float, projections: Sequence[FloatArray] | None = None
) -> tuple[FloatArray, float]:
    """Return the unconstrained estimate of f_corr at fixed gamma, and its sigma.

    Parameters
    ----------
    model
        Likelihood.
    gamma
        Spectral index.
    projections
        Sufficient statistics of many data sets, shapes (n, 1 + rank); of the
        data where none are given.

    Raises
    ------
    GammaRangeError
        If gamma is outside the grid.
    """
    gamma = check_gamma(gamma, model.gammas[0], model.gammas[-1])
    s = scores(model, data_projections(model) if projections is None else projections)
    total, norm = score_and_information(model, np.asarray(gamma), s, project_out(model))
    return total / norm, float(1 / np.sqrt(norm))


def profile_likelihood(
    model: GaussianModel,
    projections: Sequence[FloatArray] | None = None,
    *,
    gamma: float | None = None,
) -> Scan:
    """Return best fit and test statistic of data sets.

    Parameters
    ----------
    model
        Likelihood.
    projections
        Sufficient statistics, shapes (n, 1 + rank); of the data where none are given.
    gamma
        Fixed spectral index; scanned where none is given.
    """
    stats = [np.atleast_2d(s) for s in (data_projections(model) if projections is None else projections)]
    score, information = scores(model, stats), project_out(model)
    if gamma is None:
        found, best = scan_gamma(GammaTable.of(model), np.concatenate(score, axis=1))
    else:
        best = np.full(len(stats[0]), check_gamma(gamma, model.gammas[0], model.gammas[-1]))
    at = np.where(np.isfinite(best), best, model.gammas[0])
    total, norm = score_and_information(model, at, score, information)
    positive = total > 0 if gamma is not None else found > 0
    return Scan(
        test_statistic=found if gamma is None else np.where(positive, total**2 / norm, 0.0),
        f_corr=np.where(positive, total / norm, 0.0),
        gamma=best,
    )


def f_atm(model: GaussianModel, f_corr: float, gamma: float) -> FloatArray:
    """Return the best f_atm of each block at given f_corr and gamma, shape (n_block,)."""
    a = model.amplitudes(np.asarray(gamma if np.isfinite(gamma) else model.gammas[0]))
    return np.array(
        [
            (block.projection[0] - f_corr * (block.gram[0, 1:] @ amplitude)) / block.gram[0, 0]
            for block, amplitude in zip(model.blocks, a, strict=True)
        ]
    )


@attrs.frozen(eq=False, kw_only=True)
class FitResult:
    """Best fits of the signal and the null hypothesis.

    Attributes
    ----------
    f_corr, gamma : float
        gamma is NaN where f_corr is 0.
    f_atm : array of shape (n_block,)
    n_corr : float
        ``f_corr`` times the events in the mask.
    chi2, dof : float, int
    null_f_atm, null_chi2, null_dof
        The same with f_corr = 0.
    test_statistic : float
    """

    f_corr: float
    gamma: float
    f_atm: FloatArray
    n_corr: float
    chi2: float
    dof: int
    null_f_atm: FloatArray
    null_chi2: float
    null_dof: int
    test_statistic: float

    def _repr_html_(self) -> str:
        def amplitudes(values: FloatArray) -> str:
            return " / ".join(f"{v:.3f}" for v in values)

        rows = [
            {
                "hypothesis": "best fit",
                "f_corr": self.f_corr,
                "gamma": self.gamma,
                "n_corr": self.n_corr,
                "f_atm": amplitudes(self.f_atm),
                "chi2": self.chi2,
                "dof": self.dof,
            },
            {
                "hypothesis": "null",
                "f_corr": 0.0,
                "gamma": "",
                "n_corr": 0.0,
                "f_atm": amplitudes(self.null_f_atm),
                "chi2": self.null_chi2,
                "dof": self.null_dof,
            },
        ]
        return render("table.html.j2", title=f"Fit, test statistic {self.test_statistic:.3f}", rows=rows)


def fit(model: GaussianModel, events: float) -> FitResult:
    """Return the best fit of the data with f_corr >= 0 and gamma free.

    Parameters
    ----------
    model
        Likelihood of the data.
    events
        Events in the joint mask, all bins.
    """
    best = profile_likelihood(model)
    f_corr, gamma = float(best.f_corr[0]), float(best.gamma[0])
    null_atm = f_atm(model, 0.0, model.gammas[0])
    null_chi2 = -2 * float(model.log_likelihood(np.concatenate([[0.0, model.gammas[0]], null_atm])))
    atm = f_atm(model, f_corr, gamma)
    at = gamma if np.isfinite(gamma) else model.gammas[0]
    chi2 = -2 * float(model.log_likelihood(np.concatenate([[f_corr, at], atm])))
    return FitResult(
        f_corr=f_corr,
        gamma=gamma,
        f_atm=atm,
        n_corr=f_corr * events,
        chi2=chi2,
        dof=model.data_points - len(model.parameters),
        null_f_atm=null_atm,
        null_chi2=null_chi2,
        null_dof=model.data_points - len(model.blocks),
        test_statistic=float(best.test_statistic[0]),
    )
