"""The tracer's own shot noise in a signal template.

Events that come from the very objects of the tracer correlate with each
object's own point in the tracer's map. Sources that only share the density
field do not; their template lacks this part.
"""

from __future__ import annotations

import numpy as np

from nuweft.errors import ModelError
from nuweft.interfaces.estimator import LinearResponse
from nuweft.response.exposure import Exposure
from nuweft.sky.beams import pixel_window
from nuweft.sky.pixels import pixel_centres, pixel_count, pixel_index, resolution
from nuweft.sky.sources import Sources
from nuweft.sky.typing import FloatArray


def shot_noise(
    sources: Sources,
    exposure: Exposure,
    response: LinearResponse,
    weights: FloatArray,
    coefficients: FloatArray,
    *,
    tracer_mask: FloatArray,
    field_mask: FloatArray,
) -> FloatArray:
    """Return the shot noise in the signal of one energy bin, as :func:`~.templates.weighted_signal`.

    Parameters
    ----------
    sources
        Objects of the tracer: points, or counts per pixel with Poisson noise.
    exposure
        Exposure of the sample.
    response
        Response of the estimator; it must be a sum of multipoles.
    weights
        Weight map of the bin, shape (npix,).
    coefficients
        Of the bin, shape (n_gamma, n_term).
    tracer_mask, field_mask
        Mask of the tracer, and the one its field was multiplied by, shape (npix,).

    Returns
    -------
    array of shape (n_gamma, n_ell)

    Raises
    ------
    ModelError
        If the estimator does not say which multipoles its rows are made of.

    Notes
    -----
    For an object with weight c in the counts, of mean density n per steradian,
    both fields hold ``c / n`` at its place, so that ``sum_m |Y_lm|**2 =
    (2 l + 1) / (4 pi)`` gives ``(c / n)**2 b_l p_l**2 / (4 pi)`` with b_l the
    point spread and p_l the pixel window. Mask and weight are taken at the
    object. Exact where the point spread is wider than a pixel.
    """
    if response.multipoles is None:
        raise ModelError(
            "signal: field needs an estimator whose rows are sums of multipoles (LinearResponse.multipoles); "
            "use signal: sources"
        )
    if sources.density is not None:
        ra, dec = pixel_centres(resolution(sources.density))
        number, square = sources.density, sources.density
    else:
        assert sources.ra is not None
        assert sources.dec is not None
        assert sources.weight is not None
        ra, dec, number, square = sources.ra, sources.dec, sources.weight, sources.weight**2
    nside = response.nside
    pixel = pixel_index(nside, ra, dec)
    # steradian per object, in the field and among the sources
    field, source = (
        4 * np.pi * mask.mean() / float((number * mask[pixel]).sum()) for mask in (field_mask, tracer_mask)
    )
    at = square * field_mask[pixel] * tracer_mask[pixel] * response.mask[pixel] * weights[pixel]
    band = exposure.band(np.sin(dec))
    per_band = np.bincount(band, weights=at, minlength=exposure.profiles.shape[1])
    amplitude = exposure.profiles @ per_band * field * source / pixel_count(nside)
    lmax = response.multipoles.shape[1] - 1
    window = exposure.windows[exposure.window_index]
    window = np.pad(window, ((0, 0), (0, max(0, lmax + 1 - window.shape[1]))))[:, : lmax + 1]
    pseudo = (coefficients * amplitude) @ window * pixel_window(nside, lmax) ** 2
    return np.asarray(pseudo @ response.multipoles.T)
