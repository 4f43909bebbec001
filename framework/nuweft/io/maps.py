"""HEALPix maps in FITS files."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nuweft.errors import CorruptFileError, FrameError, FrameWarning, MissingDataError, OrderingError
from nuweft.parameters import text
from nuweft.sky.pixels import geometry, resolution
from nuweft.typing import FloatArray

FRAMES: Mapping[str, str] = {
    **dict.fromkeys(("C", "CEL", "CELESTIAL", "EQ", "EQU", "EQUATORIAL"), "icrs"),
    **dict.fromkeys(("Q", "ICRS", "FK5", "J2000", "RADEC"), "icrs"),
    **dict.fromkeys(("G", "GAL", "GALACTIC"), "galactic"),
    **dict.fromkeys(("E", "ECL", "ECLIPTIC"), "ecliptic"),
}
"""Frame that each word of COORDSYS means, as programs write it."""

_NAMES = {"galactic": "Galactic", "ecliptic": "ecliptic"}


def map_ordering() -> Any:
    """Declare the pixel order of a map file, as :func:`read_map` takes it."""
    return text(
        default=None,
        optional=True,
        choices=("ring", "nested"),
        doc="pixel order of the file; as its header says where none is given",
    )


def map_frame() -> Any:
    """Declare the frame of a map file, as :func:`read_map` takes it."""
    return text(
        default=None,
        optional=True,
        choices=("icrs",),
        doc="frame of the file; as its header says where none is given",
    )


def read_map(path: Path, *, ordering: str | None = None, frame: str | None = None) -> FloatArray:
    """Return a full-sky map in ICRS and RING order.

    Parameters
    ----------
    path
        FITS file, optionally gzipped.
    ordering
        Pixel order, ``ring`` or ``nested``; what the header says where none is given.
    frame
        Frame of the map; what the header says where none is given. Only
        ``icrs`` is possible, since rotating a map of counts does not keep the
        counts.

    Returns
    -------
    array of shape (npix,)
        Native float64; NaN where the map is UNSEEN (-1.6375e+30) or NaN.

    Raises
    ------
    MissingDataError
        If there is no such file.
    CorruptFileError
        If the file cannot be read as a full-sky map.
    FrameError
        If the map is in another frame, or its header has a word that is not known.
    OrderingError
        If the header contradicts ``ordering``, or neither says the order.

    Warns
    -----
    FrameWarning
        If neither header nor ``frame`` says the frame; ICRS is then assumed.
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
    cards = {str(k).upper(): str(v).strip() for k, v in header}
    _check_frame(path, cards.get("COORDSYS", ""), frame)
    nested = _is_nested(path, cards.get("ORDERING", ""), ordering)
    values = np.array(values, dtype=np.float64)
    nside = resolution(values)
    values[np.isclose(values, healpy.UNSEEN, rtol=1e-5, atol=0)] = np.nan
    if nested:
        values = values[geometry(nside).ring2nest(np.arange(len(values)))]
    return np.asarray(values)


def _check_frame(path: Path, word: str, declared: str | None) -> None:
    if not word:
        if declared is None:
            warnings.warn(
                f"{path}: the header does not state the frame of the map (no COORDSYS); equatorial (ICRS) "
                "is assumed; set frame: icrs to say so",
                FrameWarning,
                stacklevel=4,
            )
        return
    found = FRAMES.get(word.upper())
    if found is None:
        raise FrameError(
            f"{path}: COORDSYS {word!r} is not known; expected one of {', '.join(FRAMES)}, the equatorial "
            "ones of which can be used"
        )
    if found != "icrs":
        raise FrameError(
            f"{path}: the map is in {_NAMES[found]} coordinates (COORDSYS {word!r}), expected equatorial "
            f"(C); rotate it before use, e.g. healpy.Rotator(coord='{found[0].upper()}C')"
        )


def _is_nested(path: Path, word: str, declared: str | None) -> bool:
    stored = {"RING": "ring", "NEST": "nested", "NESTED": "nested"}.get(word.upper())
    if word and stored is None:
        raise OrderingError(f"{path}: ORDERING {word!r} is not known; expected RING or NESTED")
    if stored is None and declared is None:
        raise OrderingError(
            f"{path}: the header does not state the pixel order (no ORDERING); set ordering: ring or "
            "ordering: nested"
        )
    if stored is not None and declared is not None and stored != declared:
        raise OrderingError(
            f"{path}: the header says {word.upper()} order, {declared.upper()} was declared; "
            f"set ordering: {stored}"
        )
    return (stored or declared) == "nested"


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
