"""A simulated sky: galaxies and neutrinos from one density field."""

from __future__ import annotations

from pathlib import Path

from nuweft import hookimpl


@hookimpl
def nuweft_register_tracer() -> list[type]:
    """Register the simulated galaxies."""
    from nuweft_mocks.galaxies import MockGalaxies

    return [MockGalaxies]


@hookimpl
def nuweft_register_neutrino_sample() -> list[type]:
    """Register the simulated events."""
    from nuweft_mocks.tracks import MockTracks

    return [MockTracks]


@hookimpl
def nuweft_demo_analysis() -> Path:
    """Return the analysis of ``nuweft demo``."""
    return Path(__file__).with_name("demo.yaml")
