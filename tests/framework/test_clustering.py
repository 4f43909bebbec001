"""The density field expected given objects: power, filter, detection."""

import attrs
import healpy
import numpy as np
import pytest

import nuweft
from nuweft.errors import UndetectedClusteringError
from nuweft.interfaces import Tracer
from nuweft.io.maps import write_map
from nuweft.measurement.clustering import DETECTION, expected_density, fit_clustering, object_alm
from nuweft.measurement.fields import fields_and_masks
from nuweft.model import Sources
from nuweft.sky.beams import pixel_window
from nuweft.sky.harmonics import cross_spectrum
from nuweft.sky.pixels import count_map, pixel_centres
from nuweft.statistics.profile import unconstrained
from nuweft_mocks.lognormal import lognormal_field

NSIDE = 32
LMAX = 3 * NSIDE - 1


ELL = np.arange(129)
POWER = np.where(ELL > 0, 3e-4 * (np.maximum(ELL, 1.0) / 30) ** -1.2, 0.0)


def clustered_counts(rng, number):
    """Poisson counts around a log-normal field with the power POWER, at NSIDE 64."""
    density = 1 + lognormal_field(POWER, 64, rng=rng)
    return rng.poisson(number * density / density.sum()).astype(float)


def tracer(make, tmp_path, counts, **settings):
    write_map(tmp_path / "n.fits", counts)
    return make("tracer", "map", file=tmp_path / "n.fits", **settings)


def test_the_power_of_a_dense_map_is_found(rng, make, tmp_path):
    counts = clustered_counts(rng, 3e6)
    dense = fields_and_masks(tracer(make, tmp_path, counts), None, NSIDE, tracer_uses_joint_mask=False)
    found = fit_clustering(dense, 5, LMAX)
    assert found.detected
    # what is constant in pixels of NSIDE 64 has their window
    ell = np.arange(10, 60)
    expected = POWER[ell] * pixel_window(64, LMAX)[ell] ** 2
    assert np.average(found.power[ell] / expected, weights=ell) == pytest.approx(1.0, abs=0.1)


def test_what_is_kept_is_the_part_of_the_power_that_is_clustering(rng, make, tmp_path):
    counts = clustered_counts(rng, 20_000)
    found = fields_and_masks(tracer(make, tmp_path, counts), None, NSIDE, tracer_uses_joint_mask=False)
    clustering = fit_clustering(found, 5, LMAX)
    assert clustering.noise == pytest.approx(4 * np.pi / counts.sum(), rel=1e-9)


def test_the_shot_noise_is_that_of_fully_covered_sky(rng, make, tmp_path):
    """Objects of weights thinned by a completeness: N = (4 pi/npix) <w**2>/(nbar <w>) of what there was."""
    ra, dec = pixel_centres(128)
    keep = rng.random(len(ra)) < 0.3
    ra, dec = ra[keep], dec[keep]
    weight = rng.lognormal(0, 0.5, len(ra))
    completeness = 0.6 + 0.3 * np.cos(ra) * np.cos(dec)
    write_map(tmp_path / "c.fits", 0.6 + 0.3 * np.cos(pixel_centres(64)[0]) * np.cos(pixel_centres(64)[1]))
    seen = rng.random(len(ra)) < completeness
    mask = make("mask", "map-file", file=tmp_path / "c.fits", threshold=None, regrid=True)

    @attrs.frozen(kw_only=True)
    class Given(Tracer):
        plugin_name = "given"

        def sources(self, nside):
            return Sources.points(ra[seen], dec[seen], weight[seen])

        def counts(self, nside):
            return count_map(nside, ra[seen], dec[seen], weight[seen])

    found = fields_and_masks(Given(mask=mask), None, NSIDE, tracer_uses_joint_mask=False)
    noise = fit_clustering(found, 5, LMAX).noise
    assert noise == pytest.approx(4 * np.pi * np.sum(weight**2) / np.sum(weight) ** 2, rel=0.02)


def test_points_and_pixels_have_the_coefficients_of_their_density(rng, make, tmp_path):
    counts = rng.poisson(0.5, 12 * 64**2).astype(float)
    uniform = fields_and_masks(tracer(make, tmp_path, counts), None, NSIDE, tracer_uses_joint_mask=False)
    centred = fields_and_masks(
        tracer(make, tmp_path, counts, within_pixels="centre"), None, NSIDE, tracer_uses_joint_mask=False
    )
    lmax = 60
    white = 4 * np.pi / counts.sum()
    for found, window in ((uniform, 1), (centred, 0)):
        alm = object_alm(found.objects, lmax)
        power = cross_spectrum(alm, alm, lmax)[10:]
        expected = white * pixel_window(64, lmax)[10:] ** (2 * window)
        ell = np.arange(10, lmax + 1)
        assert np.average(power / expected, weights=2 * ell + 1) == pytest.approx(1, abs=0.08)


def test_the_expected_density_is_the_filtered_field(rng, make, tmp_path):
    counts = clustered_counts(rng, 3e5)
    found = fields_and_masks(tracer(make, tmp_path, counts), None, NSIDE, tracer_uses_joint_mask=False)
    clustering = fit_clustering(found, 5, LMAX)
    density = expected_density(found, clustering, behind_mask="mean", oversampling=2).density
    lmax = len(clustering.power) - 1
    field = healpy.map2alm(counts / counts.mean() - 1, lmax=lmax, iter=3)
    power = clustering.power / pixel_window(64, lmax) ** 2  # of the map's pixels
    own = healpy.alm2map(healpy.almxfl(field, power / (power + clustering.noise)), 64, lmax=lmax)
    difference = healpy.anafast(density - 1 - own, lmax=2 * NSIDE, iter=3)
    # pixels are no exact quadrature
    assert np.all(difference[5:] < 1e-3 * healpy.anafast(own, lmax=2 * NSIDE, iter=3)[5:])


def test_unclustered_objects_have_no_field_limit(rng, make, tmp_path, small_sky):
    counts = rng.poisson(20_000 / (12 * 64**2), 12 * 64**2).astype(float)
    analysis = attrs.evolve(small_sky, tracer=tracer(make, tmp_path, counts))
    measured = analysis.measure()
    assert measured.signals == ("sources",)
    with pytest.raises(UndetectedClusteringError, match="clustering of the tracer is not detected"):
        analysis.upper_limit(measured, 2.37, signal="field")
    with pytest.raises(UndetectedClusteringError, match="no limit with signal: field"):
        attrs.evolve(analysis, signal="field").measure()


def test_false_detections_are_rare(rng, make, tmp_path):
    values = []
    for _ in range(60):
        counts = rng.poisson(0.1, 12 * NSIDE**2).astype(float)
        found = fields_and_masks(tracer(make, tmp_path, counts), None, NSIDE, tracer_uses_joint_mask=False)
        values.append(fit_clustering(found, 10, LMAX).significance)
    # a likelihood ratio with at most four free terms: below 15 but for one in 200 each
    assert np.max(values) < 20 < DETECTION
    assert np.median(values) < 5


def test_both_limits_come_from_one_measurement(small_sky):
    measured = small_sky.measure()
    assert measured.signals == ("sources", "field")
    field = attrs.evolve(small_sky, signal="field").measure()
    assert field.signals == ("field", "sources")
    for kind in ("sources", "field"):
        one, two = (small_sky.upper_limit(m, 2.37, signal=kind) for m in (measured, field))
        for name in ("f_corr", "f_corr_hat", "f_corr_sigma"):
            assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-9)
        assert one.signal == kind
    ratio = [small_sky.upper_limit(measured, 2.37, signal=k).f_corr_sigma for k in ("field", "sources")]
    assert ratio[0] > ratio[1]  # the field template lacks the shot noise
    with pytest.raises(nuweft.errors.ModelError, match="expected one of sources, field, got 'objects'"):
        measured.with_signal("objects")


def test_the_joint_fit_of_one_kind_is_the_limit_on_it(small_sky):
    measured = small_sky.measure()
    fit = small_sky.signal_fit(measured, 2.37)
    for kind in ("sources", "field"):
        estimate, sigma = unconstrained(small_sky.model(measured.with_signal(kind)), 2.37)
        assert fit.estimate({kind: 0.3}) == pytest.approx((float(estimate), sigma), rel=1e-9)


def test_the_limit_on_a_mixture_is_that_of_the_mixed_template(small_sky):
    measured = small_sky.measure()
    fit = small_sky.signal_fit(measured, 2.5)
    at = int(np.argmin(np.abs(measured.gammas - 2.5)))
    information, score = 0.0, 0.0
    for one, two in zip(
        measured.with_signal("sources").blocks, measured.with_signal("field").blocks, strict=True
    ):
        template = 0.25 * one.signal_derivative[at] + 0.75 * two.signal_derivative[at]
        inverse = np.linalg.inv(one.covariance)
        norm = one.atmospheric @ inverse @ one.atmospheric
        cross = template @ inverse @ one.atmospheric
        information += template @ inverse @ template - cross**2 / norm
        score += template @ inverse @ one.data - cross * (one.atmospheric @ inverse @ one.data) / norm
    estimate, sigma = fit.estimate({"sources": 1.0, "field": 3.0})
    assert measured.gammas[at] == 2.5
    assert sigma == pytest.approx(information**-0.5, rel=2e-3)
    assert estimate == pytest.approx(score / information, abs=5e-3 * sigma)
