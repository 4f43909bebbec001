"""Overdensity fields on the masked sky."""

from __future__ import annotations

import numpy as np

from nuweft.errors import EmptySampleError, EmptySkyError, NsideError
from nuweft.typing import FloatArray


def mean_density(counts: FloatArray, coverage: FloatArray) -> float:
    """Return the mean (weighted) count of a fully covered pixel, ``sum n / sum c``.

    Parameters
    ----------
    counts
        (Weighted) counts, shape (npix,).
    coverage
        Expected fraction of the objects that were observed, shape (npix,); pixels
        where it is zero are left out.

    Raises
    ------
    NsideError
        If the shapes differ.
    EmptySkyError
        If nothing is covered.
    EmptySampleError
        If there are no counts where something is.
    """
    if counts.shape != coverage.shape:
        raise NsideError(
            f"map and mask differ in resolution: {counts.shape[-1]} and {coverage.shape[-1]} pixels"
        )
    total = coverage.sum()
    if total <= 0:
        raise EmptySkyError("the mask leaves no sky")
    mean = float(counts[coverage > 0].sum() / total)
    if mean <= 0:
        raise EmptySampleError("no counts inside the mask")
    return mean


def overdensity(
    counts: FloatArray, coverage: FloatArray, apodization: FloatArray | None = None
) -> FloatArray:
    """Return ``a (n/nbar - c)`` with the mean density nbar of :func:`mean_density`.

    With coverage 0 and 1 only, this is ``n/<n> - 1`` inside the mask and zero
    outside. Where the coverage c is a fraction, ``c nbar`` objects are
    expected, so that the field has zero mean and white Poisson noise there too.

    Parameters
    ----------
    counts
        (Weighted) counts, shape (npix,).
    coverage
        Expected fraction of the objects that were observed, in [0, 1], shape (npix,).
    apodization
        Weights a that multiply the field, shape (npix,); 1 where none are given.

    Returns
    -------
    array of shape (npix,)

    Raises
    ------
    NsideError, EmptySkyError, EmptySampleError
        As :func:`mean_density`.
    """
    field = np.where(coverage > 0, counts / mean_density(counts, coverage) - coverage, 0.0)
    return field if apodization is None else field * apodization


def white_noise(squares: FloatArray, mean_density: float) -> float:
    """Return the shot noise of the pseudo-power, ``Omega**2/(4 pi nbar**2) sum a**2 w**2``.

    Parameters
    ----------
    squares
        Sum over the objects of each pixel of the squares of weight and
        apodization, shape (npix,).
    mean_density
        Mean (weighted) count nbar of a fully covered pixel.
    """
    area = 4 * np.pi / len(squares)
    return float(area**2 * squares.sum() / mean_density**2 / (4 * np.pi))
