"""What one more event in a pixel does to a spectrum."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from nuweft.model import BinData, LinearKernel
from nuweft.typing import FloatArray

_CHUNK = 8192


@attrs.frozen(eq=False)
class Jacobian:
    """Linear response of a spectrum to single events, about its mean.

    Attributes
    ----------
    response : LinearKernel
    linear : array of shape (n_ell,)
        Kernel times expected weighted counts over their mean.
    factor : array of shape (n_used,)
        Weight of each used pixel over the mean weighted counts.
    """

    response: LinearKernel
    linear: FloatArray
    factor: FloatArray

    @classmethod
    def of(cls, kernel: LinearKernel, bin_data: BinData, expected: FloatArray) -> Jacobian:
        """Return the influence about expected counts of shape (npix,)."""
        weighted = expected * bin_data.weights
        mu = float(kernel.mean(weighted))
        return cls(kernel, kernel.apply(weighted) / mu, bin_data.weights[kernel.pixels] / mu)

    @property
    def mean(self) -> FloatArray:
        """Spectrum of the expected counts, shape (n_ell,)."""
        return np.asarray(self.response.offset + self.linear)

    def columns(self, used: slice) -> FloatArray:
        """Return ``(F_lp - C'_l W_p / sum(W)) w_p / mu`` of some used pixels, shape (n_ell, n)."""
        mask = self.response.mask
        part = mask[self.response.pixels[used]] / mask.sum()  # the mean of the counts follows as well
        kernel = self.response.matrix[:, used].astype(float)
        return np.asarray((kernel - self.linear[:, None] * part) * self.factor[used])

    def chunks(self) -> Iterator[tuple[slice, FloatArray]]:
        """Yield all used pixels in parts, each with its columns."""
        for start in range(0, len(self.response.pixels), _CHUNK):
            part = slice(start, start + _CHUNK)
            yield part, self.columns(part)
