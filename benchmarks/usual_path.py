"""The usual way of a scrambled trial, in one thread: count map, transform, cross-power; prints seconds each.

Usage: ``python usual_path.py NSIDE EVENTS TRIALS healpy|ducc0``.
"""

from __future__ import annotations

import sys
from time import perf_counter

import healpy
import numpy as np
from problem import problem_bins, sky

from nuweft.sky import analysis, cross_spectrum, overdensity, pixel_index


def main(nside: int, events: int, trials: int, way: str) -> None:
    """Print the mean time of a trial of three energy bins."""
    part = sky(nside)
    bins = problem_bins(nside, part.mask, events)
    lmax = 3 * nside - 1
    galaxies = healpy.map2alm(part.field, lmax=lmax, iter=3)
    rng = np.random.default_rng(1)

    def trial() -> None:
        for bin_data in bins:
            dec = bin_data.events.dec
            ra = rng.uniform(0, 2 * np.pi, len(dec))
            if way == "healpy":
                pixels = healpy.ang2pix(nside, np.pi / 2 - dec, ra)
            else:
                pixels = pixel_index(nside, ra, dec)
            counts = np.bincount(pixels, minlength=len(part.mask)).astype(float)
            field = overdensity(counts, part.mask)
            if way == "healpy":
                healpy.alm2cl(galaxies, healpy.map2alm(field, lmax=lmax, iter=3))
            else:
                cross_spectrum(galaxies, analysis(field, lmax, nthreads=1), lmax)

    trial()
    start = perf_counter()
    for _ in range(trials):
        trial()
    print((perf_counter() - start) / trials)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
