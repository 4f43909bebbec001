"""Overdensity fields on the masked sky."""

from __future__ import annotations

import numpy as np

from nuweft.errors import EmptySampleError, EmptySkyError, NsideError
from nuweft.sky.typing import FloatArray


def overdensity(counts: FloatArray, mask: FloatArray) -> FloatArray:
    """Return ``W (n/<n> - 1)``, with the W-weighted mean over the mask.

    Parameters
    ----------
    counts
        (Weighted) counts, shape (npix,).
    mask
        Weights W in [0, 1], shape (npix,).

    Raises
    ------
    NsideError
        If the shapes differ.
    EmptySkyError
        If the mask leaves no sky.
    EmptySampleError
        If there are no counts in the mask.
    """
    if counts.shape != mask.shape:
        raise NsideError(f"map and mask differ in resolution: {counts.shape[-1]} and {mask.shape[-1]} pixels")
    total = mask.sum()
    if total <= 0:
        raise EmptySkyError("the mask leaves no sky")
    mean = (counts * mask).sum() / total
    if mean <= 0:
        raise EmptySampleError("no counts inside the mask")
    return np.where(mask > 0, mask * (counts / mean - 1), 0.0)
