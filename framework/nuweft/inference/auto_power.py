"""The auto-power of a tracer, from its objects and from its field on pixels."""

from __future__ import annotations

import numpy as np

from nuweft.inference.skies import Skies
from nuweft.sky.beams import pixel_window
from nuweft.sky.harmonics import analysis, cross_spectrum, points_to_alm
from nuweft.sky.pixels import pixel_count, pixel_index, resolution, upgrade
from nuweft.sky.typing import FloatArray
from nuweft.theory.galaxy_bias import AutoSpectrum, auto_spectrum


def object_auto_spectrum(skies: Skies, lmax: int) -> AutoSpectrum:
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
    objects = skies.objects
    nside = resolution(objects.counts)
    used = np.where(skies.coverage > 0, skies.apodization, 0.0)
    sources = objects.sources
    if sources.density is None:
        assert sources.ra is not None
        assert sources.dec is not None
        assert sources.weight is not None
        at = used[pixel_index(nside, sources.ra, sources.dec)]
        scale = 4 * np.pi / pixel_count(nside) / skies.mean_density
        weight = sources.weight * objects.completeness * at * scale
        alm = points_to_alm(sources.ra, sources.dec, weight, lmax)
        alm = alm - analysis(used * skies.coverage, lmax)
        window, ell_max = np.ones(lmax + 1), 2 * nside
    elif resolution(sources.density) >= nside:
        have = resolution(sources.density)
        number = sources.density * objects.completeness / (skies.mean_density * (nside / have) ** 2)
        field = upgrade(used, have) * (number - objects.completeness * (1 - objects.behind))
        alm = analysis(field, lmax)
        window, ell_max = pixel_window(have, lmax), min(have, 2 * nside)
    else:
        return auto_spectrum(
            objects.counts,
            skies.coverage,
            lmax,
            squares=objects.squares,
            apodization=skies.apodization,
        )
    return AutoSpectrum(
        power=cross_spectrum(alm, alm, lmax),
        shot_noise=skies.shot_noise,
        mask=skies.field_mask,
        noise_mask=skies.apodization * np.sqrt(skies.coverage),
        window=window,
        ell_max=ell_max,
    )


def field_power(skies: Skies, lmax: int) -> FloatArray:
    """Return the pseudo-power of the tracer's field on the pixels of the analysis, shape (lmax + 1,)."""
    alm = analysis(skies.tracer_field, lmax)
    return cross_spectrum(alm, alm, lmax)
