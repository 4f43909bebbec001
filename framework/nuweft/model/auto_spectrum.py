"""The auto-power spectrum of a tracer."""

from __future__ import annotations

import attrs

from nuweft.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class AutoSpectrum:
    """Auto-power of a tracer's masked overdensity, not corrected for the mask.

    Attributes
    ----------
    power : array of shape (lmax + 1,)
        Pseudo-C_l of ``a (n/nbar - c)``.
    shot_noise : float
        Its part by the finite number of objects, the same at all multipoles:
        independent counts in pixels are white, they know no pixel window.
    mask : array of shape (npix,)
        ``a c``, by which the clustering is multiplied.
    noise_mask : array of shape (npix,)
        ``a sqrt(c)``, by which the shot noise of fully covered sky is multiplied.
    window : array of shape (lmax + 1,)
        Window of the clustering: of pixels, or 1 where objects were taken where they are.
    ell_max : int
        Multipole up to which structure below a pixel does not matter.
    """

    power: FloatArray
    shot_noise: float
    mask: FloatArray
    noise_mask: FloatArray
    window: FloatArray
    ell_max: int


@attrs.frozen(eq=False, kw_only=True)
class BiasFit:
    """Fit of the auto-power in bands of multipoles.

    Attributes
    ----------
    ell : array of shape (n,)
        Mean multipole of each band.
    data, model : arrays of shape (n,)
        Pseudo-C_l over the mean squared mask: measured, and best fit.
    shot_noise : float
        In the same units, as fitted.
    poisson : float
        The same as expected for Poisson counts.
    covariance : array of shape (n, n)
    windows : array of shape (n, lmax + 1)
        ``windows @ C_l`` is the signal of a band; with the pixel window.
    bias, sigma : float
    chi2 : float
    dof : int
    """

    ell: FloatArray
    data: FloatArray
    model: FloatArray
    shot_noise: float
    poisson: float
    covariance: FloatArray
    windows: FloatArray
    bias: float
    sigma: float
    chi2: float
    dof: int
