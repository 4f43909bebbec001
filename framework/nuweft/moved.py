"""Old names of modules: importing one gives the new module's content, with a warning."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MODULES: Mapping[str, str] = {
    "bounds": "parameters.bounds",
    "capacity": "process.capacity",
    "citations": "report.citations",
    "compose": "plugin.compose",
    "datasets": "data.locate",
    "demo": "studies.injection",
    "diffuse": "flux.diffuse",
    "downloads": "data.downloads",
    "fingerprint": "cache.fingerprint",
    "finishedrun": "interpretation.finished_run",
    "hookspecs": "plugin.hookspecs",
    "inference": "statistics",
    "inference.auto_power": "measurement.auto_power",
    "inference.chain": "statistics.chain",
    "inference.clustering": "measurement.clustering",
    "inference.evolution_posterior": "evolution.posterior",
    "inference.executor": "statistics.executor",
    "inference.gamma_kernel": "statistics.gamma_kernel",
    "inference.gamma_scan": "statistics.gamma_scan",
    "inference.hybrid": "statistics.hybrid",
    "inference.injection": "studies.injection",
    "inference.joint": "studies.joint",
    "inference.likelihood_check": "statistics.likelihood_check",
    "inference.limits": "statistics.limits",
    "inference.measurement": "measurement.spectrum",
    "inference.null_checks": "measurement.null_checks",
    "inference.objects": "measurement.objects",
    "inference.plugin_answers": "plugin.answers",
    "inference.posterior": "statistics.posterior",
    "inference.profile": "statistics.profile",
    "inference.scatter": "evolution.realisation_variance",
    "inference.sensitivity": "studies.limits",
    "inference.signal_fit": "statistics.signal_fit",
    "inference.simulated_templates": "studies.simulated_templates",
    "inference.fields": "measurement.fields",
    "inference.systematics": "studies.systematics",
    "inference.templates": "measurement.templates",
    "inference.tracer_checks": "measurement.tracer_checks",
    "inference.trials": "statistics.trials",
    "inference.wiener": "measurement.wiener",
    "interfaces.redshift_distribution": "model.redshift_distribution",
    "interpretation.report": "interpretation.tables",
    "interruption": "process.interruption",
    "outputs": "io.output",
    "parts": "cache.stages",
    "plotting.captions": "report.captions",
    "provenance": "runs.provenance",
    "published": "model.published_result",
    "redshift_table": "io.redshift_table",
    "registry": "plugin.registry",
    "rendering": "html",
    "response": "irf",
    "response.atmosphere": "flux.atmosphere",
    "response.counts": "irf.counts",
    "response.detector": "irf.detector",
    "response.effective_area": "irf.effective_area",
    "response.energy_fit": "irf.energy_fit",
    "response.energy_response": "irf.energy_dispersion",
    "response.exposure": "irf.exposure",
    "response.point_spread": "irf.psf",
    "response.ring_counts": "irf.ring_counts",
    "response.simulation": "irf.simulation",
    "response.smearing": "irf.smearing",
    "response.variations": "irf.variations",
    "response.weights": "measurement.weights",
    "saccfile": "io.sacc_file",
    "scaffold": "plugin.scaffold",
    "scans": "studies.scans",
    "schemas": "io.schemas",
    "sensitivities": "runs.sensitivity",
    "sky.bins": "irf.energy_bins",
    "sky.columns": "io.columns",
    "sky.events": "irf.events",
    "sky.maps": "io.maps",
    "sky.objects": "io.objects",
    "sky.redshifts": "io.redshifts",
    "sky.selection": "io.selection",
    "sky.spectra": "model.cross_spectrum",
    "sky.storage": "io.storage",
    "sky.tablefiles": "io.table_files",
    "sky.tables": "io.tables",
    "sky.textfiles": "io.text_files",
    "sky.typing": "typing",
    "summary": "report.summary",
    "theory": "evolution",
    "theory.cosmology": "evolution.cosmology",
    "theory.evolution": "evolution.prediction",
    "theory.galaxy_bias": "evolution.galaxy_bias",
    "theory.luminosity": "evolution.luminosity",
    "theory.population": "evolution.population",
    "theory.redshift_response": "evolution.redshift_kernel",
    "theory.spectra": "evolution.angular_spectra",
    "threads": "process.threads",
    "trialfile": "io.trials_file",
    "values": "io.values",
    "yamlfile": "io.yaml_file",
}
"""New module by the old one, both within the package; to be removed with 0.3."""

_PACKAGE = __name__.partition(".")[0]
_PACKAGES = {name.partition(".")[0] for name in MODULES if "." in name}


def renamed(module: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module whose names have become others.

    Parameters
    ----------
    module
        Name of the module.
    names
        New place, dotted, by the old name.
    """

    def attribute(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        place, _, new = names[name].rpartition(".")
        warnings.warn(
            f"{module}.{name} is now {names[name]}; the old name goes with 0.3",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(import_module(place), new)

    return attribute


def old_attribute(old: str, new: str) -> Any:
    """Return a property that gives an attribute by its old name, with a warning."""

    def get(self: Any) -> Any:
        warnings.warn(
            f"{type(self).__name__}.{old} is now {new}; the old name goes with 0.3",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(self, new)

    return property(get, doc=f"Deprecated name of ``{new}``.")


class _Moved(Loader):
    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        old = module.__name__.partition(".")[2]
        new = f"{_PACKAGE}.{MODULES.get(old, old)}"
        warnings.warn(
            f"{module.__name__} is now {new}; the old name goes with 0.3", DeprecationWarning, stacklevel=2
        )
        content = vars(import_module(new))
        vars(module).update({name: value for name, value in content.items() if not name.startswith("__")})


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        if package != _PACKAGE or name not in MODULES:
            return None
        return ModuleSpec(fullname, _Moved(), is_package=name in _PACKAGES)


def install() -> None:
    """Make the old names importable, after all places where a module could be."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
