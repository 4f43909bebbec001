"""Catalogs of known clustering: what is made of them, beside what is true.

Objects and events are drawn from one density field of known power: a dense
catalog, a sparse one, one with weights, one thinned by a completeness map, one cut at a
sharp edge (before it is given, or by its mask), and all of these together. Prints the
table of docs/explanation/catalogs.md.

Usage: python benchmarks/sampled_catalogs.py [SETS [KIND ...]]
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import attrs
import healpy
import numpy as np

import nuweft
from nuweft import seeds
from nuweft.errors import ModelError, UndetectedClusteringError
from nuweft.evolution import Cosmology, Projection, angular_spectrum, fit_bias
from nuweft.flux import PowerLawFlux
from nuweft.interfaces import NeutrinoSample, Tracer
from nuweft.io import write_map
from nuweft.irf import simulate_events, uniform_in_pixels
from nuweft.model import Events, RedshiftDistribution, Sources
from nuweft.sky import pixel_centres, pixel_index
from nuweft.statistics import coverage, truncated_gaussian_limit, unconstrained
from nuweft.studies import measured_sets
from nuweft.testing.fakes import fake_response
from nuweft_mocks.lognormal import lognormal_field

NSIDE = 32
FIELD_NSIDE = 256
BIAS = 2.0
GAMMA = 2.5
EVENTS = 60_000
STAND_IN = RedshiftDistribution.smail(1.38880, 0.109472, 1.61597, source="input")
KINDS = {  # mean number of objects on the whole, complete sky
    "dense": 600_000,
    "20,000 objects": 20_000,
    "weighted": 40_000,
    "thinned": 40_000,
    "cut": 40_000,
    "beyond the mask": 40_000,
    "all together": 80_000,
}


@cache
def spectrum() -> np.ndarray:
    """Return the C_l of the field."""
    galaxies = Projection(z=STAND_IN.z, density=STAND_IN.density, bias=BIAS)
    power = angular_spectrum(cosmology(), np.arange(2 * FIELD_NSIDE + 1), galaxies, galaxies)
    power[0] = 0.0
    return power


@cache
def cosmology() -> Any:
    """Return the cosmology, with a transfer function that is quick."""
    return Cosmology(transfer_function="eisenstein_hu").ccl()


@attrs.frozen(kw_only=True)
class Objects(Tracer):
    """Objects given as arrays."""

    plugin_name: ClassVar[str] = "objects"
    positions: Any = attrs.field(eq=False)

    def sources(self, nside: int) -> Sources:
        """Return the objects."""
        return Sources.points(*self.positions)

    def counts(self, nside: int) -> np.ndarray:
        """Return their summed weights."""
        ra, dec, weight = self.positions
        return np.bincount(pixel_index(nside, ra, dec), weights=weight, minlength=12 * nside**2)

    def redshift_distribution(self) -> RedshiftDistribution:
        """Return the n(z) of the field."""
        return STAND_IN


@attrs.frozen(kw_only=True)
class GivenEvents(NeutrinoSample):
    """Events given as arrays."""

    plugin_name: ClassVar[str] = "given-events"
    given: Any = attrs.field(eq=False)

    def response(self) -> Any:
        """Return a parametric response."""
        return fake_response()

    def events(self) -> Events:
        """Return the events."""
        return self.given


def completeness(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Return a completeness from 0.35 to 0.95."""
    return 0.65 + 0.3 * np.cos(ra) * np.cos(dec)


def latitude(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Return galactic latitudes in degrees, by healpy."""
    return healpy.Rotator(coord="CG")(np.degrees(ra), np.degrees(dec), lonlat=True)[1]


def tracer(kind: str, field: np.ndarray, folder: Path, rng: np.random.Generator) -> Objects:
    """Return a catalog drawn from a density field."""
    make = nuweft.plugins.create
    mean = KINDS[kind] / len(field) * (1 + field)
    ra, dec = uniform_in_pixels(FIELD_NSIDE, np.repeat(np.arange(len(field)), rng.poisson(mean)), rng=rng)
    weight, masks = np.ones(len(ra)), []
    if kind in ("weighted", "all together"):
        weight = rng.lognormal(0.0, 0.8, len(ra))
    if kind in ("thinned", "all together"):
        keep = rng.random(len(ra)) < completeness(ra, dec)
        ra, dec, weight = ra[keep], dec[keep], weight[keep]
        file = folder / "completeness.fits"
        if not file.exists():
            write_map(file, completeness(*pixel_centres(FIELD_NSIDE)))
        masks.append(make("mask", "map-file", file=file, threshold=None, regrid=True))
    if kind in ("cut", "all together"):
        keep = np.abs(latitude(ra, dec)) >= 15
        ra, dec, weight = ra[keep], dec[keep], weight[keep]
    if kind in ("cut", "beyond the mask", "all together"):
        masks.append(make("mask", "galactic-cut", minimum="15 deg"))
    mask = None
    for one in masks:
        mask = one if mask is None else mask & one
    return Objects(positions=(ra, dec, weight), mask=mask, bias=BIAS)


def events(sources: Sources, rng: np.random.Generator) -> Events:
    """Return events that start from sources."""
    flux = PowerLawFlux(1.0, GAMMA)
    return simulate_events(fake_response(), flux, sources=sources, rng=rng, number=EVENTS, oversampling=1)


def one_set(kind: str, seed: int, folder: Path) -> dict[str, float]:
    """Return what is made of one catalog and its events, over what is true."""
    rng = seeds.generator(86, f"sampled {kind}", seed)
    field = lognormal_field(spectrum(), FIELD_NSIDE, rng=rng)
    galaxies = tracer(kind, field, folder, rng)
    make = nuweft.plugins.create
    analysis = nuweft.Analysis(
        tracer=galaxies,
        neutrino_sample=GivenEvents(energy_edges=(2.5, 5.5), given=events(Sources.pixels(1 + field), rng)),
        mask=make("mask", "declination", minimum="-30 deg"),
        nside=NSIDE,
        gamma_points=7,
        gamma_range=(2.0, 3.0),
        weight_gamma_range=(2.0, 3.0),
        gammas=(GAMMA,),
        diffuse_flux=nuweft.analysis.DiffuseFlux(gamma=GAMMA),
        signal_density="mean",
    )
    found = dict(_auto(analysis))
    measured = analysis.measure()
    try:
        found["field"] = float(unconstrained(analysis.model(measured.with_signal("field")), GAMMA)[0])
    except UndetectedClusteringError:
        found["undetected"] = 1.0
    # the same analysis with events of the very objects, and with few of the field among isotropic ones
    own = analysis.fields.objects.sources
    behind = Sources(
        ra=own.ra,
        dec=own.dec,
        weight=own.weight / own.weight.sum() * (1 - analysis.fields.objects.behind.mean()) * 12 * NSIDE**2,
        density=analysis.fields.objects.behind if analysis.fields.objects.behind.any() else None,
    )
    diluted, truth = few(measured, analysis, 1 + field, rng)
    parts = [[attrs.evolve(analysis.bins[0], events=e)] for e in (events(behind, rng), diluted)]
    moments = analysis.background.repeated_moments(analysis.kernel)
    (own_events,), (weak,) = measured_sets(analysis, parts, moments)
    found["sources"] = float(unconstrained(analysis.model(own_events.with_signal("sources")), GAMMA)[0])
    if "field" in found:
        estimate, sigma = unconstrained(analysis.model(weak.with_signal("field")), GAMMA)
        found["covered"] = float(truncated_gaussian_limit(estimate, sigma) >= truth)
        found["coverage expected"] = coverage(truth / sigma)
    return found


def few(
    measured: Any, analysis: nuweft.Analysis, density: np.ndarray, rng: np.random.Generator
) -> tuple[Events, float]:
    """Return isotropic events with a part from a density field of some two sigma, and the true f_corr."""
    kind = "field" if "field" in measured.signals else "sources"
    _, sigma = unconstrained(analysis.model(measured.with_signal(kind)), GAMMA)
    correlated = events(Sources.pixels(density), rng)
    chosen = rng.random(EVENTS) < 2 * sigma
    flux = PowerLawFlux(1.0, GAMMA)
    flat = simulate_events(fake_response(), flux, rng=rng, number=EVENTS - int(chosen.sum()))
    signal = correlated.select(chosen)
    mask, bins = analysis.fields.joint_mask, analysis.neutrino_sample.energy_bins

    def inside(found: Events) -> float:
        used = bins.index(found.log10_energy) >= 0
        return float((mask[pixel_index(NSIDE, found.ra, found.dec)] * used).sum())

    return Events.concatenate([signal, flat]), inside(signal) / (inside(signal) + inside(flat))


def _auto(analysis: nuweft.Analysis) -> Iterator[tuple[str, float]]:
    auto = analysis.auto_spectrum
    try:
        fit = fit_bias(auto, STAND_IN, cosmology(), ell_min=10, ell_max=50)
    except ModelError:
        return
    truth = fit.windows @ spectrum()[: fit.windows.shape[1]] + fit.poisson
    yield "auto-power", float(np.mean(fit.data) / np.mean(truth))
    yield "bias", fit.bias / BIAS
    yield "bias pull", (fit.bias - BIAS) / fit.sigma


def study(kind: str, sets: int) -> dict[str, tuple[float, float, int]]:
    """Return mean, its standard error and number of sets of each quantity."""
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [one_set(kind, seed, Path(name)) for seed in range(sets)]
    result = {}
    for key in dict.fromkeys(k for row in rows for k in row):
        values = np.array([row[key] for row in rows if key in row])
        result[key] = (values.mean(), values.std() / np.sqrt(len(values)), len(values))
    return result


def main() -> None:
    """Print the table."""
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    columns = ("auto-power", "bias", "sources", "field", "covered")
    print("| catalog | " + " | ".join(columns) + " | coverage expected |")
    print("|---" * (len(columns) + 2) + "|")
    for kind in sys.argv[2:] or KINDS:
        found = study(kind, sets)
        cells = [f"{found[c][0]:.3f} ± {found[c][1]:.3f}" if c in found else "none" for c in columns]
        expected = found.get("coverage expected", (np.nan,))[0]
        print(f"| {kind} | " + " | ".join(cells) + f" | {expected:.3f} |", flush=True)
        print(found, file=sys.stderr)


if __name__ == "__main__":
    main()
