"""Tables of dN/dz."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nuweft.errors import ColumnError
from nuweft.io.redshifts import check_range
from nuweft.io.tables import read_columns
from nuweft.model.redshift_distribution import RedshiftDistribution


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
        If it holds no distribution, or one beyond redshift 15.
    UnitError
        If the file states a unit for redshifts, such as km/s.
    """
    plain = dict.fromkeys(("z", "z_min", "z_max"), "")
    try:
        table = read_columns(path, ("z_min", "z_max", "density"), units=plain)
    except ColumnError:
        table = read_columns(path, ("z", "density"), units=plain)
    check_range(table.get("z_max", table.get("z", np.zeros(0))), str(path))
    return RedshiftDistribution.from_table(table, str(path))
