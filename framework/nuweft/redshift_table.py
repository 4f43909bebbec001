"""Tables of dN/dz."""

from __future__ import annotations

from pathlib import Path

from nuweft.errors import ColumnError
from nuweft.interfaces.redshift_distribution import RedshiftDistribution
from nuweft.sky.tables import read_columns


def read_redshifts(path: Path) -> RedshiftDistribution:
    """Return dN/dz from a table.

    Parameters
    ----------
    path
        FITS, Parquet, CSV or ECSV file with the column ``density`` (dN/dz, any
        normalisation) and either ``z``, for points between which it is
        linear, or ``z_min`` and ``z_max``, for bins within which it is constant.

    Raises
    ------
    MissingDataError, CorruptFileError, ColumnError
        If the table cannot be read.
    RedshiftError
        If it holds no distribution.
    """
    try:
        table = read_columns(path, ("z_min", "z_max", "density"))
    except ColumnError:
        table = read_columns(path, ("z", "density"))
    return RedshiftDistribution.from_table(table, str(path))
