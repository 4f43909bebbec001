"""The distribution dN/dz of a tracer's redshifts."""

from __future__ import annotations

import attrs
import numpy as np
from scipy import integrate
from scipy.interpolate import PchipInterpolator

from nuweft.errors import RedshiftError
from nuweft.typing import FloatArray

FEWEST_REDSHIFTS = 300
"""Below this, a table is asked for: the integral of n(z)**2 follows the noise of the bins."""

_PER_BIN = 100  # objects
_STEP = 0.01
_RELATIVE_STEP = 0.2
_RAMP = 1e-4  # of a bin: width over which a step is drawn
_RISE = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, 100)])
_POWERS = (1.2, 3.0)
_EMPTY_START = 0.45  # z**3 and flatter leave so much of the first bin empty once in 60 catalogs at most


@attrs.frozen(eq=False)
class RedshiftDistribution:
    """Distribution dN/dz of a tracer, normalised to one.

    It is linear between its nodes. A histogram is constant within its bins,
    with a steep ramp at each edge.

    Attributes
    ----------
    z : array of shape (n,)
        Nodes, increasing and not negative.
    density : array of shape (n,)
        dN/dz at the nodes, normalised by the trapezoidal rule.
    source : str
        Where it comes from.
    edges : array of shape (n_bin + 1,) or None
        Edges of the bins, where it is a histogram.
    halved : RedshiftDistribution or None
        The same objects in bins of half the width, where they are known.
    """

    z: FloatArray
    density: FloatArray
    source: str = ""
    edges: FloatArray | None = None
    halved: RedshiftDistribution | None = None

    @classmethod
    def normalised(cls, z: FloatArray, density: FloatArray, source: str = "") -> RedshiftDistribution:
        """Return a distribution that is linear between points, after normalising it.

        Raises
        ------
        RedshiftError
            If it cannot be normalised.
        """
        z, density = np.asarray(z, dtype=float), np.asarray(density, dtype=float)
        if z.ndim != 1 or z.shape != density.shape or len(z) < 3:
            raise RedshiftError(f"n(z) ({source}): expected two equal columns of at least 3 rows")
        _check_values(z, density, source)
        norm = float(integrate.trapezoid(density, z))
        if not norm > 0:
            raise RedshiftError(f"n(z) ({source}): integrates to {norm:g}, cannot be normalised")
        return cls(z, density / norm, source)

    @classmethod
    def histogram(cls, edges: FloatArray, counts: FloatArray, source: str = "") -> RedshiftDistribution:
        """Return a distribution that is constant within bins, after normalising it.

        A first bin that begins at redshift 0 rises as a power of z instead,
        with the power that continues to the second bin (from 1.2 to 3): the flux
        of a constant dN/dz would diverge there.

        Parameters
        ----------
        edges
            Increasing and not negative, shape (n_bin + 1,).
        counts
            Objects in each bin, any normalisation, shape (n_bin,).
        source
            Where it comes from.

        Raises
        ------
        RedshiftError
            If it cannot be normalised.
        """
        edges, counts = np.asarray(edges, dtype=float), np.asarray(counts, dtype=float)
        if edges.ndim != 1 or counts.ndim != 1 or len(edges) != len(counts) + 1 or not len(counts):
            raise RedshiftError(f"n(z) ({source}): expected one more edge than bins")
        _check_values(edges, np.append(counts, 0.0), source)
        width = np.diff(edges)
        level = counts / width
        z, density = [], []
        for i, (low, high, value) in enumerate(zip(edges[:-1], edges[1:], level, strict=True)):
            if i == 0 and low == 0:
                z.append(high * (1 - _RAMP) * _RISE)
                power = _first_power(edges, counts)
                density.append((1 + power) * value * _RISE**power)
                continue
            start = low if i == 0 else low + _RAMP * min(width[i], width[i - 1])
            end = high if i == len(level) - 1 else high - _RAMP * min(width[i], width[i + 1])
            z.append(np.linspace(start, end, 5))
            density.append(np.full(5, value))
        shape = cls.normalised(np.concatenate(z), np.concatenate(density), source)
        return attrs.evolve(shape, edges=edges)

    @classmethod
    def from_table(cls, table: dict[str, FloatArray], source: str = "") -> RedshiftDistribution:
        """Return the distribution that a table holds.

        Parameters
        ----------
        table
            ``density`` with either ``z`` (points) or ``z_min`` and ``z_max``
            (bins; ``density`` is then dN/dz in the bin). Points at equal steps
            of which the first is at half a step are the centres of bins.
        source
            Name of the table.

        Raises
        ------
        RedshiftError
            If bins overlap or leave gaps, or values cannot be a distribution.
        """
        density = np.asarray(table["density"], dtype=float)
        if "z_min" in table:
            low, high = (np.asarray(table[name], dtype=float) for name in ("z_min", "z_max"))
            if np.any(np.abs(low[1:] - high[:-1]) > 1e-6 * (high[1:] - low[1:])):
                raise RedshiftError(f"n(z) ({source}): bins must follow one another without gap or overlap")
            return cls.histogram(np.append(low, high[-1:]), density * (high - low), source)
        z = np.asarray(table["z"], dtype=float)
        step = np.diff(z)
        if len(step) and step[0] > 0 and np.ptp(step) < 1e-6 * step[0] and abs(z[0] / step[0] - 0.5) < 1e-6:
            return cls.histogram(
                np.append(z - 0.5 * step[0], z[-1] + 0.5 * step[0]).clip(0.0), density, source
            )
        return cls.normalised(z, density, source)

    @classmethod
    def smail(cls, alpha: float, z0: float, beta: float, *, source: str = "") -> RedshiftDistribution:
        """Return ``z**alpha exp(-(z/z0)**beta)`` (Smail et al. 1994), normalised."""
        top = z0 * 30.0 ** (1 / beta)
        z = np.unique(np.concatenate([np.geomspace(1e-6, top / 50, 500), np.linspace(top / 50, top, 1500)]))
        return cls.normalised(z, z**alpha * np.exp(-((z / z0) ** beta)), source)

    @classmethod
    def from_redshifts(
        cls, redshifts: FloatArray, *, weight: FloatArray | None = None, step: float = _STEP, source: str = ""
    ) -> RedshiftDistribution:
        """Return the histogram of redshifts.

        Parameters
        ----------
        redshifts
            Shape (n,); values that are not finite or not positive are left out.
        weight
            Shape (n,).
        step
            Smallest bin width, or a fifth of the redshift where that is less;
            every bin holds at least 100 objects. The last one ends where it
            keeps the mean of its objects.
        source
            Where they come from.

        Raises
        ------
        RedshiftError
            Below 300 redshifts.
        """
        good = np.isfinite(redshifts) & (redshifts > 0)
        z = redshifts[good]
        w = np.ones(len(z)) if weight is None else np.asarray(weight, dtype=float)[good]
        if len(z) < FEWEST_REDSHIFTS:
            raise RedshiftError(
                f"n(z) ({source}): {len(z)} redshifts are too few to be put into bins, expected at least "
                f"{FEWEST_REDSHIFTS}; give dN/dz as a table (redshifts) or a range (z_range)"
            )
        order = np.argsort(z)
        z, w = z[order], w[order]

        def binned(objects: int, width: float) -> RedshiftDistribution:
            edges = _edges(z, objects, width)
            last = z >= edges[-2]
            counts = np.append(np.histogram(z[~last], bins=edges[:-1], weights=w[~last])[0], w[last].sum())
            # a constant up to the largest redshift would be too wide: the mean of the last bin is kept
            edges[-1] = 2 * np.average(z[last], weights=w[last]) - edges[-2]
            return cls.histogram(edges, counts, source)

        return attrs.evolve(binned(_PER_BIN, step), halved=binned(_PER_BIN // 2, step / 2))

    def refined(self) -> RedshiftDistribution:
        """Return the distribution at half its spacing, whose difference says what the spacing costs.

        The objects in bins of half the width, where they are known; bins
        halved with the slope of their neighbours; or points at half the
        distance on a monotone cubic.
        """
        if self.halved is not None:
            return self.halved
        if self.edges is None:
            middle = 0.5 * (self.z[1:] + self.z[:-1])
            z = np.union1d(self.z, middle)
            return RedshiftDistribution.normalised(z, PchipInterpolator(self.z, self.density)(z), self.source)
        edges, width = self.edges, np.diff(self.edges)
        centre = 0.5 * (edges[1:] + edges[:-1])
        level = self(centre)
        level[0] = (
            integrate.trapezoid(self.density[self.z <= edges[1]], self.z[self.z <= edges[1]]) / width[0]
        )
        slope = np.zeros(len(level))
        if len(level) > 2:
            left, right = np.diff(level)[:-1] / np.diff(centre)[:-1], np.diff(level)[1:] / np.diff(centre)[1:]
            slope[1:-1] = np.where(
                left * right > 0, np.sign(left) * np.minimum(np.abs(left), np.abs(right)), 0.0
            )
        part = slope * width**2 / 8
        if edges[0] == 0:
            part[0] = level[0] * width[0] * (0.5 - 0.5 ** (1 + _first_power(edges, level * width)))
        counts = np.stack([level * width / 2 - part, level * width / 2 + part], axis=1).ravel()
        return RedshiftDistribution.histogram(np.union1d(edges, centre), counts, self.source)

    def stretched(self, factor: float) -> RedshiftDistribution:
        """Return the distribution with every redshift multiplied by ``factor``."""
        return attrs.evolve(
            self,
            z=self.z * factor,
            density=self.density / factor,
            source=f"{self.source}, redshifts times {factor:g}",
            edges=None if self.edges is None else self.edges * factor,
            halved=None if self.halved is None else self.halved.stretched(factor),
        )

    def percentile(self, q: float) -> float:
        """Return the redshift below which ``q`` per cent of the objects lie."""
        cumulative = integrate.cumulative_trapezoid(self.density, self.z, initial=0.0)
        return float(np.interp(q / 100 * cumulative[-1], cumulative, self.z))

    def __call__(self, z: FloatArray) -> FloatArray:
        """Return dN/dz at ``z``, zero outside the table."""
        return np.interp(z, self.z, self.density, left=0.0, right=0.0)


def _first_power(edges: FloatArray, counts: FloatArray) -> float:
    """Return the power of z of which the first two bins, from redshift 0 on, hold their numbers."""
    if len(counts) < 2 or not counts[0] > 0:
        return 2.0
    power = np.log(1 + counts[1] / counts[0]) / np.log(edges[2] / edges[1]) - 1
    return float(np.clip(power, *_POWERS))


def _check_values(z: FloatArray, density: FloatArray, source: str) -> None:
    if not (np.all(np.isfinite(z)) and np.all(np.isfinite(density))):
        raise RedshiftError(f"n(z) ({source}): values that are not finite")
    if np.any(np.diff(z) <= 0) or z[0] < 0:
        raise RedshiftError(f"n(z) ({source}): redshifts must be positive and increase")
    if np.any(density < 0):
        raise RedshiftError(f"n(z) ({source}): negative density")


def _edges(z: FloatArray, objects: int, step: float) -> FloatArray:
    """Return edges of bins that hold at least ``objects`` of sorted redshifts each."""
    first = z[objects - 1]
    edges = [0.0 if z[0] < _EMPTY_START * first else float(z[0])]
    count = 0
    while len(z) - count >= 2 * objects:
        wanted = edges[-1] + min(step, _RELATIVE_STEP * edges[-1])
        end = max(count + objects, int(np.searchsorted(z, wanted)))
        if len(z) - end < objects:
            break
        edge = 0.5 * (z[end - 1] + z[end])
        if not edge > edges[-1]:  # many equal redshifts
            end = int(np.searchsorted(z, z[end], side="right"))
            if len(z) - end < objects:
                break
            edge = 0.5 * (z[end - 1] + z[end])
        edges.append(float(edge))
        count = end
    return np.array([*edges, np.nextafter(z[-1], np.inf)])
