"""
Masks and multipoles, side by side
==================================

A simulated sky is analysed with several masks and ranges of multipoles. A variation is a name and the
settings that differ; parts that do not change from one to the next (events, exposure, kernel of the
estimator) are made once.
"""

import sys
from pathlib import Path

import nuweft
from nuweft.plotting import comparison_figure, save
from nuweft.studies import grid, scan

make = nuweft.plugins.create
galaxies = make("tracer", "mock-galaxies", galaxies=3e5, field_nside=64)
analysis = nuweft.Analysis(
    tracer=galaxies,
    neutrino_sample=make(
        "neutrino_sample",
        "mock-tracks",
        tracer=galaxies,
        livetime_days=100.0,
        energy_edges=[2.5, 3.2, 4.5],
        correlated_flux=1e-17,
    ),
    mask=make("mask", "declination", minimum="-5 deg"),
    nside=32,
    gamma_points=13,
    trials=500,
)
analysis  # notebooks show its settings

# %%
# A grid names all combinations; a dot reaches into a plugin. Two processes share the work.
variations = grid(
    **{
        "tracer.mask": {"whole sky": None, "|b| > 20 deg": {"plugin": "galactic-cut", "minimum": "20 deg"}},
        "estimator.ell_min": [10, 20],
    }
)
found = scan(analysis, variations, jobs=2)
found  # notebooks show the table

# %%
# The same numbers as a figure.
figure = comparison_figure(found, gamma=2.37)
if len(sys.argv) > 1:
    save(figure, Path(sys.argv[1]))

# %%
# The same scrambled events meet every variation, so that the smallest p-value has a global one.
print(f"global p-value: {found.global_p_value().value:.3f}")
