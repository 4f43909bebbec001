"""Likelihoods of a measured cross-power spectrum."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import attrs

from nuweft.interfaces.base import Component
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.model.gaussian_model import GaussianModel
from nuweft.typing import FloatArray


@attrs.frozen(kw_only=True)
class Likelihood(Component):
    """Compares a measured spectrum with null and signal templates."""

    kind: ClassVar[str] = "likelihood"

    @abstractmethod
    def model(self, spectrum: CrossSpectrum) -> GaussianModel:
        """Return the Gaussian blocks of a measured spectrum.

        Raises
        ------
        SingularCovarianceError
            If a covariance is not positive definite.
        """

    @abstractmethod
    def log_likelihood(self, theta: FloatArray, spectrum: CrossSpectrum) -> float:
        """Return log L, up to a constant, from the full data vector.

        Parameters
        ----------
        theta
            ``(f_corr, gamma, f_atm of each block)``.
        spectrum
            Measured spectrum.
        """
