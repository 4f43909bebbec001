"""Pseudo-C_l of two masked fields, normalised by the sky fraction."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from nuweft.errors import ParameterError
from nuweft.interfaces import LinearResponse, PowerSpectrumEstimator
from nuweft.parameters import integer, text
from nuweft.sky.harmonics import analysis, cross_spectrum
from nuweft.sky.pixels import resolution
from nuweft.sky.storage import STORAGE
from nuweft.sky.typing import FloatArray, IntArray
from nuweft_pseudocl.kernel import kernel_rows


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
    precision: str = text(default="double", choices=("double", "single"), doc="precision of the kernel")
    storage: str = text(default="auto", choices=STORAGE, doc="where the kernel is kept")

    def _multipoles(self, nside: int) -> IntArray:
        limit = 3 * nside - 1
        top = limit if self.ell_max is None else self.ell_max
        if top > limit:
            raise ParameterError(f"ell_max: {top} is beyond 3 NSIDE - 1 = {limit}")
        if self.ell_min > top:
            raise ParameterError(f"ell_min: {self.ell_min} is above ell_max = {top}")
        return np.arange(self.ell_min, top + 1)

    def spectrum(
        self,
        tracer_field: FloatArray,
        sample_field: FloatArray,
        *,
        tracer_mask: FloatArray,
        mask: FloatArray,
        sky_fraction: float,
    ) -> FloatArray:
        """Return C_l of two masked overdensity fields."""
        nside = resolution(tracer_field)
        lmax = 3 * nside - 1
        first = analysis(tracer_field, lmax, n_iter=self.n_iter)
        second = analysis(sample_field, lmax, n_iter=self.n_iter)
        return cross_spectrum(first, second, lmax)[self._multipoles(nside)] / sky_fraction

    def response(
        self, tracer_field: FloatArray, *, tracer_mask: FloatArray, mask: FloatArray, sky_fraction: float
    ) -> LinearResponse:
        """Return the kernel F: row l is the adjoint analysis of the l-part of a^g."""
        nside = resolution(tracer_field)
        multipoles = self._multipoles(nside)
        pixels, kernel = kernel_rows(
            tracer_field,
            mask,
            np.eye(3 * nside)[multipoles] / sky_fraction,
            n_iter=self.n_iter,
            precision=self.precision,
            storage=self.storage,
        )
        return LinearResponse(
            ell=multipoles.astype(float),
            offset=-kernel.sum(axis=1, dtype=float),
            kernel=kernel,
            pixels=pixels,
            mask=mask,
            nside=nside,
            sky_fraction=sky_fraction,
        )
