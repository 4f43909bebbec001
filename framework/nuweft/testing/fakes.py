"""Small objects that stand for the rest of an analysis in tests."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import attrs
import numpy as np

from nuweft import seeds
from nuweft.flux.power_law import PowerLawFlux
from nuweft.interfaces import LineOfSight, NeutrinoSample, SharpMask, Tracer
from nuweft.irf import (
    DetectorResponse,
    EffectiveArea,
    IndependentSmearing,
    LogNormalEnergyDispersion,
    RayleighPSF,
    SeasonResponse,
)
from nuweft.irf.simulation import simulate_events
from nuweft.model import BinData, Events, LinearKernel, RedshiftDistribution
from nuweft.model.cross_spectrum import CrossSpectrum, SpectrumBlock
from nuweft.parameters import integer, number, quantity
from nuweft.sky.pixels import degrade_sum, pixel_centres, pixel_count
from nuweft.typing import BoolArray, FloatArray

_NSIDE = 64
_GAMMAS = np.linspace(1.0, 4.0, 13)


def fake_response(livetime: float = 1e7) -> DetectorResponse:
    """Return the response of one season: an area that grows with energy, a point spread that shrinks.

    Parameters
    ----------
    livetime
        In seconds.
    """
    energy, sin_dec = np.linspace(2.0, 7.0, 21), np.linspace(-1.0, 1.0, 21)
    middle = 0.5 * (energy[1:] + energy[:-1])[:, None]
    area = 10 ** (0.8 * middle) * np.linspace(0.5, 1.5, 20)
    season = SeasonResponse(
        name="fake",
        livetime=livetime,
        effective_area=EffectiveArea(energy, sin_dec, area, "fake"),
        smearing=IndependentSmearing(
            LogNormalEnergyDispersion(
                floor=2.8, slope=0.8, turn=3.0, softness=0.4, sigma_low=0.2, sigma_high=0.3, source="fake"
            ),
            RayleighPSF(
                log10_energy_edges=np.array([2.0, 4.0, 7.0]), median=np.radians([1.0, 0.5]), source="fake"
            ),
        ),
        livetime_source="fake",
    )
    return DetectorResponse((season,))


@attrs.frozen(kw_only=True)
class FakeTracer(Tracer):
    """Poisson counts around a dipole."""

    plugin_name: ClassVar[str] = "fake-tracer"
    mean: float = number(default=20.0, gt=0, doc="mean number of objects per pixel of NSIDE 64")
    seed: int = integer(default=1, ge=0, doc="seed of the counts")

    @cached_property
    def _counts(self) -> FloatArray:
        ra, dec = pixel_centres(_NSIDE)
        density = self.mean * (1 + 0.3 * np.cos(ra) * np.cos(dec))
        return seeds.generator(self.seed, "fake tracer").poisson(density).astype(float)

    def counts(self, nside: int) -> FloatArray:
        """Return the counts in each pixel."""
        return degrade_sum(self._counts, nside)

    def redshift_distribution(self) -> RedshiftDistribution:
        """Return a distribution with a median of about 0.1."""
        return RedshiftDistribution.smail(1.5, 0.1, 1.5, source="fake")


@attrs.frozen(kw_only=True)
class FakeSample(NeutrinoSample):
    """Events of an isotropic power-law flux."""

    plugin_name: ClassVar[str] = "fake-sample"
    events_in_all: int = integer(default=20_000, ge=1, doc="number of events")
    gamma: float = number(default=3.0, gt=0, doc="spectral index of the flux")
    seed: int = integer(default=1, ge=0, doc="seed of the events")

    def response(self) -> DetectorResponse:
        """Return :func:`fake_response`."""
        return fake_response()

    @cached_property
    def _events(self) -> Events:
        flux = PowerLawFlux(1e-18, self.gamma)
        rng = seeds.generator(self.seed, "fake events")
        return simulate_events(self.response(), flux, rng=rng, number=self.events_in_all)

    def events(self) -> Events:
        """Return the events."""
        return self._events


@attrs.frozen(kw_only=True)
class FakeMask(SharpMask):
    """Keeps the sky above a declination, without a circle."""

    plugin_name: ClassVar[str] = "fake-mask"
    minimum: object = quantity("deg", default="-5 deg", ge=-90, le=90, doc="declination above which it keeps")

    def contains(self, ra: FloatArray, dec: FloatArray) -> BoolArray:
        """Return which directions are kept."""
        hole = np.hypot(ra - 2.0, dec - 0.5) < 0.4
        return np.asarray((dec > self.minimum.to_value("rad")) & ~hole)  # type: ignore[attr-defined]


def fake_bin_data(*, nside: int = 16, events: int = 2000, seed: int = 1) -> BinData:
    """Return one energy bin: events, weights that vary with declination, a mask with a hole.

    Parameters
    ----------
    nside
        Resolution.
    events
        Number of events on the whole sky.
    seed
        Seed of the events.
    """
    rng = seeds.generator(seed, "fake null")
    _, dec = pixel_centres(nside)
    sin_dec = np.sqrt(rng.random(events)) * 2 - 1  # more events in the north
    table = Events(
        ra=rng.uniform(0, 2 * np.pi, events),
        dec=np.arcsin(sin_dec),
        log10_energy=rng.uniform(3.5, 4.5, events),
        angular_error=np.full(events, 0.01),
        time=rng.uniform(55000.0, 55300.0, events),
        season=np.zeros(events, dtype=np.int64),
    )
    return BinData(
        events=table,
        weights=1.0 + 0.5 * np.sin(dec),
        mask=FakeMask().inside(nside).astype(float),
        nside=nside,
        label="3.5-4.5",
        energy_range=(3.5, 4.5),
        response=fake_response(),
    )


def fake_kernel(mask: FloatArray, *, rows: int = 6, seed: int = 1) -> LinearKernel:
    """Return random smooth responses to the counts in a mask.

    Parameters
    ----------
    mask
        Joint mask, shape (npix,).
    rows
        Number of rows.
    seed
        Seed of the responses.
    """
    nside = int(np.sqrt(len(mask) / 12))
    ra, dec = pixel_centres(nside)
    rng = seeds.generator(seed, "fake linear response")
    pixels = np.flatnonzero(mask > 0)
    m = np.arange(1, rows + 1)[:, None]
    waves = np.cos(m * ra + rng.uniform(0, 2 * np.pi, (rows, 1))) * np.cos(dec) ** m + rng.normal(
        size=(rows, 1)
    ) * np.sin(dec)
    kernel = (waves * mask)[:, pixels] / len(pixels)
    return LinearKernel(
        ell=np.arange(1.0, rows + 1),
        offset=-kernel.sum(axis=1),
        matrix=kernel,
        pixels=pixels,
        mask=mask,
        nside=nside,
        sky_fraction=float(mask.mean()),
    )


def fake_line_of_sight() -> LineOfSight:
    """Return distances of a universe with H_0 = 70 km/s/Mpc and Omega_m = 1, in closed form."""
    hubble = 299792.458 / 70.0

    def comoving(z: FloatArray) -> FloatArray:
        return np.asarray(2 * hubble * (1 - 1 / np.sqrt(1 + z)))

    return LineOfSight(
        luminosity_distance=lambda z: np.asarray((1 + z) * comoving(z)),
        volume_element=lambda z: np.asarray(comoving(z) ** 2 * hubble / (1 + z) ** 1.5),
        tracer=FakeTracer().redshift_distribution(),
    )


def fake_spectrum(
    f_corr: float = 0.01,
    gamma: float = 2.5,
    f_atm: tuple[float, ...] = (1.0, 1.1),
    *,
    rng: np.random.Generator | None = None,
    n_ell: int = 40,
) -> CrossSpectrum:
    """Return a measured spectrum with known truth.

    Parameters
    ----------
    f_corr, gamma, f_atm
        The truth; one energy bin per value of ``f_atm``.
    rng
        Draws the noise; none where none is given.
    n_ell
        Multipoles per energy bin.
    """
    ell = np.arange(10.0, 10.0 + n_ell)
    fixed = np.random.default_rng(20)
    blocks = []
    for i, amplitude in enumerate(f_atm):
        scale = 1e-4 * 2.0**i / np.sqrt(2 * ell + 1)
        mixing = fixed.normal(size=(n_ell, n_ell)) / np.sqrt(n_ell)
        correlation = np.eye(n_ell) + 0.3 * mixing @ mixing.T
        covariance = scale[:, None] * correlation * scale
        atmospheric = 3e-4 * (1 + 0.5 * np.cos(ell / 5 + i))
        beam = np.exp(-0.5 * np.outer(0.2 + 0.1 * _GAMMAS, (ell / 30.0) ** 2))
        signal = 4e-3 * beam * (ell / 10.0) ** -1
        fraction = np.exp((1 - 2 * i) * 0.5 * (_GAMMAS - 2.0))
        true = f_corr * _at(gamma, fraction[:, None] * signal) + amplitude * atmospheric
        noise = 0.0 if rng is None else np.linalg.cholesky(covariance) @ rng.normal(size=n_ell)
        blocks.append(
            SpectrumBlock(
                tracer="fake-tracer",
                energy_bin=f"bin {i}",
                ell=ell,
                data=true + noise,
                null_mean=atmospheric,
                covariance=covariance,
                atmospheric=atmospheric,
                signal=signal,
                signal_fraction=fraction,
                acceptance=np.full(len(_GAMMAS), 1e20),
                isotropic_acceptance=np.full(len(_GAMMAS), 1e20),
                isotropic=np.zeros_like(signal),
                events=1000.0,
            )
        )
    return CrossSpectrum(blocks=tuple(blocks), gammas=_GAMMAS, sky_fraction=0.5, exposure_error=0.0)


def _at(gamma: float, rows: FloatArray) -> FloatArray:
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(_GAMMAS, rows)(gamma))


def white_map(nside: int, *, rng: np.random.Generator) -> FloatArray:
    """Return independent standard normal numbers per pixel; their C_l is the solid angle of a pixel."""
    return rng.normal(size=pixel_count(nside))
