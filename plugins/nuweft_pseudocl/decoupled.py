"""Bandpowers with the coupling by the masks undone."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from nuweft.errors import ModelError, ParameterError
from nuweft.parameters import integer
from nuweft.references import Reference, article
from nuweft.sky import coupling_matrix
from nuweft.typing import FloatArray, IntArray
from nuweft_pseudocl.pseudo_spectrum import PseudoSpectrum, Rows

_WORST_CONDITION = 1e8
HIVON = article(
    "Hivon2002",
    "Hivon, E. and G{\\'o}rski, K. M. and Netterfield, C. B. and others",
    "MASTER of the Cosmic Microwave Background Anisotropy Power Spectrum: A Fast Method for Statistical "
    "Analysis of Large and Complex Cosmic Microwave Background Data Sets",
    "Astrophysical Journal",
    567,
    "2--17",
    2002,
    eprint="astro-ph/0105302",
)


@attrs.frozen(kw_only=True)
class PseudoClDecoupled(PseudoSpectrum):
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
    references: ClassVar[tuple[Reference, ...]] = (HIVON,)
    ell_min: int = integer(default=10, ge=1, doc="smallest multipole; the first band begins here")
    ell_max: int | None = integer(
        default=None, ge=1, optional=True, doc="largest multipole; 3 NSIDE - 1 where none is given"
    )
    band: int = integer(default=10, ge=1, doc="multipoles per band")

    def rows(self, nside: int, *, tracer_mask: FloatArray, mask: FloatArray, sky_fraction: float) -> Rows:
        """Return one band per row."""
        lmax = 3 * nside - 1
        edges, kept = self._bands(nside)
        average = np.zeros((len(edges) - 1, lmax + 1))
        for row, low, high in zip(average, edges[:-1], edges[1:], strict=True):
            row[low:high] = 1 / (high - low)
        coupling = coupling_matrix(tracer_mask, lmax, other=mask)
        matrix = average @ coupling @ (average > 0).T
        if not np.linalg.cond(matrix) < _WORST_CONDITION:
            raise ModelError(
                f"the coupling of {len(matrix)} bands cannot be inverted on this sky; use wider bands"
            )
        weights = np.linalg.solve(matrix, average)[kept]
        return Rows(ell=(average @ np.arange(lmax + 1))[kept], weights=weights, windows=weights @ coupling)

    def _bands(self, nside: int) -> tuple[IntArray, IntArray]:
        """Return edges of all bands and the indices of those that are kept."""
        top = self.largest(nside)
        edges = np.unique(np.concatenate([[0], np.arange(self.ell_min, 3 * nside, self.band), [3 * nside]]))
        kept = np.flatnonzero((edges[:-1] >= self.ell_min) & (edges[1:] <= top + 1))
        if not len(kept):
            raise ParameterError(
                f"ell_min: no band of {self.band} multipoles lies between {self.ell_min} and {top}"
            )
        return edges, kept
