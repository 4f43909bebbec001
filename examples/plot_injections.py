"""
Injected signals at the size of the ten-year sample
===================================================

Simulated data sets with 338,000, 32,000 and 720 events in the mask, 2,500 of
them correlated with a simulated galaxy sky: what does the analysis find?::

    python examples/plot_injections.py 1500 injections.png

A second number gives NSIDE, for a quick look.

.. image:: /_static/injections.png
"""

# sphinx_gallery_thumbnail_path = '_static/injections.png'

import sys
from pathlib import Path

import numpy as np

import nuweft
from nuweft.plotting import injection_figure, save
from nuweft.statistics import coverage
from nuweft.studies import inject

sets = int(sys.argv[1]) if len(sys.argv) > 1 else 100
output = Path(sys.argv[2] if len(sys.argv) > 2 else "injections.png")
nside = int(sys.argv[3]) if len(sys.argv) > 3 else 128
galaxies = {"plugin": "mock-galaxies", "mask": {"plugin": "galactic-cut", "minimum": "10 deg"}}
analysis = nuweft.Analysis.from_mapping(
    {
        "tracer": galaxies,
        "neutrino_sample": {
            "plugin": "mock-tracks",
            "tracer": galaxies,
            "livetime_days": 2100.0,
            "correlated_flux": 0.0,
            "isotropic_flux": 1.44e-18,
        },
        "mask": {"plugin": "declination", "minimum": "-5 deg"},
        "nside": nside,
    }
)

# %%
# Declinations of background events are drawn from the simulated sample. Null
# moments, fractions and weights are made anew for every set, as for real data.

results = []
for gamma in (2.0, 2.37, 3.0):
    found = inject(analysis, gamma, 2500.0, sets, events_per_bin=(338_000.0, 32_000.0, 720.0))
    results.append(found)
for found in results:
    strength = float(np.mean(found.truth / found.sigma))
    (pull, pull_error), (bias, bias_error) = found.mean_pull, found.bias
    (free, free_error), (covered, covered_error) = found.free_bias, found.coverage
    expected = np.mean([coverage(f) for f in found.truth / found.sigma])
    print(f"gamma {found.gamma:g}: f_corr {found.truth.mean():.5f}, {strength:.2f} sigma, {sets} sets")
    print(f"  pull {pull:+.3f} +- {pull_error:.3f}, width {found.pulls.std():.3f}")
    print(f"  bias {bias:+.2%} +- {bias_error:.2%}; gamma free {free:+.1%} +- {free_error:.1%}")
    print(f"  limit above the truth: {covered:.4f} +- {covered_error:.4f}, expected {expected:.4f}")
save(injection_figure(results), output)
