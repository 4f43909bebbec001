"""Events drawn from a sky, a spectrum and a response."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nuweft.irf.detector import DetectorResponse, SeasonResponse
from nuweft.irf.events import Events
from nuweft.irf.exposure import subdivide
from nuweft.process.capacity import check_events
from nuweft.sky.pixels import geometry, pixel_centres, resolution, upgrade
from nuweft.sky.sources import Sources
from nuweft.typing import FloatArray, IntArray

Flux = Callable[[FloatArray, FloatArray], FloatArray]
"""Differential flux in GeV^-1 cm^-2 s^-1 sr^-1 of (energy in GeV, sin(dec)), which broadcast."""


def expected_cells(season: SeasonResponse, flux: Flux) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return expected events of an isotropic-in-RA flux per cell of energy and declination.

    Returns
    -------
    log10_energy_edges : array of shape (n_energy + 1,)
    sin_dec_edges : array of shape (n_dec + 1,)
    events : array of shape (n_energy, n_dec)
    """
    area = season.effective_area
    edges = subdivide(area.log10_energy_edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    energy = 10**middle
    width = np.log(10) * np.diff(edges) * energy
    dec = 0.5 * (area.sin_dec_edges[1:] + area.sin_dec_edges[:-1])
    solid_angle = 2 * np.pi * np.diff(area.sin_dec_edges)
    rate = flux(energy[:, None], dec[None, :]) * area(middle[:, None], dec[None, :])
    return edges, area.sin_dec_edges, rate * width[:, None] * solid_angle * season.livetime


def simulate_events(
    response: DetectorResponse,
    flux: Flux,
    *,
    rng: np.random.Generator,
    sources: Sources | None = None,
    number: int | None = None,
    oversampling: int = 4,
) -> Events:
    """Return reconstructed events of a flux.

    Parameters
    ----------
    response
        Response of the sample.
    flux
        Differential flux, averaged over the sky where there are ``sources``.
    rng
        Random generator.
    sources
        Where events start; uniform in right ascension where none are given.
        The flux from a direction is ``flux`` times the relative density of the
        sources there.
    number
        Number of events; Poisson with the expectation where none is given.
    oversampling
        Pixel sources are located on a grid this much finer.

    Returns
    -------
    Events
        Times are zero: the flux is steady.
    """
    draw = None if sources is None else _SourcePicker(sources, oversampling)
    cells = [expected_cells(season, flux) for season in response.seasons]
    expected = []
    for _, dec_edges, events in cells:
        expected.append(events if draw is None else events * draw.relative_density(dec_edges))
    totals = np.array([e.sum() for e in expected])
    check_events(float(totals.sum()) if number is None else number)
    counts = rng.poisson(totals) if number is None else rng.multinomial(number, totals / totals.sum())
    parts = []
    for i, (season, (energy_edges, dec_edges, _), mean, n) in enumerate(
        zip(response.seasons, cells, expected, counts, strict=True)
    ):
        cell = rng.choice(mean.size, size=int(n), p=mean.ravel() / mean.sum()) if n else np.zeros(0, int)
        a, b = np.divmod(cell, mean.shape[1])
        log10_energy = energy_edges[a] + rng.random(len(cell)) * np.diff(energy_edges)[a]
        if draw is None:
            sin_dec = dec_edges[b] + rng.random(len(cell)) * np.diff(dec_edges)[b]
            ra, dec = rng.uniform(0, 2 * np.pi, len(cell)), np.arcsin(sin_dec)
        else:
            ra, dec = draw.positions(dec_edges, b, rng=rng)
        sin_true = np.clip(np.sin(dec), -1, 1)
        seen = season.smearing.sample(log10_energy, sin_true, rng=rng)
        ra, dec = displace(ra, dec, seen.separation, rng.uniform(0, 2 * np.pi, len(cell)))
        parts.append(
            Events(
                ra=ra,
                dec=dec,
                log10_energy=seen.log10_energy,
                angular_error=seen.angular_error,
                time=np.zeros(len(cell)),
                season=np.full(len(cell), i, dtype=np.int64),
            )
        )
    return Events.concatenate(parts)


def displace(
    ra: FloatArray, dec: FloatArray, separation: FloatArray, position_angle: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return directions at given separations and position angles from others, in radians."""
    sin_d, cos_d = np.sin(dec), np.cos(dec)
    sin_s, cos_s = np.sin(separation), np.cos(separation)
    new_sin = np.clip(sin_d * cos_s + cos_d * sin_s * np.cos(position_angle), -1, 1)
    step = np.arctan2(np.sin(position_angle) * sin_s * cos_d, cos_s - sin_d * new_sin)
    return np.mod(ra + step, 2 * np.pi), np.arcsin(new_sin)


class _SourcePicker:
    """Draws source positions within declination bands."""

    def __init__(self, sources: Sources, oversampling: int) -> None:
        ra, dec, weight = [], [], []
        self._fine: int | None = None
        if sources.density is not None:
            self._fine = resolution(sources.density) * oversampling
            fine = upgrade(sources.density, self._fine) / oversampling**2
            self._pixels = np.flatnonzero(fine > 0)
            all_ra, all_dec = pixel_centres(self._fine)
            ra.append(all_ra[self._pixels])
            dec.append(all_dec[self._pixels])
            weight.append(fine[self._pixels])
        if sources.ra is not None and sources.dec is not None and sources.weight is not None:
            ra.append(sources.ra)
            dec.append(sources.dec)
            weight.append(sources.weight)
        self._n_pixels = len(weight[0]) if self._fine is not None else 0
        self._ra, self._dec = np.concatenate(ra), np.concatenate(dec)
        self._weight = np.concatenate(weight)
        self._order = np.argsort(self._dec)
        self._sin_dec = np.sin(self._dec[self._order])
        self._cumulative = np.concatenate([[0.0], np.cumsum(self._weight[self._order])])

    def relative_density(self, sin_dec_edges: FloatArray) -> FloatArray:
        """Return the mean density of each band relative to the whole sky."""
        at = self._cumulative[np.searchsorted(self._sin_dec, sin_dec_edges)]
        return np.asarray(np.diff(at) / self._cumulative[-1] / (np.diff(sin_dec_edges) / 2))

    def positions(
        self, sin_dec_edges: FloatArray, band: IntArray, *, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Return a source position for each event of given bands."""
        at = self._cumulative[np.searchsorted(self._sin_dec, sin_dec_edges)]
        u = at[band] + rng.random(len(band)) * (at[band + 1] - at[band])
        index = np.clip(np.searchsorted(self._cumulative, u, side="right") - 1, 0, len(self._order) - 1)
        chosen = self._order[index]
        ra, dec = self._ra[chosen], self._dec[chosen]
        if self._fine is not None:
            inside = chosen < self._n_pixels
            ra[inside], dec[inside] = uniform_in_pixels(self._fine, self._pixels[chosen[inside]], rng=rng)
        return ra, dec


def uniform_in_pixels(
    nside: int, pixels: IntArray, *, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return a direction drawn uniformly within each RING pixel, in radians."""
    factor = 2**24 // nside
    nested = geometry(nside).ring2nest(pixels).astype(np.int64)
    child = nested * factor**2 + rng.integers(0, factor**2, len(pixels))
    from ducc0.healpix import Healpix_Base

    theta, phi = Healpix_Base(nside * factor, "NEST").pix2ang(child).T
    return np.ascontiguousarray(phi), np.pi / 2 - theta
