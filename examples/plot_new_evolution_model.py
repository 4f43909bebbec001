"""
A new model of source evolution
===============================

Tidal disruptions of stars are rarer in the past. Their rate is written as a
model in ten lines and compared with the limit of a finished run::

    nuweft run examples/analyses/ic86_wise2mass.yaml -o out-wise
    python examples/plot_new_evolution_model.py out-wise

.. image:: /_static/new_evolution_model.png
"""

# sphinx_gallery_thumbnail_path = '_static/new_evolution_model.png'

import sys
from pathlib import Path
from typing import ClassVar

import attrs

import nuweft
from nuweft.evolution import predict
from nuweft.interfaces import DensityModel
from nuweft.interpretation import read_run
from nuweft.parameters import number
from nuweft.plotting import source_model_figure


@attrs.frozen(kw_only=True)
class TidalDisruption(DensityModel):
    """Rate of jetted tidal disruptions (Sun, Zhang & Li 2015, ApJ 812, 33)."""

    plugin_name: ClassVar[str] = "tidal-disruption"
    eta: float = number(default=-2.0, lt=0, doc="sharpness of the breaks")

    def density(self, z):
        x, eta = 1 + z, self.eta
        return (x ** (0.2 * eta) + (x / 1.43) ** (-3.2 * eta) + (x / 2.66) ** (-7 * eta)) ** (1 / eta)


# %%
# The folder of a run is enough; no data are read.

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out-wise")
run = read_run(folder)
make = nuweft.plugins.create
shipped = [make("source_evolution", name) for name in ("constant", "star-formation-rate")]
models = [TidalDisruption(), *shipped]
for result in predict(models, run.strength()):
    fraction = result.f_corr / run.limit.f_corr
    print(f"{result.model.plugin_name}: f_corr {result.f_corr:.5f}, {fraction:.2f} of the limit")

# %%
# The figure goes where the run is.

figure = source_model_figure(models, run.strength(), limit=run.limit.f_corr)
figure.savefig(folder / "figures" / "new_model.png", dpi=130)
