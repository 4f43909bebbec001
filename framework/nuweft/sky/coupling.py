"""Mode coupling of power spectra on a masked sky."""

from __future__ import annotations

import ducc0
import numpy as np

from nuweft.process.threads import thread_count
from nuweft.sky.harmonics import analysis, cross_spectrum
from nuweft.sky.pixels import resolution
from nuweft.typing import FloatArray


def mask_spectrum(mask: FloatArray, lmax: int, *, other: FloatArray | None = None) -> FloatArray:
    """Return the power spectrum of a mask, or its cross-power with another, shape (lmax + 1,)."""
    first = analysis(mask, lmax)
    second = first if other is None else analysis(other, lmax)
    return cross_spectrum(first, second, lmax)


def symmetric_coupling(spectrum: FloatArray, lmax: int) -> FloatArray:
    """Return ``sum_L (2L+1)/(4 pi) W_L (l l' L; 0 0 0)**2``, shape (lmax + 1, lmax + 1).

    Parameters
    ----------
    spectrum
        W_L of the mask, shape (n,); multipoles above ``2 lmax`` do not enter.
    lmax
        Largest multipole.
    """
    result = np.empty((1, lmax + 1, lmax + 1))
    ducc0.misc.experimental.coupling_matrix_rect(
        np.ascontiguousarray(spectrum[None, : 2 * lmax + 1]), (0,), result, nthreads=thread_count()
    )
    return np.asarray(result[0])


def coupling_matrix(mask: FloatArray, lmax: int, *, other: FloatArray | None = None) -> FloatArray:
    """Return M with ``<pseudo C_l> = sum_l' M_ll' C_l'``, shape (lmax + 1, lmax + 1).

    Parameters
    ----------
    mask
        Weights, shape (npix,); multipoles of the mask up to 3 NSIDE - 1 enter.
    lmax
        Largest multipole.
    other
        Mask of the second field; the same where none is given.

    Notes
    -----
    Hivon et al. 2002, astro-ph/0105302, equation A31.
    """
    top = min(2 * lmax, 3 * resolution(mask) - 1)
    return symmetric_coupling(mask_spectrum(mask, top, other=other), lmax) * (2 * np.arange(lmax + 1) + 1)
