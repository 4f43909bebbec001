"""The measurement: masks, fields, weights, kernel, spectrum, null moments, templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np

from nuweft.errors import EmptyEnergyBinError, UndetectedClusteringError
from nuweft.interfaces.background import BackgroundModel
from nuweft.interfaces.estimator import PowerSpectrumEstimator
from nuweft.interfaces.neutrino_sample import NeutrinoSample
from nuweft.irf.events import Events
from nuweft.irf.exposure import Exposure, exposure
from nuweft.measurement.clustering import Clustering, expected_density
from nuweft.measurement.fields import FieldsAndMasks
from nuweft.measurement.objects import SourceDensity, source_density
from nuweft.measurement.templates import BinTemplates, bin_templates, isotropic_maps, smeared_maps
from nuweft.measurement.weights import acceptance_weights
from nuweft.model.bin_data import BinData
from nuweft.model.cross_spectrum import FIELD, SOURCES, CrossSpectrum, SpectrumBlock
from nuweft.model.linear_kernel import LinearKernel
from nuweft.plugin import answers as plugin_answers
from nuweft.sky.pixels import count_map, pixel_index
from nuweft.typing import FloatArray


def sample_weights(kind: str, exposure: Exposure, fields: FieldsAndMasks) -> FloatArray:
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
    exposure.check_covers(fields.joint_mask)
    if kind == "none":
        return np.ones((len(exposure.energy_bins), len(fields.joint_mask)))
    return acceptance_weights(exposure, fields.joint_mask, fields.sample_mask)


def split_by_energy(sample: NeutrinoSample, fields: FieldsAndMasks, nside: int) -> tuple[Events, ...]:
    """Return the events of each energy bin.

    Raises
    ------
    EmptyEnergyBinError
        If a bin has no events in the joint mask.
    """
    events, bins = plugin_answers.sample_events(sample), sample.energy_bins
    index = bins.index(events.log10_energy)
    parts = tuple(events.select(index == i) for i in range(len(bins)))
    for label, part in zip(bins.labels, parts, strict=True):
        if not np.any(fields.joint_mask[pixel_index(nside, part.ra, part.dec)] > 0):
            raise EmptyEnergyBinError(
                f"energy bin log10(E/GeV) {label}: {len(part)} events, none of them in the joint mask; "
                "change energy_edges or the mask"
            )
    return parts


Moments = Callable[[Sequence[BinData]], list[tuple[FloatArray, FloatArray]]]
"""Mean and covariance of the spectrum under the null, of many data sets."""


def counts(bin_data: BinData) -> FloatArray:
    """Return the observed counts of one energy bin, shape (npix,)."""
    return count_map(bin_data.nside, bin_data.events.ra, bin_data.events.dec)


WEIGHT_POINTS = 25
"""Spectral indices over which weights are averaged."""

FIELD_OVERSAMPLING = 4
"""The expected density field is smeared on a grid this much finer than the analysis."""


def template_exposure(sample: NeutrinoSample, gammas: FloatArray, nside: int, oversampling: int) -> Exposure:
    """Return the separable exposure of a sample, up to the multipoles that smearing needs."""
    response = plugin_answers.sample_response(sample)
    return exposure(response, sample.energy_bins, gammas, lmax=3 * nside * oversampling - 1)


@attrs.frozen(eq=False, kw_only=True)
class Templates:
    """Templates of each energy bin; they do not depend on the events.

    Attributes
    ----------
    sources : tuple of BinTemplates
        Of events that come from the tracer's objects.
    field : tuple of BinTemplates or None
        Of events that follow the density field behind the objects; None where
        the clustering of the tracer is not detected.
    isotropic : tuple of BinTemplates
        Of an isotropic flux.
    undetected : str
        Why there is no field template.
    """

    sources: tuple[BinTemplates, ...]
    field: tuple[BinTemplates, ...] | None
    isotropic: tuple[BinTemplates, ...]
    undetected: str = ""

    def of(self, signal: str) -> tuple[BinTemplates, ...] | None:
        """Return the templates of a kind of signal, ``sources`` or ``field``."""
        return self.sources if signal == SOURCES else self.field


def source_densities(
    fields: FieldsAndMasks, clustering: Clustering, *, behind_mask: str
) -> dict[str, SourceDensity]:
    """Return the density of sources for each kind of signal that there is.

    Parameters
    ----------
    skies
        The tracer's objects and masks.
    clustering
        The fit of the tracer's auto-power; without detection there is no ``field``.
    behind_mask
        See :class:`nuweft.Analysis`.
    """
    found = {SOURCES: source_density(fields.objects, behind_mask=behind_mask)}
    if clustering.detected:
        found[FIELD] = expected_density(
            fields, clustering, behind_mask=behind_mask, oversampling=FIELD_OVERSAMPLING
        )
    return found


def templates(
    *,
    fields: FieldsAndMasks,
    clustering: Clustering,
    weights: FloatArray,
    exposure: Exposure,
    kernel: LinearKernel,
    oversampling: int,
    behind_mask: str,
    subtract_ra_mean: bool,
) -> Templates:
    """Return signal and isotropic templates.

    Parameters
    ----------
    skies
        The tracer's objects and masks.
    clustering
        The fit of the tracer's auto-power.
    weights
        Weight map of each bin, shape (n_bin, npix).
    exposure
        Exposure of the sample.
    response
        Response of the estimator.
    oversampling, behind_mask, subtract_ra_mean
        See :class:`nuweft.Analysis`.
    """
    bins = list(zip(exposure.coefficients, weights, strict=True))
    # the expected field has no structure below a pixel
    finer = {SOURCES: oversampling, FIELD: min(oversampling, FIELD_OVERSAMPLING)}
    found = {}
    for signal, density in source_densities(fields, clustering, behind_mask=behind_mask).items():
        maps = smeared_maps(exposure, density, kernel.nside, oversampling=finer[signal])
        found[signal] = tuple(
            bin_templates(maps, c, kernel, w, subtract_ra_mean=subtract_ra_mean) for c, w in bins
        )
    flat = isotropic_maps(exposure, kernel.nside, oversampling=oversampling)
    return Templates(
        sources=found[SOURCES],
        field=found.get(FIELD),
        isotropic=tuple(bin_templates(flat, c, kernel, w, subtract_ra_mean=False) for c, w in bins),
        undetected="" if clustering.detected else clustering.undetected(),
    )


def measure(
    *,
    tracer: str,
    bins: Sequence[BinData],
    templates: Templates,
    signal: str,
    exposure: Exposure,
    kernel: LinearKernel,
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
    signal
        Kind of signal that the spectrum is first compared with, ``sources`` or ``field``.
    background
        Model of the null.
    moments
        Mean and covariance of each energy bin under the null.
    """
    number = [counts(bin_data) for bin_data in bins]
    data = [kernel.spectrum(n * bin_data.weights) for n, bin_data in zip(number, bins, strict=True)]
    atmospheric = [
        kernel.spectrum(plugin_answers.template_counts(background, bin_data) * bin_data.weights)
        for bin_data in bins
    ]
    return assemble(
        tracer=tracer,
        bins=bins,
        counts=number,
        data=data,
        moments=moments,
        atmospheric=atmospheric,
        templates=templates,
        signal=signal,
        exposure=exposure,
        kernel=kernel,
    )


def assemble(
    *,
    tracer: str,
    bins: Sequence[BinData],
    counts: Sequence[FloatArray],
    data: Sequence[FloatArray],
    moments: Sequence[tuple[FloatArray, FloatArray]],
    atmospheric: Sequence[FloatArray],
    templates: Templates,
    signal: str,
    exposure: Exposure,
    kernel: LinearKernel,
) -> CrossSpectrum:
    """Return the measured spectrum from its parts, one of each per energy bin.

    Parameters
    ----------
    tracer, nulls, templates, signal, exposure, response
        As in :func:`measure`.
    counts
        Observed counts, shape (npix,).
    data
        Spectrum of the weighted counts, shape (n_ell,).
    moments
        Mean and covariance under the null.
    atmospheric
        Template of the background, shape (n_ell,).

    Raises
    ------
    UndetectedClusteringError
        For ``signal: field`` where there is no such template.
    """
    events = np.array([float((n * bin_data.mask).sum()) for n, bin_data in zip(counts, bins, strict=True)])
    weight = [
        float((n * bin_data.weights * bin_data.mask).sum()) / total
        for n, bin_data, total in zip(counts, bins, events, strict=True)
    ]

    def blocks(found: tuple[BinTemplates, ...]) -> tuple[SpectrumBlock, ...]:
        total_acceptance = np.sum([t.acceptance for t in found], axis=0)
        return tuple(
            SpectrumBlock(
                tracer=tracer,
                energy_bin=bin_data.label,
                ell=kernel.ell,
                data=data[i],
                null_mean=moments[i][0],
                covariance=moments[i][1],
                atmospheric=atmospheric[i],
                signal=found[i].spectrum,
                # f_i / f_corr by weight: (A_i/A) (N/N_i) <w>_signal/<w>_data
                signal_fraction=found[i].acceptance
                / total_acceptance
                * (events.sum() / events[i])
                * (found[i].mean_weight / weight[i]),
                acceptance=found[i].acceptance,
                isotropic_acceptance=templates.isotropic[i].acceptance,
                isotropic=templates.isotropic[i].spectrum,
                events=events[i],
            )
            for i, bin_data in enumerate(bins)
        )

    kinds = {kind: found for kind in (SOURCES, FIELD) if (found := templates.of(kind)) is not None}
    if signal not in kinds:
        raise UndetectedClusteringError(templates.undetected)
    made = {kind: blocks(found) for kind, found in kinds.items()}
    return CrossSpectrum(
        blocks=made.pop(signal),
        gammas=exposure.gammas,
        sky_fraction=kernel.sky_fraction,
        exposure_error=exposure.truncation_error,
        signal=signal,
        alternatives=made,
        undetected=templates.undetected,
    )


def linear_kernel(estimator: PowerSpectrumEstimator, fields: FieldsAndMasks) -> LinearKernel:
    """Return the estimator's response to counts in the joint mask."""
    return estimator.kernel(
        fields.tracer_field,
        tracer_mask=fields.field_mask,
        mask=fields.joint_mask,
        sky_fraction=fields.sky_fraction,
    )
