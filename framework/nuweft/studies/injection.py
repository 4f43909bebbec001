"""Injected data sets: scrambled background, isotropic and correlated events of known number.

Correlated events are simulated one by one from the tracer's own objects, so
that an injection tests templates, point spread, weights and fractions together.
Null moments are made anew from the events of each set, as for real data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import attrs
import numpy as np
from threadpoolctl import threadpool_limits

from nuweft import seeds
from nuweft.errors import DataError, ParameterError
from nuweft.flux.power_law import PowerLawFlux
from nuweft.interfaces.neutrino_sample import CORRELATED
from nuweft.irf.events import Events
from nuweft.irf.exposure import Exposure
from nuweft.irf.simulation import simulate_events
from nuweft.measurement import spectrum as measurement
from nuweft.measurement.objects import source_density
from nuweft.model.bin_data import BinData
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.model.gaussian_model import GaussianModel
from nuweft.plugin import answers as plugin_answers
from nuweft.process.threads import thread_count
from nuweft.progress import Progress, Silent
from nuweft.sky.pixels import count_map, pixel_index
from nuweft.sky.rings import ring_fractions, rings
from nuweft.sky.sources import Sources
from nuweft.statistics.limits import truncated_gaussian_limit
from nuweft.statistics.profile import profile_likelihood, unconstrained
from nuweft.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from nuweft.analysis import Analysis

POOL = 2_000_000
"""Simulated events from which sets are drawn."""

_BATCH = 8


@attrs.frozen(eq=False)
class EventPool:
    """Simulated events that can be seen in the mask, from which data sets are drawn.

    Attributes
    ----------
    events : Events
    energy_bin : array of int, shape (n,)
    inside : array of shape (n,)
        Joint mask at each event.
    """

    events: Events
    energy_bin: IntArray
    inside: FloatArray

    @property
    def fraction(self) -> float:
        """Fraction of the events that is in the mask."""
        return float(self.inside.mean())

    def draw(self, mean: float, *, rng: np.random.Generator) -> IntArray:
        """Return a Poisson number of events, ``mean`` of them in the mask."""
        return rng.integers(0, len(self.events), rng.poisson(mean / self.fraction))

    def per_bin(self, mean: float, bins: int) -> FloatArray:
        """Return the expected number in the mask of each energy bin, ``mean`` in all."""
        counts = np.bincount(self.energy_bin, weights=self.inside, minlength=bins)
        return np.asarray(mean * counts / counts.sum())


def correlated_sources(analysis: Analysis) -> Sources:
    """Return where correlated events of an analysis start, also behind the tracer's mask.

    They start from the tracer's objects, for either kind of signal: the
    density field behind them is not known as a realisation.
    """
    density = source_density(analysis.fields.objects, behind_mask=analysis.signal_density)
    points, relative = density.points, density.density
    if relative is not None:  # points are weighted by steradian
        relative = relative * (4 * np.pi / len(relative))
    return Sources(
        ra=None if points is None else points.ra,
        dec=None if points is None else points.dec,
        weight=None if points is None else points.weight,
        density=relative,
    )


def event_pool(
    analysis: Analysis,
    gamma: float,
    *,
    rng: np.random.Generator,
    sources: Sources | None = None,
    number: int = POOL,
) -> EventPool:
    """Return simulated events of a power law.

    Parameters
    ----------
    analysis
        The analysis.
    gamma
        Spectral index.
    rng
        Random generator.
    sources
        Where they start; isotropic where none are given.
    number
        Simulated events, of which those in an energy bin and near the mask are kept.
    """
    sample = analysis.neutrino_sample
    events = simulate_events(
        sample.response(), PowerLawFlux(1.0, gamma), sources=sources, rng=rng, number=number
    )
    mask = analysis.fields.joint_mask
    seen = rings(analysis.nside).mean(mask) > 0
    ring, _ = ring_fractions(analysis.nside, np.sin(events.dec))
    index = sample.energy_bins.index(events.log10_energy)
    kept = (index >= 0) & (seen[ring] | seen[ring + 1])
    events = _at_times_of(sample.events(), events.select(kept), rng=rng)
    return EventPool(events, index[kept], mask[pixel_index(analysis.nside, events.ra, events.dec)])


def _at_times_of(sample: Events, events: Events, *, rng: np.random.Generator) -> Events:
    """Return simulated events at times when the sample of their season has some."""
    time = events.time.copy()
    for season in np.unique(events.season):
        known = sample.time[sample.season == season]
        own = np.flatnonzero(events.season == season)
        if len(known):
            time[own] = known[rng.integers(0, len(known), len(own))]
    return attrs.evolve(events, time=time)


@attrs.frozen(eq=False, kw_only=True)
class Injections:
    """What is found in data sets with a known signal.

    Attributes
    ----------
    gamma, n_corr, credibility : float
        Injected index, mean number of correlated events in the mask, and
        credibility of the limits.
    truth : array of shape (n_set,)
        f_corr of each set: its correlated events over all, in the mask.
    estimate, sigma : arrays of shape (n_set,)
        Unconstrained f_corr at the injected index, and its standard deviation.
    free_f_corr, free_gamma, test_statistic : arrays of shape (n_set,)
        Fit with f_corr >= 0 and gamma free.
    events_per_bin : array of shape (n_bin,)
        Mean number of events in the mask.
    """

    gamma: float
    n_corr: float
    credibility: float
    truth: FloatArray
    estimate: FloatArray
    sigma: FloatArray
    free_f_corr: FloatArray
    free_gamma: FloatArray
    test_statistic: FloatArray
    events_per_bin: FloatArray

    @property
    def pulls(self) -> FloatArray:
        """``(estimate - truth) / sigma`` of each set."""
        return np.asarray((self.estimate - self.truth) / self.sigma)

    @property
    def mean_pull(self) -> tuple[float, float]:
        """Mean of the pulls and its standard error."""
        return _mean(self.pulls)

    @property
    def bias(self) -> tuple[float, float]:
        """Relative bias of f_corr at the injected index, and its standard error."""
        mean, error = _mean(self.estimate - self.truth)
        return mean / float(self.truth.mean()), error / float(self.truth.mean())

    @property
    def free_bias(self) -> tuple[float, float]:
        """Relative bias of f_corr with gamma free and f_corr >= 0, and its standard error."""
        mean, error = _mean(self.free_f_corr - self.truth)
        return mean / float(self.truth.mean()), error / float(self.truth.mean())

    @property
    def coverage(self) -> tuple[float, float]:
        """Fraction of the sets whose limit at the injected index is above the truth; its binomial error."""
        limits = truncated_gaussian_limit(self.estimate / self.sigma, 1.0, self.credibility) * self.sigma
        fraction = float(np.mean(limits >= self.truth))
        return fraction, float(np.sqrt(fraction * (1 - fraction) / len(limits)))


def _mean(values: FloatArray) -> tuple[float, float]:
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))


def inject(
    analysis: Analysis,
    gamma: float,
    n_corr: float,
    sets: int,
    *,
    n_isotropic: float = 0.0,
    events_per_bin: Sequence[float] | None = None,
    pool: EventPool | None = None,
    progress: Progress | None = None,
) -> Injections:
    """Return what the analysis finds in data sets with a known signal.

    Parameters
    ----------
    analysis
        The analysis; the background of a set are realisations of its null.
    gamma
        Spectral index of the correlated events.
    n_corr
        Mean number of correlated events in the mask.
    sets
        Number of data sets.
    n_isotropic
        Mean number of isotropic events of the diffuse flux's index in the mask, beside what is in
        the sample.
    events_per_bin
        Mean number of all events in the mask per energy bin: the sample's
        events are drawn with replacement. The sample itself where none is given.
    pool
        Correlated events; simulated where none are given.
    progress
        Reports progress.

    Raises
    ------
    ParameterError
        If more events are injected than ``events_per_bin`` has.
    """
    rng = seeds.generator(analysis.seed, f"injection pool {gamma:g}")
    if pool is None:
        pool = event_pool(analysis, gamma, rng=rng, sources=correlated_sources(analysis))
    isotropic = event_pool(analysis, analysis.diffuse_flux.gamma, rng=rng) if n_isotropic else None
    signals = [(pool, n_corr)] + ([(isotropic, n_isotropic)] if isotropic is not None else [])
    bins = analysis.bins
    numbers = None if events_per_bin is None else background_numbers(bins, signals, events_per_bin)
    moments = analysis.background.repeated_moments(analysis.kernel)
    steps = [(start, min(_BATCH, sets - start)) for start in range(0, sets, _BATCH)]

    def batch(step: tuple[int, int]) -> list[tuple[GaussianModel, FloatArray, float]]:
        parts, truths = [], []
        for number in range(step[0], sum(step)):
            own = seeds.generator(analysis.seed, f"injection {gamma:g} {n_corr:g}", number)
            part, truth = draw_set(analysis, bins, numbers, signals, rng=own)
            parts.append(part)
            truths.append(truth)
        spectra = measured_sets(analysis, parts, moments)
        return [(analysis.model(m), m.events_per_bin, t) for (m,), t in zip(spectra, truths, strict=True)]

    _ = analysis.templates, analysis.exposure  # computed once, before threads ask for them
    found: list[tuple[float, ...]] = []
    events = []
    # one thread per set: those of linear algebra would compete with them
    with threadpool_limits(1), ThreadPoolExecutor(thread_count()) as threads:
        done = threads.map(batch, steps)
        label = f"injected sets, gamma {gamma:g}"
        for results in (progress or Silent()).track(done, label, len(steps)):
            for model, number, truth in results:
                estimate, sigma = unconstrained(model, gamma)
                best = profile_likelihood(model)
                fit = (best.f_corr[0], best.gamma[0], best.test_statistic[0])
                found.append((truth / number.sum(), float(estimate), sigma, *map(float, fit)))
                events.append(number)
    truth_, estimate_, sigma_, free_f, free_gamma, statistic = np.array(found).T
    return Injections(
        gamma=gamma,
        n_corr=n_corr,
        credibility=analysis.credibility,
        truth=truth_,
        estimate=estimate_,
        sigma=sigma_,
        free_f_corr=free_f,
        free_gamma=free_gamma,
        test_statistic=statistic,
        events_per_bin=np.mean(events, axis=0),
    )


def background_numbers(
    bins: Sequence[BinData], signals: Sequence[tuple[EventPool, float]], wanted: Sequence[float]
) -> list[int]:
    """Return how many background events each bin needs, those outside the mask among them."""
    if len(wanted) != len(bins):
        raise ParameterError(f"events_per_bin: {len(wanted)} numbers for {len(bins)} energy bins")
    taken = np.sum([pool.per_bin(mean, len(bins)) for pool, mean in signals], axis=0)
    result = []
    for bin_data, target, injected in zip(bins, wanted, taken, strict=True):
        inside = rings(bin_data.nside).mean(bin_data.mask)
        ring, fraction = ring_fractions(bin_data.nside, np.sin(bin_data.events.dec))
        reach = float(np.mean(fraction * inside[ring] + (1 - fraction) * inside[ring + 1]))
        if target < injected:
            raise ParameterError(
                f"events_per_bin: {target:g} in bin {bin_data.label}, fewer than the {injected:.0f} injected"
            )
        result.append(round((target - injected) / reach))
    return result


def draw_set(
    analysis: Analysis,
    bins: Sequence[BinData],
    numbers: Sequence[int] | None,
    signals: Sequence[tuple[EventPool, float]],
    *,
    rng: np.random.Generator,
) -> tuple[list[BinData], float]:
    """Return the events of a set per energy bin, and its correlated events in the mask."""
    drawn = [(pool, pool.draw(mean, rng=rng)) for pool, mean in signals]
    parts = []
    for i, bin_data in enumerate(bins):
        base = bin_data
        if numbers is not None:
            chosen = rng.integers(0, len(bin_data.events), numbers[i])
            base = attrs.evolve(bin_data, events=bin_data.events.select(chosen))
        events = [plugin_answers.realized(analysis.background, base, rng=rng)]
        events += [pool.events.select(index[pool.energy_bin[index] == i]) for pool, index in drawn]
        parts.append(attrs.evolve(bin_data, events=Events.concatenate(events)))
    pool, index = drawn[0]
    return parts, float(pool.inside[index].sum())


def measured_sets(
    analysis: Analysis,
    sets: Sequence[Sequence[BinData]],
    moments: measurement.Moments,
    models: Sequence[tuple[measurement.Templates, Exposure]] = (),
) -> Iterator[list[CrossSpectrum]]:
    """Yield the measured spectrum of each set; the kernel is read once for all of them.

    Parameters
    ----------
    analysis
        The analysis.
    sets
        Events per energy bin of each set.
    moments
        Of :meth:`nuweft.interfaces.BackgroundModel.repeated_moments`.
    models
        Templates with their exposure, of which each makes a spectrum; those of the analysis where none are
        given.
    """
    models = models or [(analysis.templates, analysis.exposure)]
    flat = [bin_data for part in sets for bin_data in part]
    counts = [count_map(bin_data.nside, bin_data.events.ra, bin_data.events.dec) for bin_data in flat]
    expected = [analysis.background.template_counts(bin_data) for bin_data in flat]
    weighted = np.stack(
        [n * bin_data.weights for n, bin_data in zip([*counts, *expected], [*flat, *flat], strict=True)]
    )
    response = analysis.kernel
    spectra = response.offset + response.apply(weighted) / response.mean(weighted)[:, None]
    exact = moments(flat)
    n_bin = len(analysis.bins)
    for k, part in enumerate(sets):
        own = slice(k * n_bin, (k + 1) * n_bin)
        yield [
            measurement.assemble(
                tracer=analysis.tracer.plugin_name,
                bins=part,
                counts=counts[own],
                data=list(spectra[: len(flat)][own]),
                moments=exact[own],
                atmospheric=list(spectra[len(flat) :][own]),
                templates=templates,
                signal=analysis.signal,
                exposure=exposure,
                kernel=response,
            )
            for templates, exposure in models
        ]


def injected_f_corr(analysis: Analysis) -> float:
    """Return the true fraction of correlated events among those in the joint mask and the energy bins.

    Raises
    ------
    DataError
        If the sample does not know the origin of its events.
    """
    sample = analysis.neutrino_sample
    origin = sample.origin()
    if origin is None:
        raise DataError(f"{sample.plugin_name}: the origin of its events is not known")
    events = sample.events()
    used = sample.energy_bins.index(events.log10_energy) >= 0
    used &= analysis.fields.joint_mask[pixel_index(analysis.nside, events.ra, events.dec)] > 0
    return float(np.mean(origin[used] == CORRELATED))
