"""A likelihood that would not be asked is refused."""

from typing import ClassVar

import attrs
import numpy as np
import pytest

from nuweft.errors import LikelihoodMismatchError
from nuweft.statistics.likelihood_check import check_likelihood
from nuweft_gaussian.gaussian import Gaussian


@attrs.frozen(kw_only=True)
class StudentT(Gaussian):
    plugin_name: ClassVar[str] = "student-t"

    def log_likelihood(self, theta, spectrum):
        chi2, draws = -2 * super().log_likelihood(theta, spectrum), 500
        return -draws / 2 * np.log1p(chi2 / (draws - 1))


@attrs.frozen(kw_only=True)
class Shifted(Gaussian):
    plugin_name: ClassVar[str] = "shifted"

    def log_likelihood(self, theta, spectrum):
        return super().log_likelihood(theta, spectrum) + 1e6


@attrs.frozen(kw_only=True)
class Prior(Gaussian):
    plugin_name: ClassVar[str] = "with-a-prior"

    def log_likelihood(self, theta, spectrum):
        return super().log_likelihood(theta, spectrum) - 0.5 * np.sum(((theta[2:] - 1) / 0.01) ** 2)


@attrs.frozen(kw_only=True)
class Undefined(Gaussian):
    plugin_name: ClassVar[str] = "undefined"

    def log_likelihood(self, theta, spectrum):
        return float("nan")


@pytest.mark.parametrize("likelihood", [StudentT(), Prior(), Undefined()])
def test_a_likelihood_of_another_form_is_refused_by_name(small_sky, likelihood):
    analysis = attrs.evolve(small_sky, likelihood=likelihood)
    with pytest.raises(LikelihoodMismatchError, match=f"likelihood {likelihood.plugin_name}: log_likelihood"):
        analysis.measure()


def test_a_constant_is_no_difference(small_sky):
    check_likelihood(Shifted(), small_sky.measure())


@pytest.mark.parametrize("f_corr", [0.2, 1.0])
def test_a_signal_of_many_sigma_is_no_difference(measured, rng, f_corr):
    """The model's signal is of low rank, to a stated fraction of a sigma of f_corr."""
    blocks = tuple(
        attrs.evolve(
            block,
            data=rng.multivariate_normal(
                block.null_mean + f_corr * block.signal_derivative[len(measured.gammas) // 3],
                block.covariance,
            ),
        )
        for block in measured.blocks
    )
    check_likelihood(Gaussian(signal_tolerance=0.02), attrs.evolve(measured, blocks=blocks))
