"""The folder layout of the public 10-year point-source release."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np
from astropy import units

from nuweft.data import find, missing
from nuweft.errors import MissingDataError, ParameterError, did_you_mean
from nuweft.interfaces import NeutrinoSample
from nuweft.irf import (
    SECONDS_PER_DAY,
    DetectorResponse,
    IndependentSmearing,
    RayleighPSF,
    SeasonResponse,
    Smearing,
)
from nuweft.model import DataFile, Events
from nuweft.parameters import boolean, path, quantity, texts
from nuweft_icecube.area import read_ten_year_area
from nuweft_icecube.data import ANGULAR_ERROR_FLOOR, PS_10YR, RESPONSE_SEASON, SEASONS_10YR
from nuweft_icecube.energy import PARAMETRIC
from nuweft_icecube.events import read_events
from nuweft_icecube.livetime import check_runs, days, read_runs
from nuweft_icecube.smearing import read_smearing

_MEDIAN_RESOLUTION = RayleighPSF(
    log10_energy_edges=np.arange(2.0, 9.5, 1.0),
    median=np.radians([1.41, 0.80, 0.52, 0.38, 0.32, 0.32, 0.34]),
    source="IC86-2012-AngRes.txt of the public 3-year release, a stand-in",
)


@attrs.frozen(kw_only=True)
class IceCubePS10yr(NeutrinoSample):
    r"""Tracks of the public 10-year release, or of any data in its layout.

    Each season needs ``events/<season>_exp.csv``, ``uptime/<season>_exp.csv``
    and ``irfs/<season>_effectiveArea.csv``; with ``smearing`` also
    ``irfs/<season>_smearing.csv``. Without smearing matrices, energy response
    and point spread are the stand-ins of IC86-2012.

    Columns in other units than those of the layout, events that are listed
    twice and the good-run list of another season are refused; up to 0.1 % exact
    repeats are left out, which :meth:`notes` says.

    Notes
    -----
    .. math::

        N_i = T \int dE\, d\Omega\; \phi(E)\, A(E, \delta)\, P(i \mid E, \delta)

    events in energy bin i of livetime T, effective area A and smearing matrix P.
    """

    plugin_name: ClassVar[str] = "icecube-ps-10yr"
    seasons: tuple[str, ...] = texts(default=SEASONS_10YR[3:], doc="seasons to use, IC40 to IC86_VII")
    folder: Path | None = path(
        default=None, optional=True, doc="folder of the release; the named data set where none is given"
    )
    smearing: bool = boolean(default=True, doc="whether the smearing matrices are used")
    angular_error_floor: units.Quantity = quantity(
        "deg", default=ANGULAR_ERROR_FLOOR, ge=0, doc="smallest angular uncertainty of an event"
    )

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return the first season."""
        return cls(seasons=("IC40",), smearing=False)

    def __attrs_post_init__(self) -> None:
        if not self.seasons or len(set(self.seasons)) != len(self.seasons):
            raise ParameterError(f"seasons: expected different seasons, got {list(self.seasons)}")
        for season in self.seasons:
            if self.folder is None and season not in SEASONS_10YR:
                raise ParameterError(
                    f"seasons: {season!r} is not in the release; {did_you_mean(season, SEASONS_10YR)}"
                )

    def _path(self, relative: str) -> Path:
        if self.folder is not None:
            path = self.folder / relative
            packed = path.with_name(f"{path.name}.gz")
            return packed if packed.is_file() and not path.exists() else path
        file = next((f for f in PS_10YR.files if f.path == relative), DataFile(path=relative, sha256=None))
        found = find(PS_10YR, file)
        if found is None:
            raise missing(PS_10YR, file)
        return found

    def _irf(self, season: str, table: str) -> Path:
        return self._path(f"irfs/{RESPONSE_SEASON.get(season, season)}_{table}.csv")

    def inputs(self) -> tuple[Path, ...]:
        """Return event lists, good-run lists and response tables."""
        paths = []
        for season in self.seasons:
            paths += [self._path(f"events/{season}_exp.csv"), self._path(f"uptime/{season}_exp.csv")]
            paths.append(self._irf(season, "effectiveArea"))
            if self.smearing:
                paths.append(self._irf(season, "smearing"))
        return tuple(dict.fromkeys(paths))

    @cached_property
    def _read(self) -> tuple[Events, tuple[str, ...]]:
        """Events and notes on what was left out."""
        paths = [(season, self._path(f"events/{season}_exp.csv")) for season in self.seasons]
        floor = self.angular_error_floor.to_value("rad")
        return read_events([(season, path, str(path)) for season, path in paths], floor)

    def events(self) -> Events:
        """Return all events of the chosen seasons."""
        return self._read[0]

    def notes(self) -> tuple[str, ...]:
        """Return which events were left out, and how many lie outside the good runs."""
        found = [self._runs(season)[1] for season in self.seasons]
        return self._read[1] + tuple(note for note in found if note)

    def _runs(self, season: str) -> tuple[float, str]:
        """Return the livetime of a season in days, and a note on events outside its runs."""
        path = self._path(f"uptime/{season}_exp.csv")
        runs = read_runs(path)
        try:
            events = self._read[0]
        except MissingDataError:  # the response may be asked for without the events
            return days(runs), ""
        times = events.time[events.season == self.seasons.index(season)]
        return days(runs), check_runs(runs, times, path, f"season {season}")

    def response(self) -> DetectorResponse:
        """Return the response of each chosen season."""
        paths = {season: self._irf(season, "smearing") for season in self.seasons} if self.smearing else {}
        matrices = {path: read_smearing(path) for path in dict.fromkeys(paths.values())}
        stand_in = IndependentSmearing(PARAMETRIC["IC86-2012"], _MEDIAN_RESOLUTION)
        return DetectorResponse(
            tuple(self._season(s, matrices[paths[s]] if self.smearing else stand_in) for s in self.seasons)
        )

    def _season(self, season: str, smearing: Smearing) -> SeasonResponse:
        area = read_ten_year_area(self._irf(season, "effectiveArea"))
        return SeasonResponse(
            name=season,
            livetime=self._runs(season)[0] * SECONDS_PER_DAY,
            effective_area=area,
            smearing=smearing,
            livetime_source=f"good-run list {season}",
        )

    def description(self) -> str:
        """Return one sentence that says what the sample is."""
        return f"IceCube 10-year point-source release, seasons {', '.join(self.seasons)}"
