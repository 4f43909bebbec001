"""Luminosity functions of neutrino sources, relative to the mean luminosity."""

from __future__ import annotations

from abc import ABC, abstractmethod

import attrs
import numpy as np
from scipy import special

from nuweft.parameters import number
from nuweft.typing import FloatArray


class LuminosityFunction(ABC):
    """Distribution of ``x = L/<L>``, the same at every redshift; its mean is one."""

    @abstractmethod
    def brighter(self, x: FloatArray) -> FloatArray:
        """Return the fraction of sources with a luminosity of at least ``x``."""

    @abstractmethod
    def light_below(self, x: FloatArray) -> FloatArray:
        """Return the fraction of the total luminosity in sources fainter than ``x``."""

    @abstractmethod
    def brighter_than(self, x: FloatArray, uniform: FloatArray) -> FloatArray:
        """Return luminosities of sources brighter than ``x``, by inversion of :meth:`brighter`.

        Parameters
        ----------
        x
            Smallest luminosities, shape (n,).
        uniform
            Uniform random numbers in (0, 1], shape (n,).
        """


@attrs.frozen(kw_only=True)
class StandardCandle(LuminosityFunction):
    """All sources have the same luminosity."""

    def brighter(self, x: FloatArray) -> FloatArray:
        """Return 1 up to ``x = 1``, 0 beyond."""
        return np.where(x <= 1, 1.0, 0.0)

    def light_below(self, x: FloatArray) -> FloatArray:
        """Return 0 up to ``x = 1``, 1 beyond."""
        return np.where(x <= 1, 0.0, 1.0)

    def brighter_than(self, x: FloatArray, uniform: FloatArray) -> FloatArray:
        """Return 1."""
        return np.ones_like(uniform)


@attrs.frozen(kw_only=True)
class LogNormalLuminosity(LuminosityFunction):
    """Luminosities with a normal distribution of their logarithm."""

    width: float = number(default=0.5, gt=0, le=10, unit="dex", doc="standard deviation of log10 L")

    @property
    def _sigma(self) -> float:
        return self.width * float(np.log(10.0))

    def _standard(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):  # no luminosity at all is minus infinity
            return np.asarray(np.log(x) / self._sigma + self._sigma / 2)

    def brighter(self, x: FloatArray) -> FloatArray:
        """Return ``Phi(-(ln x + s**2/2)/s)`` with ``s = width ln 10``."""
        return np.asarray(special.ndtr(-self._standard(x)))

    def light_below(self, x: FloatArray) -> FloatArray:
        """Return ``Phi((ln x - s**2/2)/s)``."""
        return np.asarray(special.ndtr(self._standard(x) - self._sigma))

    def brighter_than(self, x: FloatArray, uniform: FloatArray) -> FloatArray:
        """Return luminosities, in logarithms so that the far tail is exact."""
        tail = np.log(uniform) + special.log_ndtr(-self._standard(x))
        return np.asarray(np.exp(-self._sigma * special.ndtri_exp(tail) - self._sigma**2 / 2))


@attrs.frozen(kw_only=True)
class PowerLawLuminosity(LuminosityFunction):
    """Number of sources per luminosity ``~ L**-index`` between two luminosities."""

    index: float = number(default=2.0, doc="index of dN/dL ~ L**-index")
    dynamic_range: float = number(default=1e3, gt=1, le=1e30, doc="largest over smallest luminosity")

    def _integral(self, power: float, low: FloatArray, high: FloatArray | float) -> FloatArray:
        """Return the integral of ``y**(power - index)``."""
        n = power - self.index + 1
        if abs(n) < 1e-9:
            return np.asarray(np.log(high / low))
        return np.asarray((np.power(high, n) - np.power(low, n)) / n)

    @property
    def _mean(self) -> float:
        """Mean luminosity in units of the smallest."""
        one = np.ones(1)
        return float(
            (self._integral(1, one, self.dynamic_range) / self._integral(0, one, self.dynamic_range))[0]
        )

    def _clipped(self, x: FloatArray) -> FloatArray:
        return np.clip(np.asarray(x, dtype=float) * self._mean, 1.0, self.dynamic_range)

    def brighter(self, x: FloatArray) -> FloatArray:
        """Return the fraction by number above ``x``."""
        return self._integral(0, self._clipped(x), self.dynamic_range) / self._integral(
            0, np.ones(1), self.dynamic_range
        )

    def light_below(self, x: FloatArray) -> FloatArray:
        """Return the fraction by luminosity below ``x``."""
        whole = self._integral(1, np.ones(1), self.dynamic_range)
        return 1 - self._integral(1, self._clipped(x), self.dynamic_range) / whole

    def brighter_than(self, x: FloatArray, uniform: FloatArray) -> FloatArray:
        """Return luminosities by the closed-form inverse."""
        low, n = self._clipped(x), 1 - self.index
        if abs(n) < 1e-9:
            y = self.dynamic_range * (low / self.dynamic_range) ** uniform
        else:
            top = self.dynamic_range**n
            y = (top + uniform * (low**n - top)) ** (1 / n)
        return np.asarray(y / self._mean)
