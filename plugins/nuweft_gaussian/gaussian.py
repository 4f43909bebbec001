"""A multivariate Gaussian in C_l, one independent block per energy bin."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np
from scipy import linalg
from scipy.interpolate import CubicSpline

from nuweft.errors import ModelError, SingularCovarianceError
from nuweft.flux import check_gamma
from nuweft.interfaces import Likelihood
from nuweft.model import CrossSpectrum, GaussianBlock, GaussianModel, SpectrumBlock
from nuweft.parameters import number
from nuweft.typing import FloatArray


@attrs.frozen(kw_only=True)
class Gaussian(Likelihood):
    r"""``log L = -1/2 sum_i x_i^T Sigma_i^-1 x_i`` with the null covariance.

    ``x_i = C_i - (f_i C^gg_i(gamma) + f_atm,i C^atm_i)``. The signal is held in
    a low-rank basis over gamma, the same for the fit and for trials.

    Notes
    -----
    Equations 8 and 9 of Abbasi et al. 2025.

    .. math::

        \ln L = -\frac{1}{2} \sum_i x_i^T \Sigma_i^{-1} x_i, \qquad
        x_i = C_i - f_i\, C^{gg}_i(\gamma) - f_{\mathrm{atm}, i}\, C^\mathrm{atm}_i
    """

    plugin_name: ClassVar[str] = "gaussian"
    signal_tolerance: float = number(
        default=1e-3,
        gt=0,
        lt=1,
        unit="sigma",
        doc="largest error of the low-rank signal basis at an f_corr of one sigma",
    )

    def model(self, spectrum: CrossSpectrum) -> GaussianModel:
        """Return the Gaussian blocks of a measured spectrum."""
        factors = [_cholesky(block) for block in spectrum.blocks]
        whitened = [
            linalg.solve_triangular(factor, block.signal_derivative.T, lower=True).T
            for factor, block in zip(factors, spectrum.blocks, strict=True)
        ]
        information = sum(np.sum(w**2, axis=1) for w in whitened)
        if not np.all(information > 0):
            raise ModelError("the signal templates vanish: nothing can be fitted")
        sigma = 1 / np.sqrt(information)  # of f_corr at each gamma
        blocks, errors = [], []
        for factor, white, block in zip(factors, whitened, spectrum.blocks, strict=True):
            basis, coefficients, error = _low_rank(white * sigma[:, None], self.signal_tolerance)
            templates = np.concatenate([block.atmospheric[None], basis @ factor.T])
            filters = linalg.cho_solve((factor, True), templates.T).T
            errors.append(error)
            blocks.append(
                GaussianBlock(
                    templates=templates,
                    filters=filters,
                    gram=filters @ templates.T,
                    projection=filters @ block.data,
                    chi2_data=float(np.sum(linalg.solve_triangular(factor, block.data, lower=True) ** 2)),
                    coefficients=coefficients / sigma[:, None],
                )
            )
        return GaussianModel(
            gammas=spectrum.gammas,
            blocks=tuple(blocks),
            data_points=sum(len(block.data) for block in spectrum.blocks),
            truncation_error=max(errors),
        )

    def log_likelihood(self, theta: FloatArray, spectrum: CrossSpectrum) -> float:
        """Return log L from the full data vector and templates, without the low-rank basis."""
        theta = np.asarray(theta, dtype=float)
        if theta.shape != (2 + len(spectrum.blocks),):
            raise ModelError(f"expected {2 + len(spectrum.blocks)} parameters, got shape {theta.shape}")
        gamma = check_gamma(theta[1], spectrum.gammas[0], spectrum.gammas[-1])
        total = 0.0
        for f_atm, block in zip(theta[2:], spectrum.blocks, strict=True):
            signal = CubicSpline(spectrum.gammas, block.signal_derivative)(gamma)
            residual = block.data - theta[0] * signal - f_atm * block.atmospheric
            total += float(np.sum(linalg.solve_triangular(_cholesky(block), residual, lower=True) ** 2))
        return -0.5 * total


def _cholesky(block: SpectrumBlock) -> FloatArray:
    what = f"{block.tracer} x {block.energy_bin}"
    covariance = block.covariance
    if not np.all(np.isfinite(covariance)):
        raise SingularCovarianceError(f"covariance of {what}: values that are not finite")
    scale = np.sqrt(np.clip(np.diag(covariance), 0, None))
    if np.any(scale == 0):
        raise SingularCovarianceError(
            f"covariance of {what}: vanishing variance at multipole {block.ell[np.argmin(scale)]:g}"
        )
    correlation = covariance / np.outer(scale, scale)
    try:
        factor = np.asarray(linalg.cholesky(correlation, lower=True))
        inverse_condition, _ = linalg.lapack.dpocon(factor, np.abs(correlation).sum(axis=0).max(), uplo="L")
    except np.linalg.LinAlgError:
        inverse_condition = 0.0
    if inverse_condition < len(covariance) * np.finfo(float).eps:
        raise SingularCovarianceError(
            f"covariance of {what} is singular: condition number of the correlation matrix "
            f"{1 / max(inverse_condition, np.finfo(float).tiny):.2g} for {len(covariance)} multipoles and "
            f"{block.events:g} events; use fewer multipoles (ell_max) or merge energy bins"
        )
    return scale[:, None] * factor


def _low_rank(rows: FloatArray, tolerance: float) -> tuple[FloatArray, FloatArray, float]:
    """Return basis (rank, n_ell), coefficients (n_gamma, rank) and the largest error of a row."""
    left, singular, right = np.linalg.svd(rows, full_matrices=False)
    for rank in range(1, len(singular) + 1):
        coefficients = left[:, :rank] * singular[:rank]
        error = float(np.sqrt(np.max(np.sum((rows - coefficients @ right[:rank]) ** 2, axis=1))))
        if error <= tolerance:
            break
    return right[:rank], coefficients, error
