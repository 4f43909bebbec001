"""Bandpowers with the coupling by the masks undone."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from nuweft.errors import ModelError, ParameterError
from nuweft.interfaces import LinearResponse, PowerSpectrumEstimator
from nuweft.parameters import integer, text
from nuweft.sky.coupling import symmetric_coupling
from nuweft.sky.harmonics import analysis, cross_spectrum
from nuweft.sky.pixels import resolution
from nuweft.sky.storage import STORAGE
from nuweft.sky.typing import FloatArray, IntArray
from nuweft_pseudocl.kernel import kernel_rows

_WORST_CONDITION = 1e8


@attrs.frozen(kw_only=True)
class PseudoClDecoupled(PowerSpectrumEstimator):
    r"""Bandpowers of the pseudo-C_l with the mode coupling of the masks inverted.

    Notes
    -----
    .. math:: B_b = \sum_{b'} (P M Q)^{-1}_{bb'} \sum_\ell P_{b'\ell} \tilde C_\ell

    with M the coupling matrix of both masks, P the mean over a band and Q a
    spectrum that is constant in bands (Hivon et al. 2002, astro-ph/0105302).
    All multipoles from 0 to 3 NSIDE - 1 are binned and inverted, then the bands
    from ``ell_min`` to ``ell_max`` are kept. The windows
    ``(P M Q)^{-1} P M`` are kept as they are: each sums to about one.
    """

    plugin_name: ClassVar[str] = "pseudo-cl-decoupled"
    ell_min: int = integer(default=10, ge=1, doc="smallest multipole; the first band begins here")
    ell_max: int | None = integer(
        default=None, ge=1, optional=True, doc="largest multipole; 3 NSIDE - 1 where none is given"
    )
    band: int = integer(default=10, ge=1, doc="multipoles per band")
    n_iter: int = integer(default=3, ge=0, doc="Jacobi iterations of the harmonic analysis")
    precision: str = text(default="double", choices=("double", "single"), doc="precision of the kernel")
    storage: str = text(default="auto", choices=STORAGE, doc="where the kernel is kept")

    def _bands(self, nside: int) -> tuple[IntArray, IntArray]:
        """Return edges of all bands and the indices of those that are kept."""
        lmax = 3 * nside - 1
        top = lmax if self.ell_max is None else self.ell_max
        if top > lmax:
            raise ParameterError(f"ell_max: {top} is beyond 3 NSIDE - 1 = {lmax}")
        edges = np.unique(np.concatenate([[0], np.arange(self.ell_min, lmax + 1, self.band), [lmax + 1]]))
        kept = np.flatnonzero((edges[:-1] >= self.ell_min) & (edges[1:] <= top + 1))
        if not len(kept):
            raise ParameterError(
                f"ell_min: no band of {self.band} multipoles lies between {self.ell_min} and {top}"
            )
        return edges, kept

    def _inverse(
        self, nside: int, tracer_mask: FloatArray, mask: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return effective multipoles, weights of pseudo-C_l and windows of the kept bands."""
        lmax = 3 * nside - 1
        edges, kept = self._bands(nside)
        average = np.zeros((len(edges) - 1, lmax + 1))
        for row, low, high in zip(average, edges[:-1], edges[1:], strict=True):
            row[low:high] = 1 / (high - low)
        first, second = (analysis(m, lmax) for m in (tracer_mask, mask))
        coupling = symmetric_coupling(cross_spectrum(first, second, lmax), lmax)
        coupling *= 2 * np.arange(lmax + 1) + 1
        matrix = average @ coupling @ (average > 0).T
        if not np.linalg.cond(matrix) < _WORST_CONDITION:
            raise ModelError(
                f"the coupling of {len(matrix)} bands cannot be inverted on this sky; use wider bands"
            )
        weights = np.linalg.solve(matrix, average)[kept]
        return (average @ np.arange(lmax + 1))[kept], weights, weights @ coupling

    def spectrum(
        self,
        tracer_field: FloatArray,
        sample_field: FloatArray,
        *,
        tracer_mask: FloatArray,
        mask: FloatArray,
        sky_fraction: float,
    ) -> FloatArray:
        """Return the bandpowers of two masked overdensity fields."""
        nside = resolution(tracer_field)
        lmax = 3 * nside - 1
        first, second = (analysis(f, lmax, n_iter=self.n_iter) for f in (tracer_field, sample_field))
        _, weights, _ = self._inverse(nside, tracer_mask, mask)
        return np.asarray(weights @ cross_spectrum(first, second, lmax))

    def response(
        self, tracer_field: FloatArray, *, tracer_mask: FloatArray, mask: FloatArray, sky_fraction: float
    ) -> LinearResponse:
        """Return the kernel: one adjoint analysis per band."""
        nside = resolution(tracer_field)
        ell, weights, windows = self._inverse(nside, tracer_mask, mask)
        pixels, kernel = kernel_rows(
            tracer_field,
            mask,
            weights,
            n_iter=self.n_iter,
            precision=self.precision,
            storage=self.storage,
        )
        return LinearResponse(
            ell=ell,
            offset=-kernel.sum(axis=1, dtype=float),
            kernel=kernel,
            pixels=pixels,
            mask=mask,
            nside=nside,
            sky_fraction=sky_fraction,
            windows=windows,
        )
