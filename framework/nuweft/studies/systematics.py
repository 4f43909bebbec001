"""Systematic uncertainty of f_corr and gamma from varied responses.

Data sets are simulated with the nominal response and fitted with the models of
every variation; the uncertainty is the largest difference from the nominal
fit (Abbasi et al. 2025, appendix C).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np

from nuweft import seeds
from nuweft.interfaces.response_variation import ResponseVariation
from nuweft.irf.exposure import Exposure, exposure
from nuweft.measurement import spectrum as measurement
from nuweft.progress import Progress, Silent
from nuweft.statistics.profile import profile_likelihood, unconstrained
from nuweft.studies.injection import (
    EventPool,
    background_numbers,
    correlated_sources,
    draw_set,
    event_pool,
    measured_sets,
)
from nuweft.typing import FloatArray

if TYPE_CHECKING:
    from nuweft.analysis import Analysis

_BATCH = 4


def varied_model(analysis: Analysis, variation: ResponseVariation) -> tuple[measurement.Templates, Exposure]:
    """Return templates and exposure of an analysis with a varied response; weights stay nominal."""
    nominal = analysis.exposure
    varied = exposure(
        variation.vary(analysis.neutrino_sample.response()),
        nominal.energy_bins,
        nominal.gammas,
        lmax=3 * analysis.nside * analysis.oversampling - 1,
    )
    return analysis.templates_with(varied), varied


@attrs.frozen(eq=False, kw_only=True)
class SystematicStudy:
    """Fits of the same data sets with nominal and varied models.

    Attributes
    ----------
    descriptions : tuple of str
        Of the variations.
    gamma, n_corr : float
        Injected index and mean number of correlated events in the mask.
    estimate : array of shape (1 + n_variation, n_set)
        Unconstrained f_corr at the injected index; the nominal model first.
    f_corr, free_gamma : arrays of shape (1 + n_variation, n_set)
        Fit with gamma free; gamma is NaN where f_corr is 0.
    """

    descriptions: tuple[str, ...]
    gamma: float
    n_corr: float
    estimate: FloatArray
    f_corr: FloatArray
    free_gamma: FloatArray

    @property
    def mean_f_corr(self) -> FloatArray:
        """Mean f_corr with gamma free, of each model, shape (1 + n_variation,)."""
        return np.asarray(self.f_corr.mean(axis=1))

    @property
    def mean_gamma(self) -> FloatArray:
        """Mean free gamma over the sets in which all models find a signal, shape (1 + n_variation,)."""
        found = np.all(np.isfinite(self.free_gamma), axis=0)
        if not found.any():
            return np.full(len(self.free_gamma), np.nan)
        return np.asarray(self.free_gamma[:, found].mean(axis=1))

    @property
    def sigma_f_corr(self) -> float:
        """Largest difference of the mean f_corr, gamma free, from the nominal one."""
        return float(np.abs(self.mean_f_corr[1:] - self.mean_f_corr[0]).max())

    @property
    def sigma_f_corr_fixed(self) -> float:
        """Largest difference of the mean f_corr at the injected index, unconstrained."""
        mean = self.estimate.mean(axis=1)
        return float(np.abs(mean[1:] - mean[0]).max())

    @property
    def sigma_gamma(self) -> float:
        """Largest difference of the mean gamma from the nominal one."""
        return float(np.abs(self.mean_gamma[1:] - self.mean_gamma[0]).max())


def systematic_study(
    analysis: Analysis,
    variations: Sequence[ResponseVariation],
    *,
    gamma: float,
    n_corr: float,
    sets: int,
    events_per_bin: Sequence[float] | None = None,
    models: Sequence[tuple[measurement.Templates, Exposure]] | None = None,
    pool: EventPool | None = None,
    progress: Progress | None = None,
) -> SystematicStudy:
    """Return fits of the same data sets with nominal and varied models.

    Parameters
    ----------
    analysis
        The analysis; data sets have its nominal response.
    variations
        What is varied.
    gamma, n_corr
        Index and mean number of correlated events in the mask; 0 for atmospheric-only sets.
    sets
        Number of data sets.
    events_per_bin
        See :func:`nuweft.studies.injection.inject`.
    models
        Of :func:`varied_model`, one per variation; computed where none are given.
    pool
        Correlated events; simulated where none are given.
    progress
        Reports progress.
    """
    report = progress or Silent()
    if models is None:
        made = report.track(variations, "templates of varied responses", len(variations))
        models = [varied_model(analysis, v) for v in made]
    everything = [(analysis.templates, analysis.exposure), *models]
    rng = seeds.generator(analysis.seed, f"systematics pool {gamma:g}")
    if pool is None:
        pool = event_pool(analysis, gamma, rng=rng, sources=correlated_sources(analysis))
    signals = [(pool, n_corr)]
    numbers = None if events_per_bin is None else background_numbers(analysis.bins, signals, events_per_bin)
    moments = analysis.background.repeated_moments(analysis.kernel)
    steps = [(start, min(_BATCH, sets - start)) for start in range(0, sets, _BATCH)]
    found = []
    for start, count in report.track(steps, f"sets with {n_corr:g} correlated events", len(steps)):
        parts = [
            draw_set(
                analysis,
                analysis.bins,
                numbers,
                signals,
                rng=seeds.generator(analysis.seed, f"systematics {gamma:g} {n_corr:g}", number),
            )[0]
            for number in range(start, start + count)
        ]
        for spectra in measured_sets(analysis, parts, moments, everything):
            row = []
            for spectrum in spectra:
                model = analysis.model(spectrum)
                best = profile_likelihood(model)
                row.append((float(unconstrained(model, gamma)[0]), best.f_corr[0], best.gamma[0]))
            found.append(row)
    estimate, f_corr, free_gamma = np.array(found).transpose(2, 1, 0)
    return SystematicStudy(
        descriptions=tuple(v.description() for v in variations),
        gamma=gamma,
        n_corr=n_corr,
        estimate=estimate,
        f_corr=f_corr,
        free_gamma=free_gamma,
    )
