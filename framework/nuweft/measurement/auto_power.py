"""The auto-power of a tracer, from its objects and from its field on pixels."""

from __future__ import annotations

import numpy as np

from nuweft.measurement.fields import FieldsAndMasks
from nuweft.model.auto_spectrum import AutoSpectrum
from nuweft.sky.beams import pixel_window
from nuweft.sky.fields import mean_density, overdensity, white_noise
from nuweft.sky.harmonics import analysis, cross_spectrum, points_to_alm
from nuweft.sky.pixels import pixel_count, pixel_index, resolution, upgrade
from nuweft.typing import FloatArray


def object_auto_spectrum(fields: FieldsAndMasks, lmax: int) -> AutoSpectrum:
    """Return the auto-power of a tracer's objects, not corrected for the mask.

    Points are taken where they are and maps on their own pixels: on the pixels
    of the analysis, clustering on smaller scales adds 2 per cent at l = NSIDE
    and 10 per cent at 2 NSIDE.

    Parameters
    ----------
    skies
        The tracer's objects and masks.
    lmax
        Largest multipole.
    """
    objects = fields.objects
    nside = resolution(objects.counts)
    used = np.where(fields.coverage > 0, fields.apodization, 0.0)
    sources = objects.sources
    if sources.density is None:
        assert sources.ra is not None
        assert sources.dec is not None
        assert sources.weight is not None
        at = used[pixel_index(nside, sources.ra, sources.dec)]
        scale = 4 * np.pi / pixel_count(nside) / fields.mean_density
        weight = sources.weight * objects.completeness * at * scale
        alm = points_to_alm(sources.ra, sources.dec, weight, lmax)
        alm = alm - analysis(used * fields.coverage, lmax)
        window, ell_max = np.ones(lmax + 1), 2 * nside
    elif resolution(sources.density) >= nside:
        have = resolution(sources.density)
        number = sources.density * objects.completeness / (fields.mean_density * (nside / have) ** 2)
        field = upgrade(used, have) * (number - objects.completeness * (1 - objects.behind))
        alm = analysis(field, lmax)
        window, ell_max = pixel_window(have, lmax), min(have, 2 * nside)
    else:
        return auto_spectrum(
            objects.counts,
            fields.coverage,
            lmax,
            squares=objects.squares,
            apodization=fields.apodization,
        )
    return AutoSpectrum(
        power=cross_spectrum(alm, alm, lmax),
        shot_noise=fields.shot_noise,
        mask=fields.field_mask,
        noise_mask=fields.apodization * np.sqrt(fields.coverage),
        window=window,
        ell_max=ell_max,
    )


def field_power(fields: FieldsAndMasks, lmax: int) -> FloatArray:
    """Return the pseudo-power of the tracer's field on the pixels of the analysis, shape (lmax + 1,)."""
    alm = analysis(fields.tracer_field, lmax)
    return cross_spectrum(alm, alm, lmax)


def auto_spectrum(
    counts: FloatArray,
    coverage: FloatArray,
    lmax: int,
    *,
    squares: FloatArray | None = None,
    apodization: FloatArray | None = None,
) -> AutoSpectrum:
    """Return the auto-power of (weighted) counts in pixels.

    Parameters
    ----------
    counts
        Sums of the weights of the objects in each pixel, shape (npix,).
    coverage
        Expected fraction of the objects that were observed, shape (npix,).
    lmax
        Largest multipole.
    squares
        Sums of the squared weights, shape (npix,); the counts where none are
        given, as for objects of weight 1.
    apodization
        Weights that multiply the field, shape (npix,); 1 where none are given.
    """
    weight = np.ones(len(coverage)) if apodization is None else apodization
    alm = analysis(overdensity(counts, coverage, weight), lmax)
    squares = np.where(coverage > 0, counts if squares is None else squares, 0.0)
    return AutoSpectrum(
        power=cross_spectrum(alm, alm, lmax),
        shot_noise=white_noise(weight**2 * squares, mean_density(counts, coverage)),
        mask=weight * coverage,
        noise_mask=weight * np.sqrt(coverage),
        window=pixel_window(resolution(coverage), lmax),
        ell_max=resolution(coverage),
    )
