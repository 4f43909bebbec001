"""Pixels that events sweep over when they exchange times, and the exact moments that follow.

At constant declination the pixels of two rings alternate, in intervals of
known width. The probability of a pixel is the fraction of the block's times that
bring the event into its interval: it is counted, not sampled or binned.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nuweft.errors import EmptyEnergyBinError
from nuweft.model import BinData, LinearKernel
from nuweft.sky import pixel_count, ring_fractions, rings
from nuweft.typing import FloatArray, IntArray
from nuweft_scramble.blocks import Blocks
from nuweft_scramble.influence import Jacobian

_CELLS = 2**20  # events times pixels that are held at once


def crossings(nside: int, ring: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the pixels of a ring and the next in the order of right ascension, and where they begin.

    Parameters
    ----------
    nside
        Resolution.
    ring
        The northern of the two rings, counted from 0.

    Returns
    -------
    pixels : array of int, shape (n,)
        RING pixels.
    north, south : arrays of shape (n,)
        With ``fraction`` the probability of the northern ring, pixels begin at
        right ascensions ``fraction * north + (1 - fraction) * south``, in turns.

    Notes
    -----
    Boundaries of pixels are straight in right ascension and ``s`` of
    :func:`nuweft.sky.rings.ring_fractions` (Gorski et al. 2005,
    arXiv:astro-ph/0409513). Pixels alternate in the belt; in a quadrant of a
    cap, those of the outer ring stand on both sides of each of the inner ring.
    """
    grid = rings(nside)
    start, size = grid.start[ring : ring + 2], grid.size[ring : ring + 2]
    belt = size[0] == size[1]
    if belt:  # in every second ring, the first pixel is centred at right ascension 0 and comes first
        own = np.arange(2 * size[0])
        side = (own + ring + nside) % 2
        pixels = start[side] + own // 2
    else:
        quadrant, own = np.divmod(np.arange(size.sum()), size.sum() // 4)
        outer = int(np.argmax(size))
        side = np.where(own % 2 == 0, outer, 1 - outer)
        pixels = start[side] + quadrant * (size[side] // 4) + own // 2
    earlier = np.stack([np.cumsum(side == k) - (side == k) for k in (0, 1)]).astype(float)
    if belt:
        earlier[side[0]] -= 0.5
    north, south = earlier / size[:, None]
    return pixels, north, south


def sweeps(bin_data: BinData, blocks: Blocks) -> Iterator[tuple[slice, FloatArray]]:
    """Yield the pixels of two rings, and the probabilities of events in them.

    Parameters
    ----------
    null
        Events of one energy bin.
    blocks
        Blocks of time of these events.

    Yields
    ------
    pixels : slice
        RING pixels of the two rings.
    probability : array of shape (n, n_pixel)
        Of some of the events of these rings.
    """
    grid = rings(bin_data.nside)
    ring, fraction = ring_fractions(bin_data.nside, np.sin(bin_data.events.dec))
    order = np.argsort(ring, kind="stable")
    found, first = np.unique(ring[order], return_index=True)
    edges = np.append(first, len(order))
    for r, begin, end in zip(found.tolist(), edges[:-1], edges[1:], strict=True):
        run = order[begin:end]
        pixels, north, south = crossings(bin_data.nside, r)
        start = int(grid.start[r])
        column = np.argsort(pixels)
        for part in np.array_split(run, -(-len(run) * len(pixels) // _CELLS)):
            p = fraction[part, None]
            below = blocks.events_below(p * north + (1 - p) * south, part)
            number = blocks.size[blocks.block[part], None]
            within = np.diff(below, append=below[:, :1] + number)
            yield slice(start, start + len(pixels)), within[:, column] / number


def expected_counts(bin_data: BinData, blocks: Blocks) -> FloatArray:
    """Return the expected counts lambda_p of each pixel, shape (npix,).

    Raises
    ------
    EmptyEnergyBinError
        If no event can fall into the mask.
    """
    expected = np.zeros(pixel_count(bin_data.nside))
    for pixels, probability in sweeps(bin_data, blocks):
        expected[pixels] += probability.sum(axis=0)
    if (expected * bin_data.mask).sum() <= 0:
        raise EmptyEnergyBinError(
            f"energy bin {bin_data.label}: none of its {len(bin_data.events)} events can fall into the mask"
        )
    return expected


def exact_moments(kernel: LinearKernel, bin_data: BinData, blocks: Blocks) -> tuple[FloatArray, FloatArray]:
    """Return mean (n_ell,) and covariance (n_ell, n_ell) of the spectrum of events that exchange times.

    Parameters
    ----------
    response
        Response of the estimator.
    null
        Events, weights and mask of one energy bin.
    blocks
        Blocks of time of these events.

    Notes
    -----
    With P_e(p) the probabilities of event e and G_p the response to one event
    in pixel p, the covariance is ``sum_p lambda_p G_p G_p^T - sum_e g_e g_e^T``
    with ``g_e = sum_p P_e(p) G_p``.
    """
    expected = expected_counts(bin_data, blocks)
    influence = Jacobian.of(kernel, bin_data, expected)
    n_ell = len(kernel.ell)
    covariance = np.zeros((n_ell, n_ell))
    for part, g in influence.chunks():
        scaled = g * np.sqrt(expected[kernel.pixels[part]])
        covariance += scaled @ scaled.T
    for pixels, probability in sweeps(bin_data, blocks):
        used = slice(*np.searchsorted(kernel.pixels, [pixels.start, pixels.stop]).tolist())
        column = kernel.pixels[used] - pixels.start
        mean = probability[:, column] @ influence.columns(used).T
        covariance -= mean.T @ mean
    return influence.mean, 0.5 * (covariance + covariance.T)
