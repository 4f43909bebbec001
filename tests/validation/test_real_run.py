"""The measurement on real events at full resolution, against the usual path."""

from pathlib import Path

import healpy
import numpy as np
import pytest
from scipy import linalg, stats

import nuweft
from nuweft.measurement.spectrum import counts

pytestmark = pytest.mark.validation

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "analyses"


@pytest.fixture
def analysis(real_data):
    return nuweft.Analysis.from_yaml(EXAMPLES / "ic86_wise2mass_unweighted.yaml")


def test_real_spectra_and_moments_equal_the_usual_path(analysis):
    """Counts, f_sky, C_l by healpy, and the exact moments of the middle bin by 300 true scrambles."""
    measured = analysis.measure()
    assert measured.sky_fraction == pytest.approx(0.396169, abs=5e-6)
    assert measured.events_per_bin.tolist() == [97123, 4452, 48]  # 245 + 7 in pixels that edges cut
    galaxies = healpy.map2alm(analysis.fields.tracer_field, iter=3)

    def spectrum(number, mask):
        mean = (number * mask).sum() / mask.sum()
        field = np.where(mask > 0, number / mean - 1, 0.0)
        return healpy.alm2cl(galaxies, healpy.map2alm(field, iter=3)) / mask.mean()

    for block, bin_data in zip(measured.blocks, analysis.bins, strict=True):
        expected = spectrum(counts(bin_data), bin_data.mask)
        assert np.abs(block.data - expected[10:]).max() < 1e-10 * np.abs(expected).max()

    rng = np.random.default_rng(7)
    block, bin_data = measured.blocks[1], analysis.bins[1]
    n, dof = 300, len(block.ell)
    theta = np.pi / 2 - bin_data.events.dec
    draws = np.empty((n, dof))
    for i in range(n):
        pixels = healpy.ang2pix(128, theta, rng.uniform(0, 2 * np.pi, len(theta)))
        draws[i] = spectrum(np.bincount(pixels, minlength=12 * 128**2), bin_data.mask)[10:]
    factor = linalg.cholesky(block.covariance, lower=True)
    white = linalg.solve_triangular(factor, (draws - block.null_mean).T, lower=True).T
    assert stats.chi2.sf(n * np.sum(white.mean(axis=0) ** 2), dof) > 1e-3
    assert white.var(axis=0).mean() == pytest.approx(1, abs=4 * np.sqrt(2 / (n * dof)) + 2 / block.events)
