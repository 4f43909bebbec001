"""How good the null of an energy bin is: of few events, and of a background template."""

from __future__ import annotations

import numpy as np

from nuweft.model.bin_data import BinData
from nuweft.model.cross_spectrum import SpectrumBlock
from nuweft.sky.rings import ring_fractions, rings
from nuweft.typing import FloatArray


def first_order_error(bin_data: BinData) -> float:
    """Return the relative error of the exact covariance of scrambles, from its next order in 1/N.

    Parameters
    ----------
    null
        Events, weights and mask of an energy bin.

    Notes
    -----
    Moments are exact where the total weight W of the events in the mask is
    constant. It varies from scramble to scramble, since an event may leave the
    mask; a spectrum is divided by it, which raises its variance by
    ``3 var(W)/<W>**2`` to the next order.
    """
    grid = rings(bin_data.nside)
    weight = bin_data.weights * bin_data.mask
    first, second = (grid.mean(values) for values in (weight, weight**2))
    ring, fraction = ring_fractions(bin_data.nside, np.sin(bin_data.events.dec))

    def at_events(values: FloatArray) -> FloatArray:
        return np.asarray(fraction * values[ring] + (1 - fraction) * values[ring + 1])

    mean = at_events(first)
    return float(3 * np.sum(at_events(second) - mean**2) / np.sum(mean) ** 2)


def template_distance(block: SpectrumBlock) -> float:
    """Return how far the background template is from the exact mean, in sigma of the spectrum."""
    difference = block.atmospheric - block.null_mean
    return float(np.sqrt(difference @ np.linalg.solve(block.covariance, difference)))
