"""The expectation of a Gaussian field given noisy counts on part of the sky."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator, cg

from nuweft.sky.harmonics import adjoint_synthesis, alm_ell, alm_size, synthesis
from nuweft.sky.pixels import resolution
from nuweft.typing import ComplexArray, FloatArray

_PRECISION = 1e-4
_STEPS = 200


def wiener_filter(data: ComplexArray, coverage: FloatArray, power: FloatArray, noise: float) -> ComplexArray:
    r"""Return the coefficients of a field that are expected given what was observed of it.

    Parameters
    ----------
    data
        Coefficients :math:`\int Y^*_{\ell m} (n/\bar n - c) d\Omega` of the counts n less the
        expected ones, shape (alm_size(lmax),).
    coverage
        Coverage c, shape (npix,) at any resolution.
    power
        Power C_l of the field, shape (lmax + 1,).
    noise
        Power N of the shot noise where the coverage is one.

    Returns
    -------
    complex array of shape (alm_size(lmax),)

    Notes
    -----
    With S the covariance of the field and :math:`N(\hat n) = N/c` that of the noise, this is

    .. math::

        \hat\delta = (S^{-1} + N^{-1})^{-1} N^{-1} d
        = S^{1/2} (1 + S^{1/2} N^{-1} S^{1/2})^{-1} S^{1/2} N^{-1} d ,

    solved by conjugate gradients. Without a mask it is :math:`C_\ell/(C_\ell + N) d_{\ell m}`.
    Since the error of the expectation is not correlated with the data, its
    cross-power with them is that of the field itself, in any mask: a
    filter that is applied to a masked map loses power at the edge.
    """
    lmax, nside = len(power) - 1, resolution(coverage)
    area = 4 * np.pi / len(coverage)
    ell = alm_ell(lmax)
    root = np.sqrt(power)[ell]
    inverse = 1 / (1 + power[ell] * np.mean(coverage) / noise)
    whole = alm_size(lmax)
    zonal = lmax + 1  # coefficients with m = 0 come first; those beyond count twice in sums over m
    scale = np.where(np.arange(whole) < zonal, 1.0, np.sqrt(2.0))

    def to_real(alm: ComplexArray) -> FloatArray:
        scaled = alm * scale
        return np.concatenate([scaled.real, scaled.imag[zonal:]])

    def to_alm(vector: FloatArray) -> ComplexArray:
        alm = vector[:whole].astype(np.complex128)
        alm[zonal:] += 1j * vector[whole:]
        return np.asarray(alm / scale)

    def weighted(vector: FloatArray) -> FloatArray:
        alm = to_alm(vector)
        seen = coverage * synthesis(root * alm, nside, lmax)
        return vector + to_real(root * adjoint_synthesis(seen, lmax)) * (area / noise)

    size = 2 * whole - zonal
    diagonal = np.concatenate([inverse, inverse[zonal:]])
    solution, _ = cg(
        LinearOperator((size, size), matvec=weighted, dtype=np.float64),
        to_real(root * data) / noise,
        rtol=_PRECISION,
        maxiter=_STEPS,
        M=LinearOperator((size, size), matvec=lambda v: diagonal * v, dtype=np.float64),
    )
    return np.asarray(root * to_alm(solution))
