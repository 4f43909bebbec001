"""From the mean of a source model to one sky: finite sources and unknown bias.

Diffuse flux from few sources differs from sky to sky, in the redshifts of its
brightest sources and in where they happen to lie. Both widen what a
measurement says about the mean f_corr of a model.
"""

from __future__ import annotations

import attrs
import numpy as np
from scipy import optimize, special

from nuweft.errors import ParameterError
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.model.gaussian_model import GaussianModel
from nuweft.typing import FloatArray

_LARGEST = 1.0
"""f_corr is a fraction of the events."""


@attrs.frozen(eq=False, kw_only=True)
class RealisationVariance:
    """Distribution of what one sky shows, over realisations of a source model.

    Attributes
    ----------
    factor : array of shape (n,)
        f_corr of a realisation over the mean f_corr of the model.
    variance : array of shape (n,)
        Variance of the estimate of f_corr beside that of the null.
    """

    factor: FloatArray
    variance: FloatArray

    def __attrs_post_init__(self) -> None:
        if self.factor.shape != self.variance.shape or not len(self.factor):
            raise ParameterError(f"scatter: shapes {self.factor.shape} and {self.variance.shape} do not fit")
        if not (np.all(self.factor >= 0) and np.all(self.variance >= 0)):
            raise ParameterError("scatter: factors and variances must not be negative")

    @classmethod
    def none(cls) -> RealisationVariance:
        """Return what infinitely many sources of known bias show."""
        return cls(factor=np.ones(1), variance=np.zeros(1))

    @classmethod
    def log_normal(cls, spread: float, *, points: int = 201) -> RealisationVariance:
        """Return a log-normal factor of median one, at equally probable points.

        Parameters
        ----------
        spread
            Standard deviation of the natural logarithm, as of a prior on b_nu/b_g.
        points
            Number of points.
        """
        if not 0 <= spread < np.inf:
            raise ParameterError(f"spread of the bias ratio: expected a number >= 0, got {spread!r}")
        quantiles = (np.arange(points) + 0.5) / points
        return cls(factor=np.exp(spread * special.ndtri(quantiles)), variance=np.zeros(points))

    def combined(self, other: RealisationVariance) -> RealisationVariance:
        """Return the product of two independent distributions, all pairs."""
        return RealisationVariance(
            factor=np.outer(self.factor, other.factor).ravel(),
            variance=np.add.outer(self.variance, other.variance).ravel(),
        )

    def log_likelihood(self, f_corr: FloatArray, *, estimate: float, sigma: float) -> FloatArray:
        """Return log L of the mean f_corr of a model, marginalised over realisations.

        Parameters
        ----------
        f_corr
            Shape (...).
        estimate, sigma
            Measured f_corr, unconstrained, and its standard deviation.
        """
        width = np.sqrt(sigma**2 + self.variance)
        pull = (np.asarray(f_corr)[..., None] * self.factor - estimate) / width
        return np.asarray(special.logsumexp(-0.5 * pull**2, b=1 / width / len(width), axis=-1))

    def limit(self, *, estimate: float, sigma: float, credibility: float = 0.9) -> float:
        """Return the upper limit on the mean f_corr of a model.

        The limit is where an estimate as low as the observed one has the
        probability ``1 - credibility`` relative to no signal (CL_s, Read
        2002, J. Phys. G 28, 2693). Without scatter this is the
        quantile of a Gaussian truncated at zero, the limit of the run. It is
        infinite where too many realisations show no correlation at all, and
        where it would exceed one.
        """
        if not 0 < credibility < 1:
            raise ParameterError(f"credibility: expected a number between 0 and 1, got {credibility!r}")
        width = np.sqrt(sigma**2 + self.variance)

        def log_below(f_corr: float) -> float:
            return float(special.logsumexp(special.log_ndtr((estimate - f_corr * self.factor) / width)))

        wanted = log_below(0.0) + np.log1p(-credibility)
        high = float(max(estimate, 0.0) + sigma)
        while log_below(high) > wanted:
            if high >= _LARGEST:
                return np.inf
            high = min(2 * high, _LARGEST)
        return float(optimize.brentq(lambda f: log_below(f) - wanted, 0.0, high, rtol=1e-12, xtol=1e-300))


def source_variance(
    model: GaussianModel, measured: CrossSpectrum, auto_spectrum: FloatArray, gamma: float
) -> float:
    """Return the variance of the estimate of f_corr if all neutrinos came from one source anywhere.

    A flux from N equal sources, a fraction f_astro of the sample, adds
    ``f_astro**2/N`` times this: their shot noise ``4 pi/N`` correlates by
    chance with the tracer.

    Parameters
    ----------
    model
        Likelihood.
    measured
        The spectrum it was made from.
    auto_spectrum
        C_l of the tracer's masked field over f_sky, shot noise included,
        at the multipoles of each block, shape (n_ell,).
    gamma
        Spectral index.

    Notes
    -----
    Every source contributes to all energy bins, so that their noise is fully
    correlated. Multipoles are taken as independent, with ``(2l + 1) f_sky``
    modes each, as for a smooth mask.
    """
    total, signal = 0.0, []
    for block, a in zip(model.blocks, model.amplitudes(np.asarray(gamma)), strict=True):
        total += float(a @ block.information @ a)
        weights = a @ block.score(block.filters.T).T  # of C_l in the score of f_corr
        signal.append(weights * (a @ block.templates[1:]))
    ell = measured.blocks[0].ell
    per_ell = np.sum(signal, axis=0) / total
    noise = 4 * np.pi / (auto_spectrum * (2 * ell + 1) * measured.sky_fraction)
    return float(np.sum(per_ell**2 * noise))
