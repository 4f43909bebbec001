"""Exposure: expected events per flux, as a sum of separable terms.

A flux ``phi_0 (E/100 TeV)^-gamma`` from true declination delta is seen as
``sum_c a_c(i, gamma; delta)`` events of reconstructed bin i per ``phi_0`` and
solid angle, spread by the window ``b_c(l)`` of each cell c of season, true
energy and declination. All templates, acceptances and weights follow from
this one object. It is compressed to few terms
``sum_r alpha_r(i, gamma) D_r(delta) w_r(l)``, so that a smeared sky for every
bin and index costs one convolution per term.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import attrs
import numpy as np
from scipy.interpolate import CubicSpline

from nuweft.errors import DataError
from nuweft.flux.power_law import check_gamma, power_law_integrals
from nuweft.irf.detector import DetectorResponse, SeasonResponse
from nuweft.irf.energy_bins import EnergyBins
from nuweft.sky.pixels import resolution
from nuweft.sky.rings import rings
from nuweft.typing import FloatArray, IntArray

Spectra = Callable[[FloatArray], FloatArray]
"""Integrals of fluxes over energy bins, shape (n_spectrum, n_bin), of edges in log10(E/GeV)."""

_ENERGY_STEP = 0.025  # dex
_WINDOW_FLOOR = 1e-5


@attrs.frozen(eq=False, kw_only=True)
class Exposure:
    """Separable exposure of a sample.

    Attributes
    ----------
    gammas : array of shape (n_gamma,)
        Grid of spectral indices; the same index for each slice of energy.
    energy_bins : EnergyBins
    sin_dec_edges : array of shape (n_dec + 1,)
        Bands of true declination in which the profiles are constant.
    coefficients : array of shape (n_bin, n_gamma, n_term)
        alpha_r(i, gamma).
    profiles : array of shape (n_term, n_dec)
        D_r, in events per steradian and unit flux normalisation
        (cm^2 s GeV) where multiplied with the coefficients.
    window_index : array of int, shape (n_term,)
        Window of each term.
    windows : array of shape (n_window, lmax + 1)
        w(l).
    truncation_error : float
        Largest error of the compression, relative to the largest exposure of
        the same bin and index.
    sin_dec_known : tuple of float
        Sine of the declinations from and to which the tables of all seasons
        reach. Beyond, :meth:`band` takes the outermost band, which is right
        only for what the point spread carries over the edge of a mask.
    """

    gammas: FloatArray
    energy_bins: EnergyBins
    sin_dec_edges: FloatArray
    coefficients: FloatArray
    profiles: FloatArray
    window_index: IntArray
    windows: FloatArray
    truncation_error: float
    sin_dec_known: tuple[float, float] = (-1.0, 1.0)

    @property
    def lmax(self) -> int:
        """Multipole beyond which the point spread has erased everything."""
        return int(self.windows.shape[1]) - 1

    def band(self, sin_dec: FloatArray) -> IntArray:
        """Return the declination band of each direction."""
        index = np.searchsorted(self.sin_dec_edges, sin_dec, side="right") - 1
        return np.clip(index, 0, len(self.sin_dec_edges) - 2)

    def check_covers(self, mask: FloatArray) -> None:
        """Check that the tables of all seasons reach over a mask.

        Parameters
        ----------
        mask
            Shape (npix,); pixels that only touch the edge of the tables may be in it.

        Raises
        ------
        DataError
            If a table ends inside the mask; says at which declination.
        """
        nside = resolution(mask)
        grid = rings(nside)
        inside = np.degrees(np.arcsin(grid.sin_dec[grid.mean(mask) > 0]))
        if not inside.size:
            return
        low, high = np.degrees(np.arcsin(np.clip(self.sin_dec_known, -1.0, 1.0)))
        half = 0.5 * np.degrees(np.sqrt(4 * np.pi / len(mask)))  # of a pixel
        for beyond, end, word in (
            (inside.min() < low - half, low, "minimum"),
            (inside.max() > high + half, high, "maximum"),
        ):
            if beyond:
                raise DataError(
                    f"the effective area or smearing of a season ends at declination {end:.2f} deg, but the "
                    f"mask reaches from {inside.min():.2f} to {inside.max():.2f} deg: the response there is "
                    f"not known; narrow the mask with a declination mask ({word}: {end:.2f} deg), or give "
                    "tables that cover it"
                )

    def true_declination(self) -> FloatArray:
        """Return the exposure in each band of true declination, shape (n_bin, n_gamma, n_dec)."""
        at_zero = self.profiles * self.windows[self.window_index, 0][:, None]
        return np.asarray(self.coefficients @ at_zero)

    def point_spread_windows(self, gamma: float, mask: FloatArray) -> FloatArray:
        """Return b_l of each energy bin, averaged over the events of an isotropic flux in a mask.

        Parameters
        ----------
        gamma
            Spectral index, one of ``gammas`` or in between.
        mask
            Shape (npix,).

        Returns
        -------
        array of shape (n_bin, lmax + 1)

        Raises
        ------
        GammaRangeError
            If gamma is outside the grid.
        DataError
            If the response is not known somewhere inside the mask.
        """
        gamma = check_gamma(gamma, self.gammas[0], self.gammas[-1])
        self.check_covers(mask)
        grid = rings(resolution(mask))
        area = grid.mean(mask) * grid.size
        per_band = np.bincount(self.band(grid.sin_dec), weights=area, minlength=self.profiles.shape[1])
        terms = (self.profiles @ per_band)[:, None] * self.windows[self.window_index]
        smeared = CubicSpline(self.gammas, self.coefficients, axis=1)(gamma) @ terms
        return np.asarray(smeared / smeared[:, :1])


def exposure(
    response: DetectorResponse,
    energy_bins: EnergyBins,
    gammas: FloatArray,
    *,
    lmax: int,
    tolerance: float = 3e-3,
) -> Exposure:
    """Return the separable exposure of a sample.

    Parameters
    ----------
    response
        Response of all seasons.
    energy_bins
        Bins of reconstructed energy.
    gammas
        Grid of spectral indices.
    lmax
        Largest multipole kept; fewer are kept where the point spread is broad.
    tolerance
        Singular values that are dropped, relative to the largest exposure of
        the same bin and index; the error that results is measured and smaller.
    """
    gammas = np.asarray(gammas, dtype=float)

    def spectra(edges: FloatArray) -> FloatArray:
        return power_law_integrals(edges, gammas)

    cells = _cells(response, energy_bins, spectra, np.zeros(0), lmax)
    scale = cells.exposure.sum(axis=0).max(axis=-1)
    return attrs.evolve(
        _compress(cells, scale, gammas, energy_bins, tolerance), sin_dec_known=_known(response)
    )


def sliced_exposure(
    response: DetectorResponse,
    energy_bins: EnergyBins,
    gamma: float,
    log10_energy_edges: FloatArray,
    *,
    lmax: int,
    tolerance: float = 3e-3,
) -> Exposure:
    """Return the exposure of the parts of a power law in slices of true energy.

    As :func:`exposure`, with slices in place of spectral indices; their sum is
    the exposure of the whole power law within the slices.

    Parameters
    ----------
    response, energy_bins, lmax
        As in :func:`exposure`.
    gamma
        Spectral index.
    log10_energy_edges
        Edges of the slices in log10(E_true/GeV), shape (n_slice + 1,).
    tolerance
        Singular values that are dropped, relative to the largest exposure of
        the bin over all slices.
    """
    slices = np.asarray(log10_energy_edges, dtype=float)

    def spectra(edges: FloatArray) -> FloatArray:
        middle = 0.5 * (edges[1:] + edges[:-1])
        inside = np.searchsorted(slices, middle, side="right") - 1 == np.arange(len(slices) - 1)[:, None]
        return np.asarray(power_law_integrals(edges, np.array([gamma])) * inside)

    cells = _cells(response, energy_bins, spectra, slices, lmax)
    whole = cells.exposure.sum(axis=(0, 2)).max(axis=-1)
    scale = np.repeat(whole[:, None], len(slices) - 1, axis=1)
    labels = np.full(len(slices) - 1, float(gamma))
    return attrs.evolve(
        _compress(cells, scale, labels, energy_bins, tolerance), sin_dec_known=_known(response)
    )


def _known(response: DetectorResponse) -> tuple[float, float]:
    """Return from and to which sine of declination the tables of all seasons reach."""
    edges = [e for s in response.seasons for e in (s.effective_area.sin_dec_edges, s.smearing.sin_dec_edges)]
    return max(float(e[0]) for e in edges), min(float(e[-1]) for e in edges)


@attrs.frozen(eq=False)
class _Cells:
    """Exposure (cell, bin, spectrum, dec) and window (cell, l) of each cell of the smearing."""

    sin_dec_edges: FloatArray
    exposure: FloatArray
    window: FloatArray


def _cells(
    response: DetectorResponse, energy_bins: EnergyBins, spectra: Spectra, slices: FloatArray, lmax: int
) -> _Cells:
    edges = _union([s.effective_area.sin_dec_edges for s in response.seasons])
    for season in response.seasons:
        inner = [season.smearing.sin_dec_edges, season.smearing.energy_sin_dec_edges]
        edges = _union([edges, *(_inside(e, edges) for e in inner)])
    windows: dict[int, FloatArray] = {}  # seasons may share a smearing
    areas, spread = [], []
    for season in response.seasons:
        key = id(season.smearing)
        if key not in windows:
            windows[key] = season.smearing.windows(energy_bins, lmax)
        a, b = _season_cells(season, energy_bins, spectra, slices, edges, windows[key])
        areas.append(a)
        spread.append(b)
    return _Cells(edges, np.concatenate(areas), np.concatenate(spread))


def _compress(
    cells: _Cells, scale: FloatArray, labels: FloatArray, energy_bins: EnergyBins, tolerance: float
) -> Exposure:
    """Return cells as few separable terms; errors relative to a scale of shape (bin, spectrum)."""
    scale = np.where(scale > 0, scale, 1.0)
    relative = cells.exposure / scale[None, :, :, None]
    importance = relative.max(axis=(1, 2, 3))
    used = importance > 0.1 * tolerance / max(len(relative), 1)
    relative, window, importance = relative[used], cells.window[used], importance[used]

    reach = np.flatnonzero((importance[:, None] * np.abs(window)).max(axis=0) > _WINDOW_FLOOR)
    window = window[:, : reach[-1] + 1]

    # First the windows: b_c(l) = sum_j beta_cj w_j(l) ...
    u, s, vt = np.linalg.svd(importance[:, None] * window, full_matrices=False)
    keep = s > 0.1 * tolerance * s[0]
    basis, beta = vt[keep], (u[:, keep] * s[keep]) / importance[:, None]
    # ... then, for each window, the declination profiles.
    mixed = np.einsum("cj,cigd->jigd", beta, relative, optimize=True)
    n_window, n_bin, n_gamma, n_dec = mixed.shape
    size = np.abs(basis).max(axis=1)
    coefficients, profiles, index = [], [], []
    for j in range(n_window):
        left, singular, right = np.linalg.svd(mixed[j].reshape(-1, n_dec), full_matrices=False)
        kept = singular * size[j] > tolerance
        coefficients.append((left[:, kept] * singular[kept]).reshape(n_bin, n_gamma, -1))
        profiles.append(right[kept])
        index.append(np.full(int(kept.sum()), j))
    coefficient = np.concatenate(coefficients, axis=-1)
    profile, window_index = np.concatenate(profiles), np.concatenate(index)

    # The error is measured, not assumed: compare on a sample of multipoles.
    sample = np.unique(np.linspace(0, window.shape[1] - 1, 24).astype(int))
    exact = np.einsum("cigd,cl->igdl", relative, window[:, sample], optimize=True)
    approximate = np.einsum(
        "igr,rd,rl->igdl", coefficient, profile, basis[window_index][:, sample], optimize=True
    )
    return Exposure(
        gammas=labels,
        energy_bins=energy_bins,
        sin_dec_edges=cells.sin_dec_edges,
        coefficients=coefficient * scale[:, :, None],
        profiles=profile,
        window_index=window_index,
        windows=basis,
        truncation_error=float(np.abs(exact - approximate).max()),
    )


def subdivide(log10_edges: FloatArray) -> FloatArray:
    """Return edges of energy bins that are at most 0.025 dex wide, the given ones among them."""
    parts = [
        np.linspace(a, b, int(np.ceil((b - a) / _ENERGY_STEP - 1e-9)) + 1)[:-1]
        for a, b in pairwise(log10_edges)
    ]
    return np.append(np.concatenate(parts), log10_edges[-1])


def _union(edges: list[FloatArray]) -> FloatArray:
    values = np.sort(np.concatenate(edges))
    return np.asarray(values[np.concatenate([[True], np.diff(values) > 1e-9])])


def _season_cells(
    season: SeasonResponse,
    bins: EnergyBins,
    spectra: Spectra,
    slices: FloatArray,
    sin_dec_edges: FloatArray,
    window: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return exposure (cell, bin, spectrum, dec) and window (cell, l) of each cell of the smearing."""
    area, smearing = season.effective_area, season.smearing
    inner = [_inside(e, area.log10_energy_edges) for e in (smearing.log10_energy_edges, slices)]
    fine = subdivide(_union([area.log10_energy_edges, *inner]))
    middle = 0.5 * (fine[1:] + fine[:-1])
    flux = spectra(fine) * season.livetime  # (spectrum, energy)
    dec = 0.5 * (sin_dec_edges[1:] + sin_dec_edges[:-1])
    table = area(middle[:, None], dec[None, :])  # (energy, dec)
    probability = np.empty((len(bins), len(middle), len(dec)))
    response_band = np.searchsorted(smearing.energy_sin_dec_edges, dec, side="right")
    for band in np.unique(response_band):
        chosen = response_band == band
        value = smearing.probability(middle, float(dec[chosen][0]), bins)
        probability[:, :, chosen] = value.T[:, :, None]
    n_energy, n_dec, n_window, _ = window.shape
    energy_cell = np.clip(
        np.searchsorted(smearing.log10_energy_edges, middle, side="right") - 1, 0, n_energy - 1
    )
    dec_cell = np.clip(np.searchsorted(smearing.sin_dec_edges, dec, side="right") - 1, 0, n_dec - 1)
    cells = np.zeros((n_energy, n_dec, n_window, len(bins), len(flux), len(dec)))
    for e in np.unique(energy_cell):
        rows = energy_cell == e
        value = np.einsum("ge,ied,ed->igd", flux[:, rows], probability[:, rows], table[rows], optimize=True)
        for d in np.unique(dec_cell):
            for w in range(n_window):
                # a window of its own for each bin, or one for all
                own = slice(w, w + 1) if n_window > 1 else slice(None)
                cells[e, d, w, own][:, :, dec_cell == d] = value[own][:, :, dec_cell == d]
    return cells.reshape(-1, *cells.shape[3:]), window.reshape(-1, window.shape[-1])


def _inside(values: FloatArray, limits: FloatArray) -> FloatArray:
    return np.asarray(values[(values > limits[0]) & (values < limits[-1])])
