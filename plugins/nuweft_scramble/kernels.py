"""Compiled loops of event-level trials.

Maps have the shape (n_group, npix, 4). Events of a dense bin are given in runs
of one ring (``first``, ``ring``); those of a sparse bin each with sizes and
starts of its two rings, four to a block of random numbers, shape (4, n_block).
Both draw the same numbers: they are addressed by (block in the ring, ring, trial).
"""

from __future__ import annotations

import numba
import numpy as np

from nuweft_scramble.philox import philox

LANES = 4
"""Maps that are summed together, as one vector."""

RESOLUTION = 2.0**-31
"""Of the random numbers that choose rings."""

TILE = 32
"""Trials of a sparse bin that are done together."""

_NEAR = 8  # blocks of events of a sparse bin that are looked up for all trials of a tile
_TILE = 8  # trials that share a ring of the maps while it is in the cache
_HALF = np.uint32(1)
_UPPER = np.uint64(32)


@numba.njit(inline="always")
def _counter(trial):  # type: ignore[no-untyped-def]
    """Return a trial number as two words of the generator's counter."""
    number = np.uint64(trial)
    return np.uint32(number), np.uint32(number >> _UPPER)


@numba.njit
def _fill(words, blocks, ring, low, high, key0, key1):  # type: ignore[no-untyped-def]
    """Fill words, shape (4, >= blocks), with random numbers of a ring of a trial."""
    a, b, c, d = words[0], words[1], words[2], words[3]
    for i in range(blocks):
        a[i], b[i], c[i], d[i] = philox(np.uint32(i), ring, low, high, key0, key1)


@numba.njit
def _fill_blocks(words, block, ring, low, high, key0, key1):  # type: ignore[no-untyped-def]
    """Fill words, shape (4, n_block), with random numbers of blocks of many rings."""
    a, b, c, d = words[0], words[1], words[2], words[3]
    for i in range(block.shape[0]):
        a[i], b[i], c[i], d[i] = philox(block[i], ring[i], low, high, key0, key1)


@numba.njit(inline="always", error_model="numpy")
def _side(word, fraction):  # type: ignore[no-untyped-def]
    """Return whether an event is in its second ring, and what is left of its number, of how much.

    Fractions are multiples of 2**-31 and numbers lie half-way between, so that
    what is left is below the whole by 2**-32 at least: the last pixel of a
    ring is not passed.
    """
    u = (np.float64(np.int32(word >> _HALF)) + 0.5) * RESOLUTION
    second = u >= fraction
    return second, u - fraction if second else u, 1.0 - fraction if second else fraction


@numba.njit(error_model="numpy")  # a division that cannot raise is vectorised
def _choose(words, fraction, size0, size1, shift, pixel):  # type: ignore[no-untyped-def]
    """Choose ring and pixel of each event; pixels of the second ring are shifted."""
    for e in range(fraction.shape[0]):
        second, rest, whole = _side(words[e], fraction[e])
        size = size1 if second else size0
        pixel[e] = np.int32(rest * size / whole) + (shift if second else np.int32(0))


@numba.njit
def _draw(fraction, ring, size0, size1, shift, low, high, key0, key1, words, pixel):  # type: ignore[no-untyped-def]
    """Draw the pixel of each event of a run."""
    n = fraction.shape[0]
    blocks = (n + 3) // 4
    _fill(words, blocks, np.uint32(ring), low, high, key0, key1)
    for lane in range(4):
        e0, e1 = lane * blocks, min((lane + 1) * blocks, n)
        if e1 > e0:
            _choose(
                words[lane],
                fraction[e0:e1],
                np.float64(size0),
                np.float64(size1),
                np.int32(shift),
                pixel[e0:e1],
            )


@numba.njit
def _add_counted(counts, rows, total):  # type: ignore[no-untyped-def]
    """Add ``counts @ rows`` to total, shapes (n,), (n, 4), (4,)."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for p in range(counts.shape[0]):
        n = np.float64(counts[p])
        s0 += n * rows[p, 0]
        s1 += n * rows[p, 1]
        s2 += n * rows[p, 2]
        s3 += n * rows[p, 3]
    total[0] += s0
    total[1] += s1
    total[2] += s2
    total[3] += s3


@numba.njit
def _add_rows(pixel, rows, total):  # type: ignore[no-untyped-def]
    """Add the rows of pixels to total, shapes (n,), (npix, 4), (4,)."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    for e in range(pixel.shape[0]):
        p = pixel[e]
        s0 += rows[p, 0]
        s1 += rows[p, 1]
        s2 += rows[p, 2]
        s3 += rows[p, 3]
    total[0] += s0
    total[1] += s1
    total[2] += s2
    total[3] += s3


@numba.njit
def _count(pixel, counts):  # type: ignore[no-untyped-def]
    for e in range(pixel.shape[0]):
        counts[pixel[e]] += 1


@numba.njit
def _longest(first):  # type: ignore[no-untyped-def]
    """Return the number of events in the longest run."""
    found = 0
    for i in range(first.shape[0] - 1):
        found = max(found, first[i + 1] - first[i])
    return found


@numba.njit
def _largest(size):  # type: ignore[no-untyped-def]
    found = 0
    for n in size:
        found = max(found, n)
    return found


@numba.njit
def _counted_tile(maps, fraction, first, ring, start, size, key0, key1, trial0, result):  # type: ignore[no-untyped-def]
    """Sum maps over scrambled events that are first counted per pixel, for a few trials."""
    n_trial, widest, most = result.shape[0], _largest(size), _longest(first)
    words = np.empty((4, most // 4 + 1), np.uint32)
    pixel = np.empty(most, np.int32)
    counts = np.zeros((n_trial, 2 * widest), np.int32)
    for run in range(ring.shape[0]):
        r = ring[run]
        part = fraction[first[run] : first[run + 1]]
        n = part.shape[0]
        for t in range(n_trial):
            low, high = _counter(trial0 + t)
            _draw(part, r, size[r], size[r + 1], widest, low, high, key0, key1, words, pixel)
            _count(pixel[:n], counts[t])
        follows = run + 1 < ring.shape[0] and ring[run + 1] == r + 1
        for side in range(1 if follows else 2):
            begin, wide = start[r + side], size[r + side]
            for t in range(n_trial):
                own = counts[t, side * widest : side * widest + wide]
                for g in range(maps.shape[0]):
                    _add_counted(own, maps[g, begin : begin + wide], result[t, LANES * g : LANES * g + LANES])
        for t in range(n_trial):
            own = counts[t]
            for p in range(widest):
                own[p] = own[widest + p] if follows else 0
                own[widest + p] = 0


@numba.njit(error_model="numpy")
def _choose_each(words, fraction, size0, size1, start0, start1, pixel):  # type: ignore[no-untyped-def]
    """Choose the pixel of events of many rings, each with its own two."""
    for e in range(fraction.shape[0]):
        second, rest, whole = _side(words[e], fraction[e])
        size = size1[e] if second else size0[e]
        pixel[e] = np.int32(rest * size / whole) + (start1[e] if second else start0[e])


@numba.njit
def _draw_each(fraction, size, start, block, ring, low, high, key0, key1, words, pixel):  # type: ignore[no-untyped-def]
    """Draw the pixel of each event of a sparse bin, shape (4, n_block)."""
    _fill_blocks(words, block, ring, low, high, key0, key1)
    for lane in range(4):
        _choose_each(
            words[lane],
            fraction[lane],
            size[0, lane],
            size[1, lane],
            start[0, lane],
            start[1, lane],
            pixel[lane],
        )


@numba.njit
def _sparse_tile(maps, fraction, size, start, block, ring, key0, key1, trial0, result):  # type: ignore[no-untyped-def]
    """Sum maps over scrambled events one by one, for a few trials."""
    n, n_trial = fraction.shape[1], result.shape[0]
    words = np.empty((4, n), np.uint32)
    pixel = np.empty((n_trial, 4, n), np.int32)
    for t in range(n_trial):
        low, high = _counter(trial0 + t)
        _draw_each(fraction, size, start, block, ring, low, high, key0, key1, words, pixel[t])
    for e0 in range(0, n, _NEAR):  # neighbours in declination share the maps' cache lines
        e1 = min(e0 + _NEAR, n)
        for g in range(maps.shape[0]):
            for t in range(n_trial):
                for lane in range(4):
                    _add_rows(pixel[t, lane, e0:e1], maps[g], result[t, LANES * g : LANES * g + LANES])


@numba.njit(nogil=True)
def dense_sums(maps, fraction, first, ring, start, size, key0, key1, trial0, count):  # type: ignore[no-untyped-def]
    """Return sums of maps over scrambled events, counted per pixel first, shape (count, 4 n_group)."""
    result = np.zeros((count, LANES * maps.shape[0]))
    for tile in range((count + _TILE - 1) // _TILE):
        t0 = tile * _TILE
        part = result[t0 : min(t0 + _TILE, count)]
        _counted_tile(maps, fraction, first, ring, start, size, key0, key1, trial0 + t0, part)
    return result


@numba.njit(nogil=True)
def sparse_sums(maps, fraction, size, start, block, ring, key0, key1, trial0, count):  # type: ignore[no-untyped-def]
    """Return sums of maps over scrambled events, looked up one by one, shape (count, 4 n_group)."""
    result = np.zeros((count, LANES * maps.shape[0]))
    for tile in range((count + TILE - 1) // TILE):
        t0 = tile * TILE
        part = result[t0 : min(t0 + TILE, count)]
        _sparse_tile(maps, fraction, size, start, block, ring, key0, key1, trial0 + t0, part)
    return result


@numba.njit
def dense_counts(npix, fraction, first, ring, start, size, key0, key1, trial):  # type: ignore[no-untyped-def]
    """Count the events of one trial of a dense bin per pixel."""
    low, high = _counter(trial)
    most = _longest(first)
    words = np.empty((4, most // 4 + 1), np.uint32)
    pixel = np.empty(most, np.int32)
    result = np.zeros(npix, np.int32)
    for run in range(ring.shape[0]):
        r = ring[run]
        part = fraction[first[run] : first[run + 1]]
        shift = start[r + 1] - start[r]
        _draw(part, r, size[r], size[r + 1], shift, low, high, key0, key1, words, pixel)
        _count(pixel[: part.shape[0]], result[start[r] :])
    return result


@numba.njit
def sparse_counts(npix, fraction, size, start, block, ring, key0, key1, trial):  # type: ignore[no-untyped-def]
    """Count the events of one trial of a sparse bin per pixel; what fills up a block counts beyond them."""
    low, high = _counter(trial)
    n = fraction.shape[1]
    words = np.empty((4, n), np.uint32)
    pixel = np.empty((4, n), np.int32)
    result = np.zeros(npix + 1, np.int32)
    _draw_each(fraction, size, start, block, ring, low, high, key0, key1, words, pixel)
    for lane in range(4):
        _count(pixel[lane], result)
    return result[:npix]
