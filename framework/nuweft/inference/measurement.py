"""The measurement: masks, fields, weights, kernel, spectrum, null moments, templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np

from nuweft.errors import EmptyEnergyBinError, EmptySkyError, NsideError
from nuweft.inference.shot_noise import shot_noise
from nuweft.inference.templates import (
    BinTemplates,
    bin_templates,
    isotropic_maps,
    smeared_maps,
    source_density,
)
from nuweft.interfaces.background import BackgroundModel, NullInput
from nuweft.interfaces.estimator import LinearResponse, PowerSpectrumEstimator
from nuweft.interfaces.mask import Mask, mask_weights
from nuweft.interfaces.neutrino_sample import NeutrinoSample
from nuweft.interfaces.tracer import Tracer
from nuweft.response.exposure import Exposure, exposure
from nuweft.response.weights import acceptance_weights
from nuweft.sky.events import Events
from nuweft.sky.fields import overdensity
from nuweft.sky.pixels import check_counts, count_map, pixel_index
from nuweft.sky.sources import Sources
from nuweft.sky.spectra import CrossSpectrum, SpectrumBlock
from nuweft.sky.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class Skies:
    """Masks and the tracer's field.

    Attributes
    ----------
    tracer_mask, sample_mask, joint_mask : arrays of shape (npix,)
    field_mask : array of shape (npix,)
        Mask of the tracer's field: its own, or the joint one.
    tracer_counts, tracer_field : arrays of shape (npix,)
        Counts (not masked) and masked overdensity.
    sky_fraction : float
        f_sky, the mean of the joint mask.
    """

    tracer_mask: FloatArray
    sample_mask: FloatArray
    joint_mask: FloatArray
    field_mask: FloatArray
    tracer_counts: FloatArray
    tracer_field: FloatArray
    sky_fraction: float


def skies(tracer: Tracer, mask: Mask | None, nside: int, *, tracer_uses_joint_mask: bool) -> Skies:
    """Return masks and the tracer's overdensity.

    Raises
    ------
    EmptySkyError
        If the masks leave no common sky.
    NsideError, CountsError
        If the tracer's counts are of another resolution, negative or not finite.
    """
    tracer_mask = mask_weights(tracer.mask, nside)
    sample_mask = mask_weights(mask, nside)
    joint = tracer_mask * sample_mask
    if joint.sum() <= 0:
        raise EmptySkyError(
            f"the masks leave no common sky: the tracer's keeps {tracer_mask.mean():.3f}, "
            f"the sample's {sample_mask.mean():.3f} of it"
        )
    counts = np.asarray(tracer.counts(nside), dtype=float)
    if counts.shape != joint.shape:
        raise NsideError(
            f"tracer {tracer.plugin_name}: returned shape {counts.shape}, "
            f"expected {joint.shape} for NSIDE {nside}"
        )
    check_counts(counts, f"tracer {tracer.plugin_name}")
    field_mask = joint if tracer_uses_joint_mask else tracer_mask
    field = overdensity(counts, field_mask)
    return Skies(
        tracer_mask=tracer_mask,
        sample_mask=sample_mask,
        joint_mask=joint,
        field_mask=field_mask,
        tracer_counts=counts,
        tracer_field=field,
        sky_fraction=float(joint.mean()),
    )


def sample_weights(kind: str, exposure: Exposure, skies: Skies) -> FloatArray:
    """Return the weight map of each energy bin, shape (n_bin, npix).

    Parameters
    ----------
    kind
        ``acceptance`` or ``none``.
    exposure
        Exposure of the sample.
    skies
        Masks.
    """
    if kind == "none":
        return np.ones((len(exposure.energy_bins), len(skies.joint_mask)))
    return acceptance_weights(exposure, skies.joint_mask, skies.sample_mask)


def split_by_energy(sample: NeutrinoSample, skies: Skies, nside: int) -> tuple[Events, ...]:
    """Return the events of each energy bin.

    Raises
    ------
    EmptyEnergyBinError
        If a bin has no events in the joint mask.
    """
    events, bins = sample.events(), sample.energy_bins
    index = bins.index(events.log10_energy)
    parts = tuple(events.select(index == i) for i in range(len(bins)))
    for label, part in zip(bins.labels, parts, strict=True):
        if not np.any(skies.joint_mask[pixel_index(nside, part.ra, part.dec)] > 0):
            raise EmptyEnergyBinError(
                f"energy bin log10(E/GeV) {label}: {len(part)} events, none of them in the joint mask; "
                "change energy_edges or the mask"
            )
    return parts


Moments = Callable[[Sequence[NullInput]], list[tuple[FloatArray, FloatArray]]]
"""Mean and covariance of the spectrum under the null, of many data sets."""


def counts(null: NullInput) -> FloatArray:
    """Return the observed counts of one energy bin, shape (npix,)."""
    return count_map(null.nside, null.events.ra, null.events.dec)


WEIGHT_POINTS = 25
"""Spectral indices over which weights are averaged."""


def template_exposure(sample: NeutrinoSample, gammas: FloatArray, nside: int, oversampling: int) -> Exposure:
    """Return the separable exposure of a sample, up to the multipoles that smearing needs."""
    return exposure(sample.response(), sample.energy_bins, gammas, lmax=3 * nside * oversampling - 1)


@attrs.frozen(eq=False, kw_only=True)
class Templates:
    """Templates of each energy bin; they do not depend on the events.

    Attributes
    ----------
    signal, isotropic : tuple of BinTemplates
        Of events that follow the tracer, and of an isotropic flux.
    """

    signal: tuple[BinTemplates, ...]
    isotropic: tuple[BinTemplates, ...]


def templates(
    *,
    sources: Sources,
    skies: Skies,
    weights: FloatArray,
    exposure: Exposure,
    response: LinearResponse,
    oversampling: int,
    behind_mask: str,
    subtract_ra_mean: bool,
    signal: str,
) -> Templates:
    """Return signal and isotropic templates.

    Parameters
    ----------
    sources
        Where correlated events start.
    skies
        Masks.
    weights
        Weight map of each bin, shape (n_bin, npix).
    exposure
        Exposure of the sample.
    response
        Response of the estimator.
    oversampling, behind_mask, subtract_ra_mean, signal
        See :class:`nuweft.Analysis`.
    """
    density = source_density(sources, skies.tracer_mask, behind_mask=behind_mask)
    maps = smeared_maps(exposure, density, response.nside, oversampling=oversampling)
    flat = isotropic_maps(exposure, response.nside, oversampling=oversampling)
    bins = list(zip(exposure.coefficients, weights, strict=True))

    def noise(coefficients: FloatArray, weight: FloatArray) -> FloatArray | float:
        if signal == "sources":
            return 0.0
        return shot_noise(
            sources,
            exposure,
            response,
            weight,
            coefficients,
            tracer_mask=skies.tracer_mask,
            field_mask=skies.field_mask,
        )

    return Templates(
        signal=tuple(
            bin_templates(maps, c, response, w, subtract_ra_mean=subtract_ra_mean, shot_noise=noise(c, w))
            for c, w in bins
        ),
        isotropic=tuple(bin_templates(flat, c, response, w, subtract_ra_mean=False) for c, w in bins),
    )


def measure(
    *,
    tracer: str,
    nulls: Sequence[NullInput],
    templates: Templates,
    exposure: Exposure,
    response: LinearResponse,
    background: BackgroundModel,
    moments: Sequence[tuple[FloatArray, FloatArray]],
) -> CrossSpectrum:
    """Return the cross-power spectrum with null moments and templates.

    Parameters
    ----------
    tracer
        Label of the tracer.
    nulls
        Events, weights and mask of each energy bin.
    templates, exposure, response
        What does not depend on the events.
    background
        Model of the null.
    moments
        Mean and covariance of each energy bin under the null.
    """
    number = [counts(null) for null in nulls]
    data = [response.spectrum(n * null.weights) for n, null in zip(number, nulls, strict=True)]
    atmospheric = [response.spectrum(background.template_counts(null) * null.weights) for null in nulls]
    return assemble(
        tracer=tracer,
        nulls=nulls,
        counts=number,
        data=data,
        moments=moments,
        atmospheric=atmospheric,
        templates=templates,
        exposure=exposure,
        response=response,
    )


def assemble(
    *,
    tracer: str,
    nulls: Sequence[NullInput],
    counts: Sequence[FloatArray],
    data: Sequence[FloatArray],
    moments: Sequence[tuple[FloatArray, FloatArray]],
    atmospheric: Sequence[FloatArray],
    templates: Templates,
    exposure: Exposure,
    response: LinearResponse,
) -> CrossSpectrum:
    """Return the measured spectrum from its parts, one of each per energy bin.

    Parameters
    ----------
    tracer, nulls, templates, exposure, response
        As in :func:`measure`.
    counts
        Observed counts, shape (npix,).
    data
        Spectrum of the weighted counts, shape (n_ell,).
    moments
        Mean and covariance under the null.
    atmospheric
        Template of the background, shape (n_ell,).
    """
    events = np.array([float((n * null.mask).sum()) for n, null in zip(counts, nulls, strict=True)])
    total_acceptance = np.sum([t.acceptance for t in templates.signal], axis=0)
    blocks = []
    for i, null in enumerate(nulls):
        signal, isotropic = templates.signal[i], templates.isotropic[i]
        data_weight = float((counts[i] * null.weights * null.mask).sum()) / events[i]
        blocks.append(
            SpectrumBlock(
                tracer=tracer,
                energy_bin=null.label,
                ell=response.ell,
                data=data[i],
                null_mean=moments[i][0],
                covariance=moments[i][1],
                atmospheric=atmospheric[i],
                signal=signal.spectrum,
                # f_i / f_corr by weight: (A_i/A) (N/N_i) <w>_signal/<w>_data
                signal_share=signal.acceptance
                / total_acceptance
                * (events.sum() / events[i])
                * (signal.mean_weight / data_weight),
                acceptance=signal.acceptance,
                isotropic_acceptance=isotropic.acceptance,
                isotropic=isotropic.spectrum,
                events=events[i],
            )
        )
    return CrossSpectrum(
        blocks=tuple(blocks),
        gammas=exposure.gammas,
        sky_fraction=response.sky_fraction,
        exposure_error=exposure.truncation_error,
    )


def linear_response(estimator: PowerSpectrumEstimator, skies: Skies) -> LinearResponse:
    """Return the estimator's response to counts in the joint mask."""
    return estimator.response(
        skies.tracer_field,
        tracer_mask=skies.field_mask,
        mask=skies.joint_mask,
        sky_fraction=skies.sky_fraction,
    )
