"""Event-level trials: sums of map look-ups over scrambled events.

A trial needs no count map and no transform. Each event draws one 32-bit
number, which decides between its two rings and picks a pixel in the ring;
the statistics are sums of matched-filter maps over these pixels. Trials run
in parallel, one thread each.
"""

from __future__ import annotations

import numba
import numpy as np

from nuweft.interfaces import MatchedFilter, NullInput
from nuweft.sky.harmonics import thread_count
from nuweft.sky.rings import ring_shares, rings
from nuweft.sky.typing import FloatArray
from nuweft_scramble.philox import philox

_WORD = 2.0**-32


@numba.njit(parallel=True, cache=False)
def _sums(lookup, share, start, scale, last, key0, key1, first, count):  # type: ignore[no-untyped-def]
    n_event = share.shape[0]
    n_map = lookup.shape[1]
    result = np.zeros((count, n_map))
    for trial in numba.prange(count):
        number = np.uint64(first) + np.uint64(trial)
        low, high = np.uint32(number), np.uint32(number >> np.uint64(32))
        total = np.zeros(n_map)
        words = np.zeros(4, dtype=np.uint32)
        for block in range((n_event + 3) // 4):
            words[0], words[1], words[2], words[3] = philox(
                np.uint32(block), np.uint32(0), low, high, key0, key1
            )
            for j in range(min(4, n_event - 4 * block)):
                e = 4 * block + j
                u = (words[j] + 0.5) * _WORD
                side = 0 if u < share[e] else 1
                v = u if side == 0 else u - share[e]
                pixel = start[e, side] + min(np.int32(v * scale[e, side]), last[e, side])
                for k in range(n_map):
                    total[k] += lookup[pixel, k]
        result[trial] = total
    return result


def scramble_sums(
    statistics: MatchedFilter, null: NullInput, *, key: int, start: int, count: int
) -> FloatArray:
    """Return the statistics of scrambled trials, shape (count, n_stat).

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
    grid = rings(null.nside)
    sin_dec = np.sort(np.sin(null.events.dec))  # sorted, so that a ring stays in the cache
    ring, share = ring_shares(null.nside, sin_dec)
    seen = grid.mean(statistics.weight) > 0
    reach = seen[ring] | seen[ring + 1]
    ring, share = ring[reach], share[reach]
    pair = np.stack([ring, ring + 1], axis=1)
    size = grid.size[pair]
    shares = np.stack([share, 1 - share], axis=1)
    lookup = np.concatenate([statistics.maps, statistics.weight[None]]).T.astype(np.float32)
    threads = numba.get_num_threads()
    numba.set_num_threads(min(thread_count(), numba.config.NUMBA_NUM_THREADS))
    try:
        sums = _sums(
            np.ascontiguousarray(lookup),
            share,
            grid.start[pair].astype(np.int32),
            size / np.where(shares > 0, shares, 1.0),
            (size - 1).astype(np.int32),
            np.uint32(key & 0xFFFFFFFF),
            np.uint32(key >> 32),
            start,
            count,
        )
    finally:
        numba.set_num_threads(threads)
    return statistics.finish(sums[:, :-1], sums[:, -1])
