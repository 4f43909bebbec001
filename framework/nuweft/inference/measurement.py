"""The measurement: masks, fields, weights, kernel, spectrum, null moments, templates."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.errors import EmptyEnergyBinError, EmptySkyError
from nuweft.inference.templates import bin_templates, isotropic_maps, smeared_maps, source_density
from nuweft.interfaces.background import BackgroundModel, NullInput
from nuweft.interfaces.estimator import LinearResponse, PowerSpectrumEstimator
from nuweft.interfaces.mask import Mask, mask_weights
from nuweft.interfaces.neutrino_sample import NeutrinoSample
from nuweft.interfaces.tracer import Tracer
from nuweft.progress import Progress
from nuweft.response.exposure import Exposure, exposure
from nuweft.response.weights import acceptance_weights
from nuweft.sky.fields import overdensity
from nuweft.sky.pixels import count_map
from nuweft.sky.spectra import CrossSpectrum, SpectrumBlock
from nuweft.sky.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class Skies:
    """Masks and the tracer's field.

    Attributes
    ----------
    tracer_mask, sample_mask, joint_mask : arrays of shape (npix,)
    tracer_counts, tracer_field : arrays of shape (npix,)
        Counts (not masked) and masked overdensity.
    sky_fraction : float
        f_sky, the mean of the joint mask.
    """

    tracer_mask: FloatArray
    sample_mask: FloatArray
    joint_mask: FloatArray
    tracer_counts: FloatArray
    tracer_field: FloatArray
    sky_fraction: float


def skies(tracer: Tracer, mask: Mask | None, nside: int, *, tracer_uses_joint_mask: bool) -> Skies:
    """Return masks and the tracer's overdensity.

    Raises
    ------
    EmptySkyError
        If the masks leave no common sky.
    """
    tracer_mask = mask_weights(tracer.mask, nside)
    sample_mask = mask_weights(mask, nside)
    joint = tracer_mask * sample_mask
    if joint.sum() <= 0:
        raise EmptySkyError(
            f"the masks leave no common sky: the tracer's keeps {tracer_mask.mean():.3f}, "
            f"the sample's {sample_mask.mean():.3f} of it"
        )
    counts = tracer.counts(nside)
    field = overdensity(counts, joint if tracer_uses_joint_mask else tracer_mask)
    return Skies(
        tracer_mask=tracer_mask,
        sample_mask=sample_mask,
        joint_mask=joint,
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


def null_inputs(sample: NeutrinoSample, weights: FloatArray, skies: Skies, nside: int) -> tuple[NullInput, ...]:
    """Return what the null distribution of each energy bin depends on.

    Raises
    ------
    EmptyEnergyBinError
        If a bin has no events in the joint mask.
    """
    events = sample.events()
    bins = sample.energy_bins
    index = bins.index(events.log10_energy)
    result = []
    for i, label in enumerate(bins.labels):
        null = NullInput(
            events=events.select(index == i),
            weights=weights[i],
            mask=skies.joint_mask,
            nside=nside,
            label=label,
        )
        if len(null.events) == 0 or (counts(null) * skies.joint_mask).sum() <= 0:
            raise EmptyEnergyBinError(
                f"energy bin log10(E/GeV) {label}: {len(null.events)} events, none of them in the joint mask; "
                "change energy_edges or the mask"
            )
        result.append(null)
    return tuple(result)


def counts(null: NullInput) -> FloatArray:
    """Return the observed counts of one energy bin, shape (npix,)."""
    return count_map(null.nside, null.events.ra, null.events.dec)


def template_exposure(sample: NeutrinoSample, gammas: FloatArray, nside: int, oversampling: int) -> Exposure:
    """Return the separable exposure of a sample, up to the multipoles that smearing needs."""
    return exposure(sample.response(), sample.energy_bins, gammas, lmax=3 * nside * oversampling - 1)


def measure(
    *,
    tracer: Tracer,
    skies: Skies,
    nulls: tuple[NullInput, ...],
    exposure: Exposure,
    response: LinearResponse,
    background: BackgroundModel,
    nside: int,
    oversampling: int,
    behind_mask: str,
    subtract_ra_mean: bool,
    progress: Progress,
) -> CrossSpectrum:
    """Return the cross-power spectrum with null moments and templates."""
    progress.note("smearing the tracer's sky")
    density = source_density(tracer.sources(nside), skies.tracer_mask, behind_mask=behind_mask)
    maps = smeared_maps(exposure, density, nside, oversampling=oversampling)
    flat = isotropic_maps(exposure, nside, oversampling=oversampling)
    templates, isotropic = [], []
    for i, null in enumerate(nulls):
        options = {"response": response, "weights": null.weights}
        templates.append(
            bin_templates(maps, exposure.coefficients[i], **options, subtract_ra_mean=subtract_ra_mean)  # type: ignore[arg-type]
        )
        isotropic.append(bin_templates(flat, exposure.coefficients[i], **options, subtract_ra_mean=False))  # type: ignore[arg-type]
    events = np.array([float((counts(null) * null.mask).sum()) for null in nulls])
    total_acceptance = np.sum([t.acceptance for t in templates], axis=0)
    blocks = []
    for i, null in enumerate(progress.track(nulls, "exact null moments", len(nulls))):
        weighted = counts(null) * null.weights
        mean, covariance = background.moments(response, null)
        data_weight = float((weighted * null.mask).sum()) / events[i]
        share = (
            templates[i].acceptance
            / total_acceptance
            * (events.sum() / events[i])
            * templates[i].mean_weight
            / data_weight
        )
        blocks.append(
            SpectrumBlock(
                tracer=tracer.plugin_name,
                energy_bin=null.label,
                ell=response.ell,
                data=response.spectrum(weighted),
                null_mean=mean,
                covariance=covariance,
                atmospheric=response.spectrum(background.template_counts(null) * null.weights),
                signal=templates[i].spectrum,
                signal_share=share,
                acceptance=templates[i].acceptance,
                isotropic_acceptance=isotropic[i].acceptance,
                isotropic=isotropic[i].spectrum,
                events=events[i],
            )
        )
    return CrossSpectrum(
        blocks=tuple(blocks),
        gammas=exposure.gammas,
        sky_fraction=skies.sky_fraction,
        exposure_error=exposure.truncation_error,
    )


def linear_response(estimator: PowerSpectrumEstimator, skies: Skies) -> LinearResponse:
    """Return the estimator's response to counts in the joint mask."""
    return estimator.response(skies.tracer_field, skies.joint_mask, sky_fraction=skies.sky_fraction)
