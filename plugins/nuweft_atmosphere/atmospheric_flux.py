"""The null hypothesis from an atmospheric flux and the response of the detector."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import attrs
import numpy as np

from nuweft import seeds
from nuweft.data import locate
from nuweft.errors import EmptyEnergyBinError, ModelError, ParameterError
from nuweft.flux import PowerLawFlux, TabulatedFlux, conventional_flux
from nuweft.interfaces import BackgroundModel
from nuweft.irf import EnergyBins, Flux, ring_counts, uniform_in_pixels
from nuweft.model import BinData, Events, LinearKernel, MatchedFilter
from nuweft.parameters import boolean, number, path, text
from nuweft.process import thread_count
from nuweft.sky import count_map, rings
from nuweft.typing import FloatArray
from nuweft_atmosphere.daemonflux import daemonflux_table
from nuweft_atmosphere.data import MCEQ_SOUTH_POLE
from nuweft_atmosphere.moments import poisson_moments


@attrs.frozen(kw_only=True)
class AtmosphericFlux(BackgroundModel):
    r"""Events of an atmospheric flux, and of an isotropic one, seen by the detector.

    Their number is that of the data; declinations follow from flux, effective
    area, energy response and point spread instead of from the events.

    Notes
    -----
    .. math::

        n_p \sim \mathrm{Poisson}\left[T \int dE\, \left(\phi_\mathrm{atm}(E, \delta) +
        \phi_\mathrm{iso}(E)\right) A(E, \delta)\, P(i \mid E, \delta)\, \Omega_p\right]

    smeared by the point spread, and scaled to the events in the mask.
    """

    plugin_name: ClassVar[str] = "atmospheric-flux"
    model: str = text(
        default="analytic",
        choices=("analytic", "table", "daemonflux"),
        doc="pion and kaon terms in closed form, a table of a cascade calculation (MCEq), or daemonflux",
    )
    file: Path | None = path(
        default=None, optional=True, doc="table, where model is table; the named data set where none is given"
    )
    prompt: bool = boolean(default=False, doc="whether the prompt flux of the table is added")
    isotropic_flux: float = number(
        default=1.44e-18,
        ge=0,
        unit="GeV^-1 cm^-2 s^-1 sr^-1",
        doc="isotropic astrophysical flux at 100 TeV that is added",
    )
    isotropic_gamma: float = number(default=2.37, gt=0, le=6, doc="its spectral index")

    def __attrs_post_init__(self) -> None:
        if self.model != "table" and (self.file is not None or self.prompt):
            raise ParameterError(f"model: {self.model!r} reads no table; file and prompt go with 'table'")

    def inputs(self) -> tuple[Path, ...]:
        """Return the table."""
        return (self._table(),) if self.model == "table" else ()

    def _table(self) -> Path:
        return self.file if self.file is not None else locate(MCEQ_SOUTH_POLE.name)

    def flux(self) -> Flux:
        """Return the differential flux in GeV^-1 cm^-2 s^-1 sr^-1."""
        atmosphere: Flux = conventional_flux
        if self.model == "table":
            atmosphere = TabulatedFlux.from_npz(self._table(), prompt=self.prompt)
        elif self.model == "daemonflux":
            atmosphere = daemonflux_table()
        isotropic = PowerLawFlux(self.isotropic_flux, self.isotropic_gamma)

        def total(energy: FloatArray, sin_dec: FloatArray) -> FloatArray:
            return np.asarray(atmosphere(energy, sin_dec) + isotropic(energy, sin_dec))

        return total

    @property
    def uniform_in_ra(self) -> bool:
        """Whether right ascensions are uniform: the detector turns with the Earth at the pole."""
        return True

    def template_counts(self, bin_data: BinData) -> FloatArray:
        """Return the expected counts, scaled to the events in the mask, shape (npix,)."""
        if bin_data.response is None or bin_data.energy_range is None:
            raise ModelError(
                f"energy bin {bin_data.label}: atmospheric-flux needs the response of the sample and the "
                "range of reconstructed energy"
            )
        grid = rings(bin_data.nside)
        (rate,) = ring_counts(
            bin_data.response, self.flux(), EnergyBins(bin_data.energy_range), bin_data.nside
        )
        expected = grid.expand(rate)
        inside = float((expected * bin_data.mask).sum())
        observed = float(
            (count_map(bin_data.nside, bin_data.events.ra, bin_data.events.dec) * bin_data.mask).sum()
        )
        if inside <= 0 or observed <= 0:
            raise EmptyEnergyBinError(
                f"energy bin {bin_data.label}: {inside:.3g} events expected, {observed:g} observed inside"
            )
        return expected * (observed / inside)

    def moments(self, kernel: LinearKernel, bin_data: BinData) -> tuple[FloatArray, FloatArray]:
        """Return mean and covariance of the spectrum of independent events."""
        return poisson_moments(kernel, bin_data, self.template_counts(bin_data))

    def realize(self, bin_data: BinData, *, rng: np.random.Generator) -> Events:
        """Return a Poisson number of events at new positions; energies and times are those of the data."""
        counts = rng.poisson(self.template_counts(bin_data))
        pixels = np.repeat(np.arange(len(counts)), counts)
        ra, dec = uniform_in_pixels(bin_data.nside, pixels, rng=rng)
        events = bin_data.events.select(rng.integers(0, len(bin_data.events), len(pixels)))
        return attrs.evolve(events, ra=ra, dec=dec)

    def _counts(self, expected: FloatArray, bin_data: BinData, seed: int, trial: int) -> FloatArray:
        rng = seeds.generator(seed, f"atmospheric-flux {bin_data.label}", trial)
        return rng.poisson(expected).astype(float)

    def trial_counts(self, bin_data: BinData, *, seed: int, trial: int) -> FloatArray:
        """Return the counts per pixel of one trial, shape (npix,)."""
        return self._counts(self.template_counts(bin_data), bin_data, seed, trial)

    def trials(
        self, statistics: MatchedFilter, bin_data: BinData, *, seed: int, start: int, count: int
    ) -> FloatArray:
        """Return statistics of trials, shape (count, n_stat)."""
        expected = self.template_counts(bin_data)
        used = np.flatnonzero(statistics.weight.any(axis=0))
        rows = np.concatenate([statistics.maps, statistics.weight])[:, used]

        def one(trial: int) -> FloatArray:
            return np.asarray(rows @ self._counts(expected, bin_data, seed, trial)[used])

        with ThreadPoolExecutor(thread_count()) as threads:
            sums = np.stack(list(threads.map(one, range(start, start + count))))
        n_stat = len(statistics.maps)
        return statistics.finish(sums[:, :n_stat], sums[:, n_stat:])
