"""One figure per plugin, by its kind."""

from __future__ import annotations

import attrs
import healpy
import numpy as np
from matplotlib.figure import Figure

from nuweft.evolution import Cosmology, Predictor, redshift_kernel, scanned_fields
from nuweft.interfaces import Component
from nuweft.irf import EnergyBins
from nuweft.measurement.fields import fields_and_masks
from nuweft.model import RedshiftDistribution
from nuweft.plotting import source_model_figure, tracer_figure
from nuweft.plotting.style import BLUE, CYCLE, GREY, LINES, ORANGE, figure
from nuweft.plugin.compose import to_mapping
from nuweft.sky import count_map, rings
from nuweft.testing.fakes import FakeMask, fake_bin_data, fake_response, fake_spectrum

_NSIDE = 64


def plugin_figure(component: Component) -> Figure:
    """Return a figure that shows what a plugin answers."""
    return _FIGURES[component.kind](component)


def _tracer(tracer):
    sky = fields_and_masks(tracer, None, _NSIDE, tracer_uses_joint_mask=False)
    return tracer_figure(sky, tracer.redshift_distribution(), tracer.plugin_name)


def _sample(sample):
    fig = figure(10.0, 3.6)
    left, middle, right = fig.subplots(1, 3)
    events, bins, response = sample.events(), sample.energy_bins, sample.response()
    index, edges = bins.index(events.log10_energy), np.linspace(-1, 1, 41)
    for i, (label, colour) in enumerate(zip(bins.labels, CYCLE, strict=False)):
        left.hist(np.sin(events.dec[index == i]), edges, histtype="step", color=colour, label=label)
    left.set(xlabel="sin(declination)", ylabel="events", yscale="log")
    left.legend(fontsize=8, frameon=False, title="log10(E/GeV)", title_fontsize=8)
    season = response.seasons[-1]
    energy = np.linspace(2, 8, 200)
    for sin_dec, line in zip((0.05, 0.5, 0.95), ("-", *LINES), strict=False):
        area = 1e-4 * season.effective_area(energy, np.array(sin_dec))
        middle.plot(
            energy,
            np.where(area > 0, area, np.nan),
            color=BLUE,
            linestyle=line,
            label=f"sin(dec) {sin_dec:g}",
        )
    middle.set(xlabel="log10(true E/GeV)", ylabel=r"effective area [m$^2$]", yscale="log")
    middle.legend(fontsize=8, frameon=False)
    windows = season.smearing.windows(bins, 400)
    cells = np.unique(np.linspace(0, windows.shape[0] - 1, 4).astype(int))
    for e, colour in zip(cells, CYCLE, strict=False):
        low, high = season.smearing.log10_energy_edges[e : e + 2]
        right.plot(windows[e, windows.shape[1] // 2, 0], color=colour, label=f"{low:.1f} to {high:.1f}")
    right.set(xlabel=r"multipole $\ell$", ylabel=r"point spread $b_\ell$")
    right.legend(fontsize=8, frameon=False, title="log10(true E/GeV)", title_fontsize=8)
    return fig


def _mask(mask):
    fig = Figure(figsize=(6.0, 3.4))
    weights = mask.coverage(_NSIDE) * mask.apodization(_NSIDE)
    grid = _mollweide(weights)
    axes = fig.add_subplot()
    axes.imshow(grid, origin="lower", aspect="auto", extent=(0, 2, 0, 1), cmap="viridis", vmin=0, vmax=1)
    axes.set_axis_off()
    axes.set_title(
        f"keeps {weights.mean():.3f} of the sky (equatorial, right ascension 0 in the middle)", fontsize=9
    )
    return fig


def _mollweide(values):
    """Return a map in Mollweide projection, NaN outside the sky."""
    projector = healpy.projector.MollweideProj(xsize=800)
    nside = healpy.get_nside(values)
    return np.ma.filled(
        np.ma.masked_invalid(projector.projmap(values, lambda x, y, z: healpy.vec2pix(nside, x, y, z))),
        np.nan,
    )


def _estimator(estimator):
    nside, rng = 32, np.random.default_rng(1)
    mask = FakeMask().inside(nside).astype(float)
    masks = {"tracer_mask": mask, "mask": mask, "sky_fraction": float(mask.mean())}
    known = 1.0 / np.maximum(np.arange(3 * nside), 2.0)
    found = []
    for _ in range(60):
        sky = mask * healpy.alm2map(_draw(known, rng), nside)
        found.append(estimator.spectrum(sky, sky, **masks))
    ell = estimator.kernel(sky, **masks).ell
    fig = figure(6.0, 3.8)
    axes = fig.add_subplot()
    axes.plot(np.arange(2, 3 * nside), known[2:], color=GREY, label="input")
    mean, scatter = np.mean(found, axis=0), np.std(found, axis=0)
    axes.errorbar(
        ell, mean, scatter / np.sqrt(len(found)), fmt="o", markersize=3, color=BLUE, label="mean of 60"
    )
    axes.fill_between(ell, mean - scatter, mean + scatter, color=BLUE, alpha=0.2, label="scatter of one")
    axes.set(xlabel=r"multipole $\ell$", ylabel=r"$C_\ell$", yscale="log", ylim=(known[-1] / 4, 1))
    axes.set_title(f"a known spectrum on {mask.mean():.2f} of the sky, NSIDE {nside}", fontsize=9)
    axes.legend(fontsize=8, frameon=False)
    return fig


def _draw(power, rng):
    ell, m = healpy.Alm.getlm(len(power) - 1)
    alm = (rng.normal(size=len(ell)) + 1j * rng.normal(size=len(ell))) / np.sqrt(2)
    alm[m == 0] = rng.normal(size=len(power))
    return healpy.almxfl(alm, np.sqrt(power))


def _background(background):
    null = fake_bin_data(nside=32, events=20_000)
    grid = rings(null.nside)
    fig = figure(9.0, 3.6)
    left, right = fig.subplots(1, 2)
    data = grid.mean(count_map(null.nside, null.events.ra, null.events.dec))
    left.step(grid.sin_dec, data, color=GREY, where="mid", linewidth=0.8, label="events, mean of each ring")
    left.plot(grid.sin_dec, grid.mean(background.template_counts(null)), color=BLUE, label="template")
    left.set(xlabel="sin(declination)", ylabel="counts per pixel")
    left.locator_params(axis="x", nbins=5)
    left.legend(fontsize=8, frameon=False)
    drawn = background.realize(null, rng=np.random.default_rng(1))
    edges = np.linspace(0, 360, 37)
    for events, colour, name in ((null.events, GREY, "events"), (drawn, ORANGE, "one realisation")):
        right.hist(np.degrees(events.ra), edges, histtype="step", color=colour, label=name)
    right.set(xlabel="right ascension [deg]", ylabel="events", ylim=(0, None))
    right.legend(fontsize=8, frameon=False, loc="lower right")
    return fig


def _likelihood(likelihood):
    spectrum = fake_spectrum(f_corr=0.01, gamma=2.5, rng=np.random.default_rng(3))
    model = likelihood.model(spectrum)
    f_corr, gamma = np.meshgrid(np.linspace(0, 0.02, 80), np.linspace(1, 4, 80))
    theta = np.stack([f_corr, gamma, np.ones_like(gamma), np.full_like(gamma, 1.1)], axis=-1)
    values = model.log_likelihood(theta)
    fig = figure(5.6, 4.0)
    axes = fig.add_subplot()
    image = axes.contourf(
        f_corr, gamma, 2 * (values - values.max()), levels=np.linspace(-30, 0, 16), extend="min"
    )
    axes.plot(0.01, 2.5, "+", color="white", markersize=12, label="truth")
    axes.set(xlabel=r"$f_\mathrm{corr}$", ylabel=r"spectral index $\gamma$")
    axes.locator_params(axis="x", nbins=5)
    axes.legend(fontsize=8, frameon=False, labelcolor="white", loc="upper right")
    fig.colorbar(image, label=r"$2 \Delta \ln L$ of a simulated spectrum")
    return fig


def _variation(variation):
    nominal = fake_response()
    varied = variation.vary(nominal)
    before, after = nominal.seasons[0], varied.seasons[0]
    fig = figure(10.0, 3.4)
    left, middle, right = fig.subplots(1, 3)
    energy = np.linspace(2.2, 6.8, 100)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = after.effective_area(energy, np.array(0.3)) / before.effective_area(energy, np.array(0.3))
    left.plot(energy, ratio, color=BLUE)
    left.set(xlabel="log10(true E/GeV)", ylabel="effective area / nominal")
    edges = np.linspace(2, 6.5, 91)
    centre = 0.5 * (edges[1:] + edges[:-1])
    for season, colour, name in ((before, GREY, "nominal"), (after, BLUE, "varied")):
        fraction = season.smearing.probability(np.array([4.0]), 0.3, EnergyBins(tuple(edges)))[0]
        middle.plot(centre, fraction / np.diff(edges), color=colour, label=name)
        right.plot(season.smearing.windows(EnergyBins((2.5, 5.5)), 300)[0, 0, 0], color=colour, label=name)
    middle.set(xlabel="log10(reconstructed E/GeV) at 10 TeV", ylabel="density")
    right.set(xlabel=r"multipole $\ell$", ylabel=r"point spread $b_\ell$")
    for axes in (middle, right):
        axes.legend(fontsize=8, frameon=False)
    return fig


def _source_evolution(model):
    models = _variants(model)
    galaxies = RedshiftDistribution.smail(1.38880, 0.109472, 1.61597, source="unWISE-2MASS stand-in")
    cosmology = Cosmology(transfer_function="eisenstein_hu").ccl()
    response = redshift_kernel(galaxies, cosmology, np.arange(10.0, 384.0))
    strength = Predictor(response=response, gamma=2.37, f_astro=0.013)
    return source_model_figure(models, strength, labels=[_label(m) for m in models])


def _variants(model):
    """Return a few settings of a model: its own, and the ends of ranges and choices."""
    variants = [model]
    for field in scanned_fields(model):
        low, high = field.metadata["scan"]
        values = [low + fraction * (high - low) for fraction in (0.25, 0.75)]
        variants += [attrs.evolve(model, **{field.name: value}) for value in values]
    for field in attrs.fields(type(model)):
        for value in field.metadata.get("choices") or ():
            if value != getattr(model, field.name):
                variants.append(attrs.evolve(model, **{field.name: value}))
        for value in (field.metadata.get("vary") or ())[::2]:
            variants.append(attrs.evolve(model, **{field.name: value}))
    return variants


def _label(model):
    own = {k: v for k, v in to_mapping(model).items() if k not in ("plugin", "file", "models")}
    changed = [f"{k} = {v:.4g}" if isinstance(v, float) else str(v) for k, v in own.items()]
    return ", ".join(c for c in changed if c not in ("z", "density")) or model.plugin_name


_FIGURES = {
    "tracer": _tracer,
    "neutrino_sample": _sample,
    "mask": _mask,
    "estimator": _estimator,
    "background": _background,
    "source_evolution": _source_evolution,
    "likelihood": _likelihood,
    "response_variation": _variation,
}
