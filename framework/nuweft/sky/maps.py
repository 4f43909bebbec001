"""HEALPix maps in FITS files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nuweft.errors import CorruptFileError, FrameError, MissingDataError, OrderingError
from nuweft.sky.pixels import geometry, resolution
from nuweft.sky.typing import FloatArray


def read_map(path: Path, *, ordering: str = "ring", frame: str = "icrs") -> FloatArray:
    """Return a full-sky map in ICRS and RING order.

    Parameters
    ----------
    path
        FITS file, optionally gzipped.
    ordering
        Declared pixel order, ``ring`` or ``nested`` (which is reordered).
    frame
        Declared frame; only ``icrs`` is possible, since rotating a map of
        counts does not keep the counts.

    Returns
    -------
    array of shape (npix,)
        Native float64.

    Raises
    ------
    MissingDataError
        If there is no such file.
    CorruptFileError
        If the file cannot be read as a full-sky map.
    FrameError
        If the header says Galactic or ecliptic.
    OrderingError
        If the header contradicts ``ordering``.
    """
    import healpy

    if not path.is_file():
        raise MissingDataError(f"{path}: no such file")
    try:
        values, header = healpy.read_map(path, h=True, nest=None, dtype=None)
    except Exception as error:
        raise CorruptFileError(
            f"{path}: not readable as a HEALPix map: {type(error).__name__}: {error}"
        ) from error
    cards = {str(k).upper(): v for k, v in header}
    system = str(cards.get("COORDSYS", "C")).strip().upper()[:1]
    if frame != "icrs" or system not in ("C", ""):
        names = {"G": "Galactic", "E": "ecliptic"}
        raise FrameError(
            f"{path}: the map is in {names.get(system, frame)} coordinates (COORDSYS {system!r}), "
            "expected equatorial (C); rotate it before use, e.g. healpy.Rotator(coord='GC')"
        )
    stored = str(cards.get("ORDERING", ordering)).strip().lower()
    stored = "nested" if stored.startswith("nest") else "ring"
    if stored != ordering:
        raise OrderingError(
            f"{path}: the header says {stored.upper()} order, {ordering.upper()} was declared; "
            f"set ordering: {stored}"
        )
    values = np.array(values, dtype=np.float64)
    nside = resolution(values)
    if ordering == "nested":
        values = values[geometry(nside).ring2nest(np.arange(len(values)))]
    return np.asarray(values)


def write_map(path: Path, values: FloatArray) -> None:
    """Write a full-sky map in ICRS and RING order to a FITS file; an existing file is replaced.

    Parameters
    ----------
    path
        FITS file.
    values
        Shape (npix,).
    """
    import healpy

    resolution(values)
    part = path.with_name(f".part-{path.name}")
    healpy.write_map(part, values, coord="C", dtype=np.float64, overwrite=True)
    part.replace(path)
