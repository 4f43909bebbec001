"""
Six real catalogs against the same events
=========================================

Two public seasons of IceCube against WISE-2MASS galaxies, infrared-selected and low-luminosity
active galactic nuclei, NGC galaxies and two slices of SDSS galaxies. Only the tracer changes from
one to the other; what does not depend on it is computed once.

Needs the data in a folder that ``NUWEFT_DATA`` names; arguments: figure, trials, NSIDE.

.. image:: /_static/tracers.png
"""

# sphinx_gallery_thumbnail_path = '_static/tracers.png'

import sys
from pathlib import Path

import nuweft
from nuweft.plotting import comparison_figure, save
from nuweft.studies import scan

figure = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("tracers.png")
trials = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
nside = int(sys.argv[3]) if len(sys.argv) > 3 else 128

make = nuweft.plugins.create
analysis = nuweft.Analysis(
    tracer=make("tracer", "wise-2mass"),
    neutrino_sample=make("neutrino_sample", "icecube-ps-3yr", seasons=["IC86-2011", "IC86-2012"]),
    mask=make("mask", "declination", minimum="-5 deg"),
    nside=nside,
    trials=trials,
    seed=86,
)


# %%
# Each tracer is one line; settings are written as in YAML. The catalogs of active nuclei leave
# out low galactic latitudes, each slice of SDSS has its footprint.
def catalog(name):
    return {"plugin": "catalog", "dataset": name, "mask": {"plugin": "galactic-cut", "minimum": "15 deg"}}


def sdss(low, high):
    footprint = {"plugin": "map-file", "dataset": f"sdss-z{low}-{high}-mask", "regrid": True}
    return {"plugin": "map", "dataset": f"sdss-z{low}-{high}-map", "z_range": [low, high], "mask": footprint}


tracers = {
    "WISE-2MASS galaxies": "wise-2mass",
    "infrared-selected AGN": catalog("agn-ir-selected"),
    "low-luminosity AGN": catalog("agn-low-luminosity"),
    "NGC galaxies": catalog("openngc-galaxies"),
    "SDSS, 0.1 < z < 0.2": sdss(0.1, 0.2),
    "SDSS, 0.5 < z < 0.6": sdss(0.5, 0.6),
}

# %%
# The most significant of six needs a global p-value: the same scrambled events meet every tracer.
found = scan(analysis, {name: {"tracer": tracer} for name, tracer in tracers.items()})
for row in found.table():
    print(
        f"{row['variation']}: {row['objects']:.0f} objects, f_sky {row['f_sky']:.3f}, "
        f"{row['events']:.0f} events, TS {row['TS']:.2f}, p {row['p-value']:.3f}, "
        f"f_corr {row['estimate, gamma 2.37']:+.4f} +- {row['sigma, gamma 2.37']:.4f}, "
        f"limit {row['limit, gamma 2.37']:.4f} "
        f"({row['limit / diffuse flux, gamma 2.37']:.2f} of the diffuse flux)"
    )
print(f"global p-value: {found.global_p_value().value:.2f}")
found.to_csv(figure.with_suffix(".csv"))
save(comparison_figure(found, gamma=2.37), figure)
