"""
The energy response against real events
=======================================

The 3-year release has no energy response. It is fitted to the atmospheric
events of each season, in cells of reconstructed energy and declination::

    NUWEFT_DATA=shared/data python examples/plot_energy_response.py IC86-2012 response.png

The flux is a cascade calculation (MCEq) plus the diffuse flux.

.. image:: /_static/energy_response.png
"""

# sphinx_gallery_thumbnail_path = '_static/energy_response.png'

import os
import sys
from pathlib import Path

import numpy as np

import nuweft
from nuweft.flux import PowerLawFlux, TabulatedFlux
from nuweft.irf import count_table, fit_energy_dispersion
from nuweft.plotting import count_table_figure, save

season = sys.argv[1] if len(sys.argv) > 1 else "IC86-2012"
output = Path(sys.argv[2] if len(sys.argv) > 2 else "response.png")
folder = Path(os.environ["NUWEFT_DATA"])

sample = nuweft.plugins.create("neutrino_sample", "icecube-ps-3yr", seasons=[season])
atmosphere = TabulatedFlux.from_npz(folder / "fluxes" / "mceq_numu_south_pole.npz")
diffuse = PowerLawFlux(1.44e-18, 2.37)


def flux(energy, sin_dec):
    return atmosphere(energy, sin_dec) + diffuse(energy, sin_dec)


# %%
# Above -5 degrees the sample is made of neutrinos.

events = sample.events()
data = (events.log10_energy, np.sin(events.dec))
cells = {
    "log10_energy_edges": np.arange(2.0, 6.01, 0.125),
    "sin_dec_edges": np.append(np.sin(np.radians(-5.0)), np.linspace(0.0, 1.0, 11)),
}
(response,) = sample.response().seasons
shipped = count_table(response, flux, *data, **cells)
fit = fit_energy_dispersion(response, flux, *data, **cells)
for name, table in (("shipped", shipped), ("fitted", fit.table)):
    print(f"{name}: chi2 per cell {table.chi2_per_cell(model_error=0.1):.3f} with 10 % model error")
    print(f"{name}: chi2 per cell {table.chi2_per_cell():.3f} without")
ratio = shipped.observed.sum() / shipped.predicted.sum()
print(f"observed over predicted events: {ratio:.3f}")
print(fit.response)

# %%
# Each declination band is normalised to its events.

save(count_table_figure(shipped, f"{season}, MCEq and diffuse flux"), output)
