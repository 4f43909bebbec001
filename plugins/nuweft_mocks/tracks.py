"""Simulated tracks: atmospheric, isotropic and correlated events."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import attrs
import numpy as np

from nuweft import seeds
from nuweft.flux import PowerLawFlux, conventional_flux
from nuweft.interfaces import NeutrinoSample, Tracer
from nuweft.irf import DetectorResponse, simulate_events
from nuweft.model import Events
from nuweft.parameters import component, integer, number
from nuweft.typing import IntArray
from nuweft_mocks.galaxies import MockGalaxies
from nuweft_mocks.response import ic86_like


@attrs.frozen(kw_only=True)
class MockTracks(NeutrinoSample):
    r"""Events drawn from an atmospheric flux, an isotropic flux and the tracer.

    The correlated flux follows the very objects of ``tracer``; its
    normalisation is the mean over the sky.

    Notes
    -----
    .. math::

        \phi(E, \hat n) = s\, \phi_\mathrm{atm}(E, \delta)
        + \left[\phi_\mathrm{iso} + \phi_\mathrm{corr} \frac{n(\hat n)}{\bar n}\right]
        \left(\frac{E}{100\,\mathrm{TeV}}\right)^{-\gamma}
    """

    plugin_name: ClassVar[str] = "mock-tracks"
    tracer: Tracer = component(
        "tracer", default="mock-galaxies", doc="objects from which the correlated events come"
    )
    livetime_days: float = number(default=700.0, gt=0, unit="d", doc="livetime")
    atmospheric_scale: float = number(
        default=1.0, ge=0, le=1e3, doc="factor on the conventional atmospheric flux"
    )
    isotropic_flux: float = number(
        default=0.72e-18,
        ge=0,
        unit="GeV^-1 cm^-2 s^-1 sr^-1",
        doc="isotropic astrophysical flux at 100 TeV",
    )
    correlated_flux: float = number(
        default=0.72e-18,
        ge=0,
        unit="GeV^-1 cm^-2 s^-1 sr^-1",
        doc="flux that follows the tracer at 100 TeV",
    )
    gamma: float = number(default=2.37, gt=0, le=6, doc="spectral index of both astrophysical fluxes")
    seed: int = integer(default=2, ge=0, doc="seed of the events")

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return two months of data, correlated with a small catalog."""
        return cls(tracer=MockGalaxies.example(folder), livetime_days=60.0)

    def response(self) -> DetectorResponse:
        """Return a parametric IC86-like response."""
        return ic86_like(self.livetime_days)

    @cached_property
    def _simulated(self) -> tuple[Events, IntArray]:
        response = self.response()

        def atmosphere(energy: object, sin_dec: object) -> object:
            return self.atmospheric_scale * conventional_flux(energy, sin_dec)

        # 64 is only the coarsest resolution a tracer is asked for; it knows its own
        sources = self.tracer.sources(64)
        parts = [  # in the order of BACKGROUND, ISOTROPIC, CORRELATED
            simulate_events(response, atmosphere, rng=seeds.generator(self.seed, "atmospheric events")),
            simulate_events(
                response,
                PowerLawFlux(self.isotropic_flux, self.gamma),
                rng=seeds.generator(self.seed, "isotropic events"),
            ),
            simulate_events(
                response,
                PowerLawFlux(self.correlated_flux, self.gamma),
                sources=sources,
                rng=seeds.generator(self.seed, "correlated events"),
            ),
        ]
        origin = np.concatenate([np.full(len(p), i) for i, p in enumerate(parts)])
        return Events.concatenate(parts), origin

    def events(self) -> Events:
        """Return all simulated events."""
        return self._simulated[0]

    def origin(self) -> IntArray:
        """Return where each event comes from."""
        return self._simulated[1]

    def description(self) -> str:
        """Return one sentence that says what the sample is."""
        return f"simulated IC86-like tracks, {self.livetime_days:g} d, not real data"
