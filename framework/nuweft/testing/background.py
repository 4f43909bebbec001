"""What a model of the background promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import attrs
import numpy as np
import pytest
from scipy import linalg, special

from nuweft.interfaces import BackgroundModel
from nuweft.model import BinData, Events, LinearKernel, MatchedFilter
from nuweft.sky.pixels import count_map, pixel_count
from nuweft.testing.base import Answers, ComponentContract, inputs_unmodified
from nuweft.testing.fakes import fake_bin_data, fake_kernel
from nuweft.typing import FloatArray

_TRIALS = 400
_REALISATIONS = 200
_SEED = 11
_UNLIKELY = 1e-6
_SIGMAS = 5.0


class BackgroundContract(ComponentContract):
    """Trials, realisations and moments describe one and the same distribution, and what is claimed holds."""

    kind: ClassVar[str] = "background"

    @classmethod
    def bin_data(cls) -> BinData:
        """Return the data whose null distribution is asked for."""
        return fake_bin_data()

    @classmethod
    def _response(cls) -> LinearKernel:
        return fake_kernel(cls.bin_data().mask)

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return template, moments, a realisation and trials."""
        bin_data, response = cls.bin_data(), cls._response()
        mean, covariance = component.moments(response, bin_data)
        events = component.realize(bin_data, rng=np.random.default_rng(_SEED))
        return {
            "template": component.template_counts(bin_data),
            "mean": mean,
            "covariance": covariance,
            "realised ra": events.ra,
            "realised dec": events.dec,
            "trial counts": component.trial_counts(bin_data, seed=_SEED, trial=3),
            "trials": component.trials(_filters(response, bin_data), bin_data, seed=_SEED, start=0, count=5),
        }

    @pytest.fixture(scope="class")
    @classmethod
    def realised(cls, component: BackgroundModel, answered: Answers) -> Sequence[Events]:
        """Return realisations of the null."""
        bin_data, rng = cls.bin_data(), np.random.default_rng(12)
        return [component.realize(bin_data, rng=rng) for _ in range(_REALISATIONS)]

    def test_realisations_keep_what_they_claim_to_keep(
        self, component: BackgroundModel, realised: Sequence[Events]
    ) -> None:
        data = self.bin_data().events
        for events in realised[:5]:
            for column in component.keeps:
                found, given = np.sort(getattr(events, column)), np.sort(getattr(data, column))
                np.testing.assert_allclose(found, given, err_msg=column)

    def test_right_ascensions_are_uniform_where_they_are_claimed_to_be(
        self, component: BackgroundModel, realised: Sequence[Events]
    ) -> None:
        if not component.uniform_in_ra:
            pytest.skip("the background does not claim it")
        ra = np.concatenate([events.ra for events in realised])
        assert np.all((ra >= 0) & (ra <= 2 * np.pi))
        for m in range(1, 5):  # |sum exp(i m ra)|^2 / n is exponential
            power = abs(np.exp(1j * m * ra).sum()) ** 2 / len(ra)
            assert power < -np.log(_UNLIKELY), f"harmonic {m}: {power:.1f}"

    def test_template_counts_are_not_negative(self, answered: Answers) -> None:
        template = answered["template"]
        assert np.shape(template) == (pixel_count(self.bin_data().nside),)
        assert np.all(np.isfinite(template))
        assert np.min(template) >= 0
        assert np.sum(template * self.bin_data().mask) > 0

    def test_covariance_is_symmetric_and_positive_definite(self, answered: Answers) -> None:
        covariance = answered["covariance"]
        np.testing.assert_allclose(covariance, np.transpose(covariance), atol=1e-12 * np.max(covariance))
        assert np.min(linalg.eigvalsh(covariance)) > 0

    def test_moments_equal_those_of_trials(self, component: BackgroundModel, answered: Answers) -> None:
        bin_data, response = self.bin_data(), self._response()
        counts = (component.trial_counts(bin_data, seed=_SEED, trial=t) for t in range(_TRIALS))
        self._assert_moments(
            np.array([response.spectrum(n * bin_data.weights) for n in counts]), component, answered
        )

    def test_moments_equal_those_of_realisations(
        self, component: BackgroundModel, realised: Sequence[Events], answered: Answers
    ) -> None:
        bin_data, response = self.bin_data(), self._response()
        maps = (count_map(bin_data.nside, events.ra, events.dec) for events in realised)
        self._assert_moments(
            np.array([response.spectrum(n * bin_data.weights) for n in maps]), component, answered
        )

    def _assert_moments(self, spectra: FloatArray, component: BackgroundModel, answered: Answers) -> None:
        n, rows = spectra.shape
        drawn = component.moments_error() ** 2 / 2  # one over the draws they are made from
        # moments are exact to first order in 1/N, or those of draws
        order = (
            1 / count_map(self.bin_data().nside, self.bin_data().events.ra, self.bin_data().events.dec).sum()
        )
        covariance = answered["covariance"]
        residual = spectra.mean(axis=0) - answered["mean"]
        chi2 = residual @ linalg.solve(covariance, residual, assume_a="pos") / (1 / n + drawn)
        chi2 *= 1 - rows * drawn  # the inverse of a covariance of draws is too large
        assert chi2 < special.chdtri(rows, _UNLIKELY) + n * order, f"mean: chi2 {chi2:.1f} for {rows} rows"
        ratio = spectra.var(axis=0, ddof=1) / np.diag(covariance)
        tolerance = _SIGMAS * np.sqrt(2 / n + 2 * drawn) + 10 * order
        assert np.all(np.abs(ratio - 1) < tolerance), f"variance ratios {ratio}, tolerance {tolerance:.2f}"
        values = linalg.eigvalsh(np.cov(spectra.T), covariance)
        assert values.max() < (1 + np.sqrt(rows / n) + np.sqrt(rows * drawn)) ** 2 * (1 + tolerance), (
            "covariance too large"
        )
        assert values.min() > (1 - np.sqrt(rows / n) - np.sqrt(rows * drawn)) ** 2 * (1 - tolerance), (
            "covariance too small"
        )

    def test_statistics_of_trials_are_those_of_their_counts(
        self, component: BackgroundModel, answered: Answers
    ) -> None:
        bin_data, response = self.bin_data(), self._response()
        rows = _rows(response)
        for trial in range(3):
            counts = component.trial_counts(bin_data, seed=_SEED, trial=trial)
            expected = rows @ response.spectrum(counts * bin_data.weights)
            np.testing.assert_allclose(answered["trials"][trial], expected, rtol=1e-6, atol=1e-8)

    def test_trials_do_not_depend_on_how_they_are_grouped(
        self, component: BackgroundModel, answered: Answers
    ) -> None:
        bin_data, filters = self.bin_data(), _filters(self._response(), self.bin_data())
        apart = component.trials(filters, bin_data, seed=_SEED, start=2, count=2)
        np.testing.assert_allclose(apart, answered["trials"][2:4], rtol=1e-12)

    def test_another_seed_gives_other_trials(self, component: BackgroundModel, answered: Answers) -> None:
        bin_data, filters = self.bin_data(), _filters(self._response(), self.bin_data())
        other = component.trials(filters, bin_data, seed=_SEED + 1, start=0, count=5)
        assert not np.any(other == answered["trials"])

    def test_data_are_not_modified(self, component: BackgroundModel, answered: Answers) -> None:
        bin_data, response = self.bin_data(), self._response()
        columns = [getattr(bin_data.events, field.name) for field in attrs.fields(Events)]
        with inputs_unmodified(*columns, bin_data.weights, bin_data.mask, response.matrix, response.offset):
            component.moments(response, bin_data)
            component.template_counts(bin_data)
            component.realize(bin_data, rng=np.random.default_rng(1))
            component.trials(_filters(response, bin_data), bin_data, seed=1, start=0, count=2)


def _rows(kernel: LinearKernel) -> FloatArray:
    return np.random.default_rng(13).normal(size=(3, len(kernel.ell)))


def _filters(kernel: LinearKernel, bin_data: BinData) -> MatchedFilter:
    return MatchedFilter.from_response(_rows(kernel), kernel, bin_data.weights)
