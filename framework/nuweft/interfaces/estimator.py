"""Estimators of the cross-power spectrum."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import attrs
import numpy as np

from nuweft.interfaces.base import Component
from nuweft.model.linear_kernel import LinearKernel
from nuweft.typing import FloatArray


@attrs.frozen(kw_only=True)
class PowerSpectrumEstimator(Component):
    """Estimates the cross-power spectrum of a tracer field and a neutrino field.

    An estimator is linear in the second field; everything known about the
    null distribution follows from its :class:`LinearKernel`.
    """

    kind: ClassVar[str] = "estimator"

    @abstractmethod
    def kernel(
        self, tracer_field: FloatArray, *, tracer_mask: FloatArray, mask: FloatArray, sky_fraction: float
    ) -> LinearKernel:
        """Return the response to counts in the joint mask.

        Parameters
        ----------
        tracer_field
            Masked overdensity of the tracer, shape (npix,).
        tracer_mask
            Mask it was multiplied by, shape (npix,).
        mask
            Joint mask of the neutrinos, shape (npix,).
        sky_fraction
            Mean of the joint mask.
        """

    def spectrum(
        self,
        tracer_field: FloatArray,
        sample_field: FloatArray,
        *,
        tracer_mask: FloatArray,
        mask: FloatArray,
        sky_fraction: float,
    ) -> FloatArray:
        """Return the spectrum of two masked overdensity fields, shape (n_ell,).

        By default by the kernel; an estimator that overrides it with a direct
        computation is compared with its kernel by the contract tests.

        Parameters
        ----------
        tracer_field, sample_field
            Shape (npix,).
        tracer_mask, mask
            Masks they were multiplied by, shape (npix,).
        sky_fraction
            Mean of the joint mask.
        """
        kernel = self.kernel(tracer_field, tracer_mask=tracer_mask, mask=mask, sky_fraction=sky_fraction)
        overdensity = np.divide(sample_field, mask, out=np.zeros(len(mask)), where=mask > 0)
        return kernel.apply(overdensity)
