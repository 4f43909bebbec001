"""What a model of source evolution promises."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from nuweft.interfaces import SourceEvolutionModel
from nuweft.interfaces.source_evolution import DensityModel, normalised_flux
from nuweft.testing.base import Answers, ComponentContract, inputs_unmodified
from nuweft.testing.fakes import fake_line_of_sight
from nuweft.typing import FloatArray

_GAMMAS = (2.0, 2.37, 3.0)


class SourceEvolutionContract(ComponentContract):
    """Density and flux are finite, not negative, and one number per redshift."""

    kind: ClassVar[str] = "source_evolution"

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return redshifts and flux distributions."""
        z, sight = component.redshifts(), fake_line_of_sight()
        fluxes = {f"flux {gamma:g}": component.flux_distribution(z.copy(), gamma, sight) for gamma in _GAMMAS}
        return {"z": z, **fluxes}

    def test_redshifts_are_positive_and_increase(
        self, component: SourceEvolutionModel, answered: Answers
    ) -> None:
        low, high = component.redshift_range
        z = answered["z"]
        assert 0 < low < high
        assert np.all(np.diff(z) > 0)
        assert z[0] == pytest.approx(low)
        assert z[-1] == pytest.approx(high)

    def test_density_is_finite_not_negative_and_keeps_its_shape(
        self, component: SourceEvolutionModel, answered: Answers
    ) -> None:
        for z in (answered["z"], answered["z"][5:6]):
            density = _density(component, z)
            assert density.shape == z.shape
            assert np.all(np.isfinite(density))
            assert np.min(density) >= 0

    @pytest.mark.parametrize("gamma", _GAMMAS)
    def test_flux_is_finite_not_negative_and_keeps_its_shape(self, answered: Answers, gamma: float) -> None:
        flux = np.asarray(answered[f"flux {gamma:g}"])
        assert flux.shape == answered["z"].shape
        assert np.all(np.isfinite(flux))
        assert np.min(flux) >= 0

    @pytest.mark.parametrize("gamma", _GAMMAS)
    def test_flux_can_be_normalised(
        self, component: SourceEvolutionModel, answered: Answers, gamma: float
    ) -> None:
        z, flux = normalised_flux(component, gamma, fake_line_of_sight())
        assert np.trapezoid(flux, z) == pytest.approx(1.0, rel=1e-9)

    def test_density_is_a_function_of_redshift_alone(
        self, component: SourceEvolutionModel, answered: Answers
    ) -> None:
        z = answered["z"][::7]
        order = np.random.default_rng(1).permutation(len(z))
        np.testing.assert_allclose(_density(component, z[order]), _density(component, z)[order])

    def test_redshifts_that_are_passed_are_not_modified(
        self, component: SourceEvolutionModel, answered: Answers
    ) -> None:
        z = answered["z"].copy()
        with inputs_unmodified(z):
            component.flux_distribution(z, 2.37, fake_line_of_sight())


def _density(model: SourceEvolutionModel, z: FloatArray) -> FloatArray:
    if not isinstance(model, DensityModel):
        pytest.skip("the model describes the flux, not a density")
    return np.asarray(model.density(z.copy()))
