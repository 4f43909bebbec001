"""What a likelihood promises."""

from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np
import pytest

from nuweft.errors import GammaRangeError, SingularCovarianceError
from nuweft.interfaces import Likelihood
from nuweft.testing.base import Answers, ComponentContract, inputs_unmodified
from nuweft.testing.fakes import fake_spectrum
from nuweft.typing import FloatArray

_DRAWS = 300
_SIGMAS = 5.0
TRUTH = np.array([0.01, 2.5, 1.0, 1.1])
"""f_corr, gamma and f_atm of two energy bins from which the fake spectrum is made."""


class LikelihoodContract(ComponentContract):
    """The likelihood peaks at the truth in the mean, and its Gaussian blocks agree with it."""

    kind: ClassVar[str] = "likelihood"

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return log L at random parameters."""
        spectrum = fake_spectrum(rng=np.random.default_rng(1))
        model = component.model(spectrum)
        return {
            "full": np.array([component.log_likelihood(theta, spectrum) for theta in _parameters(20)]),
            "blocks": model.log_likelihood(_parameters(20)),
        }

    def test_without_noise_the_truth_is_the_most_likely(
        self, component: Likelihood, answered: Answers
    ) -> None:
        spectrum = fake_spectrum()
        best = component.log_likelihood(TRUTH, spectrum)
        for theta in _parameters(200):
            assert component.log_likelihood(theta, spectrum) <= best + 1e-9

    def test_the_truth_is_a_maximum_in_the_mean(self, component: Likelihood, answered: Answers) -> None:
        rng, steps = np.random.default_rng(2), np.array([1e-4, 1e-3, 1e-3, 1e-3])
        scores = []
        for _ in range(_DRAWS):
            spectrum = fake_spectrum(rng=rng)
            scores.append(
                [
                    component.log_likelihood(TRUTH + step, spectrum)
                    - component.log_likelihood(TRUTH - step, spectrum)
                    for step in np.diag(steps)
                ]
            )
        mean, error = np.mean(scores, axis=0), np.std(scores, axis=0, ddof=1) / np.sqrt(_DRAWS)
        assert np.all(np.abs(mean) < _SIGMAS * error), f"mean scores in sigma: {mean / error}"

    def test_log_likelihood_is_never_nan(self, component: Likelihood, answered: Answers) -> None:
        spectrum = fake_spectrum(rng=np.random.default_rng(3))
        low, high = spectrum.gammas[0], spectrum.gammas[-1]
        extremes = [
            (0.0, low, 0.0, 0.0),
            (1.0, high, 1e3, 0.0),
            (-1.0, low, -5.0, 7.0),
            (1e3, high, 1.0, 1.0),
        ]
        for theta in [*np.array(extremes), *_parameters(50)]:
            assert not np.isnan(component.log_likelihood(theta, spectrum)), theta

    def test_order_of_energy_bins_does_not_matter(self, component: Likelihood, answered: Answers) -> None:
        spectrum = fake_spectrum(rng=np.random.default_rng(4))
        swapped = attrs.evolve(spectrum, blocks=spectrum.blocks[::-1])
        for theta in _parameters(20):
            other = component.log_likelihood(theta[[0, 1, 3, 2]], swapped)
            assert component.log_likelihood(theta, spectrum) == pytest.approx(other, rel=1e-9)

    def test_gaussian_blocks_give_the_same_likelihood(self, component: Likelihood, answered: Answers) -> None:
        spectrum = fake_spectrum(rng=np.random.default_rng(5))
        model, thetas = component.model(spectrum), _parameters(50, spread=0.5)
        full = np.array([component.log_likelihood(theta, spectrum) for theta in thetas])
        none = np.array([0.0, *TRUTH[1:]])
        constant = model.log_likelihood(none) - component.log_likelihood(none, spectrum)
        # the model states its error at an f_corr of one sigma; it grows with f_corr and the residual
        sigmas = np.abs(thetas[:, 0]) * np.sqrt(
            sum(
                np.einsum("ta,ab,tb->t", a, block.gram[1:, 1:], a)
                for block, a in zip(model.blocks, model.amplitudes(thetas[:, 1]), strict=True)
            )
        )
        error = model.truncation_error * sigmas
        allowed = error * np.sqrt(np.abs(2 * full)) + error**2 + 1e-9 * np.abs(full)
        assert np.all(np.abs(model.log_likelihood(thetas) - full - constant) <= allowed)

    def test_a_spectral_index_outside_the_range_is_refused(
        self, component: Likelihood, answered: Answers
    ) -> None:
        with pytest.raises(GammaRangeError):
            component.log_likelihood(np.array([0.01, 9.0, 1.0, 1.0]), fake_spectrum())

    def test_a_singular_covariance_is_refused(self, component: Likelihood, answered: Answers) -> None:
        spectrum = fake_spectrum()
        first = spectrum.blocks[0]
        singular = attrs.evolve(first, covariance=np.ones_like(first.covariance))
        with pytest.raises(SingularCovarianceError):
            component.model(attrs.evolve(spectrum, blocks=(singular, *spectrum.blocks[1:])))

    def test_the_spectrum_is_not_modified(self, component: Likelihood, answered: Answers) -> None:
        spectrum = fake_spectrum(rng=np.random.default_rng(6))
        arrays = [a for b in spectrum.blocks for a in (b.data, b.covariance, b.signal, b.atmospheric)]
        with inputs_unmodified(*arrays):
            component.model(spectrum)
            component.log_likelihood(TRUTH, spectrum)


def _parameters(count: int, *, spread: float = 1.0) -> FloatArray:
    """Return parameters around the truth, gamma within its range, shape (count, 4)."""
    rng = np.random.default_rng(7)
    theta = TRUTH + spread * rng.normal(size=(count, 4)) * np.array([0.01, 0.4, 0.1, 0.1])
    theta[:, 1] = np.clip(theta[:, 1], 1.0, 4.0)
    return np.asarray(theta)
