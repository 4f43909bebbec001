"""Pseudo-C_l of two masked fields, normalised by the sky fraction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import attrs
import numpy as np

from nuweft.errors import EmptySkyError, ParameterError
from nuweft.interfaces import LinearResponse, PowerSpectrumEstimator
from nuweft.parameters import integer
from nuweft.sky.harmonics import (
    adjoint_analysis,
    alm_ell,
    analysis,
    cross_spectrum,
    thread_count,
)
from nuweft.sky.pixels import resolution
from nuweft.sky.typing import FloatArray, IntArray


@attrs.frozen(kw_only=True)
class PseudoCl(PowerSpectrumEstimator):
    """Cross-power of the masked fields divided by f_sky.

    ``C_l = 1/((2l+1) f_sky) sum_m conj(a^g_lm) a^nu_lm``, with a_lm by HEALPix
    analysis with Jacobi iterations.

    Notes
    -----
    Equation B4 of Abbasi et al. 2025.
    """

    plugin_name: ClassVar[str] = "pseudo-cl"
    ell_min: int = integer(default=10, ge=0, doc="smallest multipole")
    ell_max: int | None = integer(
        default=None, ge=0, optional=True, doc="largest multipole; 3 NSIDE - 1 where none is given"
    )
    n_iter: int = integer(default=3, ge=0, doc="Jacobi iterations of the harmonic analysis")

    def _multipoles(self, nside: int) -> IntArray:
        limit = 3 * nside - 1
        top = limit if self.ell_max is None else self.ell_max
        if top > limit:
            raise ParameterError(f"ell_max: {top} is beyond 3 NSIDE - 1 = {limit}")
        if self.ell_min > top:
            raise ParameterError(f"ell_min: {self.ell_min} is above ell_max = {top}")
        return np.arange(self.ell_min, top + 1)

    def spectrum(
        self, tracer_field: FloatArray, sample_field: FloatArray, *, sky_fraction: float
    ) -> FloatArray:
        """Return C_l of two masked overdensity fields."""
        nside = resolution(tracer_field)
        lmax = 3 * nside - 1
        first = analysis(tracer_field, lmax, n_iter=self.n_iter)
        second = analysis(sample_field, lmax, n_iter=self.n_iter)
        return cross_spectrum(first, second, lmax)[self._multipoles(nside)] / sky_fraction

    def response(self, tracer_field: FloatArray, mask: FloatArray, *, sky_fraction: float) -> LinearResponse:
        """Return the kernel F: row l is the adjoint analysis of the l-part of a^g."""
        nside = resolution(tracer_field)
        lmax = 3 * nside - 1
        multipoles = self._multipoles(nside)
        pixels = np.flatnonzero(mask > 0)
        if len(pixels) == 0:
            raise EmptySkyError("the joint mask leaves no sky")
        alm = analysis(tracer_field, lmax, n_iter=self.n_iter) / sky_fraction
        ell_of = alm_ell(lmax)
        kernel = np.empty((len(multipoles), len(pixels)))
        used_mask = mask[pixels]

        def fill(row: int) -> None:
            ell = multipoles[row]
            part = np.where(ell_of == ell, alm / (2 * ell + 1), 0.0)
            full = adjoint_analysis(part, nside, lmax, n_iter=self.n_iter, nthreads=1)
            kernel[row] = full[pixels] * used_mask

        with ThreadPoolExecutor(thread_count()) as pool:
            list(pool.map(fill, range(len(multipoles))))
        return LinearResponse(
            ell=multipoles.astype(float),
            offset=-kernel.sum(axis=1),
            kernel=kernel,
            pixels=pixels,
            mask=mask,
            nside=nside,
            sky_fraction=sky_fraction,
        )
