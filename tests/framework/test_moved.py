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
        with pytest.warns(DeprecationWarning, match=f"nuweft.{parent} is now"):
            sys.modules.pop(f"nuweft.{parent}", None)
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
