"""What an estimator of the cross-power spectrum promises."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from scipy import special

from nuweft.interfaces import PowerSpectrumEstimator
from nuweft.model import LinearKernel
from nuweft.sky.fields import overdensity
from nuweft.sky.pixels import pixel_count
from nuweft.testing.base import Answers, ComponentContract, inputs_unmodified
from nuweft.testing.fakes import FakeMask, FakeTracer, white_map
from nuweft.typing import FloatArray

_REALISATIONS = 200
_UNLIKELY = 1e-6


class EstimatorContract(ComponentContract):
    """A linear, unbiased estimate that its kernel reproduces.

    Attributes
    ----------
    nside : int
        Resolution at which the estimator is asked.
    """

    kind: ClassVar[str] = "estimator"
    nside: ClassVar[int] = 16

    @classmethod
    def _sky(cls) -> tuple[FloatArray, FloatArray, dict[str, Any]]:
        """Return tracer counts, its field, and the masks: two that differ."""
        mask = FakeMask().inside(cls.nside).astype(float)
        tracer_mask = FakeMask(minimum="-40 deg").inside(cls.nside).astype(float)
        counts = FakeTracer().counts(cls.nside)
        masks = {"tracer_mask": tracer_mask, "mask": mask, "sky_fraction": float(mask.mean())}
        return counts, overdensity(counts, tracer_mask), masks

    @classmethod
    def answers(cls, component: Any) -> Answers:
        """Return the kernel and a spectrum."""
        _, field, masks = cls._sky()
        kernel = component.kernel(field, **masks)
        other = masks["mask"] * white_map(cls.nside, rng=np.random.default_rng(1))
        return {
            "ell": kernel.ell,
            "offset": kernel.offset,
            "matrix": np.array(kernel.matrix),
            "spectrum": component.spectrum(field, other, **masks),
        }

    @pytest.fixture(scope="class")
    @classmethod
    def kernel(cls, component: PowerSpectrumEstimator, answered: Answers) -> LinearKernel:
        """Return the kernel on the masked sky."""
        _, field, masks = cls._sky()
        return component.kernel(field, **masks)

    def test_multipoles_increase_and_every_row_is_one_number(self, answered: Answers) -> None:
        ell = answered["ell"]
        assert np.all(np.diff(ell) > 0)
        for name in ("offset", "spectrum"):
            assert np.shape(answered[name]) == np.shape(ell)
            assert np.all(np.isfinite(answered[name])), name

    def test_spectrum_is_linear_in_the_second_field(
        self, component: PowerSpectrumEstimator, answered: Answers
    ) -> None:
        _, field, masks = self._sky()
        rng = np.random.default_rng(2)
        first, second = (masks["mask"] * white_map(self.nside, rng=rng) for _ in range(2))
        combined = component.spectrum(field, 2.0 * first - 3.0 * second, **masks)
        apart = 2.0 * component.spectrum(field, first, **masks)
        apart -= 3.0 * component.spectrum(field, second, **masks)
        np.testing.assert_allclose(combined, apart, atol=1e-10 * np.abs(apart).max())

    def test_kernel_reproduces_the_spectrum(
        self, component: PowerSpectrumEstimator, kernel: LinearKernel
    ) -> None:
        _, field, masks = self._sky()
        counts = np.random.default_rng(3).poisson(3.0, pixel_count(self.nside)).astype(float)
        direct = component.spectrum(field, overdensity(counts, masks["mask"]), **masks)
        # single precision is allowed to a kernel
        np.testing.assert_allclose(kernel.spectrum(counts), direct, atol=1e-5 * np.abs(direct).max())

    def test_a_known_spectrum_is_recovered_on_the_whole_sky(
        self, component: PowerSpectrumEstimator, answered: Answers
    ) -> None:
        import healpy

        whole, lmax = np.ones(pixel_count(self.nside)), 3 * self.nside - 1
        known = np.zeros(lmax + 1)
        band = np.arange(2, self.nside + 1)  # beyond, quadrature on the pixels is not exact
        known[band] = 1.0 / band
        alm = healpy.almxfl(_coefficients(lmax, np.random.default_rng(4)), np.sqrt(known))
        sky = healpy.alm2map(alm, self.nside, lmax=lmax)
        masks: dict[str, Any] = {"tracer_mask": whole, "mask": whole, "sky_fraction": 1.0}
        found = component.spectrum(sky, sky, **masks)
        kernel = component.kernel(sky, **masks)
        true = healpy.alm2cl(alm)
        inside = kernel.ell <= self.nside
        windows = np.eye(len(true))[np.rint(kernel.ell).astype(int)]
        expected = (windows if kernel.windows is None else kernel.windows) @ true
        np.testing.assert_allclose(found[inside], expected[inside], rtol=0.02, atol=0.02 * expected.max())

    def test_a_white_spectrum_is_recovered_on_a_masked_sky(
        self, component: PowerSpectrumEstimator, answered: Answers
    ) -> None:
        _, _, masks = self._sky()
        white = 4 * np.pi / pixel_count(self.nside)
        rng = np.random.default_rng(5)
        fields = [white_map(self.nside, rng=rng) for _ in range(_REALISATIONS)]
        found = [component.spectrum(masks["tracer_mask"] * s, masks["mask"] * s, **masks) for s in fields]
        # on the grid the highest multipoles of a white map are not white
        _assert_mean(np.array(found)[:, answered["ell"] <= 2 * self.nside], white, bias=0.01 * white)

    def test_independent_maps_are_not_correlated(
        self, component: PowerSpectrumEstimator, answered: Answers
    ) -> None:
        _, _, masks = self._sky()
        rng = np.random.default_rng(6)
        found = [
            component.spectrum(
                masks["tracer_mask"] * white_map(self.nside, rng=rng),
                masks["mask"] * white_map(self.nside, rng=rng),
                **masks,
            )
            for _ in range(_REALISATIONS)
        ]
        _assert_mean(np.array(found), 0.0, bias=0.0)

    def test_fields_and_masks_are_not_modified(
        self, component: PowerSpectrumEstimator, answered: Answers
    ) -> None:
        _, field, masks = self._sky()
        other = masks["mask"].copy()
        with inputs_unmodified(field, other, masks["tracer_mask"], masks["mask"]):
            component.spectrum(field, other, **masks)
            component.kernel(field, **masks)


def _coefficients(lmax: int, rng: np.random.Generator) -> Any:
    """Return coefficients of a real map with C_l = 1."""
    import healpy

    ell, m = healpy.Alm.getlm(lmax)
    alm = (rng.normal(size=len(ell)) + 1j * rng.normal(size=len(ell))) / np.sqrt(2)
    alm[m == 0] = rng.normal(size=lmax + 1)
    return alm


def _assert_mean(found: FloatArray, expected: float, *, bias: float) -> None:
    """Check each row's mean over realisations, at a chance of 1e-6 for all rows together."""
    mean, error = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(len(found))
    sigmas = float(special.ndtri(1 - 0.5 * _UNLIKELY / found.shape[1]))
    excess = np.abs(mean - expected) - bias
    assert np.all(excess < sigmas * error), f"largest deviation {np.max(excess / error):.1f} sigma"
