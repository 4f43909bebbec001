"""What a neutrino sample promises."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

import attrs
import numpy as np

from nuweft.interfaces import NeutrinoSample
from nuweft.model import Events
from nuweft.testing import response as detector
from nuweft.testing.base import Answers, ComponentContract


class NeutrinoSampleContract(ComponentContract):
    """Events are on the sky, and the response says what a simulation shows.

    Attributes
    ----------
    nside : int
        Resolution at which events are counted.
    """

    kind: ClassVar[str] = "neutrino_sample"
    nside: ClassVar[int] = 16

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return events, counts, livetime and areas."""
        events = component.events()
        found = {field.name: getattr(events, field.name) for field in attrs.fields(Events)}
        found |= {"counts": component.counts(cls.nside), "livetime": component.livetime()}
        for season in component.response().seasons:
            found[f"area {season.name}"] = season.effective_area.area
        origin = component.origin()
        return found if origin is None else found | {"origin": origin}

    def test_events_lie_on_the_sky(self, answered: Answers) -> None:
        assert len(answered["ra"]) > 0
        assert np.all((answered["ra"] >= 0) & (answered["ra"] <= 2 * np.pi))
        assert np.all(np.abs(answered["dec"]) <= np.pi / 2)

    def test_events_have_finite_energies_times_and_errors(self, answered: Answers) -> None:
        for name in ("log10_energy", "time", "angular_error"):
            assert np.all(np.isfinite(answered[name])), name
        assert np.min(answered["angular_error"]) > 0
        assert np.max(answered["angular_error"]) < np.pi

    def test_every_event_belongs_to_a_season_of_the_response(
        self, component: NeutrinoSample, answered: Answers
    ) -> None:
        assert set(np.unique(answered["season"])) <= set(range(len(component.response().seasons)))

    def test_counts_add_up_to_the_events_of_each_bin(
        self, component: NeutrinoSample, answered: Answers
    ) -> None:
        edges = np.array(component.energy_bins.edges)
        energy = answered["log10_energy"]
        number = [np.count_nonzero((energy >= a) & (energy < b)) for a, b in pairwise(edges)]
        np.testing.assert_array_equal(np.sum(answered["counts"], axis=1), number)

    def test_livetime_is_positive(self, answered: Answers) -> None:
        assert np.isfinite(answered["livetime"])
        assert answered["livetime"] > 0

    def test_origins_are_known_of_all_events_or_none(self, answered: Answers) -> None:
        if "origin" in answered:
            assert np.shape(answered["origin"]) == np.shape(answered["ra"])
            assert set(np.unique(answered["origin"])) <= {0, 1, 2}

    def test_effective_areas_are_finite_and_not_negative(
        self, component: NeutrinoSample, answered: Answers
    ) -> None:
        detector.assert_areas_are_possible(component.response())

    def test_point_spread_is_normalised(self, component: NeutrinoSample, answered: Answers) -> None:
        detector.assert_point_spread_is_normalised(component.response(), component.energy_bins)

    def test_energies_are_reconstructed_with_probability_1(
        self, component: NeutrinoSample, answered: Answers
    ) -> None:
        detector.assert_energies_are_probabilities(component.response(), component.energy_bins)

    def test_simulated_events_meet_the_expectation(
        self, component: NeutrinoSample, answered: Answers
    ) -> None:
        detector.assert_simulation_meets_expectation(component.response(), component.energy_bins)

    def test_description_says_what_it_is(self, component: NeutrinoSample) -> None:
        assert component.description().strip()
