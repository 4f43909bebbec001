"""Mean and covariance of a spectrum of independent events with known expectation."""

from __future__ import annotations

import numpy as np

from nuweft.interfaces import LinearResponse, NullInput
from nuweft.sky.typing import FloatArray

_CHUNK = 8192


def poisson_moments(
    response: LinearResponse, null: NullInput, expected: FloatArray
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
    weighted = expected * null.weights
    mu = float(response.mean(weighted))
    linear = response.apply(weighted) / mu
    pixels, area = response.pixels, response.mask.sum()
    covariance = np.zeros((len(linear), len(linear)))
    for start in range(0, len(pixels), _CHUNK):
        part = pixels[start : start + _CHUNK]
        g = response.kernel[:, start : start + _CHUNK].astype(float) - np.outer(
            linear, response.mask[part] / area
        )
        scaled = g * (null.weights[part] / mu * np.sqrt(expected[part]))
        covariance += scaled @ scaled.T
    return response.offset + linear, 0.5 * (covariance + covariance.T)
