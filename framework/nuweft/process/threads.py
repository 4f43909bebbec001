"""Compiled loops over many items in threads of this process.

Python's own threads, not those of a threading layer: such loops may be called
from several threads at once, and a process may fork after them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from nuweft.typing import FloatArray

_PIECES = 4  # per thread, so that all end at about the same time


def in_threads(
    function: Callable[[int, int], tuple[FloatArray, ...]], count: int, *, step: int = 1
) -> tuple[FloatArray, ...]:
    """Return arrays over items 0 to ``count - 1``, computed in pieces.

    Parameters
    ----------
    function
        Called as ``function(first, number)`` for pieces of the items; it
        releases the interpreter lock. Returns arrays of length ``number``.
    count
        Number of items.
    step
        Pieces begin at multiples of it.

    Notes
    -----
    The calling thread only waits, so that an interruption reaches it.
    """
    threads = thread_count()
    steps = -(-count // step)
    edges = np.unique(np.linspace(0, steps, min(steps, _PIECES * threads) + 1).astype(int)) * step
    edges[-1] = count
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda a, b: function(int(a), int(b - a)), edges[:-1], edges[1:]))
    if not parts:
        return function(0, 0)
    return tuple(np.concatenate(found) for found in zip(*parts, strict=True))


def thread_count() -> int:
    """Return the number of cores this process may use, at most ``OMP_NUM_THREADS``."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return min(cores, int(asked)) if asked.isdigit() and int(asked) > 0 else cores
