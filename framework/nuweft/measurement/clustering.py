"""The density field behind a tracer: its power, and its expectation given the objects.

Sources that share the density field with a tracer, but are not its objects,
follow the field, of which the objects are a noisy sample. What is expected of
them is the field that is expected given the objects (on the whole sky the
observed field times ``C_l/(C_l + N)``), with C_l a smooth fit of the tracer's
power and N its shot noise.
"""

from __future__ import annotations

import attrs
import numpy as np
from scipy import optimize

from nuweft.errors import UndetectedClusteringError
from nuweft.measurement.fields import FieldsAndMasks
from nuweft.measurement.objects import SourceDensity, TracerObjects, source_density
from nuweft.measurement.wiener import wiener_filter
from nuweft.sky.beams import pixel_window
from nuweft.sky.coupling import coupling_matrix
from nuweft.sky.fields import mean_density, white_noise
from nuweft.sky.harmonics import (
    adjoint_synthesis,
    alm_ell,
    analysis,
    cross_spectrum,
    padded_alm,
    points_to_alm,
    synthesis,
)
from nuweft.sky.pixels import degrade_mean, pixel_centres, pixel_count, resolution, upgrade
from nuweft.typing import ComplexArray, FloatArray

DETECTION = 25.0
"""Twice the log-likelihood ratio from which the clustering of a tracer counts as detected."""

_PIVOT = 30.0
_TERMS = (3, 4, 5)
_BETTER = 4.0
_RANGE = (-50.0, 10.0)


@attrs.frozen(eq=False, kw_only=True)
class Clustering:
    """A smooth fit of the clustering in the power of a tracer.

    Attributes
    ----------
    power : array of shape (lmax + 1,)
        C_l of the density field times the squared bias, without shot noise;
        continued as a power law beyond the multipoles of the fit.
    noise : float
        Shot noise N of fully covered sky, in the units of ``power``.
    significance : float
        Twice the log-likelihood ratio against shot noise alone.
    """

    power: FloatArray
    noise: float
    significance: float

    @property
    def detected(self) -> bool:
        """Whether there is more than shot noise."""
        return self.significance >= DETECTION

    def undetected(self) -> str:
        """Return the words for a tracer that says nothing of the density field."""
        return (
            "the clustering of the tracer is not detected in its auto-power (twice the log-likelihood ratio "
            f"to shot noise {self.significance:.1f}, expected at least {DETECTION:g}): its objects say "
            "nothing of the density field, and there is no limit with signal: field"
        )


def fit_clustering(fields: FieldsAndMasks, ell_min: int, ell_max: int) -> Clustering:
    """Return the smooth spectrum that describes the power of a tracer.

    ``ln C_l`` is a polynomial in ``ln l``: a power law with curvature, and more
    terms where twice the log-likelihood rises by 4 for each. (A power law alone
    makes f_corr of the field 2 per cent high at the curvature of galaxies.)

    Parameters
    ----------
    skies
        The tracer's objects and masks.
    ell_min, ell_max
        Multipoles that are fitted; no more than up to 2 NSIDE.

    Notes
    -----
    What is fitted is the cross-power of the tracer's field ``a (n/nbar - c)``
    on pixels with the overdensity of its objects where they are (corrected for
    completeness), ``sum_l' M_ll' q_l' C_l' + q_l N``: M couples by both masks, q is
    the window of a point in a pixel, by which shot noise is multiplied too.
    The power of each multipole follows a Gamma distribution about the expected
    one (a chi2 with as many degrees of freedom as there are modes on the masked
    sky). Its variance is that of the model, never of the data, which would
    make the fit low.
    """
    objects = fields.objects
    nside = resolution(objects.counts)
    lmax = 3 * nside - 1
    part = inside_part(objects)
    top = min(ell_max, 2 * nside)
    used = np.arange(max(1, min(ell_min, top // 2)), top + 1)
    window = pixel_window(nside, lmax)
    if objects.sources.centred and objects.sources.density is not None:
        window = window / pixel_window(resolution(objects.sources.density), lmax)
    coupled = coupling_matrix(fields.field_mask, lmax, other=part) * window
    squares = np.where(fields.coverage > 0, fields.apodization * objects.corrected_squares, 0.0)
    noise = white_noise(squares, fields.mean_density) * window
    measured = cross_spectrum(analysis(fields.tracer_field, lmax), object_alm(objects, lmax), lmax)
    noise_mask = fields.apodization * np.sqrt(fields.coverage)
    modes = (2 * used + 1) * np.mean(noise_mask**2) ** 2 / np.mean(noise_mask**4)
    data, alone = measured[used], noise[used]
    finest = largest_multipole(objects)
    x = np.log(np.maximum(np.arange(finest + 1), 1) / _PIVOT)

    def power(theta: FloatArray) -> FloatArray:
        shape = np.polynomial.Polynomial(theta)
        end = x[top]
        log_power = np.where(x > end, shape(end) + min(shape.deriv()(end), 0.0) * (x - end), shape(x))
        spectrum = np.exp(np.clip(log_power, *_RANGE))
        spectrum[0] = 0.0
        return np.asarray(spectrum)

    def minus_two_log(expected: FloatArray) -> float:
        return float(np.sum(modes * (np.log(expected) + data / expected)))

    def cost(theta: FloatArray) -> float:
        return minus_two_log(coupled[used] @ power(theta)[: lmax + 1] + alone)

    start = np.array([0.0, -1.0, 0.0])
    excess = max(float(np.mean(data - alone)), 1e-3 * float(alone[0]))
    start[0] = np.log(excess / np.mean(coupled[used] @ power(start)[: lmax + 1]))
    best: optimize.OptimizeResult | None = None
    for terms in _TERMS:
        first = start if best is None else np.append(best.x, 0.0)
        found = optimize.minimize(cost, first, method="Nelder-Mead", options={"maxiter": 400 * terms})
        if best is not None and best.fun - found.fun < _BETTER:
            break
        best = found
    assert best is not None
    covered = objects.coverage > 0
    per_pixel = objects.squares[covered].sum() / objects.coverage[covered].sum()
    density = mean_density(objects.counts, objects.coverage)
    white = float(per_pixel / density**2 * 4 * np.pi / pixel_count(nside))
    return Clustering(
        power=power(best.x),
        noise=white,
        significance=minus_two_log(alone) - float(best.fun),
    )


def inside_part(objects: TracerObjects) -> FloatArray:
    """Return the part of each pixel of the analysis that lies inside the tracer's mask, shape (npix,)."""
    nside = resolution(objects.counts)
    behind = objects.behind
    return 1 - (degrade_mean(behind, nside) if resolution(behind) >= nside else upgrade(behind, nside))


def largest_multipole(objects: TracerObjects) -> int:
    """Return the multipole up to which the overdensity of objects is taken.

    Twice that of the analysis for points, and that of the pixels for a map: what
    is below the pixels of the analysis is seen through them.
    """
    nside = resolution(objects.counts)
    if objects.sources.density is None:
        return 6 * nside - 1
    return max(3 * min(resolution(objects.sources.density), 2 * nside) - 1, 3 * nside - 1)


def object_alm(objects: TracerObjects, lmax: int) -> ComplexArray:
    """Return the harmonic coefficients of the overdensity of a tracer's objects inside its mask.

    Points are taken where they are, pixels as a density that is constant
    within each (or at its centre).

    Parameters
    ----------
    objects
        Objects of the tracer.
    lmax
        Largest multipole.
    """
    density = source_density(objects, behind_mask="zero")
    inside = 1 - objects.behind
    have = resolution(inside)
    if density.points is None:
        assert density.density is not None
        alm = analysis(density.density - inside, lmax)
        return np.asarray(alm * pixel_window(have, lmax)[alm_ell(lmax)])
    points = density.points
    assert points.ra is not None
    assert points.dec is not None
    assert points.weight is not None
    known = min(lmax, 3 * have - 1)
    mask = padded_alm(analysis(inside, known), known, lmax)
    return points_to_alm(points.ra, points.dec, points.weight, lmax) - mask


def expected_density(
    fields: FieldsAndMasks, clustering: Clustering, *, behind_mask: str, oversampling: int
) -> SourceDensity:
    """Return the density of sources that is expected given the observed field of a tracer.

    Parameters
    ----------
    skies
        The tracer's objects and masks.
    clustering
        The fit of its power.
    behind_mask
        ``mean``: behind the mask the density is its mean, and near the edge what
        the filtered field continues to; ``zero``: nothing there.
    oversampling
        The density is given on a grid this much finer than that of the field.

    Returns
    -------
    SourceDensity
        One plus :func:`nuweft.measurement.wiener.wiener_filter` of the objects. It
        may fall below zero.

    Raises
    ------
    UndetectedClusteringError
        If the tracer's power holds shot noise only.
    """
    if not clustering.detected:
        raise UndetectedClusteringError(clustering.undetected())
    objects = fields.objects
    nside, sources = resolution(objects.counts), objects.sources
    if sources.density is not None and not sources.centred:
        # constant within the pixels of the map, as the density of its objects
        have, seen = resolution(sources.density), objects.behind == 0
        lmax = min(len(clustering.power), 3 * have) - 1
        coverage = np.where(seen, objects.completeness, 0.0)
        excess = _excess(sources.density * coverage, coverage)
        data = adjoint_synthesis(excess, lmax) * (4 * np.pi / len(excess))
        power = clustering.power[: lmax + 1] / pixel_window(have, lmax) ** 2
        filtered = 1 + synthesis(wiener_filter(data, coverage, power, clustering.noise), have, lmax)
        return SourceDensity(points=None, density=filtered if behind_mask == "mean" else seen * filtered)
    lmax = len(clustering.power) - 1
    coverage = upgrade(objects.coverage, 2 * nside)
    unit = 4 * np.pi / pixel_count(nside) / mean_density(objects.counts, objects.coverage)
    ra, dec, weight = _points(objects)
    data = points_to_alm(ra, dec, weight * unit, lmax)
    data -= adjoint_synthesis(coverage, lmax) * (4 * np.pi / len(coverage))
    alm = wiener_filter(data, coverage, clustering.power, clustering.noise)
    filtered = 1 + synthesis(alm, nside * oversampling, lmax)
    if behind_mask == "zero":
        filtered *= upgrade(inside_part(objects), nside * oversampling)
    return SourceDensity(points=None, density=filtered)


def _excess(counts: FloatArray, coverage: FloatArray) -> FloatArray:
    """Return ``n/nbar - c``."""
    return np.asarray(counts / mean_density(counts, coverage) - coverage)


def _points(objects: TracerObjects) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return positions and observed weights of objects; the centres of pixels for a map."""
    sources = objects.sources
    if sources.density is None:
        assert sources.ra is not None
        assert sources.dec is not None
        assert sources.weight is not None
        return sources.ra, sources.dec, sources.weight * objects.completeness
    full = (sources.density > 0) & (objects.behind == 0)
    ra, dec = pixel_centres(resolution(sources.density))
    return ra[full], dec[full], (sources.density * objects.completeness)[full]
