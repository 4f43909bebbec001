"""One fingerprint: code and content count, places do not."""

import importlib
import sys

import attrs
import numpy as np
import pytest

import nuweft
from nuweft.cache.fingerprint import digest, fingerprint
from nuweft.errors import UnreadableCodeError
from nuweft.io.tables import write_columns
from nuweft.runs.provenance import NOT_IDENTITY, identity

PLUGIN = """
from typing import ClassVar

import attrs
from nuweft.interfaces import DensityModel


@attrs.frozen(kw_only=True)
class Edited(DensityModel):
    \"\"\"A density.\"\"\"

    plugin_name: ClassVar[str] = "edited"

    def density(self, z):
        return (1.0 + z) ** {power}
"""


@pytest.fixture
def edited(tmp_path, monkeypatch):
    """A module of a plugin that can be edited, and what is in it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(power):
        path = tmp_path / "edited_plugin.py"
        before = path.stat().st_mtime_ns if path.exists() else 0
        path.write_text(PLUGIN.replace("{power}", str(power)))
        if path.stat().st_mtime_ns == before:  # a clock coarser than the test
            import os

            os.utime(path, ns=(before + 10**9, before + 10**9))
        sys.modules.pop("edited_plugin", None)
        importlib.invalidate_caches()
        return importlib.import_module("edited_plugin").Edited()

    yield write
    sys.modules.pop("edited_plugin", None)


def test_an_edited_plugin_is_another_analysis(small_sky, edited):
    first = identity(attrs.evolve(small_sky, source_evolution=[edited(1)]))
    assert identity(attrs.evolve(small_sky, source_evolution=[edited(1)])) == first
    assert identity(attrs.evolve(small_sky, source_evolution=[edited(2)])) != first


def _in(folder, rng_seed=1):
    folder.mkdir()
    rng = np.random.default_rng(rng_seed)
    table = {"ra": rng.uniform(0, 360, 3000), "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, 3000)))}
    write_columns(folder / "galaxies.csv", table)
    return nuweft.plugins.create("tracer", "catalog", file=folder / "galaxies.csv", ra="ra", dec="dec")


def test_the_same_catalog_in_another_folder_is_the_same_analysis(small_sky, tmp_path):
    one, two = (attrs.evolve(small_sky, tracer=_in(tmp_path / name)) for name in ("one", "two"))
    assert identity(one) == identity(two)
    other = attrs.evolve(small_sky, tracer=_in(tmp_path / "three", rng_seed=2))
    assert identity(other) != identity(one)


def test_settings_that_results_do_not_depend_on_change_nothing(small_sky, tmp_path):
    changed = attrs.evolve(small_sky, trials=3, cache=tmp_path, executor="local")
    assert identity(changed) == identity(small_sky)
    assert {"trials", "cache", "executor"} == set(NOT_IDENTITY)


@pytest.mark.parametrize("change", [{"nside": 16}, {"seed": 7}, {"signal": "field"}, {"weights": "none"}])
def test_settings_that_results_depend_on_change_the_fingerprint(small_sky, change):
    assert identity(attrs.evolve(small_sky, **change)) != identity(small_sky)


def test_two_files_of_one_name_both_count(small_sky, tmp_path):
    tracers = [_in(tmp_path / name, seed) for name, seed in (("a", 1), ("b", 2))]
    tables = fingerprint(attrs.evolve(small_sky, tracer=tracers[0]), ["tracer"])
    assert sum(name.startswith("content of galaxies.csv") for name in tables) == 1
    sample = nuweft.plugins.create("neutrino_sample", "mock-tracks", tracer=tracers[1])
    both = attrs.evolve(small_sky, tracer=tracers[0], neutrino_sample=sample)
    found = fingerprint(both, ["tracer", "neutrino_sample"])
    assert sum(name.startswith("content of galaxies.csv") for name in found) == 2
    assert digest(found) != digest(tables)


def test_code_that_cannot_be_read_is_never_taken_for_the_same(small_sky, monkeypatch):
    model = type("Typed", (nuweft.plugins.get("source_evolution", "constant"),), {"__module__": "__main__"})
    monkeypatch.setattr(sys.modules["__main__"], "__file__", None, raising=False)
    analysis = attrs.evolve(small_sky, source_evolution=[attrs.frozen(model)()])
    try:
        fingerprint(analysis, ["source_evolution"])
    except UnreadableCodeError:
        assert identity(analysis) == identity(analysis)  # within one process
