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

from nuweft.data import locate
from nuweft.errors import (
    CorruptFileError,
    DataError,
    MissingDataError,
    ParameterError,
    UnitError,
    did_you_mean,
)
from nuweft.interfaces import NeutrinoSample
from nuweft.irf import (
    SECONDS_PER_DAY,
    AngularErrorSmearing,
    DetectorResponse,
    IndependentSmearing,
    KingPSF,
    RayleighPSF,
    SeasonResponse,
    Smearing,
)
from nuweft.model import Events
from nuweft.parameters import number, number_table, path, quantity, table, text, texts
from nuweft.typing import FloatArray
from nuweft_icecube.area import read_three_year_area
from nuweft_icecube.data import ANGULAR_ERROR_FLOOR, LIVETIME_DAYS, PS_3YR
from nuweft_icecube.energy import PARAMETRIC
from nuweft_icecube.events import SMALLEST_MEDIAN_ERROR, read_events
from nuweft_icecube.livetime import SEASON_DAYS, check_livetime, check_runs, days, read_runs
from nuweft_icecube.text import read_table


@attrs.frozen(kw_only=True)
class IceCubePS3yr(NeutrinoSample):
    r"""Tracks of IC79-2010, IC86-2011 and IC86-2012 from the public 3-year release.

    Effective areas and median angular resolutions are the release's; livetimes
    are those of the 10-year release's good-run lists, which an uptime file
    overrides; the energy response is a parametric stand-in.

    Columns in other units than those of the layout, events that are listed
    twice and the good-run list of another season are refused; up to 0.1 % exact
    repeats are left out, which :meth:`notes` says.

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
    uptime: Mapping[str, str] = table(
        default={}, files=True, doc="good-run list of a season, overrides its livetime"
    )

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
            low, high = SEASON_DAYS
            if season not in self.uptime and not low <= self.livetime_days[season] <= high:
                raise ParameterError(
                    f"livetime_days: {self.livetime_days[season]:g} d for season {season}, expected "
                    f"{low:g} to {high:g} days; is it in seconds, hours or years?"
                )

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
        content: dict[str, bytes] = {}
        try:
            with zipfile.ZipFile(archive) as bundle:
                for member in bundle.infolist():
                    parts = Path(member.filename).parts
                    if not parts or parts[0] == "__MACOSX" or parts[-1].startswith("._"):
                        continue
                    if parts[-1].endswith(".txt") and any(
                        parts[-1].startswith(f"{s}-") for s in self.seasons
                    ):
                        read = bundle.read(member)
                        if content.setdefault(parts[-1], read) != read:
                            raise CorruptFileError(
                                f"{archive}: several members are named {parts[-1]} and differ; expected one"
                            )
        except CorruptFileError:
            raise
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
            raise CorruptFileError(f"{archive}: not a complete zip file ({error})") from error
        return content

    def _member(self, name: str) -> bytes:
        if name not in self._content:
            raise CorruptFileError(f"{self._archive()}: holds no {name}; {did_you_mean(name, self._content)}")
        return self._content[name]

    @cached_property
    def _read(self) -> tuple[Events, tuple[str, ...]]:
        """Events and notes on what was left out."""
        floor = self.angular_error_floor.to_value("rad")
        return read_events([(s, self._member(f"{s}-events.txt"), f"{s} events") for s in self.seasons], floor)

    def events(self) -> Events:
        """Return all events of the chosen seasons."""
        return self._read[0]

    def notes(self) -> tuple[str, ...]:
        """Return which events were left out, and how many lie outside the good runs."""
        found = [self._livetime(season)[2] for season in self.seasons]
        return self._read[1] + tuple(note for note in found if note)

    def _livetime(self, season: str) -> tuple[float, str, str]:
        """Return the livetime of a season in days, its source, and a note on events outside the runs."""
        events = self.events()
        times = events.time[events.season == self.seasons.index(season)]
        if season in self.uptime:
            path = Path(self.uptime[season])
            runs = read_runs(path)
            return days(runs), f"good-run list {path}", check_runs(runs, times, path, f"season {season}")
        check_livetime(self.livetime_days[season], times, f"livetime_days: season {season}")
        return self.livetime_days[season], "setting livetime_days", ""

    def response(self) -> DetectorResponse:
        """Return the response of each chosen season."""
        return DetectorResponse(tuple(self._season(s) for s in self.seasons))

    def _season(self, season: str) -> SeasonResponse:
        livetime, source, _ = self._livetime(season)
        resolution = read_table(self._member(f"{season}-AngRes.txt"), 3, f"{season} resolution")
        if resolution.min() <= 0 or resolution[:, 1].max() < 100:
            raise UnitError(f"{season} resolution: expected energies in GeV and angles above 0")
        middle = float(np.median(resolution[:, 2]))
        if not SMALLEST_MEDIAN_ERROR <= middle <= 15.0:
            raise UnitError(
                f"{season} resolution: angles have the median {middle:g}, expected about one degree"
            )
        low, high = np.log10(resolution[:, 0]), np.log10(resolution[:, 1])
        if np.any(np.abs(low[1:] - high[:-1]) > 1e-3):
            raise DataError(f"{season} resolution: energy bins overlap or leave gaps")
        return SeasonResponse(
            name=season,
            livetime=livetime * SECONDS_PER_DAY,
            effective_area=read_three_year_area(
                self._member(f"{season}-TabulatedAeff.txt"),
                f"{season} effective area",
                f"{season}-TabulatedAeff.txt of {PS_3YR.title}",
            ),
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
            king = KingPSF(log10_energy_edges=edges, median=median, tail=self.king_tail, source=source)
            return IndependentSmearing(energy, king)
        return IndependentSmearing(
            energy, RayleighPSF(log10_energy_edges=edges, median=median, source=source)
        )

    def description(self) -> str:
        """Return one sentence that says what the sample is."""
        days = self.livetime() / SECONDS_PER_DAY
        return f"public IceCube 3-year point-source release, {', '.join(self.seasons)} ({days:.0f} d)"
