"""One problem for all benchmarks: the size of the ten-year analysis, simulated."""

from __future__ import annotations

import attrs
import numpy as np

import nuweft
from nuweft.model import (
    BinData,
    CrossSpectrum,
    Events,
    GaussianModel,
    LinearKernel,
    MatchedFilter,
    SpectrumBlock,
)
from nuweft.sky import overdensity, pixel_index
from nuweft.statistics import HybridTask, hybrid_task

EVENTS = 507_017
"""Of the ten-year sample; 371,000 of them in the mask."""

SHARES = (0.9113, 0.0869, 0.0018)
"""Of the energy bins."""


@attrs.frozen(eq=False)
class Sky:
    """Tracer field and mask, shapes (npix,)."""

    nside: int
    field: np.ndarray
    mask: np.ndarray


def sky(nside: int) -> Sky:
    """Return a log-normal galaxy field with a galactic cut, and the northern mask."""
    make = nuweft.plugins.create
    counts = make("tracer", "mock-galaxies", galaxies=4e5, field_nside=nside).counts(nside)
    own = make("mask", "galactic-cut", minimum="10 deg").inside(nside).astype(float)
    joint = own * make("mask", "declination", minimum="-5 deg").inside(nside).astype(float)
    return Sky(nside, overdensity(counts, own), joint)


def problem_bins(nside: int, mask: np.ndarray, events: int = EVENTS) -> list[BinData]:
    """Return events uniform on the sky north of -5 deg, per energy bin."""
    rng = np.random.default_rng(86)
    result = []
    for i, fraction in enumerate(SHARES):
        n = round(fraction * events)
        dec = np.arcsin(rng.uniform(np.sin(np.deg2rad(-5)), 1, n))
        part = Events(
            ra=rng.uniform(0, 2 * np.pi, n),
            dec=dec,
            log10_energy=np.full(n, 3.0 + i),
            angular_error=np.full(n, 0.01),
            time=np.zeros(n),
            season=np.zeros(n, dtype=int),
        )
        result.append(
            BinData(events=part, weights=np.ones(len(mask)), mask=mask, nside=nside, label=f"bin {i + 1}")
        )
    return result


def response(part: Sky, ell_max: int | None = None) -> LinearKernel:
    """Return the kernel of the usual estimator."""
    estimator = nuweft.plugins.create("estimator", "pseudo-cl", ell_min=10, ell_max=ell_max)
    return estimator.kernel(part.field, tracer_mask=part.mask, mask=part.mask, sky_fraction=part.mask.mean())


def moments(kernel: LinearKernel, bins: list[BinData]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the exact null moments of each energy bin."""
    background = nuweft.plugins.create("background", "ra-scramble")
    return [background.moments(kernel, bin_data) for bin_data in bins]


@attrs.frozen(eq=False)
class Problem:
    """Everything that trials need."""

    sky: Sky
    kernel: LinearKernel
    bins: list[BinData]
    model: GaussianModel
    filters: list[MatchedFilter]
    hybrid: HybridTask


def problem(part: Sky, kernel: LinearKernel, bins: list[BinData], exact: list) -> Problem:
    """Return likelihood and filters, for signal templates of smeared clustering that depend on gamma."""
    gammas = np.linspace(1, 4, 25)
    ell = kernel.ell
    blocks = []
    for bin_data, (mean, covariance) in zip(bins, exact, strict=True):
        clustering = 1e-3 * (ell / 10) ** -1.1
        sigma = np.deg2rad(0.4 + 0.1 * gammas)[:, None]
        signal = clustering * np.exp(-0.5 * ell * (ell + 1) * sigma**2)
        counts = np.bincount(
            pixel_index(bin_data.nside, bin_data.events.ra, bin_data.events.dec), minlength=len(bin_data.mask)
        )
        n = float((counts * bin_data.mask).sum())
        blocks.append(
            SpectrumBlock(
                tracer="simulated",
                energy_bin=bin_data.label,
                ell=ell,
                data=kernel.spectrum(counts.astype(float)),
                null_mean=mean,
                covariance=covariance,
                atmospheric=mean,
                signal=signal,
                signal_fraction=np.ones(len(gammas)),
                acceptance=np.ones(len(gammas)),
                isotropic_acceptance=np.ones(len(gammas)),
                isotropic=0 * signal,
                events=n,
            )
        )
    measured = CrossSpectrum(
        blocks=tuple(blocks), gammas=gammas, sky_fraction=kernel.sky_fraction, exposure_error=0.0
    )
    likelihood = nuweft.plugins.create("likelihood", "gaussian", signal_tolerance=1e-2)
    model = likelihood.model(measured)
    filters = [
        MatchedFilter.from_response(block.filters, kernel, bin_data.weights)
        for block, bin_data in zip(model.blocks, bins, strict=True)
    ]
    background = nuweft.plugins.create("background", "ra-scramble")
    task = hybrid_task(model, measured, filters, bins, background, seed=1, dense_from=2000)
    return Problem(part, kernel, bins, model, filters, task)
