"""Ranges of settings: what a declaration allows, and what no one can mean."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen(kw_only=True)
class Slip:
    """What a value outside of a range is likely to be.

    Attributes
    ----------
    below, above : str
        A remark on a value that is too small or too large, empty for none.
    """

    below: str = ""
    above: str = ""


@attrs.frozen(kw_only=True)
class Bounds:
    """The range of a setting.

    Attributes
    ----------
    ge, gt, le, lt : float or None
        Inclusive and exclusive bounds.
    unit : str
        For messages.
    slip : Slip
    """

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    unit: str = ""
    slip: Slip = Slip()

    @property
    def text(self) -> str:
        """The range in words, empty where there is none."""
        suffix = f" {self.unit}" if self.unit else ""
        limits = ((">=", self.ge), (">", self.gt), ("<=", self.le), ("<", self.lt))
        return " and ".join(f"{sign} {limit:g}{suffix}" for sign, limit in limits if limit is not None)

    @property
    def limits(self) -> tuple[float | None, float | None, float | None, float | None]:
        """The bounds, in their order."""
        return self.ge, self.gt, self.le, self.lt

    def fault(self, value: float) -> str | None:
        """Return what is wrong with a value: the range in words and the likely slip; None if nothing is."""
        low = (self.ge is not None and not value >= self.ge) or (self.gt is not None and not value > self.gt)
        high = (self.le is not None and not value <= self.le) or (self.lt is not None and not value < self.lt)
        if not (low or high):
            return None
        remark = self.slip.below if low else self.slip.above
        return f"{self.text} ({remark})" if remark else self.text

    def or_else(self, other: Bounds) -> Bounds:
        """Return these bounds, with those of another on the sides where there is none."""
        low = self if (self.ge, self.gt) != (None, None) else other
        high = self if (self.le, self.lt) != (None, None) else other
        slip = Slip(below=self.slip.below or low.slip.below, above=self.slip.above or high.slip.above)
        return Bounds(ge=low.ge, gt=low.gt, le=high.le, lt=high.lt, unit=self.unit, slip=slip)


_FLUX = Slip(above="a flux per GeV and cm^2 is asked; one per TeV or per m^2 is larger by 1e3 or 1e4")

OF_UNIT: Mapping[str, Bounds] = {
    "d": Bounds(ge=0, le=4e4, slip=Slip(above="days are asked; a day has 86400 seconds")),
    "deg": Bounds(ge=-360, le=360, slip=Slip(above="degrees are asked")),
    "arcsec": Bounds(ge=-1.296e6, le=1.296e6),
    "mag": Bounds(ge=-50, le=50),
    "dex": Bounds(ge=-10, le=10, slip=Slip(above="a difference of log10 is asked, not a factor")),
    "log10(E/GeV)": Bounds(
        ge=0,
        le=12,
        slip=Slip(
            below="log10(E/GeV) is asked; with energies in TeV add 3 to log10(E/TeV)",
            above="log10(E/GeV) is asked, not an energy: 316 GeV is 2.5",
        ),
    ),
    "GeV^-1 cm^-2 s^-1 sr^-1": Bounds(ge=0, le=1e-12, slip=_FLUX),
}
"""What no one can mean outside of, for settings in a unit that declare no bound of their own."""

FLUX_AT_100_TEV = Bounds(
    gt=1e-21,
    le=2e-16,
    slip=Slip(
        below="the flux at 100 TeV per GeV, cm^2, s and sr is asked; measured ones are about 1e-18",
        above="the flux at 100 TeV per GeV, cm^2, s and sr is asked, measured ones are about 1e-18; "
        "one per TeV is larger by 1e3, one per m^2 by 1e4",
    ),
)
"""Range of a measured diffuse flux."""


def bounds_of(own: Bounds, unit: str) -> Bounds:
    """Return the bounds of a setting, completed by those of its unit."""
    return own.or_else(OF_UNIT[unit]) if unit in OF_UNIT else own
