"""Linear bias of a tracer from its measured auto-power spectrum."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from scipy import linalg, optimize

from nuweft.errors import ModelError
from nuweft.evolution.angular_spectra import Projection, angular_spectrum, check_width
from nuweft.model.auto_spectrum import AutoSpectrum, BiasFit
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.sky.coupling import coupling_matrix, mask_spectrum, symmetric_coupling
from nuweft.sky.pixels import resolution
from nuweft.typing import FloatArray

LARGEST_WAVENUMBER = 0.2
"""1/Mpc; beyond, a linear bias is not to be expected."""

_ROUNDS = 3


def largest_multipole(tracer: RedshiftDistribution, cosmology: Any) -> int:
    """Return the multipole of :data:`LARGEST_WAVENUMBER` at the median distance of a tracer."""
    distance = float(cosmology.comoving_radial_distance(1 / (1 + tracer.percentile(50))))
    return int(LARGEST_WAVENUMBER * distance)


def fit_bias(
    measured: AutoSpectrum,
    tracer: RedshiftDistribution,
    cosmology: Any,
    *,
    ell_min: int = 10,
    ell_max: int | None = None,
    band: int = 5,
    magnification: float | None = None,
    free_shot_noise: bool = False,
) -> BiasFit:
    """Return the linear bias that explains the auto-power of a tracer.

    The expected spectrum ``b**2 C_l p_l**2`` (p_l the window) is
    coupled by the mask and shot noise is added; the measurement is left as it
    is. The covariance is that of a Gaussian field with the fitted spectrum.

    Parameters
    ----------
    measured
        Auto-power.
    tracer
        Redshift distribution of the tracer.
    cosmology
        A ``pyccl.Cosmology``.
    ell_min, ell_max
        Multipoles of the fit; up to :func:`largest_multipole` or the
        largest of the measurement where no largest is given.
    band
        Multipoles per band.
    magnification
        See :class:`~nuweft.evolution.angular_spectra.Projection`.
    free_shot_noise
        Whether shot noise is fitted instead of taken as that of Poisson counts.

    Raises
    ------
    RedshiftError
        If the distribution is too narrow.
    ModelError
        If fewer than three bands are left, or nothing but noise is seen.

    Notes
    -----
    Covariance: Garcia-Garcia et al. 2019, arXiv:1906.11765, equation 2.36, with
    coupled spectra over the mean squared mask (Nicola et al. 2021, arXiv:2010.09717).
    The mean density is that of the masked sky, whose fluctuation moves all
    bands together; without this the error is a fifth too small for half a sky.
    """
    check_width(tracer, ell_min)
    lmax, nside = len(measured.power) - 1, resolution(measured.mask)
    last = min(largest_multipole(tracer, cosmology), measured.ell_max) if ell_max is None else ell_max
    edges = np.arange(ell_min, last + 2, band)
    if len(edges) < 4 or last > lmax:
        raise ModelError(
            f"galaxy bias: multipoles {ell_min} to {last} make {max(0, len(edges) - 1)} bands of {band} "
            f"within a spectrum up to {lmax}; expected at least 3"
        )
    binning = np.zeros((len(edges) - 1, lmax + 1))
    for row, low, high in zip(binning, edges[:-1], edges[1:], strict=True):
        row[low:high] = 1 / band
    square = float(np.mean(measured.mask**2))
    window = measured.window**2
    coupled = coupling_matrix(measured.mask, lmax) * window / square
    all_ell = np.arange(lmax + 1.0)
    powers = _powers(cosmology, all_ell, tracer, magnification)
    signal = coupled @ powers
    noise = measured.shot_noise / square
    data = binning @ measured.power / square
    mask_power = mask_spectrum(measured.mask, lmax)
    noise_square = float(np.mean(measured.noise_mask**2))
    top = min(2 * lmax, 3 * nside - 1)
    pairs = [  # of signal with signal, signal with noise, noise with noise
        symmetric_coupling(mask_spectrum(first, top, other=second), lmax)
        for first, second in itertools.combinations_with_replacement(
            (measured.mask**2 / square, measured.noise_mask**2 / noise_square), 2
        )
    ]

    def expected(theta: FloatArray) -> FloatArray:
        return np.asarray(signal @ np.array([1.0, theta[0], theta[0] ** 2]) + theta[-1] * noise)

    def underlying(theta: FloatArray) -> FloatArray:
        return np.asarray(window * (powers @ np.array([1.0, theta[0], theta[0] ** 2])))

    excess = float(np.mean(data - noise) / np.mean(binning @ signal[:, 2]))
    if excess <= 0:
        raise ModelError(
            "galaxy bias: the auto-power lies below the Poisson noise; there is no signal to fit"
        )
    theta = np.array([np.sqrt(excess), 1.0])
    free = [0, 1] if free_shot_noise else [0]
    for _ in range(_ROUNDS):  # the covariance follows the fit
        spectrum = expected(theta)
        clustering = spectrum - theta[1] * noise
        mixed = theta[1] * noise * (clustering[:, None] + clustering)
        both = (
            np.outer(clustering, clustering) * pairs[0]
            + mixed * pairs[1]
            + (theta[1] * noise) ** 2 * pairs[2]
        )
        covariance = 2 * binning @ both @ binning.T
        bands = binning @ clustering
        mean_variance = _mean_variance(mask_power, measured.mask.mean(), underlying(theta))
        covariance += 4 * mean_variance * np.outer(bands, bands)
        root = linalg.cholesky(covariance, lower=True)

        def residual(values: FloatArray, root: FloatArray = root) -> FloatArray:
            point = np.append(values, 1.0)[:2]
            return np.asarray(linalg.solve_triangular(root, data - binning @ expected(point), lower=True))

        found = optimize.least_squares(residual, theta[free], x_scale=np.abs(theta[free]))
        theta[free] = found.x
    spread = np.linalg.inv(found.jac.T @ found.jac)
    return BiasFit(
        ell=binning @ all_ell,
        data=data,
        model=binning @ expected(theta),
        shot_noise=float(theta[1] * noise),
        poisson=noise,
        covariance=covariance,
        windows=binning @ coupled,
        bias=float(theta[0]),
        sigma=float(np.sqrt(spread[0, 0])),
        chi2=float(2 * found.cost),
        dof=len(data) - len(free),
    )


def _mean_variance(mask_power: FloatArray, sky_fraction: float, spectrum: FloatArray) -> float:
    """Return the variance of the mean density in a mask, from l = 1 on.

    Overdensities are relative to the mean ``1 + d`` in the mask, so that the
    signal is too small by ``(1 + d)**2`` in all bands together.
    """
    ell = np.arange(1, len(spectrum))
    modes = np.sum((2 * ell + 1) * mask_power[1:] * spectrum[1:])
    return float(modes / (4 * np.pi * sky_fraction) ** 2)


def _powers(
    cosmology: Any, ell: FloatArray, tracer: RedshiftDistribution, magnification: float | None
) -> FloatArray:
    """Return the terms of the expected C_l with bias to the power 0, 1, 2, shape (n_ell, 3)."""

    def spectrum(bias: float) -> FloatArray:
        galaxies = Projection(z=tracer.z, density=tracer.density, bias=bias, magnification=magnification)
        return angular_spectrum(cosmology, ell, galaxies, galaxies)

    plus = spectrum(1.0)
    if magnification is None:
        return np.stack([np.zeros_like(plus), np.zeros_like(plus), plus], axis=1)
    minus, zero = spectrum(-1.0), spectrum(0.0)
    return np.stack([zero, (plus - minus) / 2, (plus + minus) / 2 - zero], axis=1)
