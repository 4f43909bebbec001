"""Bins of reconstructed energy."""

from __future__ import annotations

from itertools import pairwise

import attrs
import numpy as np

from nuweft.errors import ParameterError
from nuweft.typing import FloatArray, IntArray


def _edges(values: object) -> tuple[float, ...]:
    edges = tuple(float(v) for v in values)  # type: ignore[attr-defined]
    if len(edges) < 2 or any(b <= a for a, b in pairwise(edges)):
        raise ParameterError(f"energy bin edges: expected at least two increasing numbers, got {edges}")
    return edges


@attrs.frozen
class EnergyBins:
    """Half-open bins [low, high) of log10(E_reco / GeV).

    Attributes
    ----------
    edges : tuple of float
        Edges in log10(E/GeV), strictly increasing.
    """

    edges: tuple[float, ...] = attrs.field(converter=_edges)

    def __len__(self) -> int:
        return len(self.edges) - 1

    @property
    def labels(self) -> tuple[str, ...]:
        """Readable names such as ``"2.5-3.5"``."""
        return tuple(f"{a:g}-{b:g}" for a, b in pairwise(self.edges))

    def index(self, log10_energy: FloatArray) -> IntArray:
        """Return the bin of each energy, -1 outside all bins."""
        index = np.searchsorted(self.edges, log10_energy, side="right") - 1
        return np.where(index < len(self), index, -1)
