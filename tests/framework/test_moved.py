"""Old names of modules go on working, and say their new name."""

import importlib
import subprocess
import sys

import pytest

from nuweft.moved import MODULES


@pytest.mark.parametrize("old", sorted(set(MODULES) - {"inference", "theory", "response"}))
def test_an_old_module_gives_the_content_of_the_new_one(old):
    sys.modules.pop(f"nuweft.{old}", None)
    parent = old.rpartition(".")[0]
    if parent in MODULES:
        sys.modules.pop(f"nuweft.{parent}", None)
        with pytest.warns(DeprecationWarning, match=f"nuweft.{parent} is now"):
            importlib.import_module(f"nuweft.{parent}")
    with pytest.warns(DeprecationWarning, match=rf"nuweft\.{old} is now nuweft\.{MODULES[old]};"):
        module = importlib.import_module(f"nuweft.{old}")
    new = importlib.import_module(f"nuweft.{MODULES[old]}")
    public = [name for name in vars(new) if not name.startswith("_")]
    assert public
    assert all(getattr(module, name) is getattr(new, name) for name in public)


def test_a_name_that_never_was_is_no_module():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("nuweft.nowhere")


def test_importing_the_package_warns_of_nothing():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import nuweft; nuweft.plugins.names('mask')"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("nuweft.interfaces", "NullInput", "nuweft.model.BinData"),
        ("nuweft.interfaces", "LinearResponse", "nuweft.model.LinearKernel"),
        ("nuweft.interfaces", "Events", "nuweft.model.Events"),
        ("nuweft.irf", "RayleighPointSpread", "nuweft.irf.RayleighPSF"),
        ("nuweft.runs", "execute", "nuweft.runs.folder.run"),
    ],
)
def test_an_old_name_says_the_new_one(module, old, new):
    with pytest.warns(DeprecationWarning, match=rf"{module}\.{old} is now {new}; the old name goes with"):
        found = getattr(importlib.import_module(module), old)
    assert found.__name__ == new.rpartition(".")[2]


def test_a_name_that_no_module_has_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'nuweft.irf' has no attribute 'Nothing'"):
        _ = importlib.import_module("nuweft.irf").Nothing


def test_old_attributes_of_an_analysis_say_the_new_one(small_sky, measured):
    for holder, old, new in (
        (small_sky, "skies", "fields"),
        (small_sky, "nulls", "bins"),
        (small_sky, "response", "kernel"),
        (small_sky.kernel, "kernel", "matrix"),
        (measured.blocks[0], "signal_share", "signal_fraction"),
    ):
        with pytest.warns(DeprecationWarning, match=rf"\.{old} is now {new}; the old name"):
            assert getattr(holder, old) is getattr(holder, new)
    with pytest.warns(DeprecationWarning, match="signal_response is now signal_derivative"):
        found = measured.blocks[0].signal_response
    assert (found == measured.blocks[0].signal_derivative).all()
    with pytest.warns(DeprecationWarning, match="strength_with is now predictor_with"):
        assert small_sky.strength_with == small_sky.predictor_with
