"""What plugins answer, checked where an analysis takes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from nuweft.answers import array, constant, instance, refused, same
from nuweft.interfaces.background import BackgroundModel
from nuweft.interfaces.base import Component
from nuweft.interfaces.likelihood import Likelihood
from nuweft.interfaces.mask import Mask, apodization_of, coverage_of
from nuweft.interfaces.neutrino_sample import NeutrinoSample
from nuweft.interfaces.tracer import Tracer
from nuweft.irf.detector import DetectorResponse
from nuweft.irf.events import Events
from nuweft.model.bin_data import BinData
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.model.gaussian_model import GaussianModel
from nuweft.model.linear_kernel import LinearKernel
from nuweft.model.matched_filter import MatchedFilter
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.sky.pixels import pixel_centres
from nuweft.sky.sources import Sources
from nuweft.typing import FloatArray

_SYMMETRIC = 1e-6
_HALF_TURN = np.pi * (1 + 1e-9)
_ENERGIES = -3.0, 13.0  # log10(E/GeV), from atoms to beyond all that was ever seen
_COARSE = 16


def check_mask(mask: Mask, nside: int) -> None:
    """Refuse a mask whose answers are no part of the sky, contradict each other in shape, or change.

    Raises
    ------
    PluginAnswerError
        Names the method and what came.
    """
    coarse = min(nside, _COARSE)
    ra, dec = pixel_centres(coarse)
    inside = constant(lambda: _truth(mask.contains(ra, dec), mask, "contains", len(ra)), mask, "contains")
    fraction = constant(
        lambda: array(
            mask.completeness(ra, dec), mask, "completeness", shape=(len(ra),), lowest=0, highest=1
        ),
        mask,
        "completeness",
    )
    if np.any((fraction > 0) & (inside == 0)):
        raise refused(
            mask,
            "contains",
            f"{int(np.sum((fraction > 0) & (inside == 0)))} directions outside, completeness above zero",
            "directions inside",
        )
    constant(lambda: coverage_of(mask, nside), mask, "coverage")
    constant(lambda: apodization_of(mask, nside), mask, "apodization")


def _truth(value: Any, plugin: Component, method: str, count: int) -> FloatArray:
    found = np.asarray(value)
    if found.dtype.kind != "b":
        raise refused(plugin, method, f"values of type {found.dtype}", f"booleans of shape ({count},)")
    return array(found, plugin, method, shape=(count,))


def check_tracer(tracer: Tracer, nside: int) -> None:
    """Refuse a tracer whose counts, objects or redshifts are not real numbers, or change.

    Raises
    ------
    PluginAnswerError
        Names the method and what came.
    """
    redshifts(tracer)
    constant(
        lambda: array(tracer.counts(nside), tracer, "counts", shape=(None,), finite=False), tracer, "counts"
    )
    first, again = (instance(tracer.sources(nside), tracer, "sources", Sources) for _ in range(2))
    for name in ("ra", "dec", "weight", "density", "square"):
        values = [getattr(sources, name) for sources in (first, again)]
        if any(v is None for v in values):
            continue
        one, two = (
            array(v, tracer, f"sources().{name}", shape=(None,), finite=name not in ("density", "square"))
            for v in values
        )
        same(one, two, tracer, f"sources().{name}")
    if first.density is None and not (
        first.ra is not None
        and first.dec is not None
        and first.weight is not None
        and len(first.ra) == len(first.dec) == len(first.weight)
    ):
        raise refused(tracer, "sources", "neither points nor pixels", "ra, dec and weight of one length")


def redshifts(tracer: Tracer) -> RedshiftDistribution | None:
    """Return the redshift distribution of a tracer, checked."""
    method = "redshift_distribution"
    found, again = tracer.redshift_distribution(), tracer.redshift_distribution()
    if found is None and again is None:
        return None
    first, second = (instance(f, tracer, method, RedshiftDistribution) for f in (found, again))
    same(np.stack([first.z, first.density]), np.stack([second.z, second.density]), tracer, method)
    return first


def sample_events(sample: NeutrinoSample) -> Events:
    """Return the events of a sample, checked: radians, log10(E/GeV), the same each time."""
    first, again = (instance(sample.events(), sample, "events", Events) for _ in range(2))
    count = len(np.atleast_1d(first.ra))
    seasons = len(sample_response(sample).seasons)
    bounds: dict[str, tuple[float | None, float | None]] = {
        "ra": (-2 * _HALF_TURN, 2 * _HALF_TURN),
        "dec": (-_HALF_TURN / 2, _HALF_TURN / 2),
        "log10_energy": _ENERGIES,
        "angular_error": (0.0, _HALF_TURN),
        "time": (None, None),
        "season": (0, seasons - 1),
    }
    for name, (low, high) in bounds.items():
        unit = " (radians)" if name in ("ra", "dec", "angular_error") else ""
        method = f"events().{name}{unit}"
        one = array(getattr(first, name), sample, method, shape=(count,), lowest=low, highest=high)
        same(one, array(getattr(again, name), sample, method, shape=(None,)), sample, method)
    return first


def sample_response(sample: NeutrinoSample) -> DetectorResponse:
    """Return the response of a sample, checked."""
    found = instance(sample.response(), sample, "response", DetectorResponse)
    if not found.seasons:
        raise refused(sample, "response", "no season", "at least one SeasonResponse")
    return found


def linear_kernel(value: Any, plugin: Component, *, nside: int) -> LinearKernel:
    """Return the response of an estimator, checked."""
    method, npix = "kernel", 12 * nside**2
    found = instance(value, plugin, method, LinearKernel)
    n = len(array(found.ell, plugin, f"{method}().ell", shape=(None,), lowest=0))
    if n == 0:
        raise refused(plugin, method, "no multipole", "at least one row; ell_min above ell_max?")
    array(found.offset, plugin, f"{method}().offset", shape=(n,))
    array(found.mask, plugin, f"{method}().mask", shape=(npix,), lowest=0, highest=1)
    pixels = array(found.pixels, plugin, f"{method}().pixels", shape=(None,), lowest=0, highest=npix - 1)
    matrix = found.matrix
    if np.shape(matrix) != (n, len(pixels)) or np.asarray(matrix[:1]).dtype.kind != "f":
        raise refused(plugin, f"{method}().matrix", f"shape {np.shape(matrix)}", f"({n}, {len(pixels)})")
    return found


def null_moments(value: Any, plugin: Component, *, n_ell: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance of the spectrum under the null, checked."""
    method = "moments"
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise refused(plugin, method, repr(value)[:80], "a mean and a covariance")
    mean = array(value[0], plugin, f"{method}()[0]", shape=(n_ell,))
    covariance = array(value[1], plugin, f"{method}()[1]", shape=(n_ell, n_ell))
    scale = np.sqrt(np.abs(np.diag(covariance)))
    if np.any(np.diag(covariance) < 0):
        raise refused(plugin, method, "a negative variance", "a covariance")
    if np.any(np.abs(covariance - covariance.T) > _SYMMETRIC * np.outer(scale, scale)):
        raise refused(plugin, method, "a covariance that is not symmetric", "a symmetric one")
    return mean, covariance


def template_counts(background: BackgroundModel, bin_data: BinData) -> FloatArray:
    """Return the expected counts of the background template, checked."""
    method = "template_counts"
    return constant(
        lambda: array(
            background.template_counts(bin_data),
            background,
            method,
            shape=(12 * bin_data.nside**2,),
            lowest=0,
        ),
        background,
        method,
    )


def trials(
    background: BackgroundModel,
    statistics: MatchedFilter,
    bin_data: BinData,
    *,
    seed: int,
    start: int,
    count: int,
) -> FloatArray:
    """Return statistics of null trials, checked; shape (count, n_stat)."""
    found = background.trials(statistics, bin_data, seed=seed, start=start, count=count)
    return array(found, background, "trials", shape=(count, len(statistics.maps)))


def repeated_trial(
    background: BackgroundModel, statistics: MatchedFilter, bin_data: BinData, *, seed: int, start: int
) -> None:
    """Refuse a background whose trials depend on anything but seed and number.

    Raises
    ------
    PluginAnswerError
        If a trial differs when it is made again, alone and with the next one.
    """
    pair = trials(background, statistics, bin_data, seed=seed, start=start, count=2)
    alone = trials(background, statistics, bin_data, seed=seed, start=start + 1, count=1)
    scale = np.abs(pair).max(axis=0)
    if np.any(np.abs(pair[1:] - alone) > _SYMMETRIC * scale):
        same(pair[1:], alone, background, "trials")


def realized(background: BackgroundModel, bin_data: BinData, *, rng: np.random.Generator) -> Events:
    """Return one set of events drawn under the null, checked."""
    found = instance(background.realize(bin_data, rng=rng), background, "realize", Events)
    for name in ("ra", "dec", "log10_energy"):
        array(getattr(found, name), background, f"realize().{name}", shape=(len(found),))
    return found


def gaussian_model(likelihood: Likelihood, spectrum: CrossSpectrum) -> GaussianModel:
    """Return the model of a measured spectrum, checked."""
    method = "model"
    found = instance(likelihood.model(spectrum), likelihood, method, GaussianModel)
    n = len(array(found.gammas, likelihood, f"{method}().gammas", shape=(None,)))
    if len(found.blocks) != len(spectrum.blocks):
        raise refused(likelihood, method, f"{len(found.blocks)} blocks", f"{len(spectrum.blocks)}")
    for block, raw in zip(found.blocks, spectrum.blocks, strict=True):
        rank = len(block.templates)
        where = f"{method}().blocks"
        for name, shape in (
            ("templates", (rank, len(raw.ell))),
            ("filters", (rank, len(raw.ell))),
            ("gram", (rank, rank)),
            ("projection", (rank,)),
            ("coefficients", (n, rank - 1)),
        ):
            array(getattr(block, name), likelihood, f"{where}.{name}", shape=shape)
    return found
