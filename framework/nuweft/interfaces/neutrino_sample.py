"""Samples of neutrino candidates."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import attrs
import numpy as np

from nuweft.interfaces.base import Component
from nuweft.irf.detector import DetectorResponse
from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.events import Events
from nuweft.parameters import numbers
from nuweft.sky.pixels import count_map
from nuweft.typing import FloatArray, IntArray

BACKGROUND, ISOTROPIC, CORRELATED = range(3)
"""Origins of simulated events: atmospheric, isotropic astrophysical, correlated with a tracer."""


@attrs.frozen(kw_only=True)
class NeutrinoSample(Component):
    """Neutrino candidates and the response of the detector that recorded them."""

    kind: ClassVar[str] = "neutrino_sample"

    energy_edges: tuple[float, ...] = numbers(
        default=(2.5, 3.5, 4.5, 5.5),
        increasing=True,
        at_least=2,
        unit="log10(E/GeV)",
        doc="edges of the half-open bins of reconstructed energy",
    )

    @property
    def energy_bins(self) -> EnergyBins:
        """Bins of reconstructed energy."""
        return EnergyBins(self.energy_edges)

    @abstractmethod
    def events(self) -> Events:
        """Return all events, also those outside the energy bins.

        Raises
        ------
        DataError
            If the input is not what it should be.
        MissingDataError
            If the input is not on this machine.
        """

    @abstractmethod
    def response(self) -> DetectorResponse:
        """Return the response of each season."""

    def counts(self, nside: int) -> FloatArray:
        """Return the number of events per energy bin and pixel, shape (n_bin, npix)."""
        events = self.events()
        index = self.energy_bins.index(events.log10_energy)
        return np.stack(
            [
                count_map(nside, events.ra[index == i], events.dec[index == i])
                for i in range(len(self.energy_bins))
            ]
        )

    def livetime(self) -> float:
        """Return the livetime in seconds, summed over seasons."""
        return self.response().livetime

    def origin(self) -> IntArray | None:
        """Return what each event is, where that is known; None for real data.

        Returns
        -------
        array of int, shape (n,), or None
            :data:`BACKGROUND`, :data:`ISOTROPIC` or :data:`CORRELATED`.
        """
        return None

    def description(self) -> str:
        """Return one sentence that says what the sample is, for reports."""
        return f"{self.plugin_name}"
