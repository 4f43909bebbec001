"""Rows of an estimator: weighted sums of the pseudo-C_l of a fixed field with counts in a mask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from nuweft.errors import EmptySkyError
from nuweft.sky.harmonics import adjoint_analysis, alm_ell, analysis, thread_count
from nuweft.sky.pixels import resolution
from nuweft.sky.storage import content_key, stored
from nuweft.sky.typing import FloatArray, IntArray


def kernel_rows(
    tracer_field: FloatArray,
    mask: FloatArray,
    rows: FloatArray,
    *,
    n_iter: int,
    precision: str = "double",
    storage: str = "auto",
) -> tuple[IntArray, Any]:
    """Return pixels of the mask and the response of each row to the overdensity there.

    Row r of the spectrum is ``sum_l rows_rl 1/(2l+1) sum_m conj(a_lm) b_lm``: one
    adjoint harmonic analysis per row, whatever it sums over.

    Parameters
    ----------
    tracer_field
        Masked field with coefficients a_lm, shape (npix,).
    mask
        Mask of the second field, shape (npix,).
    rows
        Weights of the multipoles, shape (n_row, lmax + 1).
    n_iter
        Jacobi iterations of the harmonic analysis.
    precision, storage
        How and where the rows are kept, see :func:`nuweft.sky.storage.stored`.

    Returns
    -------
    pixels : array of int, shape (n_used,)
    kernel : array of shape (n_row, n_used)
    """
    nside, lmax = resolution(tracer_field), rows.shape[1] - 1
    pixels = np.flatnonzero(mask > 0)
    if len(pixels) == 0:
        raise EmptySkyError("the joint mask leaves no sky")
    used = mask[pixels]

    def fill(kernel: Any) -> None:
        alm = analysis(tracer_field, lmax, n_iter=n_iter)
        ell = alm_ell(lmax)

        def fill_row(row: int) -> None:
            weights = rows[row] / (2 * np.arange(lmax + 1) + 1)
            full = adjoint_analysis(alm * weights[ell], nside, lmax, n_iter=n_iter, nthreads=1)
            kernel[row] = full[pixels] * used

        with ThreadPoolExecutor(thread_count()) as pool:
            list(pool.map(fill_row, range(len(rows))))

    dtype = np.float64 if precision == "double" else np.float32
    key = content_key("kernel", tracer_field, mask, rows, n_iter, precision)
    return pixels, stored((len(rows), len(pixels)), dtype, fill, key=key, where=storage)
