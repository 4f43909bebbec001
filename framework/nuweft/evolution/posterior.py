"""Posterior of the two parameters of a source-evolution family, through the measured f_corr."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.interpolate import RectBivariateSpline

from nuweft import seeds
from nuweft.statistics.chain import Posterior, run_chain
from nuweft.typing import FloatArray


def sample_evolution(
    axes: dict[str, FloatArray],
    strength: FloatArray,
    log_likelihood: Callable[[FloatArray], FloatArray],
    *,
    seed: int,
    walkers: int = 32,
    steps: int = 3000,
) -> Posterior:
    """Return samples with flat priors over the grid.

    Parameters
    ----------
    axes
        The two parameters and their values, shapes (n,) and (m,).
    strength
        Expected f_corr on the grid, shape (n, m); its logarithm is interpolated.
    log_likelihood
        Of f_corr, shapes (k,) to (k,).
    seed
        Seed of the analysis.
    walkers, steps
        Size of the ensemble and length of the chain.
    """
    (first, x), (second, y) = axes.items()
    surface = RectBivariateSpline(x, y, np.log(np.maximum(strength, np.finfo(float).tiny)))

    def log_probability(theta: FloatArray) -> FloatArray:
        inside = np.all((theta >= (x[0], y[0])) & (theta <= (x[-1], y[-1])), axis=1)
        result = np.full(len(theta), -np.inf)
        result[inside] = log_likelihood(np.exp(surface.ev(theta[inside, 0], theta[inside, 1])))
        return result

    rng = seeds.generator(seed, "evolution posterior")
    start = np.stack([rng.uniform(x[0], x[-1], walkers), rng.uniform(y[0], y[-1], walkers)], axis=1)
    return run_chain(log_probability, start, parameters=(first, second), steps=steps, rng=rng)
