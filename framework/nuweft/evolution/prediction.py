"""What models of source evolution predict for f_corr, and what a limit says about them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import attrs
import numpy as np
from scipy import optimize

from nuweft.answers import same
from nuweft.errors import RedshiftError
from nuweft.evolution.redshift_kernel import RedshiftKernel
from nuweft.interfaces.source_evolution import SourceEvolutionModel
from nuweft.model.cross_spectrum import SOURCES
from nuweft.typing import FloatArray

_SCAN = 25


@attrs.frozen(eq=False, kw_only=True)
class EvolutionResult:
    """Prediction of one model.

    Attributes
    ----------
    model : SourceEvolutionModel
    f_corr : float
        Expected correlation strength.
    median_redshift : float
        Redshift below which half of the flux originates.
    parts : dict of str to float
        f_corr by kind of signal: ``sources`` of the tracer's objects, ``field``
        of what shares the density field with them.
    redshift_error : float or None
        Relative change of f_corr where n(z) is taken at half its spacing, if it was computed.
    """

    model: SourceEvolutionModel
    f_corr: float
    median_redshift: float
    parts: dict[str, float]
    redshift_error: float | None = None


@attrs.frozen(eq=False, kw_only=True)
class Predictor:
    """The expected f_corr of any model.

    ``f_astro (b_nu/b_g) <C^gnu/C^gg>`` for sources that share the density field,
    to be compared with the limit of ``signal: field``; ``f_astro <(C^gnu + S)/(C^gg +
    S)>`` with the tracer's shot noise S for models whose events come from its
    objects, to be compared with that of ``signal: sources``. Populations of a
    mixture add up.

    Attributes
    ----------
    response : RedshiftKernel
        Of the tracer and the multipoles of the analysis.
    gamma : float
        Spectral index of the sources.
    f_astro : float
        Astrophysical fraction of the sample.
    bias_ratio : float
        b_nu / b_g of sources that are not objects of the tracer.
    finer : RedshiftKernel or None
        The response for n(z) at half its spacing, for its error.

    Notes
    -----
    Equation D12 of Abbasi et al. 2025.
    """

    response: RedshiftKernel
    gamma: float
    f_astro: float
    bias_ratio: float = 1.0
    finer: RedshiftKernel | None = None

    def __attrs_post_init__(self) -> None:
        if not (self.f_astro > 0 and self.bias_ratio > 0):
            raise RedshiftError(
                f"f_astro and bias_ratio must be positive, got {self.f_astro:g} and {self.bias_ratio:g}"
            )

    def __call__(self, model: SourceEvolutionModel) -> float:
        """Return the expected f_corr of a model."""
        return sum(self.parts(model).values())

    def parts(self, model: SourceEvolutionModel) -> dict[str, float]:
        """Return the expected f_corr of a model by kind of signal."""
        return self._parts(self.response, model)

    def _parts(self, response: RedshiftKernel, model: SourceEvolutionModel) -> dict[str, float]:
        found: dict[str, float] = {}
        for fraction, member in model.populations():
            scale = 1.0 if member.signal == SOURCES else self.bias_ratio
            expected = self.f_astro * scale * fraction * response.ratio(member, self.gamma)
            found[member.signal] = found.get(member.signal, 0.0) + expected
        return found

    def predict(self, model: SourceEvolutionModel) -> EvolutionResult:
        """Return the expected f_corr and the median redshift of a model."""
        parts = self.parts(model)
        again = self.parts(model)
        same(np.array([*parts.values()]), np.array([*again.values()]), model, "flux_distribution")
        total, error = sum(parts.values()), None
        if self.finer is not None and total > 0:
            error = sum(self._parts(self.finer, model).values()) / total - 1
        return EvolutionResult(
            model=model,
            f_corr=total,
            median_redshift=self.response.median_redshift(model, self.gamma),
            parts=parts,
            redshift_error=error,
        )


def predict(models: Sequence[SourceEvolutionModel], strength: Predictor) -> list[EvolutionResult]:
    """Return the expected f_corr and median redshift of source models."""
    return [strength.predict(model) for model in models]


def scanned_fields(model: SourceEvolutionModel) -> tuple[attrs.Attribute[float], ...]:
    """Return the fields of a model that declare a range to scan (``number(scan=...)``)."""
    return tuple(f for f in attrs.fields(type(model)) if f.metadata.get("scan"))


def one_parameter_families(models: Sequence[SourceEvolutionModel]) -> list[SourceEvolutionModel]:
    """Return one model of each family that scans one field."""
    return _families(models, 1)


def two_parameter_families(models: Sequence[SourceEvolutionModel]) -> list[SourceEvolutionModel]:
    """Return one model of each family that scans two fields."""
    return _families(models, 2)


def _families(models: Sequence[SourceEvolutionModel], count: int) -> list[SourceEvolutionModel]:
    found = {type(m): m for m in reversed(models) if len(scanned_fields(m)) == count}
    return list(found.values())[::-1]


def strengths(model: SourceEvolutionModel, strength: Predictor, axes: dict[str, FloatArray]) -> FloatArray:
    """Return the expected f_corr of a model over a grid of its fields.

    Parameters
    ----------
    model
        A model of the family.
    strength
        Expected f_corr of a model.
    axes
        Values of each field, shape (n_i,).

    Returns
    -------
    array of shape (n_1, n_2, ...)
    """
    values = [strength(member) for member in members(model, axes)]
    return np.reshape(values, [len(axis) for axis in axes.values()])


def members(model: SourceEvolutionModel, axes: dict[str, FloatArray]) -> list[SourceEvolutionModel]:
    """Return the models of a family on a grid of its fields, the last field varying fastest."""
    points = itertools.product(*(axis.tolist() for axis in axes.values()))
    return [attrs.evolve(model, **dict(zip(axes, point, strict=True))) for point in points]


def crossings(
    model: SourceEvolutionModel,
    strength: Predictor,
    limit: float,
    *,
    field: str,
    bounds: tuple[float, float],
) -> list[float]:
    """Return where the expected f_corr of a one-parameter family equals a limit.

    Parameters
    ----------
    model
        A model of the family.
    strength
        Expected f_corr of a model.
    limit
        Upper limit on f_corr.
    field
        Field that is varied.
    bounds
        Its range.

    Returns
    -------
    list of float
        All crossings, in increasing order; none where the whole range is on
        one side of the limit, or where there is none (NaN or infinite).
    """

    def excess(value: float) -> float:
        expected = max(strength(attrs.evolve(model, **{field: float(value)})), np.finfo(float).tiny)
        return float(np.log(expected / limit))

    if not np.isfinite(limit):
        return []

    grid = np.linspace(*bounds, _SCAN)
    values = np.array([excess(v) for v in grid])
    changes = np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1]))
    return [float(optimize.brentq(excess, grid[i], grid[i + 1], xtol=1e-6)) for i in changes]
