"""Variations that a user has as files."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import attrs

from nuweft import plugins
from nuweft.errors import ModelError
from nuweft.interfaces import NeutrinoSample, ResponseVariation
from nuweft.irf import DetectorResponse
from nuweft.parameters import component, text


@attrs.frozen(kw_only=True)
class ResponseOfSample(ResponseVariation):
    r"""The response of another sample, such as one read from simulations with a varied detector.

    Notes
    -----
    .. math::

        A \to A', \quad P(i \mid E, \delta) \to P'(i \mid E, \delta), \quad b_\ell \to b'_\ell
    """

    plugin_name: ClassVar[str] = "response-of-sample"
    sample: NeutrinoSample = component(
        "neutrino_sample", doc="sample whose response is used; its events are not read"
    )
    meaning: str = text(default="response of another sample", doc="what the variation stands for")

    @classmethod
    def example(cls, folder: Path) -> Self:
        """Return the response of a simulated sample."""
        return cls(sample=plugins.create("neutrino_sample", "mock-tracks"))

    def vary(self, response: DetectorResponse) -> DetectorResponse:
        """Return the other sample's response.

        Raises
        ------
        ModelError
            If it has another number of seasons.
        """
        varied = self.sample.response()
        if len(varied.seasons) != len(response.seasons):
            raise ModelError(
                f"{self.meaning}: {len(varied.seasons)} seasons, expected the {len(response.seasons)} "
                "of the nominal response"
            )
        return varied

    def description(self) -> str:
        """Return what is varied."""
        return self.meaning
