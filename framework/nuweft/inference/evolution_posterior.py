"""Posterior of the two parameters of a source-evolution family, through the measured f_corr."""

from __future__ import annotations

import attrs
import numpy as np
from scipy.interpolate import RectBivariateSpline

from nuweft import seeds
from nuweft.sky.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class EvolutionPosterior:
    """Samples of the posterior of two parameters.

    Attributes
    ----------
    parameters : tuple of str
    samples : array of shape (n, 2)
        After burn-in, thinned.
    autocorrelation_time : array of shape (2,)
        In steps.
    converged : bool
        Whether the chain is longer than 50 autocorrelation times.
    """

    parameters: tuple[str, str]
    samples: FloatArray
    autocorrelation_time: FloatArray
    converged: bool


def sample_evolution(
    axes: dict[str, FloatArray],
    strength: FloatArray,
    *,
    estimate: float,
    sigma: float,
    seed: int,
    walkers: int = 32,
    steps: int = 3000,
) -> EvolutionPosterior:
    """Return samples with flat priors over the grid and a Gaussian likelihood in f_corr.

    Parameters
    ----------
    axes
        The two parameters and their values, shapes (n,) and (m,).
    strength
        Expected f_corr on the grid, shape (n, m); its logarithm is interpolated.
    estimate, sigma
        Measured f_corr, unconstrained, and its standard deviation.
    seed
        Seed of the analysis.
    walkers, steps
        Size of the ensemble and length of the chain.
    """
    import emcee

    (first, x), (second, y) = axes.items()
    surface = RectBivariateSpline(x, y, np.log(strength))

    def log_probability(theta: FloatArray) -> FloatArray:
        inside = np.all((theta >= (x[0], y[0])) & (theta <= (x[-1], y[-1])), axis=1)
        result = np.full(len(theta), -np.inf)
        expected = np.exp(surface.ev(theta[inside, 0], theta[inside, 1]))
        result[inside] = -0.5 * ((expected - estimate) / sigma) ** 2
        return result

    rng = seeds.generator(seed, "evolution posterior")
    start = np.stack([rng.uniform(x[0], x[-1], walkers), rng.uniform(y[0], y[-1], walkers)], axis=1)
    sampler = emcee.EnsembleSampler(
        walkers,
        2,
        log_probability,
        vectorize=True,
        moves=[(emcee.moves.DEMove(), 0.8), (emcee.moves.StretchMove(), 0.2)],
    )
    state = emcee.State(start, random_state=np.random.RandomState(int(rng.integers(2**32))).get_state())
    sampler.run_mcmc(state, steps)
    time = np.asarray(sampler.get_autocorr_time(tol=0))
    longest = float(np.max(time)) if np.isfinite(time).all() else float(steps)
    return EvolutionPosterior(
        parameters=(first, second),
        samples=sampler.get_chain(
            discard=int(min(steps // 2, 10 * longest)), thin=max(1, int(longest / 2)), flat=True
        ),
        autocorrelation_time=time,
        converged=bool(steps > 50 * longest),
    )
