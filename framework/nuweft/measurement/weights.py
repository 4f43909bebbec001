"""Acceptance at reconstructed declination, and weight maps that flatten it."""

from __future__ import annotations

import numpy as np

from nuweft.errors import ZeroAcceptanceError
from nuweft.flux.power_law import PowerLawFlux
from nuweft.irf.detector import DetectorResponse
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.exposure import Exposure
from nuweft.irf.simulation import simulate_events
from nuweft.sky.beams import gaussian_window
from nuweft.sky.harmonics import zonal_alm, zonal_synthesis
from nuweft.sky.pixels import resolution
from nuweft.sky.rings import rings
from nuweft.typing import FloatArray

SMOOTHING = np.radians(5.0)
"""Width (sigma) of the Gaussian that smooths a weight map, in radians."""


def acceptance(exposure: Exposure, nside: int, *, oversampling: int = 8) -> FloatArray:
    """Return the expected events per solid angle of an isotropic flux on each ring.

    Parameters
    ----------
    exposure
        Exposure of the sample.
    nside
        Resolution whose rings are wanted.
    oversampling
        The true sky is sampled on ``oversampling * nside``.

    Returns
    -------
    array of shape (n_bin, n_gamma, nring)
        Events per steradian and unit flux normalisation at 100 TeV, at the
        **reconstructed** declination of the ring centres.
    """
    fine = nside * oversampling
    lmax = min(exposure.lmax, 3 * fine - 1)
    alm = zonal_alm(exposure.profiles[:, exposure.band(rings(fine).sin_dec)], fine, lmax)
    alm *= exposure.windows[exposure.window_index, : lmax + 1]
    return zonal_synthesis(exposure.coefficients @ alm, nside)


def simulated_acceptance(
    response: DetectorResponse,
    energy_bins: EnergyBins,
    gamma: float,
    sin_dec_edges: FloatArray,
    *,
    number: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Return the acceptance in bands of reconstructed declination from simulated isotropic events.

    Parameters
    ----------
    response
        Response of the sample.
    energy_bins
        Bins of reconstructed energy.
    gamma
        Spectral index.
    sin_dec_edges
        Bands, shape (n_band + 1,).
    number
        Simulated events.
    rng
        Random generator.

    Returns
    -------
    acceptance, error : arrays of shape (n_bin, n_band)
        Events per steradian, relative to all simulated ones, and the standard error.
    """
    events = simulate_events(response, PowerLawFlux(1.0, gamma), rng=rng, number=number)
    index = energy_bins.index(events.log10_energy)
    counts = np.stack(
        [np.histogram(np.sin(events.dec[index == i]), sin_dec_edges)[0] for i in range(len(energy_bins))]
    ).astype(float)
    area = 2 * np.pi * np.diff(sin_dec_edges) * number
    return counts / area, np.sqrt(counts) / area


def flatness(exposure: Exposure, weights: FloatArray, joint_mask: FloatArray) -> FloatArray:
    """Return the weighted acceptance of an isotropic flux, relative to its mean over the mask.

    One everywhere if the weights made the flux flat; they are averaged over
    spectral indices and smoothed, so that no single index is flat.

    Parameters
    ----------
    exposure
        Exposure of the sample.
    weights
        Weight map of each bin, shape (n_bin, npix).
    joint_mask
        Joint mask, shape (npix,).

    Returns
    -------
    array of shape (n_bin, n_gamma, nring)
        NaN on rings outside the mask.
    """
    nside = resolution(joint_mask)
    grid = rings(nside)
    inside = grid.mean(joint_mask) * grid.size
    flat = acceptance(exposure, nside) * grid.mean(weights)[:, None]
    mean = (flat * inside).sum(axis=-1, keepdims=True) / inside.sum()
    return np.asarray(np.where(inside > 0, flat / mean, np.nan))


def acceptance_weights(
    exposure: Exposure, joint_mask: FloatArray, sample_mask: FloatArray, *, oversampling: int = 8
) -> FloatArray:
    """Return weight maps that make an isotropic flux flat in declination.

    The mean over the grid of spectral indices of 1/acceptance, each of unit
    mean over the joint mask, smoothed inside the declinations of the sample.

    Parameters
    ----------
    exposure
        Exposure of the sample on a grid of spectral indices.
    joint_mask, sample_mask
        Joint mask U and the mask of the sample, shape (npix,).
    oversampling
        See :func:`acceptance`.

    Returns
    -------
    array of shape (n_bin, npix)
        Constant on rings, zero outside the declinations of the sample, with
        unit mean over U.

    Raises
    ------
    DataError
        If the response of the sample is not known somewhere inside U.
    ZeroAcceptanceError
        If the sample sees nothing somewhere inside U, or the exposure ends at
        so low a multipole that it seems so.
    """
    nside = resolution(joint_mask)
    grid = rings(nside)
    seen = grid.mean(sample_mask) > 0
    in_joint = grid.mean(joint_mask) * grid.size
    values = acceptance(exposure, nside, oversampling=oversampling)
    floor = 1e-9 * values.max(axis=-1, keepdims=True)
    bad = (values <= floor) & (in_joint > 0)
    if bad.any():
        i, g, ring = np.argwhere(bad)[0]
        where = (
            f"energy bin {exposure.energy_bins.labels[i]}, spectral index {exposure.gammas[g]:g}, "
            f"declination {np.degrees(np.arcsin(grid.sin_dec[ring])):.2f} deg, which is inside the joint mask"
        )
        band = exposure.band(grid.sin_dec[ring])
        events = exposure.profiles[:, band] * exposure.windows[exposure.window_index, 0]
        sharp = exposure.coefficients[i, g] @ events
        if sharp > floor[i, g, 0]:
            raise ZeroAcceptanceError(
                f"{where}: the smeared acceptance is {values[i, g, ring]:.2g} where the effective area gives "
                f"{sharp:.2g}: it rings, since the exposure ends at multipole {exposure.lmax}; raise "
                "oversampling (or nside)"
            )
        raise ZeroAcceptanceError(f"{where}: no acceptance; narrow the mask or merge energy bins")
    inverse = np.where(seen & (values > floor), 1 / np.where(values > floor, values, 1), 0.0)
    inverse /= (inverse * in_joint).sum(axis=-1, keepdims=True) / in_joint.sum()
    mean = inverse.mean(axis=1)
    window = gaussian_window(SMOOTHING, 3 * nside - 1)
    stacked = np.concatenate([mean, seen[None].astype(float)])
    smooth = zonal_synthesis(zonal_alm(stacked, nside, 3 * nside - 1) * window, nside)
    weights = np.where(seen, smooth[:-1] / np.where(seen, smooth[-1], 1.0), 0.0)
    weights /= (weights * in_joint).sum(axis=-1, keepdims=True) / in_joint.sum()
    return grid.expand(weights)
