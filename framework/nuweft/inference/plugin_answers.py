"""What estimators, backgrounds and likelihoods answer, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from nuweft.answers import array, constant, instance, refused, same
from nuweft.interfaces.background import BackgroundModel, MatchedFilter, NullInput
from nuweft.interfaces.base import Component
from nuweft.interfaces.estimator import LinearResponse
from nuweft.interfaces.likelihood import GaussianModel, Likelihood
from nuweft.sky.events import Events
from nuweft.sky.spectra import CrossSpectrum
from nuweft.sky.typing import FloatArray

_SYMMETRIC = 1e-6


def linear_response(value: Any, plugin: Component, *, nside: int) -> LinearResponse:
    """Return the response of an estimator, checked."""
    method, npix = "response", 12 * nside**2
    found = instance(value, plugin, method, LinearResponse)
    n = len(array(found.ell, plugin, f"{method}().ell", shape=(None,), lowest=0))
    if n == 0:
        raise refused(plugin, method, "no multipole", "at least one row; ell_min above ell_max?")
    array(found.offset, plugin, f"{method}().offset", shape=(n,))
    array(found.mask, plugin, f"{method}().mask", shape=(npix,), lowest=0, highest=1)
    pixels = array(found.pixels, plugin, f"{method}().pixels", shape=(None,), lowest=0, highest=npix - 1)
    kernel = found.kernel
    if np.shape(kernel) != (n, len(pixels)) or np.asarray(kernel[:1]).dtype.kind != "f":
        raise refused(plugin, f"{method}().kernel", f"shape {np.shape(kernel)}", f"({n}, {len(pixels)})")
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


def template_counts(background: BackgroundModel, null: NullInput) -> FloatArray:
    """Return the expected counts of the background template, checked."""
    method = "template_counts"
    return constant(
        lambda: array(
            background.template_counts(null), background, method, shape=(12 * null.nside**2,), lowest=0
        ),
        background,
        method,
    )


def trials(
    background: BackgroundModel,
    statistics: MatchedFilter,
    null: NullInput,
    *,
    seed: int,
    start: int,
    count: int,
) -> FloatArray:
    """Return statistics of null trials, checked; shape (count, n_stat)."""
    found = background.trials(statistics, null, seed=seed, start=start, count=count)
    return array(found, background, "trials", shape=(count, len(statistics.maps)))


def repeated_trial(
    background: BackgroundModel, statistics: MatchedFilter, null: NullInput, *, seed: int, start: int
) -> None:
    """Refuse a background whose trials depend on anything but seed and number.

    Raises
    ------
    PluginAnswerError
        If a trial differs when it is made again, alone and with the next one.
    """
    pair = trials(background, statistics, null, seed=seed, start=start, count=2)
    alone = trials(background, statistics, null, seed=seed, start=start + 1, count=1)
    scale = np.abs(pair).max(axis=0)
    if np.any(np.abs(pair[1:] - alone) > _SYMMETRIC * scale):
        same(pair[1:], alone, background, "trials")


def realized(background: BackgroundModel, null: NullInput, *, rng: np.random.Generator) -> Events:
    """Return one set of events drawn under the null, checked."""
    found = instance(background.realize(null, rng=rng), background, "realize", Events)
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
