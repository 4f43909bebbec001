"""What a variation of a detector's response promises."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nuweft.interfaces import ResponseVariation
from nuweft.irf.energy_bins import EnergyBins
from nuweft.testing import response as detector
from nuweft.testing.base import Answers, ComponentContract, inputs_unmodified
from nuweft.testing.fakes import fake_response

_BINS = EnergyBins((2.5, 3.5, 4.5, 5.5))


class ResponseVariationContract(ComponentContract):
    """A varied response is a response, and the nominal one is left alone."""

    kind: ClassVar[str] = "response_variation"

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return areas, probabilities and windows of the varied response."""
        varied = component.vary(fake_response())
        found = {}
        for i, season in enumerate(varied.seasons):
            found[f"area {i}"] = season.effective_area.area
            found[f"livetime {i}"] = np.array(season.livetime)
            found[f"probability {i}"] = season.smearing.probability(np.linspace(3.0, 6.0, 7), 0.3, _BINS)
            found[f"windows {i}"] = season.smearing.windows(_BINS, 50)
        return found

    def test_seasons_are_kept(self, component: ResponseVariation, answered: Answers) -> None:
        assert len(component.vary(fake_response()).seasons) == len(fake_response().seasons)

    def test_nominal_response_is_not_modified(self, component: ResponseVariation, answered: Answers) -> None:
        nominal = fake_response()
        area = nominal.seasons[0].effective_area
        with inputs_unmodified(area.area, area.log10_energy_edges, area.sin_dec_edges):
            component.vary(nominal)

    def test_effective_areas_are_finite_and_not_negative(
        self, component: ResponseVariation, answered: Answers
    ) -> None:
        detector.assert_areas_are_possible(component.vary(fake_response()))

    def test_point_spread_is_normalised(self, component: ResponseVariation, answered: Answers) -> None:
        detector.assert_point_spread_is_normalised(component.vary(fake_response()), _BINS)

    def test_energies_are_reconstructed_with_probability_1(
        self, component: ResponseVariation, answered: Answers
    ) -> None:
        detector.assert_energies_are_probabilities(component.vary(fake_response()), _BINS)

    def test_simulated_events_meet_the_expectation(
        self, component: ResponseVariation, answered: Answers
    ) -> None:
        detector.assert_simulation_meets_expectation(component.vary(fake_response()), _BINS)

    def test_description_says_what_is_varied(self, component: ResponseVariation) -> None:
        assert component.description().strip()
