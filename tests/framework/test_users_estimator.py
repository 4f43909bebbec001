"""A user's estimator, written here, goes through the same engine: moments, trials, likelihood."""

from typing import ClassVar

import attrs
import numpy as np
import pytest

from nuweft.interfaces import PowerSpectrumEstimator
from nuweft.model import LinearKernel
from nuweft.parameters import integer
from nuweft.sky.harmonics import adjoint_synthesis, alm_ell, cross_spectrum, points_to_alm, synthesis
from nuweft.sky.pixels import pixel_index, resolution
from nuweft.typing import FloatArray


@attrs.frozen(kw_only=True)
class CatalogCl(PowerSpectrumEstimator):
    """Cross-power of a field with the positions of events themselves, in bands, without pixels of their own.

    Harmonic sums run over events, so that neither a pixel window nor the
    quadrature of a grid enters the second field.
    """

    plugin_name: ClassVar[str] = "catalog-cl"
    band: int = integer(default=8, ge=1, doc="multipoles per band")

    def _bands(self, nside: int) -> FloatArray:
        lmax = 2 * nside
        edges = np.arange(10, lmax + 1, self.band)
        rows = np.zeros((len(edges) - 1, lmax + 1))
        for row, low, high in zip(rows, edges[:-1], edges[1:], strict=True):
            row[low:high] = 1 / self.band
        return rows

    def of_events(self, tracer_field, mask, ra, dec, weight, sky_fraction):
        """Return the spectrum of events, their density divided by its mean over the mask."""
        nside = resolution(tracer_field)
        rows = self._bands(nside)
        lmax = rows.shape[1] - 1
        area = 4 * np.pi / len(mask)
        alm = area * adjoint_synthesis(tracer_field, lmax)
        events = points_to_alm(ra, dec, weight, lmax) * mask.sum() * area / weight.sum()
        uniform = area * adjoint_synthesis(mask, lmax)
        return rows @ cross_spectrum(alm, events - uniform, lmax) / sky_fraction

    def spectrum(self, tracer_field, sample_field, *, tracer_mask, mask, sky_fraction):
        """Return the spectrum of a field, as of events at the pixel centres."""
        rows = self._bands(resolution(tracer_field))
        lmax = rows.shape[1] - 1
        area = 4 * np.pi / len(mask)
        first, second = (area * adjoint_synthesis(f, lmax) for f in (tracer_field, sample_field))
        return rows @ cross_spectrum(first, second, lmax) / sky_fraction

    def kernel(self, tracer_field, *, tracer_mask, mask, sky_fraction):
        """Return the response to an event anywhere, evaluated at the pixel centres."""
        nside = resolution(tracer_field)
        rows = self._bands(nside)
        lmax = rows.shape[1] - 1
        area = 4 * np.pi / len(mask)
        alm = area * adjoint_synthesis(tracer_field, lmax) / sky_fraction
        pixels = np.flatnonzero(mask > 0)
        per_ell = rows / (2 * np.arange(lmax + 1) + 1)
        kernel = np.stack(
            [area * (mask * synthesis(alm * row[alm_ell(lmax)], nside, lmax))[pixels] for row in per_ell]
        )
        return LinearKernel(
            ell=rows @ np.arange(lmax + 1) / rows.sum(axis=1),
            offset=-kernel.sum(axis=1),
            matrix=kernel,
            pixels=pixels,
            mask=mask,
            nside=nside,
            sky_fraction=sky_fraction,
            windows=rows,
        )


@pytest.fixture(scope="module")
def analysis(small_sky):
    return attrs.evolve(small_sky, estimator=CatalogCl(), source_evolution=[])


@pytest.fixture(scope="module")
def spectrum(analysis):
    return analysis.measure()


def test_a_users_estimator_is_measured_fitted_and_limited(analysis, spectrum):
    assert len(spectrum.blocks[0].data) == len(spectrum.blocks[0].ell) == 6
    assert np.isfinite(analysis.fit(spectrum).chi2)
    assert 0 < analysis.upper_limit(spectrum, 2.37).f_corr < 1


def test_its_exact_moments_are_those_of_its_trials(analysis, spectrum):
    model = analysis.model(spectrum)
    for block, raw, statistics in zip(
        model.blocks, spectrum.blocks, analysis.run_trials(spectrum, 3000), strict=True
    ):
        mean, covariance = block.filters @ raw.null_mean, block.filters @ raw.covariance @ block.filters.T
        error = np.sqrt(np.diag(covariance) / 3000)
        assert np.all(np.abs(statistics.mean(axis=0) - mean) < 4.5 * error)
        assert np.all(
            np.abs(statistics.var(axis=0) / np.diag(covariance) - 1) < 4.5 * np.sqrt(2 / 3000) + 0.01
        )


def test_its_moments_are_those_of_events_at_their_own_positions(analysis, spectrum, rng):
    """Scrambles without any pixels for the events, against the moments on pixel centres."""
    estimator, fields, bin_data = analysis.estimator, analysis.fields, analysis.bins[0]
    ring_weight = bin_data.weights
    draws = []
    for _ in range(300):
        ra = rng.uniform(0, 2 * np.pi, len(bin_data.events))
        pixel = pixel_index(bin_data.nside, ra, bin_data.events.dec)
        weight = ring_weight[pixel] * fields.joint_mask[pixel]
        seen = weight > 0
        draws.append(
            estimator.of_events(
                fields.tracer_field,
                fields.joint_mask,
                ra[seen],
                bin_data.events.dec[seen],
                weight[seen],
                fields.sky_fraction,
            )
        )
    block = spectrum.blocks[0]
    spread = np.sqrt(np.diag(block.covariance))
    # pixel centres stand for positions: a window of 1 - (l/NSIDE)**2/24, below 2 NSIDE
    assert np.all(np.abs(np.mean(draws, axis=0) - block.null_mean) < spread * (4.5 / np.sqrt(300) + 0.1))
    ratio = np.var(draws, axis=0) / spread**2
    assert np.all(np.abs(ratio - 1) < 4.5 * np.sqrt(2 / 300) + 0.3)
