"""Upper limits on f_corr at fixed gamma: credible, flat prior f_corr >= 0, f_atm marginalised."""

from __future__ import annotations

import attrs
import numpy as np
from scipy import integrate, optimize, special
from scipy.interpolate import CubicSpline

from nuweft.errors import ParameterError
from nuweft.model.cross_spectrum import SOURCES
from nuweft.model.gaussian_model import GaussianModel
from nuweft.statistics.profile import unconstrained
from nuweft.typing import FloatArray


@attrs.frozen(kw_only=True)
class UpperLimit:
    """An upper limit.

    Attributes
    ----------
    gamma, credibility : float
    f_corr : float
        The limit.
    f_corr_hat, f_corr_sigma : float
        Unconstrained estimate and its standard deviation.
    signal : str
        Kind of signal, ``sources`` or ``field``.
    """

    gamma: float
    credibility: float
    f_corr: float
    f_corr_hat: float
    f_corr_sigma: float
    signal: str = SOURCES

    @property
    def expected(self) -> float:
        """Median limit of samples without signal: that of an estimate of zero."""
        return float(truncated_gaussian_limit(np.array(0.0), self.f_corr_sigma, self.credibility))


def truncated_gaussian_limit(estimate: FloatArray, sigma: float, credibility: float = 0.9) -> FloatArray:
    """Return the quantile of a Gaussian truncated at zero.

    Parameters
    ----------
    estimate
        Unconstrained estimate, shape (...).
    sigma
        Its standard deviation.
    credibility
        Posterior probability below the limit.

    Examples
    --------
    >>> round(float(truncated_gaussian_limit(np.array(0.0), 1.0, 0.9)), 4)
    1.6449
    """
    if not 0 < credibility < 1:
        raise ParameterError(f"credibility: expected a number between 0 and 1, got {credibility!r}")
    t = np.asarray(estimate, dtype=float) / sigma
    # P(f > limit) = (1 - credibility) P(f > 0), in logarithms for estimates far below zero
    log_tail = np.log1p(-credibility) + special.log_ndtr(t)
    return np.asarray(np.maximum(estimate - sigma * special.ndtri_exp(log_tail), 0.0))


def coverage(strength: float, credibility: float = 0.9) -> float:
    """Return how often the limit lies above a true value of ``strength`` sigma.

    The flat prior on positive values makes it more than the credibility where
    the truth is small.

    Examples
    --------
    >>> [round(coverage(f), 3) for f in (0.0, 1.0, 2.0, 3.0)]
    [1.0, 0.992, 0.93, 0.905]
    """
    if not strength > 0:
        return 1.0

    def above(estimate: float) -> float:
        return float(truncated_gaussian_limit(np.array(estimate), 1.0, credibility)) - strength

    if above(-30.0) > 0:
        return 1.0
    least = optimize.brentq(above, -30.0, strength + 30.0)
    return float(special.ndtr(strength - least))


def upper_limit(
    model: GaussianModel, gamma: float, credibility: float = 0.9, *, signal: str = SOURCES
) -> UpperLimit:
    """Return the limit in closed form.

    The likelihood is Gaussian in (f_corr, f_atm) at fixed gamma and f_atm has
    a flat prior, so that marginalising equals profiling.
    """
    estimate, sigma = unconstrained(model, gamma)
    return UpperLimit(
        gamma=gamma,
        credibility=credibility,
        f_corr=float(truncated_gaussian_limit(estimate, sigma, credibility)),
        f_corr_hat=float(estimate),
        f_corr_sigma=sigma,
        signal=signal,
    )


def grid_upper_limit(
    model: GaussianModel, gamma: float, credibility: float = 0.9, *, points: int = 401, reach: float = 8.0
) -> float:
    """Return the limit as Abbasi et al. 2025 compute it: posterior on a grid, its CDF, a spline.

    Parameters
    ----------
    model, gamma, credibility
        As in :func:`upper_limit`.
    points
        Grid points in f_corr.
    reach
        Upper end of the grid, in sigma above the estimate.
    """
    from nuweft.statistics.profile import f_atm

    estimate, sigma = unconstrained(model, gamma)
    top = max(float(estimate), 0.0) + reach * sigma
    grid = np.linspace(0.0, top, points)
    log_l = np.array(
        [model.log_likelihood(np.concatenate([[f, gamma], f_atm(model, f, gamma)])) for f in grid]
    )
    posterior = np.exp(log_l - log_l.max())
    cdf = integrate.cumulative_simpson(posterior, x=grid, initial=0.0)
    cdf /= cdf[-1]
    roots = CubicSpline(grid, cdf - credibility).roots(extrapolate=False)
    return float(roots[0])
