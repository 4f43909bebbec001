"""
Atmospheric templates compared
==============================

The template of the atmospheric component can come from the scrambled events
(exact mean), a kernel density estimate of their declinations, or flux and
response. What do they differ by, on real events?::

    NUWEFT_DATA=shared/data python examples/plot_atmospheric_templates.py templates.png

.. image:: /_static/atmospheric_templates.png
"""

# sphinx_gallery_thumbnail_path = '_static/atmospheric_templates.png'

import sys
from pathlib import Path

import attrs
import numpy as np

import nuweft
from nuweft.plotting import CYCLE, figure, save
from nuweft.statistics import unconstrained

output = Path(sys.argv[1] if len(sys.argv) > 1 else "templates.png")
source = (
    Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "analyses" / "ic86_wise2mass.yaml"
)
analysis = nuweft.Analysis.from_yaml(source)
measured = analysis.measure()
make = nuweft.plugins.create
backgrounds = {
    "exact mean": make("background", "ra-scramble"),
    "kernel density": make("background", "ra-scramble", template="kde"),
    "analytic flux": make("background", "atmospheric-flux"),
    "MCEq flux": make("background", "atmospheric-flux", model="table"),
}

# %%
# Distances are in sigma of the data: the root of the chi2 between templates.

fig = figure(10.0, 4.0)
axes = fig.subplots(1, len(measured.blocks), sharex=True)
print("template: distance per energy bin; f_corr at the index of the diffuse flux, in sigma")
for (name, background), colour in zip(backgrounds.items(), CYCLE, strict=False):
    blocks, distances = [], []
    for block, bin_data, panel in zip(measured.blocks, analysis.bins, axes, strict=True):
        template = analysis.kernel.spectrum(background.template_counts(bin_data) * bin_data.weights)
        difference = template - block.null_mean
        distances.append(float(np.sqrt(difference @ np.linalg.solve(block.covariance, difference))))
        blocks.append(attrs.evolve(block, atmospheric=template))
        panel.plot(block.ell, difference / np.sqrt(np.diag(block.covariance)), color=colour, label=name)
        panel.set(title=f"log E {bin_data.label}", xlabel=r"$\ell$", xlim=(block.ell[0], 150))
    model = analysis.model(attrs.evolve(measured, blocks=tuple(blocks)))
    estimate, sigma = unconstrained(model, analysis.diffuse_flux.gamma)
    print(f"{name}: {', '.join(f'{d:.2f}' for d in distances)}; {float(estimate) / sigma:+.3f}")
axes[0].set_ylabel("template minus exact mean [sigma of a multipole]")
axes[0].legend(fontsize=7, frameon=False)
save(fig, output)
