"""Ensemble sampling by emcee, and when to believe it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from nuweft.errors import ModelError
from nuweft.progress import Progress, Silent
from nuweft.typing import FloatArray

_AUTOCORRELATION_TIMES = 50
_STORE_EVERY = 5


@attrs.frozen(eq=False, kw_only=True)
class Posterior:
    """Samples of a posterior.

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


def run_chain(
    log_probability: Callable[[FloatArray], FloatArray],
    start: FloatArray,
    *,
    parameters: tuple[str, ...],
    steps: int,
    rng: np.random.Generator,
    backend: Path | None = None,
    progress: Progress | None = None,
) -> Posterior:
    """Return samples of a posterior.

    Parameters
    ----------
    log_probability
        Of points of shape (n, n_parameter); shape (n,).
    start
        First position of each walker, shape (n_walker, n_parameter).
    parameters
        Names of the parameters.
    steps
        Length of the chain.
    rng
        Random generator.
    backend
        HDF5 file (emcee's backend) for the chain, every fifth step; it is replaced
        once the chain is complete.
    progress
        Reports progress.
    """
    import emcee

    walkers, dimension = start.shape
    sampler = emcee.EnsembleSampler(
        walkers,
        dimension,
        log_probability,
        vectorize=True,
        # not DESnookerMove: in emcee 3.1.6 it misses the tails of a plain Gaussian by 20 %
        moves=[(emcee.moves.DEMove(), 0.8), (emcee.moves.StretchMove(), 0.2)],
    )
    # emcee draws from numpy's legacy generator, which it is given as a state
    state = emcee.State(start, random_state=np.random.RandomState(int(rng.integers(2**32))).get_state())
    kept = steps // _STORE_EVERY
    steps_done = sampler.sample(state, iterations=kept, thin_by=_STORE_EVERY)
    try:
        for _ in (progress or Silent()).track(steps_done, "posterior", kept):
            pass
    except ValueError as error:
        raise ModelError(f"the posterior cannot be sampled: {error}") from error
    if backend is not None:
        write_chain(backend, sampler.backend)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # emcee.autocorr logs, and warns for short chains
        time = _STORE_EVERY * np.asarray(sampler.get_autocorr_time(tol=0))
    longest = float(np.max(time)) if np.isfinite(time).all() else float(steps)
    burn = int(min(steps // 2, 10 * longest))
    discard, thin = burn // _STORE_EVERY, max(1, int(longest / 2 / _STORE_EVERY))
    return Posterior(
        parameters=parameters,
        samples=sampler.get_chain(discard=discard, thin=thin, flat=True),
        autocorrelation_time=time,
        acceptance=float(np.mean(sampler.acceptance_fraction)),
        effective_samples=walkers * (steps - burn) / longest,
        gelman_rubin=float(np.max(split_r_hat(sampler.get_chain(discard=discard)))),
        converged=bool(steps > _AUTOCORRELATION_TIMES * longest),
    )


def write_chain(path: Path, chain: Any) -> None:
    """Write a finished chain as a file of emcee's backend.

    That backend opens its file anew at each step, which takes longer than the
    chain itself.

    Parameters
    ----------
    path
        File, which is replaced.
    chain
        Backend of emcee that holds the chain in memory.
    """
    import emcee

    store = emcee.backends.HDFBackend(str(path))
    store.reset(*chain.shape)
    store.grow(chain.iteration, None)
    with store.open("a") as stream:
        group = stream[store.name]
        group["chain"][...] = chain.get_chain()
        group["log_prob"][...] = chain.get_log_prob()
        group["accepted"][...] = chain.accepted
        group.attrs["iteration"] = chain.iteration
        for i, part in enumerate(chain.random_state):
            group.attrs[f"random_state_{i}"] = part


def split_r_hat(chain: FloatArray) -> FloatArray:
    """Return the split R-hat (Gelman et al. 2013) of a chain of shape (steps, walkers, n)."""
    half = len(chain) // 2
    parts = np.concatenate([chain[:half], chain[half : 2 * half]], axis=1)
    within = parts.var(axis=0, ddof=1).mean(axis=0)
    between = parts.mean(axis=0).var(axis=0, ddof=1)
    return np.asarray(np.sqrt((within * (half - 1) / half + between) / within))
