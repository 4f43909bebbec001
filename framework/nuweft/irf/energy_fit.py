"""A parametric energy response from the reconstructed energies of atmospheric events.

Where no smearing matrix is at hand, the response is fitted so that flux times
effective area reproduces the observed histogram of reconstructed energy in
each band of declination. Slope and width at high energy are nearly degenerate
there and have priors.
"""

from __future__ import annotations

import attrs
import numpy as np
from scipy.optimize import least_squares

from nuweft.irf.counts import CountTable, count_table, true_rates
from nuweft.irf.detector import SeasonResponse
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.energy_dispersion import LogNormalEnergyDispersion
from nuweft.irf.simulation import Flux
from nuweft.irf.smearing import IndependentSmearing
from nuweft.typing import FloatArray

_LEAST = 1e-3
_BOUNDS = ((2.5, 5.0), (np.log(0.1), 0.0), (0.1, 1.5), (np.log(0.03), np.log(0.4)), (np.log(0.1), 0.0))
"""Of turn, ln softness, slope, ln sigma_low and ln sigma_high."""


@attrs.frozen(eq=False)
class EnergyFit:
    """A fitted energy response and the counts it predicts.

    Attributes
    ----------
    response : LogNormalEnergyDispersion
    table : CountTable
    """

    response: LogNormalEnergyDispersion
    table: CountTable


def fit_energy_dispersion(
    season: SeasonResponse,
    flux: Flux,
    log10_energy: FloatArray,
    sin_dec: FloatArray,
    *,
    log10_energy_edges: FloatArray,
    sin_dec_edges: FloatArray,
    slope: tuple[float, float] = (0.65, 0.05),
    sigma_high: tuple[float, float] = (0.45, 0.05),
    floor_terms: int = 4,
    widening_terms: int = 2,
    model_error: float = 0.1,
    source: str = "fitted",
) -> EnergyFit:
    """Return the log-normal response that reproduces observed energies in every declination band.

    Each band is normalised to its observed number: the fit is to shapes.

    Parameters
    ----------
    season
        Effective area and livetime, and the point spread that is kept.
    flux
        Atmospheric and astrophysical flux, uniform in right ascension.
    log10_energy, sin_dec
        Of the observed events, shape (n,).
    log10_energy_edges, sin_dec_edges
        Cells of the histogram.
    slope, sigma_high
        Mean and standard deviation of the priors.
    floor_terms, widening_terms
        Number of coefficients of the polynomials in sin(dec).
    model_error
        Relative error of the predicted counts of a cell, so that cells with
        many events do not decide alone.
    source
        Where the response comes from.
    """
    bins = EnergyBins(tuple(log10_energy_edges))
    observed, _, _ = np.histogram2d(log10_energy, sin_dec, [log10_energy_edges, sin_dec_edges])
    true_energy, _, rates = true_rates(season, flux, sin_dec_edges)
    rates = rates.sum(axis=2)
    middle = 0.5 * (sin_dec_edges[1:] + sin_dec_edges[:-1])

    def response(p: FloatArray) -> LogNormalEnergyDispersion:
        return LogNormalEnergyDispersion(
            turn=float(p[0]),
            softness=float(np.exp(p[1])),
            slope=float(p[2]),
            sigma_low=float(np.exp(p[3])),
            sigma_high=float(np.exp(p[4])),
            floor=tuple(p[5 : 5 + floor_terms].tolist()),
            widening=tuple(p[5 + floor_terms :].tolist()),
            sin_dec_range=(float(sin_dec_edges[0]), float(sin_dec_edges[-1])),
            source=source,
        )

    def residuals(p: FloatArray) -> FloatArray:
        trial = response(p)
        predicted = np.stack(
            [trial.probability(true_energy, z, bins).T @ rates[:, j] for j, z in enumerate(middle)], axis=1
        )
        table = CountTable(
            log10_energy_edges=log10_energy_edges,
            sin_dec_edges=sin_dec_edges,
            observed=observed,
            predicted=predicted,
        )
        expected = table.normalised
        of_cells = np.where(expected > _LEAST, table.residual(expected), 0.0)
        of_cells = of_cells / np.sqrt(1 + model_error**2 * expected)
        priors = [(p[2] - slope[0]) / slope[1], (np.exp(p[4]) - sigma_high[0]) / sigma_high[1]]
        return np.append(of_cells.ravel(), priors)

    start = np.concatenate(
        [
            [3.6, np.log(0.4), slope[0], np.log(0.12), np.log(sigma_high[0])],
            [float(np.median(log10_energy)), *np.zeros(floor_terms - 1)],
            np.zeros(widening_terms),
        ]
    )
    free = np.full(floor_terms + widening_terms, np.inf)
    low, high = np.array(_BOUNDS).T
    bounds = (np.append(low, -free), np.append(high, free))
    best = response(least_squares(residuals, start, bounds=bounds, x_scale=0.1).x)
    direction = season.smearing.direction if isinstance(season.smearing, IndependentSmearing) else None
    fitted = attrs.evolve(
        season, smearing=season.smearing if direction is None else IndependentSmearing(best, direction)
    )
    table = count_table(
        fitted,
        flux,
        log10_energy,
        sin_dec,
        log10_energy_edges=log10_energy_edges,
        sin_dec_edges=sin_dec_edges,
    )
    return EnergyFit(best, table)
