import healpy
import numpy as np
import pytest

from nuweft.errors import CapacityError, EmptySkyError, ModelError, ParameterError
from nuweft.sky.fields import overdensity
from nuweft.sky.harmonics import alm_ell, alm_size, synthesis
from nuweft.sky.pixels import pixel_centres


@pytest.fixture
def fields(rng):
    nside = 32
    mask = (np.abs(np.arange(12 * nside**2) - 5000) < 4000).astype(float)
    galaxies = overdensity(rng.poisson(5, 12 * nside**2).astype(float), mask)
    counts = rng.poisson(1, 12 * nside**2).astype(float)
    return nside, mask, galaxies, counts


@pytest.mark.parametrize("n_iter", [0, 3])
def test_the_kernel_reproduces_healpys_spectrum(make, fields, n_iter):
    _, mask, galaxies, counts = fields
    estimator = make("estimator", "pseudo-cl", ell_min=2, n_iter=n_iter)
    response = estimator.kernel(galaxies, tracer_mask=mask, mask=mask, sky_fraction=mask.mean())
    field = overdensity(counts, mask)
    expected = (
        healpy.alm2cl(healpy.map2alm(galaxies, iter=n_iter), healpy.map2alm(field, iter=n_iter)) / mask.mean()
    )
    found = response.spectrum(counts)
    assert np.abs(found - expected[2:]).max() < 1e-10 * np.abs(expected).max()


def test_spectrum_equals_the_response(make, fields):
    _, mask, galaxies, counts = fields
    estimator = make("estimator", "pseudo-cl")
    response = estimator.kernel(galaxies, tracer_mask=mask, mask=mask, sky_fraction=mask.mean())
    direct = estimator.spectrum(
        galaxies, overdensity(counts, mask), tracer_mask=mask, mask=mask, sky_fraction=mask.mean()
    )
    assert np.allclose(response.spectrum(counts), direct, atol=1e-12 * np.abs(direct).max())


def test_the_spectrum_is_linear_in_the_second_field(make, fields, rng):
    _, mask, galaxies, _ = fields
    estimator = make("estimator", "pseudo-cl")
    a, b = rng.normal(size=(2, len(mask)))

    def spectrum(field):
        return estimator.spectrum(galaxies, field, tracer_mask=mask, mask=mask, sky_fraction=0.3)

    assert np.allclose(spectrum(2 * a - 3 * b), 2 * spectrum(a) - 3 * spectrum(b), atol=1e-14)


def test_a_multipole_range_cuts_the_full_one(make, fields):
    _, mask, galaxies, counts = fields
    full = (
        make("estimator", "pseudo-cl", ell_min=0)
        .kernel(galaxies, tracer_mask=mask, mask=mask, sky_fraction=0.5)
        .spectrum(counts)
    )
    cut = make("estimator", "pseudo-cl", ell_min=7, ell_max=20).kernel(
        galaxies, tracer_mask=mask, mask=mask, sky_fraction=0.5
    )
    assert cut.ell.tolist() == list(range(7, 21))
    assert np.allclose(cut.spectrum(counts), full[7:21], atol=1e-15)


def test_multipoles_beyond_the_grid_are_refused(make, fields):
    _, mask, galaxies, _ = fields
    with pytest.raises(ParameterError, match=r"96 is beyond 3 NSIDE - 1 = 95"):
        make("estimator", "pseudo-cl", ell_max=96).kernel(
            galaxies, tracer_mask=mask, mask=mask, sky_fraction=0.5
        )
    with pytest.raises(ParameterError, match="ell_min: 50 is above ell_max = 40"):
        make("estimator", "pseudo-cl", ell_min=50, ell_max=40).kernel(
            galaxies, tracer_mask=mask, mask=mask, sky_fraction=0.5
        )


def test_an_empty_mask_is_refused(make, fields):
    _, mask, galaxies, _ = fields
    with pytest.raises(EmptySkyError):
        make("estimator", "pseudo-cl").kernel(galaxies, tracer_mask=mask, mask=0 * mask, sky_fraction=0.5)


def _decoupled(make, **settings):
    return make("estimator", "pseudo-cl-decoupled", **settings)


def test_decoupled_bands_recover_a_known_spectrum(make, rng):
    """Masked correlated Gaussian skies: the windows on the true spectrum give the mean of the bands."""
    nside, lmax = 32, 95
    ell = np.arange(lmax + 1)
    spectrum = 1e-3 * (1.0 + ell) ** -1.2
    _, dec = pixel_centres(nside)
    first, second = (np.abs(dec) > 0.3).astype(float), (dec > -0.1).astype(float) * (np.abs(dec) > 0.3)
    estimator = _decoupled(make, ell_min=10, ell_max=60)
    found = []
    for _ in range(300):
        alm = rng.standard_normal(alm_size(lmax)) + 1j * rng.standard_normal(alm_size(lmax))
        alm *= np.sqrt(spectrum[alm_ell(lmax)] / 2)
        alm[: lmax + 1] = np.sqrt(2) * alm[: lmax + 1].real
        sky = synthesis(alm, nside, lmax)
        found.append(
            estimator.spectrum(
                first * sky, second * sky, tracer_mask=first, mask=second, sky_fraction=second.mean()
            )
        )
    galaxies = first * rng.standard_normal(len(first))
    response = estimator.kernel(galaxies, tracer_mask=first, mask=second, sky_fraction=second.mean())
    expected = response.windows @ spectrum
    error = np.std(found, axis=0) / np.sqrt(300)
    assert np.all(np.abs(np.mean(found, axis=0) - expected) < 5 * error + 2e-3 * expected)
    # a band is near the spectrum at its multipole, and its window sums to about one
    near = np.interp(response.ell, ell, spectrum)
    assert np.allclose(expected[1:], near[1:], rtol=0.01)
    assert expected[0] == pytest.approx(near[0], rel=0.1)  # the wide first band leaks
    assert np.allclose(response.windows.sum(axis=1), 1, atol=0.03)


def test_decoupled_bands_of_the_whole_sky_are_means_of_the_spectrum(make, rng):
    full = np.ones(12 * 16**2)
    galaxies, other = rng.standard_normal((2, len(full)))
    found = _decoupled(make, ell_min=4, ell_max=27, band=6).spectrum(
        galaxies, other, tracer_mask=full, mask=full, sky_fraction=1.0
    )
    single = make("estimator", "pseudo-cl", ell_min=4, ell_max=27).spectrum(
        galaxies, other, tracer_mask=full, mask=full, sky_fraction=1.0
    )
    assert np.allclose(found, single.reshape(4, 6).mean(axis=1), rtol=1e-3, atol=1e-4 * np.abs(single).max())


def test_the_decoupled_kernel_reproduces_its_spectrum(make, fields):
    _, mask, galaxies, counts = fields
    estimator = _decoupled(make, band=12)
    response = estimator.kernel(galaxies, tracer_mask=mask, mask=mask, sky_fraction=mask.mean())
    direct = estimator.spectrum(
        galaxies, overdensity(counts, mask), tracer_mask=mask, mask=mask, sky_fraction=mask.mean()
    )
    assert np.allclose(response.spectrum(counts), direct, atol=1e-10 * np.abs(direct).max())


def test_bands_that_do_not_fit_are_refused(make, fields):
    _, mask, galaxies, _ = fields
    options = {"tracer_mask": mask, "mask": mask, "sky_fraction": 0.5}
    with pytest.raises(ParameterError, match="no band of 40 multipoles"):
        _decoupled(make, ell_max=45, band=40).kernel(galaxies, **options)
    with pytest.raises(ParameterError, match="beyond 3 NSIDE - 1"):
        _decoupled(make, ell_max=200).kernel(galaxies, **options)
    _, dec = pixel_centres(32)
    tiny = np.exp(-0.5 * ((np.pi / 2 - dec) / 0.1) ** 2)  # a smooth spot: its modes cannot be told apart
    with pytest.raises(ModelError, match="use wider bands"):
        _decoupled(make, band=1).kernel(galaxies, tracer_mask=tiny, mask=tiny, sky_fraction=1e-3)


def test_a_kernel_on_disk_equals_that_in_memory_and_is_used_again(make, fields, monkeypatch, tmp_path):
    _, mask, galaxies, counts = fields
    options = {"tracer_mask": mask, "mask": mask, "sky_fraction": mask.mean()}
    memory = make("estimator", "pseudo-cl", storage="memory").kernel(galaxies, **options)
    disk = make("estimator", "pseudo-cl", storage="disk").kernel(galaxies, **options)
    assert isinstance(disk.matrix, np.memmap)
    assert np.array_equal(memory.matrix, disk.matrix)
    assert np.array_equal(memory.spectrum(counts), disk.spectrum(counts))
    (stored,) = (tmp_path / "cache" / "kernels").iterdir()
    before = stored.stat().st_mtime_ns
    again = make("estimator", "pseudo-cl", storage="disk").kernel(galaxies, **options)
    assert np.array_equal(again.matrix, disk.matrix)
    assert stored.stat().st_mtime_ns == before
    # another field is another file
    make("estimator", "pseudo-cl", storage="disk").kernel(2 * galaxies, **options)
    assert len(list((tmp_path / "cache" / "kernels").iterdir())) == 2


def test_a_kernel_in_single_precision_is_accurate_to_its_digits(make, fields):
    _, mask, galaxies, counts = fields
    options = {"tracer_mask": mask, "mask": mask, "sky_fraction": mask.mean()}
    double = make("estimator", "pseudo-cl").kernel(galaxies, **options)
    single = make("estimator", "pseudo-cl", precision="single").kernel(galaxies, **options)
    assert single.matrix.dtype == np.float32
    exact, found = double.spectrum(counts), single.spectrum(counts)
    assert 0 < np.abs(found - exact).max() < 1e-5 * np.abs(exact).max()


def test_a_kernel_that_does_not_fit_is_refused_before_it_is_computed(make, fields, monkeypatch):
    import shutil

    _, mask, galaxies, _ = fields
    options = {"tracer_mask": mask, "mask": mask, "sky_fraction": mask.mean()}
    monkeypatch.setattr(
        "nuweft_pseudocl.pseudo_spectrum.adjoint_analysis", lambda *a, **k: pytest.fail("computed")
    )
    monkeypatch.setattr("nuweft.io.storage.free_memory", lambda: 10_000)
    with pytest.raises(CapacityError, match="GiB of memory, .*use storage: disk"):
        make("estimator", "pseudo-cl", storage="memory").kernel(galaxies, **options)
    usage = shutil.disk_usage("/")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(CapacityError, match="GiB of disk"):
        make("estimator", "pseudo-cl").kernel(galaxies, **options)
