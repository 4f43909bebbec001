"""Estimators that are sums of multipoles of the pseudo-C_l."""

from __future__ import annotations

from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import numpy as np

from nuweft.errors import EmptySkyError, ParameterError
from nuweft.interfaces import PowerSpectrumEstimator
from nuweft.io import STORAGE, content_key, stored
from nuweft.model import LinearKernel
from nuweft.parameters import integer, text
from nuweft.process import thread_count
from nuweft.sky import adjoint_analysis, alm_ell, analysis, cross_spectrum, resolution
from nuweft.typing import FloatArray, IntArray


@attrs.frozen(eq=False, kw_only=True)
class Rows:
    """What a spectrum is made of.

    Attributes
    ----------
    ell : array of shape (n_row,)
        Multipole of each row, or its effective value.
    weights : array of shape (n_row, lmax + 1)
        Of the multipoles of the pseudo-C_l.
    windows : array of shape (n_row, lmax + 1) or None
        Bandpower windows; None where each row is one multipole.
    """

    ell: FloatArray
    weights: FloatArray
    windows: FloatArray | None = None


@attrs.frozen(kw_only=True)
class PseudoSpectrum(PowerSpectrumEstimator):
    """Rows of weighted multipoles of ``1/(2l+1) sum_m conj(a^g_lm) a^nu_lm``.

    Coefficients by HEALPix analysis with Jacobi iterations.
    """

    ell_max: int | None = integer(
        default=None, ge=0, optional=True, doc="largest multipole; 3 NSIDE - 1 where none is given"
    )
    n_iter: int = integer(default=3, ge=0, le=100, doc="Jacobi iterations of the harmonic analysis")
    precision: str = text(default="double", choices=("double", "single"), doc="precision of the kernel")
    storage: str = text(default="auto", choices=STORAGE, doc="where the kernel is kept")

    @abstractmethod
    def rows(self, nside: int, *, tracer_mask: FloatArray, mask: FloatArray, sky_fraction: float) -> Rows:
        """Return what the spectrum is made of; arguments as in :meth:`response`."""

    def largest(self, nside: int) -> int:
        """Return the largest multipole.

        Raises
        ------
        ParameterError
            If it is beyond the grid.
        """
        limit = 3 * nside - 1
        if self.ell_max is None:
            return limit
        if self.ell_max > limit:
            raise ParameterError(f"ell_max: {self.ell_max} is beyond 3 NSIDE - 1 = {limit}")
        return self.ell_max

    def spectrum(
        self,
        tracer_field: FloatArray,
        sample_field: FloatArray,
        *,
        tracer_mask: FloatArray,
        mask: FloatArray,
        sky_fraction: float,
    ) -> FloatArray:
        """Return the spectrum of two masked overdensity fields."""
        nside = resolution(tracer_field)
        lmax = 3 * nside - 1
        rows = self.rows(nside, tracer_mask=tracer_mask, mask=mask, sky_fraction=sky_fraction)
        first, second = (analysis(f, lmax, n_iter=self.n_iter) for f in (tracer_field, sample_field))
        return np.asarray(rows.weights @ cross_spectrum(first, second, lmax))

    def kernel(
        self, tracer_field: FloatArray, *, tracer_mask: FloatArray, mask: FloatArray, sky_fraction: float
    ) -> LinearKernel:
        """Return the kernel: one adjoint analysis per row, whatever multipoles it sums over."""
        nside = resolution(tracer_field)
        rows = self.rows(nside, tracer_mask=tracer_mask, mask=mask, sky_fraction=sky_fraction)
        pixels = np.flatnonzero(mask > 0)
        if len(pixels) == 0:
            raise EmptySkyError("the joint mask leaves no sky")
        kernel = self._kernel(tracer_field, mask, rows.weights, pixels)
        return LinearKernel(
            ell=rows.ell,
            offset=-kernel.sum(axis=1, dtype=float),
            matrix=kernel,
            pixels=pixels,
            mask=mask,
            nside=nside,
            sky_fraction=sky_fraction,
            windows=rows.windows,
            multipoles=rows.weights,
        )

    def _kernel(
        self, tracer_field: FloatArray, mask: FloatArray, weights: FloatArray, pixels: IntArray
    ) -> Any:
        nside, lmax = resolution(tracer_field), weights.shape[1] - 1
        used = mask[pixels]

        def fill(kernel: Any) -> None:
            alm = analysis(tracer_field, lmax, n_iter=self.n_iter)
            ell = alm_ell(lmax)

            def fill_row(row: int) -> None:
                per_ell = weights[row] / (2 * np.arange(lmax + 1) + 1)
                full = adjoint_analysis(alm * per_ell[ell], nside, lmax, n_iter=self.n_iter, nthreads=1)
                kernel[row] = full[pixels] * used

            with ThreadPoolExecutor(thread_count()) as pool:
                list(pool.map(fill_row, range(len(weights))))

        dtype = np.float64 if self.precision == "double" else np.float32
        key = content_key("kernel", tracer_field, mask, weights, self.n_iter, self.precision)
        return stored((len(weights), len(pixels)), dtype, fill, key=key, where=self.storage)
