"""Expected events of a flux that depends on energy and declination only, per ring of pixels."""

from __future__ import annotations

import numpy as np

from nuweft.irf.detector import DetectorResponse
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.exposure import subdivide
from nuweft.irf.simulation import Flux
from nuweft.sky.harmonics import zonal_alm, zonal_synthesis
from nuweft.sky.pixels import pixel_count
from nuweft.sky.rings import rings
from nuweft.typing import FloatArray


def ring_counts(
    response: DetectorResponse, flux: Flux, energy_bins: EnergyBins, nside: int, *, oversampling: int = 8
) -> FloatArray:
    """Return the expected events of a pixel of each ring, at reconstructed declination.

    Parameters
    ----------
    response
        Response of all seasons.
    flux
        Differential flux, uniform in right ascension.
    energy_bins
        Bins of reconstructed energy.
    nside
        Resolution whose rings are wanted.
    oversampling
        The true sky is sampled on ``oversampling * nside``.

    Returns
    -------
    array of shape (n_bin, nring)
    """
    fine = nside * oversampling
    lmax = 3 * fine - 1
    sin_dec = rings(fine).sin_dec
    alm = np.zeros((len(energy_bins), lmax + 1))
    for season in response.seasons:
        area, smearing = season.effective_area, season.smearing
        edges = subdivide(area.log10_energy_edges)
        middle = 0.5 * (edges[1:] + edges[:-1])
        width = np.log(10) * np.diff(edges) * 10**middle
        rate = flux(10 ** middle[:, None], sin_dec) * area(middle[:, None], sin_dec)
        rate *= width[:, None] * season.livetime
        band = np.searchsorted(smearing.energy_sin_dec_edges, sin_dec, side="right")
        window = smearing.windows(energy_bins, lmax)
        n_energy, n_dec, n_window, _ = window.shape
        energy_cell = np.searchsorted(smearing.log10_energy_edges, middle, side="right") - 1
        energy_cell = np.clip(energy_cell, 0, n_energy - 1)
        dec_cell = np.searchsorted(smearing.sin_dec_edges, sin_dec, side="right") - 1
        dec_cell = np.clip(dec_cell, 0, n_dec - 1)
        profile = np.zeros((n_energy, len(energy_bins), len(sin_dec)))
        for b in np.unique(band):
            chosen = band == b
            probability = smearing.probability(middle, float(sin_dec[chosen][0]), energy_bins)
            for e in np.unique(energy_cell):
                rows = energy_cell == e
                profile[e][:, chosen] = probability[rows].T @ rate[rows][:, chosen]
        for e in np.unique(energy_cell):
            for d in np.unique(dec_cell):
                inside = profile[e] * (dec_cell == d)
                own = window[e, d, np.minimum(np.arange(len(energy_bins)), n_window - 1)]
                alm += zonal_alm(inside, fine, lmax) * own
    density = zonal_synthesis(alm, nside)
    return np.asarray(np.clip(density, 0.0, None) * (4 * np.pi / pixel_count(nside)))
