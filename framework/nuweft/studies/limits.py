"""What an analysis can see: median limit of the null, discovery potential, sensitive energies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np

from nuweft.errors import ModelError, ParameterError
from nuweft.irf.exposure import sliced_exposure
from nuweft.measurement.spectrum import source_densities
from nuweft.measurement.templates import smeared_maps, weighted_signal
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.progress import Progress
from nuweft.sky.pixels import pixel_index
from nuweft.statistics.hybrid import TAIL_STEP
from nuweft.statistics.limits import truncated_gaussian_limit
from nuweft.statistics.profile import unconstrained
from nuweft.studies.injection import EventPool, inject
from nuweft.typing import FloatArray

if TYPE_CHECKING:
    from nuweft.analysis import Analysis

LEVELS = {3: 1.349898e-3, 5: 2.866516e-7}
"""One-sided p-values of 3 and 5 sigma."""

_ENOUGH = 25  # trials above a threshold that is read off directly
_STEP = 1.5  # from one injected strength to the next
_SLICE = 0.1  # dex
_OVERSAMPLING = 2
_TOLERANCE = 3e-2


# --- median limit -----------------------------------------------------------------


@attrs.frozen(kw_only=True)
class MedianLimit:
    """Limits of data without signal.

    Attributes
    ----------
    gamma, credibility : float
    median : float
        Median limit on f_corr: that of an estimate of zero.
    of_trials : float or None
        Median over scrambled trials.
    low, high : float or None
        Limits of 16 and 84 per cent of the trials.
    """

    gamma: float
    credibility: float
    median: float
    of_trials: float | None
    low: float | None
    high: float | None


def median_limit(
    analysis: Analysis,
    measured: CrossSpectrum,
    gamma: float,
    statistics: Sequence[FloatArray] | None = None,
) -> MedianLimit:
    """Return the median limit at fixed gamma, in closed form and from trials.

    Parameters
    ----------
    analysis, measured
        The analysis and its spectrum; only its null moments matter.
    gamma
        Spectral index.
    statistics
        Of :meth:`nuweft.Analysis.run_trials`.
    """
    model = analysis.model(measured)
    _, sigma = unconstrained(model, gamma)
    quantiles: list[float | None] = [None, None, None]
    if statistics is not None:
        estimates, _ = unconstrained(model, gamma, statistics)
        found = truncated_gaussian_limit(estimates, sigma, analysis.credibility)
        quantiles = [float(q) for q in np.quantile(found, (0.5, 0.16, 0.84))]
    return MedianLimit(
        gamma=gamma,
        credibility=analysis.credibility,
        median=float(truncated_gaussian_limit(np.array(0.0), sigma, analysis.credibility)),
        of_trials=quantiles[0],
        low=quantiles[1],
        high=quantiles[2],
    )


# --- discovery potential ----------------------------------------------------------


@attrs.frozen(kw_only=True)
class Threshold:
    """Test statistic that the null exceeds with the probability of a significance.

    Attributes
    ----------
    sigma : float
        One-sided significance.
    test_statistic : float
    extrapolated : bool
        Whether the trials did not reach it, and their tail was continued as an exponential.
    """

    sigma: float
    test_statistic: float
    extrapolated: bool


def thresholds(histogram: FloatArray) -> list[Threshold]:
    """Return the thresholds of 3 and 5 sigma.

    Parameters
    ----------
    histogram
        Of :meth:`nuweft.Analysis.tail_probability`: null trials in steps of 0.1.
    """
    total = histogram.sum()
    above = np.cumsum(histogram[::-1])[::-1]  # at or above the lower edge of each step
    edge = TAIL_STEP * np.arange(len(histogram))
    filled = above > 0
    result = []
    for sigma, p in LEVELS.items():
        if p * total >= _ENOUGH:
            value = np.interp(-np.log(p), -np.log(above[filled] / total), edge[filled])
            result.append(Threshold(sigma=sigma, test_statistic=float(value), extrapolated=False))
            continue
        used = (above >= _ENOUGH) & (above <= 1e-2 * total)
        if used.sum() < 5:
            raise ParameterError(
                f"discovery potential: {total:.0f} trials are too few for {sigma} sigma; 100,000 at least"
            )
        slope, offset = np.polyfit(edge[used], np.log(above[used] / total), 1, w=np.sqrt(above[used]))
        result.append(
            Threshold(sigma=sigma, test_statistic=float((np.log(p) - offset) / slope), extrapolated=True)
        )
    return result


@attrs.frozen(eq=False, kw_only=True)
class DiscoveryPotential:
    """Correlated events that are discovered in half of the data sets.

    Attributes
    ----------
    gamma : float
    threshold : Threshold
    n_corr : float
        Mean number of correlated events in the mask.
    """

    gamma: float
    threshold: Threshold
    n_corr: float


def discovery_potentials(
    analysis: Analysis,
    measured: CrossSpectrum,
    pool: EventPool,
    gamma: float,
    levels: Sequence[Threshold],
    *,
    sets: int = 100,
    progress: Progress | None = None,
) -> list[DiscoveryPotential]:
    """Return the number of correlated events that exceeds each threshold in half of the sets.

    The test statistic has gamma free, and null moments are made from the
    events of each set. Strengths grow until the median exceeds the largest
    threshold; its root is interpolated in between.

    Parameters
    ----------
    analysis, measured
        The analysis and its spectrum.
    pool
        Simulated correlated events.
    gamma
        Their spectral index.
    levels
        Of :func:`thresholds`.
    sets
        Data sets per strength.
    progress
        Reports progress.

    Raises
    ------
    ModelError
        If a threshold is not reached with half as many correlated events as
        there are events.
    """
    _, sigma = unconstrained(analysis.model(measured), gamma)
    total = float(measured.events_per_bin.sum())
    wanted = max(level.test_statistic for level in levels)
    number, roots, numbers = 1.5 * sigma * total, [0.0], [0.0]
    while roots[-1] ** 2 < wanted:
        if number > total / 2:
            raise ModelError(
                f"discovery potential at gamma {gamma:g}: a test statistic of {wanted:.1f} is not reached "
                f"with {numbers[-1]:.0f} correlated events of {total:.0f}"
            )
        found = inject(analysis, gamma, number, sets, pool=pool, progress=progress)
        roots.append(float(np.sqrt(np.median(found.test_statistic))))
        numbers.append(number)
        number *= _STEP
    rising = np.maximum.accumulate(roots)
    return [
        DiscoveryPotential(
            gamma=gamma,
            threshold=level,
            n_corr=float(np.interp(np.sqrt(level.test_statistic), rising, numbers)),
        )
        for level in levels
    ]


# --- sensitive energies -----------------------------------------------------------


@attrs.frozen(eq=False, kw_only=True)
class SensitiveRange:
    """True energies that matter to the limit.

    Attributes
    ----------
    gamma : float
    low, high : float
        log10(E/GeV) below and above which dropping the signal raises the
        median flux limit by a tenth, each end alone.
    log10_energy_edges : array of shape (n_slice + 1,)
    information : array of shape (n_slice, n_slice)
        Of the signal in slices of true energy, f_atm profiled, in units of
        the whole.
    """

    gamma: float
    low: float
    high: float
    log10_energy_edges: FloatArray
    information: FloatArray


def sensitive_range(
    analysis: Analysis, measured: CrossSpectrum, gamma: float, *, rise: float = 0.1
) -> SensitiveRange:
    """Return the range of true energies to which the limit is sensitive.

    The limit scales with the inverse root of the information on the flux,
    which is a quadratic form in the parts of the signal from slices of energy.

    Parameters
    ----------
    analysis, measured
        The analysis and its spectrum.
    gamma
        Spectral index.
    rise
        Relative rise of the median limit that defines each end.
    """
    response = analysis.neutrino_sample.response()
    tables = [season.effective_area.log10_energy_edges for season in response.seasons]
    low, high = min(t[0] for t in tables), max(t[-1] for t in tables)
    edges = low + _SLICE * np.arange(round((high - low) / _SLICE) + 1)
    nside, kernel = analysis.nside, analysis.kernel
    exposure = sliced_exposure(
        response,
        analysis.neutrino_sample.energy_bins,
        gamma,
        edges,
        lmax=3 * nside * _OVERSAMPLING - 1,
        tolerance=_TOLERANCE,
    )
    density = source_densities(analysis.fields, analysis.clustering, behind_mask=analysis.signal_density)[
        measured.signal
    ]
    maps = smeared_maps(exposure, density, nside, oversampling=_OVERSAMPLING)
    total = np.zeros((len(edges) - 1, len(edges) - 1))
    for bin_data, coefficients, block in zip(
        analysis.bins, exposure.coefficients, measured.blocks, strict=True
    ):
        signal, _ = weighted_signal(
            maps, coefficients, kernel, bin_data.weights, subtract_ra_mean=analysis.subtract_ra_mean
        )
        # the weighted counts of the data that divide it
        counts = analysis.fields.joint_mask * bin_data.weights
        pixel = pixel_index(nside, bin_data.events.ra, bin_data.events.dec)
        signal = signal / (counts[pixel].sum() / kernel.mask.sum())
        stacked = np.concatenate([block.atmospheric[None], signal])
        gram = stacked @ np.linalg.solve(block.covariance, stacked.T)
        total += gram[1:, 1:] - np.outer(gram[0, 1:], gram[0, 1:]) / gram[0, 0]
    information = total / total.sum()
    wanted = 1 / (1 + rise) ** 2
    n = len(information)
    # information of energies above, and below, each edge
    above = np.array([information[k:, k:].sum() for k in range(n + 1)])
    below = np.array([information[:k, :k].sum() for k in range(n + 1)])
    first = int(np.flatnonzero(above >= wanted)[-1])
    last = int(np.flatnonzero(below >= wanted)[0])
    return SensitiveRange(
        gamma=gamma,
        low=float(np.interp(-wanted, -above[first : first + 2], edges[first : first + 2])),
        high=float(np.interp(wanted, below[last - 1 : last + 1], edges[last - 1 : last + 1])),
        log10_energy_edges=edges,
        information=information,
    )
