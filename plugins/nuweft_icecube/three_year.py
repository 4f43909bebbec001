"""The public 3-year point-source release, read from its zip file as it is."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import attrs
import numpy as np
from astropy import units

from nuweft.datasets import locate
from nuweft.errors import CorruptFileError, DataError, MissingDataError, ParameterError, did_you_mean
from nuweft.interfaces import Events, NeutrinoSample
from nuweft.parameters import number, number_table, path, quantity, table, text, texts
from nuweft.response import (
    AngularErrorSmearing,
    DetectorResponse,
    EffectiveArea,
    IndependentSmearing,
    KingPointSpread,
    RayleighPointSpread,
    SeasonResponse,
    Smearing,
)
from nuweft.response.detector import SECONDS_PER_DAY
from nuweft.sky.typing import FloatArray
from nuweft_icecube.data import ANGULAR_ERROR_FLOOR, LIVETIME_DAYS, PS_3YR
from nuweft_icecube.energy import PARAMETRIC
from nuweft_icecube.text import check_area, read_table, to_events, uptime_days

_LATITUDE = -90 * units.deg


@attrs.frozen(kw_only=True)
class IceCubePS3yr(NeutrinoSample):
    r"""Tracks of IC79-2010, IC86-2011 and IC86-2012 from the public 3-year release.

    Effective areas and median angular resolutions are the release's; livetimes
    are those of the 10-year release's good-run lists, which an uptime file
    overrides; the energy response is a parametric stand-in.

    Notes
    -----
    .. math::

        N_i = T \int dE\, d\Omega\; \phi(E)\, A(E, \delta)\, P(i \mid E, \delta)

    events in energy bin i of livetime T, effective area A and the energy response P.
    """

    plugin_name: ClassVar[str] = "icecube-ps-3yr"
    seasons: tuple[str, ...] = texts(
        default=("IC86-2011", "IC86-2012"), doc="seasons to use: IC79-2010, IC86-2011, IC86-2012"
    )
    file: Path | None = path(
        default=None, optional=True, doc="zip file of the release; the named data set where none is given"
    )
    angular_error_floor: units.Quantity = quantity(
        "deg", default=ANGULAR_ERROR_FLOOR, ge=0, doc="smallest angular uncertainty of an event"
    )
    point_spread: str = text(
        default="rayleigh",
        choices=("rayleigh", "king", "angular-error"),
        doc="form of the point spread: with the release's median, or from the events' angular errors",
    )
    king_tail: float = number(default=2.0, gt=1, doc="index of the tail where point_spread is king")
    livetime_days: Mapping[str, float] = number_table(
        default=LIVETIME_DAYS, unit="d", doc="livetime of each season (default: arXiv:2101.09836)"
    )
    uptime: Mapping[str, str] = table(default={}, doc="good-run list of a season, overrides its livetime")

    def __attrs_post_init__(self) -> None:
        if not self.seasons:
            raise ParameterError("seasons: expected at least one")
        if len(set(self.seasons)) != len(self.seasons):
            raise ParameterError(f"seasons: named twice: {', '.join(self.seasons)}")
        for season in self.seasons:
            if season not in PARAMETRIC:
                raise ParameterError(
                    f"seasons: {season!r} is not in the release; {did_you_mean(season, PARAMETRIC)}"
                )
            if season not in self.livetime_days and season not in self.uptime:
                raise ParameterError(f"livetime_days: no livetime for season {season!r}")

    def _archive(self) -> Path:
        return self.file if self.file is not None else locate(PS_3YR.name)

    def inputs(self) -> tuple[Path, ...]:
        """Return the zip file and the good-run lists."""
        return (self._archive(), *(Path(p) for p in self.uptime.values()))

    @cached_property
    def _content(self) -> dict[str, bytes]:
        """Text files of the chosen seasons, by name without folder."""
        archive = self._archive()
        if not archive.is_file():
            raise MissingDataError(f"{archive}: no such file")
        content = {}
        try:
            with zipfile.ZipFile(archive) as bundle:
                for name in bundle.namelist():
                    parts = Path(name).parts
                    if not parts or parts[0] == "__MACOSX" or parts[-1].startswith("._"):
                        continue
                    if name.endswith(".txt") and any(parts[-1].startswith(f"{s}-") for s in self.seasons):
                        content[parts[-1]] = bundle.read(name)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
            raise CorruptFileError(f"{archive}: not a complete zip file ({error})") from error
        return content

    def _member(self, name: str) -> bytes:
        if name not in self._content:
            raise CorruptFileError(f"{self._archive()}: holds no {name}; {did_you_mean(name, self._content)}")
        return self._content[name]

    @cached_property
    def _events(self) -> Events:
        floor = self.angular_error_floor.to_value("rad")
        return Events.concatenate(
            [
                to_events(
                    read_table(self._member(f"{s}-events.txt"), 7, f"{s} events"), i, floor, f"{s} events"
                )
                for i, s in enumerate(self.seasons)
            ]
        )

    def events(self) -> Events:
        """Return all events of the chosen seasons."""
        return self._events

    def response(self) -> DetectorResponse:
        """Return the response of each chosen season."""
        return DetectorResponse(tuple(self._season(s) for s in self.seasons))

    def _season(self, season: str) -> SeasonResponse:
        if season in self.uptime:
            days, source = uptime_days(Path(self.uptime[season])), f"good-run list {self.uptime[season]}"
        else:
            days, source = self.livetime_days[season], "setting livetime_days"
        area = read_table(self._member(f"{season}-TabulatedAeff.txt"), 5, f"{season} effective area")
        resolution = read_table(self._member(f"{season}-AngRes.txt"), 3, f"{season} resolution")
        low, high = np.log10(resolution[:, 0]), np.log10(resolution[:, 1])
        if np.any(np.abs(low[1:] - high[:-1]) > 1e-3):
            raise DataError(f"{season} resolution: energy bins overlap or leave gaps")
        effective = EffectiveArea.from_zenith(
            (np.log10(area[:, 0]), np.log10(area[:, 1])),
            (area[:, 2], area[:, 3]),
            area[:, 4] * units.m**2,
            latitude=_LATITUDE,
            source=f"{season}-TabulatedAeff.txt of {PS_3YR.title}",
        )
        return SeasonResponse(
            name=season,
            livetime=days * SECONDS_PER_DAY,
            effective_area=check_area(effective, "m2"),
            smearing=self._smearing(season, np.append(low, high[-1]), np.radians(resolution[:, 2])),
            livetime_source=source,
        )

    def _smearing(self, season: str, edges: FloatArray, median: FloatArray) -> Smearing:
        energy = PARAMETRIC[season]
        if self.point_spread == "angular-error":
            events = self.events().select(self.events().season == self.seasons.index(season))
            return AngularErrorSmearing.from_events(
                energy, events.log10_energy, events.angular_error, np.array(self.energy_edges)
            )
        source = f"{season}-AngRes.txt, {self.point_spread}"
        if self.point_spread == "king":
            king = KingPointSpread(
                log10_energy_edges=edges, median=median, tail=self.king_tail, source=source
            )
            return IndependentSmearing(energy, king)
        return IndependentSmearing(
            energy, RayleighPointSpread(log10_energy_edges=edges, median=median, source=source)
        )

    def description(self) -> str:
        """Return one sentence that says what the sample is."""
        days = self.livetime() / SECONDS_PER_DAY
        return f"public IceCube 3-year point-source release, {', '.join(self.seasons)} ({days:.0f} d)"
