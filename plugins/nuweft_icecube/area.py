"""Effective areas in the layouts of the releases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy import units

from nuweft.errors import UnitError
from nuweft.irf import EffectiveArea
from nuweft.typing import FloatArray
from nuweft_icecube.text import Heading, read_table

_LATITUDE = -90 * units.deg
_LARGEST_AREA = (3e4, 1e9)  # cm2, of all cells
_TOP_ENERGY = (6.0, 13.0)  # log10(E/GeV), of the last bin
_RADIANS = np.pi / 2 + 1e-2

TEN_YEAR_COLUMNS = (
    Heading(name="log10(E_nu/GeV)_min", pattern=r"log.*min", unit=r".*gev"),
    Heading(name="log10(E_nu/GeV)_max", pattern=r"log.*max", unit=r".*gev"),
    Heading(name="Dec_nu_min[deg]", pattern=r"dec.*min", unit="deg"),
    Heading(name="Dec_nu_max[deg]", pattern=r"dec.*max", unit="deg"),
    Heading(name="A_Eff[cm^2]", pattern=r"a_?eff", unit=r"cm"),
)
"""Columns of an effective area of the 10-year release."""

THREE_YEAR_COLUMNS = (
    Heading(name="E_min[GeV]", pattern=r"e_min", unit="gev"),
    Heading(name="E_max[GeV]", pattern=r"e_max", unit="gev"),
    Heading(name="cos(zenith)_min", pattern=r"cos.*min"),
    Heading(name="cos(zenith)_max", pattern=r"cos.*max"),
    Heading(name="Aeff[m^2]", pattern=r"a_?eff", unit=r"m"),
)
"""Columns of an effective area of the 3-year release."""


def read_ten_year_area(path: Path) -> EffectiveArea:
    """Return the effective area in a table of log10 energy, declination in degrees and cm2.

    Raises
    ------
    DataError
        If the table is no grid.
    UnitError
        If a column seems to be in another unit.
    """
    what = str(path)
    table = read_table(path, TEN_YEAR_COLUMNS, what)
    check_declinations(table[:, 2:4], what)
    area = EffectiveArea.from_cells(
        (table[:, 0], table[:, 1]),
        (np.sin(np.radians(table[:, 2])), np.sin(np.radians(table[:, 3]))),
        table[:, 4] * units.cm**2,
        source=f"{path.name} of the 10-year release",
    )
    return check_area(area, "cm2")


def read_three_year_area(content: bytes, what: str, source: str) -> EffectiveArea:
    """Return the effective area in a table of energy in GeV, cosine of the zenith angle and m2.

    Parameters
    ----------
    content
        The table.
    what
        Its name, for messages.
    source
        Where it comes from.

    Raises
    ------
    DataError
        If the table is no grid.
    UnitError
        If a column seems to be in another unit.
    """
    table = read_table(content, THREE_YEAR_COLUMNS, what)
    if np.any(table[:, :2] <= 0) or table[:, 1].max() < 100:
        raise UnitError(
            f"{what}: energies from {table[:, 0].min():g} to {table[:, 1].max():g}, expected GeV; are they "
            "logarithms?"
        )
    if np.abs(table[:, 2:4]).max() > 1 + 1e-6:
        raise UnitError(
            f"{what}: cosines of the zenith angle from {table[:, 2:4].min():g} to {table[:, 2:4].max():g}, "
            "expected -1 to 1; are they angles?"
        )
    area = EffectiveArea.from_zenith(
        (np.log10(table[:, 0]), np.log10(table[:, 1])),
        (table[:, 2], table[:, 3]),
        table[:, 4] * units.m**2,
        latitude=_LATITUDE,
        source=source,
    )
    return check_area(area, "m2")


def check_declinations(bounds: FloatArray, what: str) -> None:
    """Check that bounds of bins of declination are degrees.

    Raises
    ------
    UnitError
        If they are not; says what they seem to be.
    """
    low, high = float(np.min(bounds)), float(np.max(bounds))
    if low < -90 - 1e-6 or high > 90 + 1e-6:
        raise UnitError(
            f"{what}: declinations from {low:g} to {high:g}, expected -90 to 90 degrees"
            + ("; are they zenith angles?" if low >= 0 and high <= 180 + 1e-6 else "")
        )
    if max(abs(low), abs(high)) <= _RADIANS:
        raise UnitError(
            f"{what}: declinations from {low:g} to {high:g}, expected degrees; are they radians, or sines?"
        )


def check_energies(edges: FloatArray, what: str) -> None:
    """Check that bounds of bins of true energy are log10(E/GeV).

    Raises
    ------
    UnitError
        If they are not; says what they seem to be.
    """
    low, high = float(np.min(edges)), float(np.max(edges))
    if not _TOP_ENERGY[0] <= high <= _TOP_ENERGY[1] or low < 0:
        hint = "are they log10(E/TeV)?"
        if high > _TOP_ENERGY[1]:
            hint = "are they in GeV or TeV, without logarithm?"
        raise UnitError(
            f"{what}: true energies from {low:g} to {high:g}, expected log10(E/GeV) from 0 or more to "
            f"{_TOP_ENERGY[0]:g} or more; {hint}"
        )


def check_area(area: EffectiveArea, unit: str) -> EffectiveArea:
    """Return an effective area after checking that its largest value is one of IceCube.

    Raises
    ------
    UnitError
        If the table seems to be in another unit than that of its layout.
    """
    largest = float(area.area.max())
    if not _LARGEST_AREA[0] <= largest <= _LARGEST_AREA[1]:
        raise UnitError(
            f"{area.source}: the largest area is {largest:.3g} cm2, expected 3e4 to 1e9; "
            f"the layout has {unit}: is the table in another unit?"
        )
    check_energies(area.log10_energy_edges, area.source)
    return area
