"""Observed and predicted counts per cell of reconstructed energy and declination."""

from __future__ import annotations

from itertools import pairwise

import attrs
import numpy as np
from scipy import special

from nuweft.irf.detector import SeasonResponse
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.exposure import subdivide
from nuweft.irf.simulation import Flux
from nuweft.typing import FloatArray

_STEP = 0.0125  # in sin(dec), over which flux and area are sampled


@attrs.frozen(eq=False, kw_only=True)
class CountTable:
    """Counts of a season in cells of reconstructed energy and declination.

    Attributes
    ----------
    log10_energy_edges : array of shape (n_energy + 1,)
        Of log10(E_reco/GeV).
    sin_dec_edges : array of shape (n_dec + 1,)
    observed, predicted : arrays of shape (n_energy, n_dec)
    """

    log10_energy_edges: FloatArray
    sin_dec_edges: FloatArray
    observed: FloatArray
    predicted: FloatArray

    @property
    def normalised(self) -> FloatArray:
        """Prediction scaled to the observed number of each declination band: the shape in energy."""
        return np.asarray(self.predicted * self.observed.sum(axis=0) / self.predicted.sum(axis=0))

    def residual(self, expected: FloatArray) -> FloatArray:
        """Return signed roots of the Poisson deviance of each cell."""
        n = self.observed
        mu = np.maximum(expected, 1e-300)
        deviance = 2 * np.clip(mu - n + special.xlogy(n, n / mu), 0, None)
        return np.asarray(np.sign(n - mu) * np.sqrt(deviance))

    def chi2_per_cell(self, *, model_error: float = 0.0, least: float = 10.0, shape: bool = True) -> float:
        """Return chi2 per cell with at least so many expected events.

        Parameters
        ----------
        model_error
            Relative error of the prediction, added in quadrature.
        least
            Expected events from which a cell counts.
        shape
            Whether declination bands are scaled to their observed number;
            otherwise the whole table is.
        """
        whole = self.predicted * self.observed.sum() / self.predicted.sum()
        expected = self.normalised if shape else whole
        used = expected >= least
        variance = expected + (model_error * expected) ** 2
        return float(np.mean((self.observed - expected)[used] ** 2 / variance[used]))


def true_rates(
    season: SeasonResponse, flux: Flux, sin_dec_edges: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return events of each cell of true energy and declination before energy is reconstructed.

    Parameters
    ----------
    season
        Response of a season.
    flux
        Differential flux, uniform in right ascension.
    sin_dec_edges
        Bands of the sine of the declination.

    Returns
    -------
    log10_energy : array of shape (n_energy,)
        Centres of true energy.
    sin_dec : array of shape (n_dec, n_fine)
        Centres of the steps of each band.
    events : array of shape (n_energy, n_dec, n_fine)
    """
    area = season.effective_area
    edges = subdivide(area.log10_energy_edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    width = np.log(10) * np.diff(edges) * 10**middle
    steps = int(np.ceil(np.diff(sin_dec_edges).max() / _STEP))
    inside = (np.arange(steps) + 0.5) / steps
    sin_dec = np.stack([a + (b - a) * inside for a, b in pairwise(sin_dec_edges)])
    rate = flux(10 ** middle[:, None, None], sin_dec) * area(middle[:, None, None], sin_dec)
    solid_angle = 2 * np.pi * np.diff(sin_dec_edges)[:, None] / steps
    return middle, sin_dec, rate * width[:, None, None] * solid_angle * season.livetime


def predicted_counts(
    season: SeasonResponse, flux: Flux, log10_energy_edges: FloatArray, sin_dec_edges: FloatArray
) -> FloatArray:
    """Return expected events per cell, shape (n_energy, n_dec); the point spread is left out.

    Parameters
    ----------
    season, flux, sin_dec_edges
        As in :func:`true_rates`.
    log10_energy_edges
        Bins of log10(E_reco/GeV).
    """
    energy, sin_dec, events = true_rates(season, flux, sin_dec_edges)
    bins = EnergyBins(tuple(log10_energy_edges))
    bands = np.searchsorted(season.smearing.energy_sin_dec_edges, sin_dec, side="right")
    result = np.zeros((len(bins), len(sin_dec)))
    for band in np.unique(bands):
        chosen = bands == band
        probability = season.smearing.probability(energy, float(sin_dec[chosen][0]), bins)
        result += probability.T @ np.where(chosen, events, 0.0).sum(axis=2)
    return result


def count_table(
    season: SeasonResponse,
    flux: Flux,
    log10_energy: FloatArray,
    sin_dec: FloatArray,
    *,
    log10_energy_edges: FloatArray,
    sin_dec_edges: FloatArray,
) -> CountTable:
    """Return observed against predicted counts.

    Parameters
    ----------
    season, flux
        As in :func:`true_rates`.
    log10_energy, sin_dec
        Of the observed events, shape (n,).
    log10_energy_edges, sin_dec_edges
        Cells.
    """
    observed, _, _ = np.histogram2d(log10_energy, sin_dec, [log10_energy_edges, sin_dec_edges])
    return CountTable(
        log10_energy_edges=log10_energy_edges,
        sin_dec_edges=sin_dec_edges,
        observed=observed,
        predicted=predicted_counts(season, flux, log10_energy_edges, sin_dec_edges),
    )
