"""Pseudo-C_l of two masked fields, normalised by the sky fraction."""

from __future__ import annotations

from typing import ClassVar

import attrs
import numpy as np

from nuweft.errors import ParameterError
from nuweft.parameters import integer
from nuweft.typing import FloatArray
from nuweft_pseudocl.pseudo_spectrum import PseudoSpectrum, Rows


@attrs.frozen(kw_only=True)
class PseudoCl(PseudoSpectrum):
    r"""Cross-power of the masked fields divided by f_sky.

    Notes
    -----
    .. math::

        C_\ell = \frac{1}{(2 \ell + 1) f_\mathrm{sky}} \sum_m \bar a^g_{\ell m} a^\nu_{\ell m}

    with coefficients by HEALPix analysis with Jacobi iterations; equation B4
    of Abbasi et al. 2025.
    """

    plugin_name: ClassVar[str] = "pseudo-cl"
    ell_min: int = integer(default=10, ge=0, doc="smallest multipole")

    def rows(self, nside: int, *, tracer_mask: FloatArray, mask: FloatArray, sky_fraction: float) -> Rows:
        """Return one multipole per row."""
        top = self.largest(nside)
        if self.ell_min > top:
            raise ParameterError(f"ell_min: {self.ell_min} is above ell_max = {top}")
        multipoles = np.arange(self.ell_min, top + 1)
        return Rows(ell=multipoles.astype(float), weights=np.eye(3 * nside)[multipoles] / sky_fraction)
