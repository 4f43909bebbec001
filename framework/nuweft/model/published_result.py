"""Results that others have published, to stand beside a run with the same tracer and a similar sample."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from nuweft.errors import InvalidPluginError


@attrs.frozen(kw_only=True)
class PublishedResult:
    """What others have published, for some tracers and neutrino samples.

    Attributes
    ----------
    source : str
        Who published what about which events: the heading of a column.
    tracers, neutrino_samples : tuple of str
        Plugin names beside which it stands.
    values : dict of str to str
        Published values by key of a row, see :class:`nuweft.report.summary.Row`.
    f_astro : float or None
        Astrophysical fraction of the published sample.
    note : str
        A sentence below the table.
    """

    source: str
    tracers: tuple[str, ...]
    neutrino_samples: tuple[str, ...]
    values: Mapping[str, str]
    f_astro: float | None = None
    note: str = ""

    def stands_beside(self, tracer: str, neutrino_sample: str) -> bool:
        """Return whether it is compared with a run on this tracer and sample."""
        return tracer in self.tracers and neutrino_sample in self.neutrino_samples


def check_published(result: object) -> None:
    """Refuse what is no published result.

    Raises
    ------
    InvalidPluginError
        Says what came.
    """
    if not isinstance(result, PublishedResult):
        raise InvalidPluginError(
            f"nuweft_register_published_result gave {result!r}, expected a nuweft.PublishedResult"
        )
    if not isinstance(result.source, str) or not isinstance(result.note, str):
        raise InvalidPluginError(
            f"a published result has source {result.source!r} and note {result.note!r}, expected strings"
        )
    for name in ("tracers", "neutrino_samples"):
        found = getattr(result, name)
        if not isinstance(found, tuple | list) or not all(isinstance(n, str) for n in found):
            raise InvalidPluginError(
                f"published result {result.source!r}: {name} are {found!r}, expected a tuple of plugin names"
            )
    if not isinstance(result.values, Mapping) or not all(
        isinstance(text, str) for pair in result.values.items() for text in pair
    ):
        raise InvalidPluginError(
            f"published result {result.source!r}: values are {result.values!r}, expected texts by row"
        )
    f_astro = result.f_astro
    if f_astro is not None and not (isinstance(f_astro, int | float) and 0 < f_astro <= 1):
        raise InvalidPluginError(
            f"published result {result.source!r}: f_astro is {f_astro!r}, expected a number in (0, 1]"
        )
