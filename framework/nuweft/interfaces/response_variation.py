"""Variations of a detector's response, for systematic uncertainties."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import attrs

from nuweft.interfaces.base import Component
from nuweft.irf.detector import DetectorResponse


@attrs.frozen(kw_only=True)
class ResponseVariation(Component):
    """A response that differs from the nominal one by a detector uncertainty."""

    kind: ClassVar[str] = "response_variation"

    @abstractmethod
    def vary(self, response: DetectorResponse) -> DetectorResponse:
        """Return the varied response.

        Parameters
        ----------
        response
            The nominal response of the sample.
        """

    @abstractmethod
    def description(self) -> str:
        """Return what is varied, and whether it is a stand-in."""
