"""The analysis of ``nuweft demo``: a simulated sky whose answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np

from nuweft.analysis import Analysis
from nuweft.errors import DataError
from nuweft.interfaces.neutrino_sample import CORRELATED
from nuweft.registry import Registry
from nuweft.sky.pixels import pixel_index

CORRELATED_FLUX = 1.2e-17
"""Correlated flux of the demo at 100 TeV, some eight times the real diffuse flux,
so that two simulated years show it; GeV^-1 cm^-2 s^-1 sr^-1."""


def demo_settings(*, trials: int, seed: int) -> dict[str, Any]:
    """Return the settings of the demo as a mapping."""
    galaxies = {
        "plugin": "mock-galaxies",
        "seed": seed,
        "mask": {"plugin": "galactic-cut", "minimum": "10 deg"},
    }
    return {
        "tracer": galaxies,
        "neutrino_sample": {
            "plugin": "mock-tracks",
            "tracer": galaxies,
            "seed": seed + 1,
            "isotropic_flux": 1.44e-18,
            "correlated_flux": CORRELATED_FLUX,
        },
        "mask": {"plugin": "declination", "minimum": "-5 deg"},
        "source_evolution": [
            {"plugin": "power-law", "k": -1.75},
            "constant",
            "star-formation-rate",
            "sources-trace-catalog",
            "counts-trace-catalog",
        ],
        "nside": 64,
        "trials": trials,
        "cosmology": {"transfer_function": "eisenstein_hu"},
        "seed": seed,
    }


def demo_analysis(registry: Registry, *, trials: int = 10_000, seed: int = 1) -> Analysis:
    """Return the analysis of the demo.

    Parameters
    ----------
    registry
        Where plugins are looked up.
    trials
        Scrambled trials.
    seed
        Seed of the sky, the events and the trials.
    """
    from nuweft.compose import construct

    analysis: Analysis = construct(
        Analysis, demo_settings(trials=trials, seed=seed), registry=registry, where="demo"
    )
    return analysis


def injected_f_corr(analysis: Analysis) -> float:
    """Return the true share of correlated events among those in the joint mask and the energy bins.

    Raises
    ------
    DataError
        If the sample does not know the origin of its events.
    """
    sample = analysis.neutrino_sample
    origin = sample.origin()
    if origin is None:
        raise DataError(f"{sample.plugin_name}: the origin of its events is not known")
    events = sample.events()
    used = sample.energy_bins.index(events.log10_energy) >= 0
    used &= analysis.skies.joint_mask[pixel_index(analysis.nside, events.ra, events.dec)] > 0
    return float(np.mean(origin[used] == CORRELATED))
