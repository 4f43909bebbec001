"""Spherical-harmonic transforms on HEALPix grids, by ducc0."""

from __future__ import annotations

from typing import Any

import ducc0
import numpy as np

from nuweft.process.threads import thread_count
from nuweft.sky.pixels import geometry, pixel_count, resolution
from nuweft.sky.rings import Rings, rings
from nuweft.typing import ComplexArray, FloatArray


def alm_size(lmax: int) -> int:
    """Return the number of coefficients with 0 <= m <= l <= lmax."""
    return (lmax + 1) * (lmax + 2) // 2


def alm_ell(lmax: int) -> FloatArray:
    """Return l of each coefficient, in healpy's order (m by m)."""
    return np.concatenate([np.arange(m, lmax + 1) for m in range(lmax + 1)]).astype(np.int64)


def synthesis(alm: ComplexArray, nside: int, lmax: int, *, nthreads: int | None = None) -> FloatArray:
    """Return the map of spherical-harmonic coefficients.

    Parameters
    ----------
    alm
        Coefficients with m >= 0 of a real field, shape (alm_size(lmax),).
    nside, lmax
        Resolution and largest multipole.
    nthreads
        Threads; all cores where none is given.

    Returns
    -------
    array of shape (npix,)
    """
    return np.asarray(
        ducc0.sht.synthesis(
            alm=alm[None],
            lmax=lmax,
            spin=0,
            nthreads=thread_count() if nthreads is None else nthreads,
            **geometry(nside).sht_info(),
        )[0]
    )


def adjoint_synthesis(values: FloatArray, lmax: int, *, nthreads: int | None = None) -> ComplexArray:
    """Return ``sum_p conj(Y_lm(p)) values(p)``, the adjoint of :func:`synthesis`."""
    return np.asarray(
        ducc0.sht.adjoint_synthesis(
            map=np.ascontiguousarray(values, dtype=float)[None],
            lmax=lmax,
            spin=0,
            nthreads=thread_count() if nthreads is None else nthreads,
            **geometry(resolution(values)).sht_info(),
        )[0]
    )


def points_to_alm(ra: FloatArray, dec: FloatArray, weight: FloatArray, lmax: int) -> ComplexArray:
    """Return ``sum_s weight_s conj(Y_lm(s))`` of points anywhere on the sphere.

    Parameters
    ----------
    ra, dec
        Directions in radians, shape (n,).
    weight
        Shape (n,).
    lmax
        Largest multipole.
    """
    loc = np.stack([np.pi / 2 - dec, np.mod(ra, 2 * np.pi)], axis=-1)
    return np.asarray(
        ducc0.sht.adjoint_synthesis_general(
            map=np.ascontiguousarray(weight, dtype=float)[None],
            loc=np.ascontiguousarray(loc),
            spin=0,
            lmax=lmax,
            epsilon=1e-8,
            nthreads=thread_count(),
        )[0]
    )


def analysis(values: FloatArray, lmax: int, *, n_iter: int = 3, nthreads: int | None = None) -> ComplexArray:
    """Return the coefficients of a map, with Jacobi iterations.

    With S the synthesis and ``A = (4 pi/npix) S^T``, this is
    ``sum_{k=0..n_iter} (1 - A S)^k A`` applied to the map, equal to
    ``healpy.map2alm(iter=n_iter)``.
    """
    nside = resolution(values)
    pixel_area = 4 * np.pi / pixel_count(nside)
    alm = pixel_area * adjoint_synthesis(values, lmax, nthreads=nthreads)
    for _ in range(n_iter):
        residual = values - synthesis(alm, nside, lmax, nthreads=nthreads)
        alm = alm + pixel_area * adjoint_synthesis(residual, lmax, nthreads=nthreads)
    return alm


def adjoint_analysis(
    alm: ComplexArray, nside: int, lmax: int, *, n_iter: int = 3, nthreads: int | None = None
) -> FloatArray:
    """Return the adjoint of :func:`analysis`, ``(4 pi/npix) S sum_k (1 - A S)^k``, as a map.

    The inner product of coefficients runs over all m, so that
    ``sum_lm conj(alm) analysis(f) == sum_p adjoint_analysis(alm) f``.
    """
    pixel_area = 4 * np.pi / pixel_count(nside)
    total = alm.copy()
    term = alm
    for _ in range(n_iter):
        back = adjoint_synthesis(synthesis(term, nside, lmax, nthreads=nthreads), lmax, nthreads=nthreads)
        term = term - pixel_area * back
        total += term
    return pixel_area * synthesis(total, nside, lmax, nthreads=nthreads)


def padded_alm(alm: ComplexArray, lmax: int, new_lmax: int) -> ComplexArray:
    """Return coefficients up to a larger multipole, zero beyond ``lmax``."""
    result = np.zeros(alm_size(new_lmax), dtype=np.complex128)
    start = new = 0
    for m in range(lmax + 1):
        result[new : new + lmax + 1 - m] = alm[start : start + lmax + 1 - m]
        start += lmax + 1 - m
        new += new_lmax + 1 - m
    return result


def cross_spectrum(alm: ComplexArray, other: ComplexArray, lmax: int) -> FloatArray:
    """Return ``1/(2l+1) sum_m conj(alm) other`` for l = 0..lmax."""
    m = np.concatenate([np.full(lmax + 1 - m, m) for m in range(lmax + 1)])
    terms = (np.conj(alm) * other).real * np.where(m == 0, 1.0, 2.0)
    sums = np.bincount(alm_ell(lmax), weights=terms, minlength=lmax + 1)
    return np.asarray(sums / (2 * np.arange(lmax + 1) + 1))


def zonal_alm(ring_values: FloatArray, nside: int, lmax: int) -> FloatArray:
    """Return a_l0 of ring-constant maps, by the sum over pixels times the pixel area.

    Parameters
    ----------
    ring_values
        Value on each ring, shape (..., nring).
    nside, lmax
        Resolution of the rings and largest multipole.

    Returns
    -------
    array of shape (..., lmax + 1)
    """
    grid = rings(nside)
    weighted = np.reshape(ring_values, (-1, len(grid))) * grid.size * (4 * np.pi / pixel_count(nside))
    alm = np.stack(
        [
            ducc0.sht.adjoint_synthesis(map=row[None], lmax=lmax, mmax=0, spin=0, **_meridian(grid))[0].real
            for row in weighted
        ]
    )
    return alm.reshape(*np.shape(ring_values)[:-1], lmax + 1)


def zonal_synthesis(alm: FloatArray, nside: int) -> FloatArray:
    """Return the value on each ring of a_l0, shapes (..., lmax + 1) to (..., nring)."""
    flat = np.reshape(alm, (-1, np.shape(alm)[-1])).astype(np.complex128)
    grid = rings(nside)
    values = np.stack(
        [
            ducc0.sht.synthesis(alm=row[None], lmax=len(row) - 1, mmax=0, spin=0, **_meridian(grid))[0]
            for row in flat
        ]
    )
    return values.reshape(*np.shape(alm)[:-1], len(grid))


def _meridian(grid: Rings) -> dict[str, Any]:
    """Return a geometry with one pixel per ring."""
    n = len(grid)
    return {
        "theta": np.arccos(grid.sin_dec),
        "nphi": np.ones(n, dtype=np.uint64),
        "phi0": np.zeros(n),
        "ringstart": np.arange(n, dtype=np.uint64),
    }
