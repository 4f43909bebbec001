"""Posterior of (f_corr, gamma, f_atm) by emcee, with a convergence report."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from nuweft import seeds
from nuweft.inference.profile import f_atm, unconstrained
from nuweft.interfaces.likelihood import GaussianModel
from nuweft.progress import Progress, Silent
from nuweft.sky.typing import FloatArray

_AUTOCORRELATION_TIMES = 50
_STORE_EVERY = 5


@attrs.frozen(eq=False, kw_only=True)
class Posterior:
    """Samples of the posterior.

    Attributes
    ----------
    parameters : tuple of str
    samples : array of shape (n, n_parameter)
        After burn-in, thinned by half the autocorrelation time.
    autocorrelation_time : array of shape (n_parameter,)
        In steps.
    acceptance : float
        Mean acceptance fraction of the walkers.
    effective_samples : float
        Walkers times steps after burn-in over the longest autocorrelation time.
    gelman_rubin : float
        Largest split R-hat over parameters, each walker taken as a chain.
    converged : bool
        Whether the chain is longer than 50 autocorrelation times.
    """

    parameters: tuple[str, ...]
    samples: FloatArray
    autocorrelation_time: FloatArray
    acceptance: float
    effective_samples: float
    gelman_rubin: float
    converged: bool

    def quantile(self, parameter: str, q: float) -> float:
        """Return a quantile of one parameter."""
        return float(np.quantile(self.samples[:, self.parameters.index(parameter)], q))


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
    import emcee

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
    store: Any = None
    if backend is not None:
        store = emcee.backends.HDFBackend(str(backend))
        store.reset(walkers, len(names))
    sampler = emcee.EnsembleSampler(
        walkers,
        len(names),
        log_probability,
        vectorize=True,
        backend=store,
        # not DESnookerMove: in emcee 3.1.6 it misses the tails of a plain Gaussian by 20 %
        moves=[(emcee.moves.DEMove(), 0.8), (emcee.moves.StretchMove(), 0.2)],
    )
    # emcee draws from numpy's legacy generator, which it is given as a state
    state = emcee.State(start, random_state=np.random.RandomState(int(rng.integers(2**32))).get_state())
    for _ in (progress or Silent()).track(
        sampler.sample(state, iterations=steps // _STORE_EVERY, thin_by=_STORE_EVERY),
        "posterior",
        steps // _STORE_EVERY,
    ):
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # emcee.autocorr logs, and warns for short chains
        time = _STORE_EVERY * np.asarray(sampler.get_autocorr_time(tol=0))
    longest = float(np.max(time)) if np.isfinite(time).all() else float(steps)
    burn = int(min(steps // 2, 10 * longest))
    discard, thin = burn // _STORE_EVERY, max(1, int(longest / 2 / _STORE_EVERY))
    return Posterior(
        parameters=names,
        samples=sampler.get_chain(discard=discard, thin=thin, flat=True),
        autocorrelation_time=time,
        acceptance=float(np.mean(sampler.acceptance_fraction)),
        effective_samples=walkers * (steps - burn) / longest,
        gelman_rubin=float(np.max(split_r_hat(sampler.get_chain(discard=discard)))),
        converged=bool(steps > _AUTOCORRELATION_TIMES * longest),
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


def split_r_hat(chain: FloatArray) -> FloatArray:
    """Return the split R-hat (Gelman et al. 2013) of a chain of shape (steps, walkers, n)."""
    half = len(chain) // 2
    parts = np.concatenate([chain[:half], chain[half : 2 * half]], axis=1)
    within = parts.var(axis=0, ddof=1).mean(axis=0)
    between = parts.mean(axis=0).var(axis=0, ddof=1)
    return np.asarray(np.sqrt((within * (half - 1) / half + between) / within))
