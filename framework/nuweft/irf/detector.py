"""The response of a sample: one entry per season of data taking."""

from __future__ import annotations

import attrs

from nuweft.errors import DataError
from nuweft.irf.effective_area import EffectiveArea
from nuweft.irf.smearing import Smearing

SECONDS_PER_DAY = 86400.0


@attrs.frozen(eq=False, kw_only=True)
class SeasonResponse:
    """Response of one season.

    Attributes
    ----------
    name : str
    livetime : float
        In seconds.
    effective_area : EffectiveArea
    smearing : Smearing
    livetime_source : str
        Where the livetime comes from.
    """

    name: str
    livetime: float
    effective_area: EffectiveArea
    smearing: Smearing
    livetime_source: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.livetime > 0:
            raise DataError(f"season {self.name}: livetime must be positive, got {self.livetime:g} s")

    def description(self) -> dict[str, str]:
        """Return where each part comes from."""
        area = self.effective_area
        return {
            "season": self.name,
            "effective_area": f"{area.source}; {area.convention}",
            "smearing": self.smearing.source,
            "livetime": f"{self.livetime / SECONDS_PER_DAY:.2f} d, {self.livetime_source or 'not stated'}",
        }


@attrs.frozen(eq=False)
class DetectorResponse:
    """Responses of all seasons of a sample; event numbers add up over them.

    Attributes
    ----------
    seasons : tuple of SeasonResponse
    placeholder : str
        What of it is not that of the detector and has to be replaced, as in a
        generated package; every result says so. Empty where nothing is.
    """

    seasons: tuple[SeasonResponse, ...]
    placeholder: str = attrs.field(default="", kw_only=True)

    @property
    def livetime(self) -> float:
        """Total livetime in seconds."""
        return sum(season.livetime for season in self.seasons)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What every result on the sample has to say of its response."""
        if not self.placeholder:
            return ()
        remark = (
            f"the response of the sample is a placeholder ({self.placeholder}): its limits, fluxes and "
            "f_astro are not those of the detector"
        )
        return (remark,)
