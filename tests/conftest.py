"""What tests fraction: isolated data folders, real data where there are any, small skies."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import nuweft

_HERE = Path(__file__).resolve().parent.parent
_SHARED = _HERE.parent / "shared" / "data"


def _data_folder() -> Path | None:
    named = os.environ.get("NUWEFT_DATA", "").split(os.pathsep)[0]
    for candidate in (Path(named) if named else None, _SHARED):
        if candidate is not None and candidate.is_dir():
            return candidate.resolve()
    return None


_REAL = _data_folder()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that read the real public data, so that they can be run apart."""
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()) or "test_registered" in item.nodeid:
            item.add_marker(pytest.mark.data)


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, so that nothing that a test writes ends in the checkout."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide data folders and caches, so that a test finds only what it asks for."""
    monkeypatch.delenv("NUWEFT_DATA", raising=False)
    monkeypatch.setenv("NUWEFT_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def real_data_folder() -> Path | None:
    """Folder with the real public data, where there is one."""
    return _REAL


@pytest.fixture
def real_data(real_data_folder: Path | None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with the real public data, also set as NUWEFT_DATA."""
    if real_data_folder is None:
        pytest.skip("the real public data are not here: set NUWEFT_DATA to their folder")
    monkeypatch.setenv("NUWEFT_DATA", str(real_data_folder))
    return real_data_folder


@pytest.fixture
def make():
    """Shorthand for making plugins."""
    return nuweft.plugins.create


@pytest.fixture(scope="session")
def small_sky() -> nuweft.Analysis:
    """A simulated analysis at NSIDE 32, weights and a galactic cut included."""
    galaxies = {
        "plugin": "mock-galaxies",
        "galaxies": 3e5,
        "field_nside": 64,
        "mask": {"plugin": "galactic-cut", "minimum": "10 deg"},
    }
    return nuweft.Analysis.from_mapping(
        {
            "tracer": galaxies,
            "neutrino_sample": {
                "plugin": "mock-tracks",
                "tracer": galaxies,
                "livetime_days": 100.0,
                "energy_edges": [2.5, 3.2, 4.5],
                "correlated_flux": 1e-17,
            },
            "mask": {"plugin": "declination", "minimum": "-5 deg"},
            "nside": 32,
            "trials": 500,
            "gamma_points": 13,
            "cosmology": {"transfer_function": "eisenstein_hu"},
            "seed": 5,
        }
    )


@pytest.fixture(scope="session")
def measured(small_sky: nuweft.Analysis):
    """The measured spectrum of :func:`small_sky`."""
    return small_sky.measure()


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(20250611)
