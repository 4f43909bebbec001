"""Variations of an analysis, made with what they share and compared side by side."""

from __future__ import annotations

import csv
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor
from itertools import product
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from nuweft.analysis import Analysis
from nuweft.cache.stages import OFF, kept
from nuweft.errors import ExecutorWarning, ParameterError
from nuweft.html import render
from nuweft.io.output import written
from nuweft.measurement.stored import CLASSES
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.plugin import compose
from nuweft.progress import Progress, Silent
from nuweft.statistics.limits import UpperLimit
from nuweft.statistics.profile import FitResult
from nuweft.statistics.trials import PValue, p_value, trial_test_statistics
from nuweft.studies.joint import global_p_value, scramble_the_same
from nuweft.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class Variation:
    """What one variation found.

    Attributes
    ----------
    name : str
    analysis : Analysis
    measured : CrossSpectrum
    fit : FitResult
    limits : tuple of UpperLimit
        At each of the analysis's ``gammas``, for its kind of signal.
    other_limits : dict of str to tuple of UpperLimit
        For the other kinds of signal.
    fluxes : tuple of float
        Flux at 100 TeV of each limit, GeV^-1 cm^-2 s^-1 sr^-1.
    trial_test_statistics : array of shape (n_trial,)
    """

    name: str
    analysis: Analysis
    measured: CrossSpectrum
    fit: FitResult
    limits: tuple[UpperLimit, ...]
    other_limits: dict[str, tuple[UpperLimit, ...]]
    fluxes: tuple[float, ...]
    trial_test_statistics: FloatArray

    @property
    def p_value(self) -> PValue | None:
        """The p-value from trials; None without trials."""
        if not len(self.trial_test_statistics):
            return None
        return p_value(self.trial_test_statistics, self.fit.test_statistic)

    def numbers(self) -> dict[str, float | str]:
        """Return the row of a table."""
        found: dict[str, float | str] = {
            "variation": self.name,
            "tracer": self.analysis.tracer.plugin_name,
            "objects": self.analysis.fields.objects.number,
            "signal": self.measured.signal,
            "f_sky": self.measured.sky_fraction,
            "events": float(self.measured.events_per_bin.sum()),
            "null chi2": self.fit.null_chi2,
            "null dof": float(self.fit.null_dof),
            "f_corr": self.fit.f_corr,
            "gamma": self.fit.gamma,
            "TS": self.fit.test_statistic,
        }
        if self.p_value is not None:
            p = self.p_value
            found["p-value"] = f"< {p.error:.2g}" if p.is_bound else p.value
        for limit, flux in zip(self.limits, self.fluxes, strict=True):
            found[f"estimate, gamma {limit.gamma:g}"] = limit.f_corr_hat
            found[f"sigma, gamma {limit.gamma:g}"] = limit.f_corr_sigma
            found[f"limit, gamma {limit.gamma:g}"] = limit.f_corr
            found[f"expected limit, gamma {limit.gamma:g}"] = limit.expected
            found[f"limit / diffuse flux, gamma {limit.gamma:g}"] = (
                flux / self.analysis.diffuse_flux.normalisation
            )
        for kind, limits in self.other_limits.items():
            for limit in limits:
                found[f"limit on {kind}, gamma {limit.gamma:g}"] = limit.f_corr
        return found


@attrs.frozen(eq=False)
class Comparison:
    """Variations side by side.

    Attributes
    ----------
    rows : tuple of Variation
    """

    rows: tuple[Variation, ...]

    def table(self) -> list[dict[str, float | str]]:
        """Return one mapping of numbers per variation."""
        return [row.numbers() for row in self.rows]

    def to_csv(self, path: str | Path) -> None:
        """Write the table."""
        rows = self.table()
        names = list(dict.fromkeys(name for row in rows for name in row))
        with written(Path(path)) as part, part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names, restval="")
            writer.writeheader()
            writer.writerows(rows)

    def global_p_value(self) -> PValue:
        """Return the chance of a p-value as small as the smallest, in any of the variations.

        Their trials scramble the same events alike, so that correlations are in them.

        Raises
        ------
        ParameterError
            If the variations do not share sample, background, resolution and seed, or have no trials.
        """
        scramble_the_same([row.analysis for row in self.rows])
        if not all(len(row.trial_test_statistics) for row in self.rows):
            raise ParameterError("a global p-value needs trials: scan(..., trials=n)")
        trials = np.stack([row.trial_test_statistics for row in self.rows])
        return global_p_value(trials, np.array([row.fit.test_statistic for row in self.rows]))

    def _repr_html_(self) -> str:
        return render("table.html.j2", title=f"{len(self.rows)} variations", rows=self.table())


def grid(**axes: Sequence[Any] | Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return all combinations of settings, by name, for :func:`scan`.

    Parameters
    ----------
    **axes
        Values of each setting; a mapping names them. A dot in a name (through
        ``**{"estimator.ell_min": [10, 30]}``) reaches into a plugin.

    Examples
    --------
    >>> list(grid(weights=["acceptance", "none"], nside=[64]))
    ['weights acceptance, nside 64', 'weights none, nside 64']
    """
    named = [
        [(label, setting, value) for label, value in _labelled(setting, values)]
        for setting, values in axes.items()
    ]
    return {
        ", ".join(label for label, _, _ in chosen): {setting: value for _, setting, value in chosen}
        for chosen in product(*named)
    }


def _labelled(setting: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[str, Any]]:
    if isinstance(values, Mapping):
        return list(values.items())
    short = setting.rpartition(".")[2]
    return [(f"{short} {getattr(value, 'plugin_name', value)}", value) for value in values]


def scan(
    analysis: Analysis,
    variations: Mapping[str, Mapping[str, Any]],
    *,
    trials: int | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Comparison:
    """Return what variations of an analysis find, side by side.

    Parts that do not change from one to the other are made once: they are kept
    where the analysis says (``cache``), or in a temporary folder.

    Parameters
    ----------
    analysis
        What is varied.
    variations
        By name, the settings that differ; values as in Python or YAML, a dot
        reaches into a plugin (``"estimator.ell_min"``).
    trials
        Scrambled trials of each; those of the analysis where none are given.
    jobs
        Processes. The first variation is done alone, since others use its parts.
    progress
        Reports progress.

    Raises
    ------
    ConfigurationError
        For a setting that does not fit; says which variation.
    """
    from joblib import Parallel, delayed

    report = progress or Silent()
    with tempfile.TemporaryDirectory() as scratch:
        base = analysis if analysis.cache != OFF else attrs.evolve(analysis, cache=scratch)
        if trials is not None:
            base = attrs.evolve(base, trials=trials)
        varied = {name: compose.vary(base, settings, where=name) for name, settings in variations.items()}
        tasks = list(varied.values())
        found = [_find(a) for a in tasks[:1]]
        done = Parallel(n_jobs=jobs, return_as="generator")(delayed(_find)(a) for a in tasks[1:])
        try:
            for one in report.track(done, "variations", len(tasks) - 1):
                found.append(one)
        except BrokenExecutor as error:
            warnings.warn(
                f"a process of the scan died ({str(error).splitlines()[0]}); the {len(tasks) - len(found)} "
                "variations that are left are made in this one, use fewer jobs where memory is short",
                ExecutorWarning,
                stacklevel=2,
            )
            found += [_find(a) for a in tasks[len(found) :]]
    return Comparison(
        tuple(
            Variation(name=name, analysis=attrs.evolve(a, cache=analysis.cache), **numbers)
            for (name, a), numbers in zip(varied.items(), found, strict=True)
        )
    )


def _find(analysis: Analysis) -> dict[str, Any]:
    measured = analysis.measure()
    upper = tuple(analysis.upper_limit(measured, gamma) for gamma in analysis.gammas)

    def trial_statistics() -> FloatArray:
        return trial_test_statistics(analysis.model(measured), analysis.run_trials(measured))

    found = np.zeros(0) if not analysis.trials else kept(analysis, "trials", trial_statistics, CLASSES)
    return {
        "measured": measured,
        "fit": analysis.fit(measured),
        "limits": upper,
        "other_limits": {
            kind: tuple(analysis.upper_limit(measured, gamma, signal=kind) for gamma in analysis.gammas)
            for kind in measured.alternatives
        },
        "fluxes": tuple(analysis.flux(measured, u.f_corr, u.gamma) for u in upper),
        "trial_test_statistics": np.array(found),
    }
