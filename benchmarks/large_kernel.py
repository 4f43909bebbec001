"""Time and disk of the exact null at a high resolution: ``python benchmarks/large_kernel.py 512``."""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

import nuweft
from nuweft.model import BinData, Events, MatchedFilter
from nuweft.sky import overdensity

EVENTS = 500_000
TRIALS = 2000


def main(nside: int) -> None:
    """Print what kernel, moments and trials take."""
    make = nuweft.plugins.create
    mask = make("mask", "galactic-cut", minimum="10 deg").inside(nside).astype(float)
    joint = mask * make("mask", "declination", minimum="-5 deg").inside(nside).astype(float)
    counts = make("tracer", "mock-galaxies", field_nside=nside).counts(nside)
    rng = np.random.default_rng(1)
    events = Events(
        ra=rng.uniform(0, 2 * np.pi, EVENTS),
        dec=np.arcsin(rng.uniform(np.sin(np.radians(-5)), 1, EVENTS)),
        log10_energy=np.full(EVENTS, 3.0),
        angular_error=np.full(EVENTS, 0.01),
        time=np.zeros(EVENTS),
        season=np.zeros(EVENTS, dtype=int),
    )
    bin_data = BinData(events=events, weights=np.ones(12 * nside**2), mask=joint, nside=nside, label="all")
    estimator = make("estimator", "pseudo-cl", storage="disk", precision="single")
    background = make("background", "ra-scramble")

    start = time.perf_counter()
    response = estimator.kernel(
        overdensity(counts, mask), tracer_mask=mask, mask=joint, sky_fraction=joint.mean()
    )
    kernel = time.perf_counter()
    print(f"NSIDE {nside}, {len(response.ell)} multipoles, {len(response.pixels)} pixels, {EVENTS} events")
    print(f"kernel: {kernel - start:.0f} s, {response.matrix.nbytes / 2**30:.2f} GiB of disk", flush=True)
    _, covariance = background.moments(response, bin_data)
    moments = time.perf_counter()
    print(f"mean and covariance of an energy bin: {moments - kernel:.0f} s", flush=True)
    rows = np.eye(len(response.ell))[[0, 50, 200]] / np.sqrt(np.diag(covariance))[[0, 50, 200], None]
    filters = MatchedFilter.from_response(rows, response, bin_data.weights)
    background.trials(filters, bin_data, seed=1, start=0, count=1)
    ready = time.perf_counter()
    sums = background.trials(filters, bin_data, seed=1, start=0, count=TRIALS)
    end = time.perf_counter()
    print(f"trial with 3 maps: {(end - ready) / TRIALS * 1e3:.2f} ms")
    print(f"variance of trials over the exact one: {sums.var(axis=0).round(3)} +- {np.sqrt(2 / TRIALS):.3f}")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main(int(sys.argv[1]))
