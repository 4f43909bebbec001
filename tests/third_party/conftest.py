"""Environments that hold nuweft as its wheel and nothing of its source tree."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import attrs
import pytest

ROOT = Path(__file__).resolve().parents[2]
collect_ignore = ["nuweft_openngc"]  # tests of the other distribution run in its own environment


def pip(*arguments: object) -> None:
    """Run pip of this environment, without the network."""
    command = [sys.executable, "-m", "pip", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@attrs.frozen
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    def install(self, *sources: Path) -> None:
        """Install packages as they are, without what they depend on."""
        own = ("--python", self.bin / "python")
        pip(*own, "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet", *sources)

    def run(
        self, *command: object, cwd: Path, data: Path | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with this environment's programs in a folder."""
        hidden = ("NUWEFT_DATA", "PYTHONPATH", "VIRTUAL_ENV")
        environ = {k: v for k, v in os.environ.items() if k not in hidden}
        environ |= {
            "PATH": f"{self.bin}{os.pathsep}{environ['PATH']}",
            "NUWEFT_CACHE": str(cwd / "cache"),
            "MPLBACKEND": "Agg",
            "COLUMNS": "200",
        }
        if data is not None:
            environ["NUWEFT_DATA"] = str(data)
        done = subprocess.run(
            [str(c) for c in command], cwd=cwd, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of nuweft, built from the source tree."""
    folder = tmp_path_factory.mktemp("dist")
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet", "-w", folder, ROOT)
    (built,) = folder.glob("nuweft-*.whl")
    return built


@pytest.fixture(scope="session")
def dependencies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is installed beside the tests, nuweft left out."""
    folder = tmp_path_factory.mktemp("dependencies") / "site-packages"  # hypothesis knows the name
    folder.mkdir()
    for name in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for path in Path(name).iterdir():
            if "nuweft" not in path.name and path.suffix != ".pth":
                (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="session")
def new_environment(wheel: Path, dependencies: Path, tmp_path_factory: pytest.TempPathFactory):
    """Make environments that hold the wheel."""

    def make(*options: str) -> Environment:
        folder = tmp_path_factory.mktemp("environment") / "venv"
        subprocess.run([sys.executable, "-m", "venv", *options, str(folder)], check=True)
        (site,) = (folder / "lib").glob("python*/site-packages")
        (site / "dependencies.pth").write_text(f"{dependencies}\n")
        environment = Environment(folder)
        environment.install(wheel)
        return environment

    return make


@pytest.fixture
def fresh_environment(tmp_path: Path) -> Environment:
    """An environment with pip and nothing else."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    return Environment(tmp_path / "venv")


@pytest.fixture(scope="session")
def environment(new_environment) -> Environment:
    """An environment with the wheel and the other distribution, ``nuweft_openngc``."""
    made = new_environment("--without-pip")
    made.install(ROOT / "tests" / "third_party" / "nuweft_openngc")
    return made
