"""The Gaussian likelihood."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_likelihood() -> list[type]:
    """Register the likelihood."""
    from nuweft_gaussian.gaussian import Gaussian

    return [Gaussian]
