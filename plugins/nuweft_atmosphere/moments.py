"""Mean and covariance of a spectrum of independent events with known expectation."""

from __future__ import annotations

import numpy as np

from nuweft.model import BinData, LinearKernel
from nuweft.typing import FloatArray

_CHUNK = 8192


def poisson_moments(
    kernel: LinearKernel, bin_data: BinData, expected: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean (n_ell,) and covariance (n_ell, n_ell) of the spectrum, to first order in 1/N.

    Parameters
    ----------
    response
        Response of the estimator.
    null
        Weights and mask of one energy bin.
    expected
        Expected counts per pixel, shape (npix,).

    Notes
    -----
    ``sum_p lambda_p G_p G_p^T`` with G the response of the spectrum to one
    event: counts of pixels are independent, whatever their total.
    """
    weighted = expected * bin_data.weights
    mu = float(kernel.mean(weighted))
    linear = kernel.apply(weighted) / mu
    pixels, area = kernel.pixels, kernel.mask.sum()
    covariance = np.zeros((len(linear), len(linear)))
    for start in range(0, len(pixels), _CHUNK):
        part = pixels[start : start + _CHUNK]
        g = kernel.matrix[:, start : start + _CHUNK].astype(float) - np.outer(
            linear, kernel.mask[part] / area
        )
        scaled = g * (bin_data.weights[part] / mu * np.sqrt(expected[part]))
        covariance += scaled @ scaled.T
    return kernel.offset + linear, 0.5 * (covariance + covariance.T)
