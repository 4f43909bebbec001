"""Signal templates from simulated data sets, as a check of the expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from nuweft import seeds
from nuweft.sky.pixels import count_map
from nuweft.sky.rings import rings
from nuweft.studies.injection import POOL, correlated_sources, event_pool
from nuweft.typing import FloatArray

if TYPE_CHECKING:
    from nuweft.analysis import Analysis

_BATCH = 32


@attrs.frozen(eq=False)
class SimulatedTemplates:
    """Mean template over Poisson data sets.

    Attributes
    ----------
    mean, error : arrays of shape (n_bin, n_ell)
        Mean over sets, and its standard error.
    """

    mean: FloatArray
    error: FloatArray


def simulated_templates(
    analysis: Analysis, gamma: float, *, sets: int = 1000, events: float = 100_000.0, pool: int = POOL
) -> SimulatedTemplates:
    """Return the signal template of each energy bin from Poisson data sets (Abbasi et al. 2025).

    Every set is made of simulated events that come from the tracer; its
    spectrum is that of the events, without what the atmospheric template
    absorbs where the analysis subtracts that.

    Parameters
    ----------
    analysis
        The analysis, with ``signal: sources``.
    gamma
        Spectral index.
    sets
        Number of data sets.
    events
        Mean number of events of a set in the mask.
    pool
        Simulated events from which sets are drawn.
    """
    rng = seeds.generator(analysis.seed, f"simulated templates {gamma:g}")
    drawn_from = event_pool(analysis, gamma, rng=rng, sources=correlated_sources(analysis), number=pool)
    response, grid = analysis.kernel, rings(analysis.nside)
    found = []
    for start in range(0, sets, _BATCH):
        chosen = [drawn_from.draw(events, rng=rng) for _ in range(min(_BATCH, sets - start))]
        rows = []
        for i, bin_data in enumerate(analysis.bins):
            counts = np.stack(
                [
                    count_map(analysis.nside, drawn_from.events.ra[own], drawn_from.events.dec[own])
                    for index in chosen
                    for own in [index[drawn_from.energy_bin[index] == i]]
                ]
            )
            weighted = counts * bin_data.weights
            mean = response.mean(weighted)[:, None]
            spectrum = response.apply(weighted) / mean + response.offset
            if analysis.subtract_ra_mean:
                averaged = grid.expand(grid.mean(counts)) * bin_data.weights
                fraction = response.mean(averaged)[:, None] / mean
                spectrum -= response.apply(averaged) / mean + fraction * response.offset
            rows.append(spectrum)
        found.append(np.stack(rows, axis=1))
    spectra = np.concatenate(found)
    return SimulatedTemplates(spectra.mean(axis=0), spectra.std(axis=0) / np.sqrt(sets))
