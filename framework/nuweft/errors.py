"""The errors nuweft raises, each also the builtin a caller would expect."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import numpy as np


class NuweftError(Exception):
    """Base of every error raised on purpose by nuweft."""


class NuweftWarning(UserWarning):
    """Base of every warning issued by nuweft."""


# --- plugins -----------------------------------------------------------------


class PluginWarning(NuweftWarning):
    """A plugin could not be loaded; the others still work."""


class CacheWarning(NuweftWarning):
    """A part of a measurement could not be kept for the next time."""


class UnknownPluginError(NuweftError, LookupError):
    """No plugin of that kind and name is registered."""


class DuplicatePluginError(NuweftError, ValueError):
    """Two plugins claim the same name."""


class InvalidPluginError(NuweftError, TypeError):
    """A registered class does not satisfy the interface of its kind."""


class PluginAnswerError(NuweftError, ValueError):
    """A method of a plugin returned something else than its interface says."""


class UnreadableCodeError(NuweftError, OSError):
    """The code of a plugin cannot be read, as where it is defined interactively."""


# --- settings ----------------------------------------------------------------


class ParameterError(NuweftError, ValueError):
    """A parameter has a value, type or unit that its declaration forbids."""


class ConfigurationError(NuweftError, ValueError):
    """A mapping or YAML file does not describe a valid object; the message holds the key's path."""


# --- input data --------------------------------------------------------------


class DataError(NuweftError, ValueError):
    """Input data are not what they should be."""


class CoordinateError(DataError):
    """Coordinates out of range, swapped, in radians or not finite."""


class ColumnError(DataError, LookupError):
    """A table lacks a column."""


class FrameError(DataError):
    """A map is in another coordinate frame than ICRS."""


class FrameWarning(NuweftWarning):
    """A map does not state its frame."""


class TracerWarning(NuweftWarning):
    """The counts of a tracer are unlikely to be what they are taken for."""


class OrderingError(DataError):
    """A map is in another pixel order than declared."""


class NsideError(DataError):
    """Maps of different resolution were combined, or a resolution is not available."""


class CountsError(DataError):
    """A map holds something else than counts."""


class EmptySampleError(DataError):
    """No event is left."""


class EmptyEnergyBinError(EmptySampleError):
    """An energy bin holds no event inside the mask."""


class EmptySkyError(DataError):
    """A mask leaves no sky."""


class UnitError(DataError):
    """A table is in another unit than stated, or in none."""


class ZeroAcceptanceError(DataError):
    """The detector sees nothing somewhere inside the mask."""


class RedshiftError(DataError):
    """A redshift distribution or evolution model cannot be normalised or evaluated."""


class GammaRangeError(NuweftError, ValueError):
    """A spectral index lies outside the grid that was computed."""


# --- files -------------------------------------------------------------------


class MissingDataError(NuweftError, FileNotFoundError):
    """A data set or file is not on this machine.

    Attributes
    ----------
    dataset : str or None
        Name of the data set, where it is one.
    """

    def __init__(self, message: str, *, dataset: str | None = None) -> None:
        super().__init__(message)
        self.dataset = dataset


class ChecksumError(NuweftError, ValueError):
    """A file's content is not the expected one."""


class CorruptFileError(NuweftError, OSError):
    """A file is truncated or not of its declared format."""


class DownloadError(NuweftError, OSError):
    """A download failed; nothing partial was kept."""


class OutputExistsError(NuweftError, FileExistsError):
    """The output folder holds another run."""


class OutputError(NuweftError, OSError):
    """A result cannot be written: the disk is full or read-only, or there is no such folder."""


class OutputHeldError(OutputError):
    """Another process is reading or writing there."""


# --- inference ---------------------------------------------------------------


class ExecutorError(NuweftError, RuntimeError):
    """Trials cannot be computed where they should be."""


class ExecutorWarning(NuweftWarning):
    """A process that computed something died; it is computed again."""


class CapacityError(NuweftError, MemoryError):
    """There is not enough memory or disk."""


class SingularCovarianceError(NuweftError, np.linalg.LinAlgError):
    """A covariance matrix is not positive definite."""


class LikelihoodMismatchError(NuweftError, ValueError):
    """A likelihood plugin computes another likelihood than the model that it returns."""


class UndetectedClusteringError(NuweftError, ValueError):
    """The clustering of a tracer is not detected, so that it says nothing of the density field."""


class ModelError(NuweftError, ValueError):
    """A likelihood and a measured spectrum do not fit together."""


def did_you_mean(name: str, known: Iterable[str], *, label: str = "known") -> str:
    """Return a hint that names the nearest and all known names.

    Examples
    --------
    >>> did_you_mean("powerlaw", ["power-law", "constant"], label="registered")
    "did you mean 'power-law'? registered: constant, power-law"
    """
    known = sorted(known)
    close = get_close_matches(name, known, n=2, cutoff=0.5)
    hint = "did you mean " + " or ".join(repr(c) for c in close) + "? " if close else ""
    return f"{hint}{label}: {', '.join(known) if known else 'none'}"
