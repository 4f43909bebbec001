"""What plugins answer, checked where it enters: type, shape, range, and that it stays the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from nuweft.errors import PluginAnswerError
from nuweft.interfaces.background import BackgroundModel, MatchedFilter, NullInput
from nuweft.interfaces.base import Component
from nuweft.interfaces.estimator import LinearResponse
from nuweft.interfaces.likelihood import GaussianModel, Likelihood
from nuweft.sky.events import Events
from nuweft.sky.spectra import CrossSpectrum
from nuweft.sky.typing import FloatArray

T = TypeVar("T")

_REAL = "biuf"
_SYMMETRIC = 1e-6


def _refused(plugin: Component, method: str, came: str, expected: str) -> PluginAnswerError:
    return PluginAnswerError(
        f"{plugin.kind} {plugin.plugin_name!r}: {method} returned {came}, expected {expected}"
    )


def array(
    value: Any,
    plugin: Component,
    method: str,
    *,
    shape: Sequence[int | None],
    lowest: float | None = None,
    highest: float | None = None,
) -> FloatArray:
    """Return an array that a plugin gave, as real numbers.

    Parameters
    ----------
    value
        What came.
    plugin, method
        Where it came from, for messages.
    shape
        Length of each axis; None for any.
    lowest, highest
        Bounds of the values.

    Raises
    ------
    PluginAnswerError
        For complex, masked, non-finite or textual values, a quantity with a
        unit, another shape, or a value outside of the bounds.
    """
    axes = ", ".join("any" if n is None else str(n) for n in shape)
    expected = f"real numbers of shape ({axes}{',' if len(shape) == 1 else ''})"
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise _refused(plugin, method, f"{int(np.sum(np.ma.getmaskarray(value)))} masked values", expected)
    if hasattr(value, "unit"):
        raise _refused(plugin, method, f"a quantity in {value.unit}", f"{expected}, without a unit")
    try:
        found = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise _refused(plugin, method, f"{type(value).__name__} ({error})", expected) from error
    if found.dtype.kind not in _REAL:
        came = type(value).__name__ if found.dtype.kind == "O" else f"values of type {found.dtype}"
        raise _refused(plugin, method, came, expected)
    if found.ndim != len(shape) or any(
        n is not None and n != m for n, m in zip(shape, found.shape, strict=True)
    ):
        raise _refused(plugin, method, f"shape {found.shape}", expected)
    result = found.astype(float, copy=False)
    if not np.all(np.isfinite(result)):
        bad = int(np.count_nonzero(~np.isfinite(result)))
        raise _refused(plugin, method, f"{bad} values that are not finite", expected)
    if lowest is not None and result.size and result.min() < lowest:
        raise _refused(plugin, method, f"values down to {result.min():g}", f"{expected}, at least {lowest:g}")
    if highest is not None and result.size and result.max() > highest:
        raise _refused(plugin, method, f"values up to {result.max():g}", f"{expected}, at most {highest:g}")
    return result


def instance(value: Any, plugin: Component, method: str, cls: type[T]) -> T:
    """Return an object that a plugin gave.

    Raises
    ------
    PluginAnswerError
        If it is of another class.
    """
    if not isinstance(value, cls):
        raise _refused(plugin, method, repr(value)[:80], f"a {cls.__module__}.{cls.__name__}")
    return value


def constant(ask: Callable[[], FloatArray], plugin: Component, method: str) -> FloatArray:
    """Return what a plugin answers, after asking it twice.

    Raises
    ------
    PluginAnswerError
        If it answers differently the second time.
    """
    first = ask()
    same(first, ask(), plugin, method)
    return first


def same(first: FloatArray, again: FloatArray, plugin: Component, method: str) -> None:
    """Refuse answers to one question that differ.

    Raises
    ------
    PluginAnswerError
        Says by how much.
    """
    if first.shape != again.shape or not np.array_equal(first, again):
        by = f" by up to {np.max(np.abs(first - again)):.3g}" if first.shape == again.shape else " in shape"
        raise _refused(
            plugin,
            method,
            f"answers to the same question that differ{by}",
            "the same each time; what is random depends on a seed that is a setting or an argument",
        )


# --- kinds -----------------------------------------------------------------------


def linear_response(value: Any, plugin: Component, *, nside: int) -> LinearResponse:
    """Return the response of an estimator, checked."""
    method, npix = "response", 12 * nside**2
    found = instance(value, plugin, method, LinearResponse)
    n = len(array(found.ell, plugin, f"{method}().ell", shape=(None,), lowest=0))
    if n == 0:
        raise _refused(plugin, method, "no multipole", "at least one row; ell_min above ell_max?")
    array(found.offset, plugin, f"{method}().offset", shape=(n,))
    array(found.mask, plugin, f"{method}().mask", shape=(npix,), lowest=0, highest=1)
    pixels = array(found.pixels, plugin, f"{method}().pixels", shape=(None,), lowest=0, highest=npix - 1)
    kernel = found.kernel
    if np.shape(kernel) != (n, len(pixels)) or np.asarray(kernel[:1]).dtype.kind != "f":
        raise _refused(plugin, f"{method}().kernel", f"shape {np.shape(kernel)}", f"({n}, {len(pixels)})")
    return found


def null_moments(value: Any, plugin: Component, *, n_ell: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance of the spectrum under the null, checked."""
    method = "moments"
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise _refused(plugin, method, repr(value)[:80], "a mean and a covariance")
    mean = array(value[0], plugin, f"{method}()[0]", shape=(n_ell,))
    covariance = array(value[1], plugin, f"{method}()[1]", shape=(n_ell, n_ell))
    scale = np.sqrt(np.abs(np.diag(covariance)))
    if np.any(np.diag(covariance) < 0):
        raise _refused(plugin, method, "a negative variance", "a covariance")
    if np.any(np.abs(covariance - covariance.T) > _SYMMETRIC * np.outer(scale, scale)):
        raise _refused(plugin, method, "a covariance that is not symmetric", "a symmetric one")
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
        raise _refused(likelihood, method, f"{len(found.blocks)} blocks", f"{len(spectrum.blocks)}")
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
