"""A Gaussian likelihood that is linear at a fixed spectral index."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np
from scipy.interpolate import CubicSpline

from nuweft.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class GaussianBlock:
    """One block (tracer, energy bin) of a Gaussian likelihood, reduced to its templates.

    The model is ``f_atm t_0 + f_corr sum_k a_k(gamma) t_k``.

    Attributes
    ----------
    templates : array of shape (1 + rank, n_ell)
        t_0 atmospheric, t_k basis of the signal.
    filters : array of shape (1 + rank, n_ell)
        ``T Sigma^-1``; ``filters @ C`` are the sufficient statistics.
    gram : array of shape (1 + rank, 1 + rank)
        ``T Sigma^-1 T^T``.
    projection : array of shape (1 + rank,)
        ``T Sigma^-1 C`` of the data.
    chi2_data : float
        ``C^T Sigma^-1 C`` of the data.
    coefficients : array of shape (n_gamma, rank)
        a_k on the grid of spectral indices.
    """

    templates: FloatArray
    filters: FloatArray
    gram: FloatArray
    projection: FloatArray
    chi2_data: float
    coefficients: FloatArray

    def score(self, projection: FloatArray) -> FloatArray:
        """Return the score of the signal basis with f_atm profiled out.

        Parameters
        ----------
        projection
            Sufficient statistics ``T Sigma^-1 C``, shape (..., 1 + rank).

        Returns
        -------
        array of shape (..., rank)
        """
        taken = self.gram[0, 1:] / self.gram[0, 0]
        return np.asarray(projection[..., 1:] - projection[..., :1] * taken)

    @property
    def information(self) -> FloatArray:
        """Information matrix of the signal basis with f_atm profiled out, shape (rank, rank)."""
        cross = self.gram[0, 1:]
        return np.asarray(self.gram[1:, 1:] - np.outer(cross, cross) / self.gram[0, 0])


@attrs.frozen(eq=False, kw_only=True)
class GaussianModel:
    """A Gaussian likelihood linear in f_corr and the f_atm at fixed gamma.

    Parameters are ordered ``(f_corr, gamma, f_atm of each block)``.

    Attributes
    ----------
    gammas : array of shape (n_gamma,)
    blocks : tuple of GaussianBlock
    data_points : int
        Length of the data vector.
    truncation_error : float
        Largest chi-like distance, in units of sigma, by which the low-rank
        signal differs from the full one at an f_corr of one sigma.
    """

    gammas: FloatArray
    blocks: tuple[GaussianBlock, ...]
    data_points: int
    truncation_error: float

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return ("f_corr", "gamma", *(f"f_atm_{i + 1}" for i in range(len(self.blocks))))

    def amplitudes(self, gamma: FloatArray) -> list[FloatArray]:
        """Return a_k(gamma) of each block, shapes gamma.shape + (rank,), by cubic splines."""
        return [spline(gamma) for spline in self._splines]

    @cached_property
    def _splines(self) -> tuple[CubicSpline, ...]:
        return tuple(CubicSpline(self.gammas, block.coefficients) for block in self.blocks)

    def log_likelihood(self, theta: FloatArray) -> FloatArray:
        """Return log L, up to a constant, for parameters of shape (..., 2 + n_block)."""
        theta = np.asarray(theta, dtype=float)
        chi2 = np.zeros(theta.shape[:-1])
        for i, (block, a) in enumerate(zip(self.blocks, self.amplitudes(theta[..., 1]), strict=True)):
            v = np.concatenate([theta[..., 2 + i, None], theta[..., 0, None] * a], axis=-1)
            chi2 += block.chi2_data - 2 * v @ block.projection
            chi2 += np.einsum("...a,ab,...b->...", v, block.gram, v)
        return -0.5 * chi2
