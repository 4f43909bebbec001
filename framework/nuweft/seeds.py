"""One seed, many independent streams: a generator for each named purpose."""

from __future__ import annotations

import hashlib

import numpy as np


def _sequence(seed: int, purpose: str, indices: tuple[int, ...]) -> np.random.SeedSequence:
    digest = hashlib.sha256(purpose.encode()).digest()
    words = tuple(int.from_bytes(digest[i : i + 4], "little") for i in (0, 4, 8, 12))
    return np.random.SeedSequence(entropy=seed, spawn_key=(*words, *indices))


def generator(seed: int, purpose: str, *indices: int) -> np.random.Generator:
    """Return the random generator of one purpose.

    Parameters
    ----------
    seed
        The seed of the analysis, a non-negative integer.
    purpose
        What the numbers are for, such as ``"mock galaxies"``.
    *indices
        Further labels, such as a trial number.

    Examples
    --------
    >>> a, b = generator(1, "positions"), generator(1, "energies")
    >>> bool(a.random() == b.random())
    False
    """
    return np.random.default_rng(_sequence(seed, purpose, indices))


def key(seed: int, purpose: str, *indices: int) -> int:
    """Return a 64-bit key for a counter-based generator."""
    return int(_sequence(seed, purpose, indices).generate_state(1, np.uint64)[0])
