"""Templates of the correlated and the isotropic component.

The expected sky of every energy bin and spectral index is a linear
combination of few smeared maps (see :mod:`nuweft.irf.exposure`), so that
one pass through the estimator's kernel per map gives all templates.
"""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.irf.exposure import Exposure
from nuweft.measurement.objects import SourceDensity
from nuweft.model.linear_kernel import LinearKernel
from nuweft.sky.beams import point_window
from nuweft.sky.harmonics import adjoint_synthesis, points_to_alm, synthesis, zonal_alm, zonal_synthesis
from nuweft.sky.pixels import degrade_mean, degrade_sum, pixel_count, resolution, upgrade
from nuweft.sky.rings import rings
from nuweft.typing import FloatArray

OVERSAMPLING = 8
"""The sky is smeared on a grid this much finer than the analysis."""


def smeared_maps(
    exposure: Exposure, density: SourceDensity, nside: int, *, oversampling: int = OVERSAMPLING
) -> FloatArray:
    """Return the smeared sky of each term of the exposure.

    Parameters
    ----------
    exposure
        Separable exposure.
    density
        Relative density of the sources.
    nside
        Resolution of the analysis.
    oversampling
        Smeared at ``oversampling * nside`` and averaged down: at the native
        resolution templates are biased by 5 to 10 %. The fine pixels have a
        window too, since their centres stand for their means.

    Returns
    -------
    array of shape (n_term, npix)
        Expected events per pixel are ``coefficients @ maps``, per unit flux
        normalisation at 100 TeV (the mean flux over the tracer's mask).
    """
    fine = nside * oversampling
    lmax = min(exposure.lmax, 3 * fine - 1)
    area = 4 * np.pi / pixel_count(fine)
    fine_band = np.repeat(exposure.band(rings(fine).sin_dec), rings(fine).size)
    fine_density = None
    if density.density is not None:
        have = resolution(density.density)
        fine_density = area * (
            upgrade(density.density, fine) if have <= fine else degrade_mean(density.density, fine)
        )
    point_band = None if density.points is None else exposure.band(np.sin(density.points.dec))  # type: ignore[arg-type]
    fine_window = point_window(fine, lmax)
    result = np.empty((len(exposure.profiles), pixel_count(nside)))
    for r, profile in enumerate(exposure.profiles):
        alm = np.zeros((lmax + 1) * (lmax + 2) // 2, dtype=np.complex128)
        if fine_density is not None:
            alm += adjoint_synthesis(fine_density * profile[fine_band], lmax)
        if density.points is not None:
            points = density.points
            alm += points_to_alm(points.ra, points.dec, points.weight * profile[point_band], lmax)  # type: ignore[arg-type]
        window = exposure.windows[exposure.window_index[r]][: lmax + 1] * fine_window
        start = 0
        for m in range(lmax + 1):
            alm[start : start + lmax + 1 - m] *= window[m : lmax + 1]
            start += lmax + 1 - m
        result[r] = degrade_sum(synthesis(alm, fine, lmax), nside) * area
    return result


def isotropic_maps(exposure: Exposure, nside: int, *, oversampling: int = OVERSAMPLING) -> FloatArray:
    """Return :func:`smeared_maps` of an isotropic sky, at the declination of the ring centres."""
    grid = rings(nside)
    fine = nside * oversampling
    lmax = min(exposure.lmax, 3 * fine - 1)
    alm = zonal_alm(exposure.profiles[:, exposure.band(rings(fine).sin_dec)], fine, lmax)
    alm *= exposure.windows[exposure.window_index, : lmax + 1]
    return grid.expand(zonal_synthesis(alm, nside)) * (4 * np.pi / pixel_count(nside))


@attrs.frozen(eq=False, kw_only=True)
class BinTemplates:
    """Templates of one energy bin on the grid of spectral indices.

    Attributes
    ----------
    spectrum : array of shape (n_gamma, n_ell)
    acceptance : array of shape (n_gamma,)
        Expected events in the mask per unit flux.
    mean_weight : array of shape (n_gamma,)
        Mean weight of these events.
    """

    spectrum: FloatArray
    acceptance: FloatArray
    mean_weight: FloatArray


def bin_templates(
    maps: FloatArray,
    coefficients: FloatArray,
    kernel: LinearKernel,
    weights: FloatArray,
    *,
    subtract_ra_mean: bool,
) -> BinTemplates:
    """Return the templates of one energy bin.

    Parameters
    ----------
    maps
        Smeared sky of each term, shape (n_term, npix).
    coefficients
        Of the bin, shape (n_gamma, n_term).
    response
        Response of the estimator.
    weights
        Weight map of the bin, shape (npix,).
    subtract_ra_mean
        Whether the part that the atmospheric template absorbs is taken out:
        ``C - (mu_RA/mu) C_RA`` with C_RA the spectrum of the ring mean.
    """
    signal, mean = weighted_signal(maps, coefficients, kernel, weights, subtract_ra_mean=subtract_ra_mean)
    area = kernel.mask.sum()
    acceptance = coefficients @ kernel.mean(maps) * area
    return BinTemplates(
        spectrum=signal / mean[:, None],
        acceptance=acceptance,
        mean_weight=mean * area / acceptance,
    )


def weighted_signal(
    maps: FloatArray,
    coefficients: FloatArray,
    kernel: LinearKernel,
    weights: FloatArray,
    *,
    subtract_ra_mean: bool,
) -> tuple[FloatArray, FloatArray]:
    """Return what signals add to the spectrum, times the mean weighted counts of the data.

    Linear in the expected events, so that parts of a flux add up. Parameters
    as in :func:`bin_templates`.

    Returns
    -------
    signal : array of shape (n_gamma, n_ell)
        Over the signal's own ``mean`` it is its template.
    mean : array of shape (n_gamma,)
        Mean weighted counts of the signal over the mask.
    """
    grid = rings(kernel.nside)
    weighted = maps * weights
    mean = coefficients @ kernel.mean(weighted)
    signal = coefficients @ kernel.apply(weighted) + mean[:, None] * kernel.offset
    if subtract_ra_mean:
        averaged = grid.expand(grid.mean(maps)) * weights
        signal -= coefficients @ kernel.apply(averaged)
        signal -= (coefficients @ kernel.mean(averaged))[:, None] * kernel.offset
    return signal, mean
