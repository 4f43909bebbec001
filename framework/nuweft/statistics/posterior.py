"""Posterior of (f_corr, gamma, f_atm)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nuweft import seeds
from nuweft.model.gaussian_model import GaussianModel
from nuweft.progress import Progress
from nuweft.statistics.chain import Posterior, run_chain
from nuweft.statistics.profile import f_atm, unconstrained
from nuweft.typing import FloatArray


def sample_posterior(
    model: GaussianModel,
    *,
    seed: int,
    gamma: float | None = None,
    walkers: int = 48,
    steps: int = 4000,
    backend: Path | None = None,
    progress: Progress | None = None,
) -> Posterior:
    """Return samples with flat priors f_corr >= 0 and gamma within its grid.

    Parameters
    ----------
    model
        Likelihood.
    seed
        Seed of the analysis.
    gamma
        Fixed spectral index; free where none is given.
    walkers, steps
        Size of the ensemble and length of the chain.
    backend
        HDF5 file (emcee's backend) for the chain, every fifth step; it is replaced.
    progress
        Reports progress.
    """
    low, high = model.gammas[0], model.gammas[-1]
    free = gamma is None
    names = model.parameters if free else tuple(n for n in model.parameters if n != "gamma")

    def full(theta: FloatArray) -> FloatArray:
        return theta if gamma is None else np.insert(theta, 1, gamma, axis=-1)

    def log_probability(theta: FloatArray) -> FloatArray:
        point = full(theta)
        inside = (point[:, 0] >= 0) & (point[:, 1] >= low) & (point[:, 1] <= high)
        result = np.full(len(point), -np.inf)
        if inside.any():
            result[inside] = model.log_likelihood(point[inside])
        return result

    rng = seeds.generator(seed, "posterior")
    start = full_start(model, rng, walkers, gamma)
    if not free:
        start = np.delete(start, 1, axis=1)
    return run_chain(
        log_probability,
        start,
        parameters=names,
        steps=steps,
        rng=rng,
        backend=backend,
        progress=progress,
    )


def full_start(
    model: GaussianModel, rng: np.random.Generator, walkers: int, gamma: float | None
) -> FloatArray:
    """Return starting points spread over the prior in gamma, shape (walkers, n_parameter)."""
    gammas = (
        rng.uniform(model.gammas[0], model.gammas[-1], walkers) if gamma is None else np.full(walkers, gamma)
    )
    points = np.empty((walkers, len(model.parameters)))
    spread = np.array([1 / np.sqrt(block.gram[0, 0]) for block in model.blocks])
    for i, g in enumerate(gammas):
        estimate, sigma = unconstrained(model, float(g))
        f = abs(float(estimate) + sigma * rng.standard_normal())
        points[i] = np.concatenate(
            [[f, g], f_atm(model, f, float(g)) + spread * rng.standard_normal(len(spread))]
        )
    return points
