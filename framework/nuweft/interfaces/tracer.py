"""Tracers of the large-scale structure."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import attrs
import numpy as np
from scipy import integrate

from nuweft.errors import RedshiftError
from nuweft.interfaces.base import Component
from nuweft.interfaces.mask import Mask
from nuweft.parameters import component, number
from nuweft.sky.sources import Sources
from nuweft.sky.typing import FloatArray


@attrs.frozen(eq=False)
class RedshiftDistribution:
    """Distribution dN/dz of a tracer, normalised to one.

    Attributes
    ----------
    z : array of shape (n,)
        Redshifts, increasing and positive.
    density : array of shape (n,)
        dN/dz, normalised by the trapezoidal rule.
    source : str
        Where it comes from.
    """

    z: FloatArray
    density: FloatArray
    source: str = ""

    @classmethod
    def normalised(cls, z: FloatArray, density: FloatArray, source: str = "") -> RedshiftDistribution:
        """Return the distribution after normalising it.

        Raises
        ------
        RedshiftError
            If it cannot be normalised.
        """
        z, density = np.asarray(z, dtype=float), np.asarray(density, dtype=float)
        if z.ndim != 1 or z.shape != density.shape or len(z) < 3:
            raise RedshiftError(f"n(z) ({source}): expected two equal columns of at least 3 rows")
        if not (np.all(np.isfinite(z)) and np.all(np.isfinite(density))):
            raise RedshiftError(f"n(z) ({source}): values that are not finite")
        if np.any(np.diff(z) <= 0) or z[0] < 0:
            raise RedshiftError(f"n(z) ({source}): redshifts must be positive and increase")
        if np.any(density < 0):
            raise RedshiftError(f"n(z) ({source}): negative density")
        norm = float(integrate.trapezoid(density, z))
        if not norm > 0:
            raise RedshiftError(f"n(z) ({source}): integrates to {norm:g}, cannot be normalised")
        return cls(z, density / norm, source)

    @classmethod
    def smail(cls, alpha: float, z0: float, beta: float, *, source: str = "") -> RedshiftDistribution:
        """Return ``z**alpha exp(-(z/z0)**beta)`` (Smail et al. 1994), normalised."""
        top = z0 * 30.0 ** (1 / beta)
        z = np.unique(np.concatenate([np.geomspace(1e-6, top / 50, 500), np.linspace(top / 50, top, 1500)]))
        return cls.normalised(z, z**alpha * np.exp(-((z / z0) ** beta)), source)

    @classmethod
    def from_redshifts(
        cls, redshifts: FloatArray, *, weight: FloatArray | None = None, step: float = 0.01, source: str = ""
    ) -> RedshiftDistribution:
        """Return the histogram of redshifts, given at bin centres.

        Below the first centre it falls as z**2, as the volume.

        Parameters
        ----------
        redshifts
            Shape (n,); values that are not finite or not positive are left out.
        weight
            Shape (n,).
        step
            Bin width; widened so that a bin holds some ten objects on average.
        source
            Where they come from.
        """
        good = np.isfinite(redshifts) & (redshifts > 0)
        z = redshifts[good]
        w = None if weight is None else weight[good]
        if len(z) < 30:
            raise RedshiftError(f"n(z) ({source}): {len(z)} redshifts are too few, expected at least 30")
        top = float(np.quantile(z, 0.999))
        n = int(np.clip(top / step, 5, max(5, len(z) // 10)))
        counts, edges = np.histogram(z, bins=n, range=(0.0, top), weights=w)
        width = edges[1] - edges[0]
        centres = 0.5 * (edges[1:] + edges[:-1])
        near = np.geomspace(1e-6, centres[0], 100)[:-1]
        z = np.concatenate([near, centres, [top + 0.5 * width]])
        return cls.normalised(
            z, np.concatenate([counts[0] * (near / centres[0]) ** 2, counts, [0.0]]), source
        )

    def stretched(self, factor: float) -> RedshiftDistribution:
        """Return the distribution with every redshift multiplied by ``factor``."""
        return RedshiftDistribution.normalised(
            self.z * factor, self.density, f"{self.source}, redshifts times {factor:g}"
        )

    def percentile(self, q: float) -> float:
        """Return the redshift below which ``q`` per cent of the objects lie."""
        cumulative = integrate.cumulative_trapezoid(self.density, self.z, initial=0.0)
        return float(np.interp(q / 100 * cumulative[-1], cumulative, self.z))

    def __call__(self, z: FloatArray) -> FloatArray:
        """Return dN/dz at ``z``, zero outside the table."""
        return np.interp(z, self.z, self.density, left=0.0, right=0.0)


@attrs.frozen(kw_only=True)
class Tracer(Component):
    """A catalog or map of objects that trace the large-scale structure."""

    kind: ClassVar[str] = "tracer"

    mask: Mask | None = component(
        "mask", default=None, optional=True, doc="part of the sky the catalog covers; all where none is given"
    )
    bias: float = number(default=1.0, gt=0, doc="linear bias of the tracer")
    magnification: float | None = number(
        default=None,
        optional=True,
        doc="slope dlog10 N/dm of the counts at the magnitude limit; no magnification where none is given",
    )

    @abstractmethod
    def counts(self, nside: int) -> FloatArray:
        """Return the number of objects (or their summed weight) in each pixel.

        Parameters
        ----------
        nside
            Resolution.

        Returns
        -------
        array of shape (npix,)
            Not negative, not masked; ICRS, RING order.

        Raises
        ------
        NsideError
            If the tracer is not known at this resolution.
        """

    def sources(self, nside: int) -> Sources:
        """Return where events correlated with the tracer start.

        By default they start uniformly within the pixels of :meth:`counts`.

        Parameters
        ----------
        nside
            Resolution of the analysis; a tracer may know its objects better.
        """
        return Sources.pixels(self.counts(nside))

    def redshift_distribution(self) -> RedshiftDistribution | None:
        """Return dN/dz, or None where it is not known."""
        return None
