"""Right-ascension scrambling: exact moments and event-level trials."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_background() -> list[type]:
    """Register the background."""
    from nuweft_scramble.ra_scramble import RAScramble

    return [RAScramble]
