"""How good the null of an energy bin is: of few events, and of a background template."""

from __future__ import annotations

import numpy as np

from nuweft.interfaces.background import NullInput
from nuweft.sky.rings import ring_shares, rings
from nuweft.sky.spectra import SpectrumBlock
from nuweft.sky.typing import FloatArray


def first_order_error(null: NullInput) -> float:
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
    grid = rings(null.nside)
    weight = null.weights * null.mask
    first, second = (grid.mean(values) for values in (weight, weight**2))
    ring, share = ring_shares(null.nside, np.sin(null.events.dec))

    def at_events(values: FloatArray) -> FloatArray:
        return np.asarray(share * values[ring] + (1 - share) * values[ring + 1])

    mean = at_events(first)
    return float(3 * np.sum(at_events(second) - mean**2) / np.sum(mean) ** 2)


def template_distance(block: SpectrumBlock) -> float:
    """Return how far the background template is from the exact mean, in sigma of the spectrum."""
    difference = block.atmospheric - block.null_mean
    return float(np.sqrt(difference @ np.linalg.solve(block.covariance, difference)))
