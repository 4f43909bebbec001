import healpy
import numpy as np
import pytest

from nuweft.sky.rings import ring_fractions, rings


@pytest.mark.parametrize("nside", [1, 4, 16])
def test_ring_geometry_equals_healpy(nside):
    grid = rings(nside)
    start, size, cosine, _, _ = healpy.ringinfo(nside, np.arange(1, 4 * nside))
    assert np.array_equal(grid.start, start)
    assert np.array_equal(grid.size, size)
    assert np.allclose(grid.sin_dec, cosine, atol=1e-14)


@pytest.mark.parametrize("nside", [1, 2, 8, 32])
def test_ring_shares_equal_sampling(nside, rng):
    # declinations in both caps, in the belt, and on the border between them
    sin_dec = np.concatenate([rng.uniform(-1, 1, 60), [2 / 3, -2 / 3, 0.0, 0.9999, -0.9999]])
    ring, fraction = ring_fractions(nside, sin_dec)
    n = 4000
    phi = (np.arange(n) + 0.5) / n * 2 * np.pi  # equidistant: no sampling noise beyond the grid
    of_pixel = rings(nside).of_pixel
    for z, r, s in zip(sin_dec, ring, fraction, strict=True):
        seen = of_pixel[healpy.ang2pix(nside, np.arccos(z), phi)]
        assert set(np.unique(seen)) <= {r, r + 1}
        # each pixel boundary may misplace one point of the grid
        assert np.mean(seen == r) == pytest.approx(s, abs=2 * 4 * nside / n)


@pytest.mark.parametrize("nside", [4, 32])
def test_pixels_of_a_ring_share_equally(nside, rng):
    n = 40_000
    for z in (0.31, 0.87, -0.95):
        ring, fraction = ring_fractions(nside, np.array([z]))
        pixels = healpy.ang2pix(nside, np.arccos(z), rng.uniform(0, 2 * np.pi, n))
        grid = rings(nside)
        for r, s in ((ring[0], fraction[0]), (ring[0] + 1, 1 - fraction[0])):
            counts = np.bincount(pixels, minlength=12 * nside**2)[
                grid.start[r] : grid.start[r] + grid.size[r]
            ]
            expected = n * s / grid.size[r]
            if expected < 20:
                continue
            chi2 = np.sum((counts - expected) ** 2 / expected)
            assert chi2 < grid.size[r] + 5 * np.sqrt(2 * grid.size[r])


def test_shares_at_the_poles_name_existing_rings():
    ring, fraction = ring_fractions(8, np.array([1.0, -1.0]))
    assert ring.tolist() == [0, 29]
    assert fraction.tolist() == [1.0, 0.0]


def test_ring_mean_and_expand_are_inverse_on_zonal_maps(rng):
    grid = rings(8)
    values = rng.normal(size=len(grid))
    assert np.allclose(grid.mean(grid.expand(values)), values)
