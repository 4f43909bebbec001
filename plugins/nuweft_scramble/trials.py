"""Event-level trials: sums of map look-ups over scrambled events.

A trial needs no count map of the sky and no transform. Each event draws one
32-bit number, which decides between its two rings and picks a pixel in the
ring; the statistics are sums of matched-filter maps over these pixels. Events
are sorted by ring: where a bin holds many, they are counted per pixel first, so
that the cost hardly depends on the number of maps.

Trials run in parallel, each in one thread; random numbers are addressed by
(key, trial, ring, event in the ring), or by (key, trial, event) where events are
few, so that any trial can be made again.
"""

from __future__ import annotations

import attrs
import numba
import numpy as np

from nuweft.interfaces import MatchedFilter, NullInput
from nuweft.sky.harmonics import thread_count
from nuweft.sky.pixels import pixel_count
from nuweft.sky.rings import ring_shares, rings
from nuweft.sky.typing import FloatArray, IntArray
from nuweft_scramble.philox import philox

_LANES = 4  # maps summed together, as one vector
_NEAR = 32  # events of a sparse bin that are looked up for all trials of a tile
_TILE = 8  # trials that share a ring of the maps while it is in the cache
_SPARSE_TILE = 32
_HALF = np.uint32(1)
_SCALE = 2.0**-31
_ALL_RINGS = np.uint32(0xFFFFFFFF)  # counter of sparse bins, in place of the ring
_UPPER = np.uint64(32)


@attrs.frozen(eq=False)
class Runs:
    """Events of one energy bin that can fall into the mask, sorted by ring.

    Attributes
    ----------
    ring : array of shape (n_run,)
        Upper ring of each run; its events lie in it or in the next.
    first : array of shape (n_run + 1,)
        First event of each run.
    share : array of shape (n_event,)
        Probability of the upper ring.
    """

    ring: IntArray
    first: IntArray
    share: FloatArray

    @classmethod
    def of(cls, null: NullInput, weight: FloatArray | None = None) -> Runs:
        """Return the runs of an energy bin.

        Parameters
        ----------
        null
            Events of the bin.
        weight
            Events in rings where it vanishes are left out, shape (npix,).
        """
        ring, share = ring_shares(null.nside, np.sort(np.sin(null.events.dec)))
        if weight is not None:
            seen = rings(null.nside).mean(weight) > 0
            reach = seen[ring] | seen[ring + 1]
            ring, share = ring[reach], share[reach]
        order = np.argsort(ring, kind="stable")
        found, first = np.unique(ring[order], return_index=True)
        return cls(found.astype(np.int64), np.append(first, len(ring)).astype(np.int64), share[order])


@numba.njit
def _fill(words, blocks, ring, low, high, key0, key1):  # type: ignore[no-untyped-def]
    """Fill words, shape (4, >= blocks), with random numbers of a ring of a trial."""
    a, b, c, d = words[0], words[1], words[2], words[3]
    for i in range(blocks):
        a[i], b[i], c[i], d[i] = philox(np.uint32(i), ring, low, high, key0, key1)


@numba.njit(error_model="numpy")  # a division that cannot raise is vectorised
def _choose(words, share, size0, size1, shift, pixel):  # type: ignore[no-untyped-def]
    """Choose ring and pixel of each event; pixels of the second ring are shifted."""
    for e in range(share.shape[0]):
        u = (np.float64(np.int32(words[e] >> _HALF)) + 0.5) * _SCALE
        s = share[e]
        second = u >= s
        rest = u - s if second else u
        whole = 1.0 - s if second else s
        size = size1 if second else size0
        # below whole by 2**-32 at least, so that the last pixel is not passed
        pixel[e] = np.int32(rest * size / whole) + (shift if second else np.int32(0))


@numba.njit
def _draw(share, ring, size0, size1, shift, low, high, key0, key1, words, pixel):  # type: ignore[no-untyped-def]
    """Draw the pixel of each event of a run."""
    n = share.shape[0]
    blocks = (n + 3) // 4
    _fill(words, blocks, np.uint32(ring), low, high, key0, key1)
    for lane in range(4):
        e0, e1 = lane * blocks, min((lane + 1) * blocks, n)
        if e1 > e0:
            _choose(
                words[lane], share[e0:e1], np.float64(size0), np.float64(size1), np.int32(shift), pixel[e0:e1]
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
def _counted_tile(maps, share, first, ring, start, size, key0, key1, trial0, result):  # type: ignore[no-untyped-def]
    """Sum maps over scrambled events that are first counted per pixel, for a few trials."""
    n_trial, widest, most = result.shape[0], _largest(size), _longest(first)
    words = np.empty((4, most // 4 + 1), np.uint32)
    pixel = np.empty(most, np.int32)
    counts = np.zeros((n_trial, 2 * widest), np.int32)
    for run in range(ring.shape[0]):
        r = ring[run]
        part = share[first[run] : first[run + 1]]
        n = part.shape[0]
        for t in range(n_trial):
            number = np.uint64(trial0) + np.uint64(t)
            low, high = np.uint32(number), np.uint32(number >> _UPPER)
            _draw(part, r, size[r], size[r + 1], widest, low, high, key0, key1, words, pixel)
            _count(pixel[:n], counts[t])
        follows = run + 1 < ring.shape[0] and ring[run + 1] == r + 1
        for side in range(1 if follows else 2):
            begin, wide = start[r + side], size[r + side]
            for t in range(n_trial):
                own = counts[t, side * widest : side * widest + wide]
                for g in range(maps.shape[0]):
                    _add_counted(
                        own, maps[g, begin : begin + wide], result[t, _LANES * g : _LANES * g + _LANES]
                    )
        for t in range(n_trial):
            own = counts[t]
            for p in range(widest):
                own[p] = own[widest + p] if follows else 0
                own[widest + p] = 0


@numba.njit(error_model="numpy")
def _choose_each(words, share, size0, size1, start0, start1, pixel):  # type: ignore[no-untyped-def]
    """Choose the pixel of events of many rings, each with its own two."""
    for e in range(share.shape[0]):
        u = (np.float64(np.int32(words[e] >> _HALF)) + 0.5) * _SCALE
        s = share[e]
        second = u >= s
        rest = u - s if second else u
        whole = 1.0 - s if second else s
        n = size1[e] if second else size0[e]
        pixel[e] = np.int32(rest * n / whole) + (start1[e] if second else start0[e])


@numba.njit
def _draw_each(share, size, start, low, high, key0, key1, words, pixel):  # type: ignore[no-untyped-def]
    """Draw the pixel of each event of a sparse bin."""
    n = share.shape[0]
    blocks = (n + 3) // 4
    _fill(words, blocks, _ALL_RINGS, low, high, key0, key1)
    for lane in range(4):
        e0, e1 = lane * blocks, min((lane + 1) * blocks, n)
        if e1 > e0:
            _choose_each(
                words[lane],
                share[e0:e1],
                size[0][e0:e1],
                size[1][e0:e1],
                start[0][e0:e1],
                start[1][e0:e1],
                pixel[e0:e1],
            )


@numba.njit
def _sparse_tile(maps, share, size, start, key0, key1, trial0, result):  # type: ignore[no-untyped-def]
    """Sum maps over scrambled events one by one, for a few trials."""
    n, n_trial = share.shape[0], result.shape[0]
    words = np.empty((4, n // 4 + 1), np.uint32)
    pixel = np.empty((n_trial, n), np.int32)
    for t in range(n_trial):
        number = np.uint64(trial0) + np.uint64(t)
        low, high = np.uint32(number), np.uint32(number >> _UPPER)
        _draw_each(share, size, start, low, high, key0, key1, words, pixel[t])
    for e0 in range(0, n, _NEAR):  # neighbours in declination share the maps' cache lines
        e1 = min(e0 + _NEAR, n)
        for g in range(maps.shape[0]):
            for t in range(n_trial):
                _add_rows(pixel[t, e0:e1], maps[g], result[t, _LANES * g : _LANES * g + _LANES])


@numba.njit(parallel=True, nogil=True)
def _dense_sums(maps, share, first, ring, start, size, key0, key1, trial0, count):  # type: ignore[no-untyped-def]
    result = np.zeros((count, _LANES * maps.shape[0]))
    for tile in numba.prange((count + _TILE - 1) // _TILE):
        t0 = tile * _TILE
        part = result[t0 : min(t0 + _TILE, count)]
        _counted_tile(maps, share, first, ring, start, size, key0, key1, trial0 + t0, part)
    return result


@numba.njit(parallel=True, nogil=True)
def _sparse_sums(maps, share, size, start, key0, key1, trial0, count):  # type: ignore[no-untyped-def]
    result = np.zeros((count, _LANES * maps.shape[0]))
    for tile in numba.prange((count + _SPARSE_TILE - 1) // _SPARSE_TILE):
        t0 = tile * _SPARSE_TILE
        _sparse_tile(
            maps, share, size, start, key0, key1, trial0 + t0, result[t0 : min(t0 + _SPARSE_TILE, count)]
        )
    return result


@numba.njit
def _dense_counts(npix, share, first, ring, start, size, key0, key1, trial):  # type: ignore[no-untyped-def]
    """Count the events of one trial of a dense bin per pixel."""
    low, high = np.uint32(trial), np.uint32(np.uint64(trial) >> _UPPER)
    most = _longest(first)
    words = np.empty((4, most // 4 + 1), np.uint32)
    pixel = np.empty(most, np.int32)
    result = np.zeros(npix, np.int32)
    for run in range(ring.shape[0]):
        r = ring[run]
        part = share[first[run] : first[run + 1]]
        shift = start[r + 1] - start[r]
        _draw(part, r, size[r], size[r + 1], shift, low, high, key0, key1, words, pixel)
        _count(pixel[: part.shape[0]], result[start[r] :])
    return result


@numba.njit
def _sparse_counts(npix, share, size, start, key0, key1, trial):  # type: ignore[no-untyped-def]
    """Count the events of one trial of a sparse bin per pixel."""
    low, high = np.uint32(trial), np.uint32(np.uint64(trial) >> _UPPER)
    n = share.shape[0]
    words = np.empty((4, n // 4 + 1), np.uint32)
    pixel = np.empty(n, np.int32)
    result = np.zeros(npix, np.int32)
    _draw_each(share, size, start, low, high, key0, key1, words, pixel)
    _count(pixel, result)
    return result


def _is_dense(null: NullInput) -> bool:
    """Return whether counting events per pixel is cheaper than looking each one up."""
    return len(null.events) > pixel_count(null.nside) // 4


def _each(null: NullInput) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return share, ring sizes and ring starts of each event of a sparse bin."""
    grid, runs = rings(null.nside), Runs.of(null)
    upper = np.repeat(runs.ring, np.diff(runs.first))
    pair = np.stack([upper, upper + 1])
    return runs.share, grid.size[pair].astype(float), grid.start[pair].astype(np.int32)


def _words(key: int) -> tuple[np.uint32, np.uint32]:
    return np.uint32(key & 0xFFFFFFFF), np.uint32(key >> 32)


def scramble_sums(
    statistics: MatchedFilter, null: NullInput, *, key: int, start: int, count: int
) -> FloatArray:
    """Return the statistics of scrambled trials, shape (count, n_stat).

    Maps are held in single precision, sums are in double precision.

    Parameters
    ----------
    statistics
        Matched-filter maps.
    null
        Events of one energy bin.
    key
        64-bit key of the generator.
    start, count
        Trial numbers ``start`` to ``start + count - 1``.
    """
    rows = np.concatenate([statistics.maps, statistics.weight[None]])
    n_stat, grid, dense = len(statistics.maps), rings(null.nside), _is_dense(null)
    runs = Runs.of(null, statistics.weight if dense else None)
    if not len(runs.share):
        return statistics.finish(np.zeros((count, n_stat)), np.zeros(count))
    begin, last = grid.start[runs.ring[0]], runs.ring[-1] + 1
    seen = slice(begin, grid.start[last] + grid.size[last]) if dense else slice(0, rows.shape[1])
    maps = np.zeros((-(-len(rows) // _LANES), seen.stop - seen.start, _LANES), np.float32)
    for i, row in enumerate(rows):
        maps[i // _LANES, :, i % _LANES] = row[seen]
    threads = numba.get_num_threads()
    numba.set_num_threads(min(thread_count(), numba.config.NUMBA_NUM_THREADS))
    try:
        if dense:
            where = (runs.share, runs.first, runs.ring, grid.start - begin, grid.size)
            sums = _dense_sums(maps, *where, *_words(key), start, count)
        else:
            sums = _sparse_sums(maps, *_each(null), *_words(key), start, count)
    finally:
        numba.set_num_threads(threads)
    return statistics.finish(sums[:, :n_stat], sums[:, n_stat])


def scramble_counts(null: NullInput, *, key: int, trial: int) -> FloatArray:
    """Return the counts per pixel of one trial of :func:`scramble_sums`, all rings, shape (npix,).

    Parameters
    ----------
    null, key
        As in :func:`scramble_sums`.
    trial
        Number of the trial.
    """
    npix = pixel_count(null.nside)
    if _is_dense(null):
        grid, runs = rings(null.nside), Runs.of(null)
        where = (runs.share, runs.first, runs.ring, grid.start, grid.size)
        return np.asarray(_dense_counts(npix, *where, *_words(key), trial), dtype=float)
    return np.asarray(_sparse_counts(npix, *_each(null), *_words(key), trial), dtype=float)
