import healpy
import numpy as np
import pyarrow
import pytest
from astropy.table import Table
from pyarrow import parquet

import nuweft
from nuweft.errors import (
    ConfigurationError,
    CountsError,
    EmptySampleError,
    FrameError,
    MissingDataError,
    NsideError,
    RedshiftError,
)
from nuweft.io.maps import write_map
from nuweft.model import RedshiftDistribution
from nuweft.sky.pixels import pixel_count
from nuweft_unwise.selection import is_galaxy, vega_magnitude


@pytest.fixture
def catalog_file(tmp_path, rng):
    n = 500
    table = Table(
        {
            "RA": rng.uniform(0, 360, n),
            "DEC": np.degrees(np.arcsin(rng.uniform(-1, 1, n))),
            "Z": rng.gamma(3, 0.05, n),
            "W": rng.uniform(0.5, 2, n),
        }
    )
    table.write(tmp_path / "c.fits")
    return tmp_path / "c.fits", table


def _catalog(make, path, **settings):
    return make("tracer", "catalog", file=str(path), ra="RA", dec="DEC", **settings)


def test_a_catalog_is_counted_as_healpy_does(make, catalog_file):
    path, table = catalog_file
    pixels = healpy.ang2pix(16, table["RA"], table["DEC"], lonlat=True)
    assert np.array_equal(_catalog(make, path).counts(16), np.bincount(pixels, minlength=3072))
    weighted = _catalog(make, path, weight="W").counts(16)
    assert np.allclose(weighted, np.bincount(pixels, weights=table["W"], minlength=3072))


def test_a_catalog_at_coarser_resolution_adds_up(make, catalog_file):
    from nuweft.sky.pixels import degrade_sum

    tracer = _catalog(make, catalog_file[0])
    assert np.array_equal(degrade_sum(tracer.counts(32), 8), tracer.counts(8))


def test_a_redshift_range_selects(make, catalog_file):
    path, table = catalog_file
    tracer = _catalog(make, path, z="Z", z_min=0.1, z_max=0.2)
    assert tracer.counts(4).sum() == np.sum((table["Z"] >= 0.1) & (table["Z"] <= 0.2))
    with pytest.raises(CountsError, match="no object with a redshift from 5 to inf"):
        _catalog(make, path, z="Z", z_min=5).counts(4)


def test_a_catalog_without_redshifts_has_no_distribution(make, catalog_file):
    assert _catalog(make, catalog_file[0]).redshift_distribution() is None


def test_redshifts_of_a_catalog_have_its_percentiles(make, catalog_file):
    path, table = catalog_file
    found = _catalog(make, path, z="Z").redshift_distribution()
    # a histogram of 50 bins: good to about half a bin and the sampling error
    assert found.percentile(50) == pytest.approx(np.median(table["Z"]), abs=0.015)


def test_sources_of_a_catalog_are_its_objects(make, catalog_file):
    path, table = catalog_file
    sources = _catalog(make, path).sources(16)
    assert np.allclose(np.degrees(sources.ra), table["RA"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "either file or dataset"),
        ({"file": "a.fits", "dataset": "b"}, "either file or dataset"),
        ({"file": "a.fits"}, "name the columns ra and dec"),
        ({"file": "a.fits", "ra": "a", "dec": "b", "z_min": 0.1}, "need the column z"),
    ],
)
def test_a_catalog_needs_its_columns(make, settings, message):
    with pytest.raises(ConfigurationError, match=message):
        make("tracer", "catalog", **settings)


def test_negative_weights_are_refused(make, tmp_path):
    Table({"RA": [1.0, 2], "DEC": [3.0, 4], "W": [1.0, -1]}).write(tmp_path / "c.csv")
    with pytest.raises(CountsError, match="weights must be finite and not negative"):
        _catalog(make, tmp_path / "c.csv", weight="W").counts(4)


# --- maps -------------------------------------------------------------------------


def test_a_map_of_counts_is_read_and_degraded(make, tmp_path, rng):
    counts = rng.poisson(3, 3072).astype(float)
    healpy.write_map(str(tmp_path / "m.fits.gz"), counts, dtype=np.float64, coord="C")
    tracer = make("tracer", "map", file=str(tmp_path / "m.fits.gz"))
    assert np.array_equal(tracer.counts(16), counts)
    assert tracer.counts(4).sum() == counts.sum()
    with pytest.raises(NsideError, match="NSIDE 16 cannot be refined to NSIDE 64"):
        tracer.counts(64)


def test_a_map_of_an_overdensity_is_refused(make, tmp_path, rng):
    healpy.write_map(str(tmp_path / "m.fits"), rng.uniform(-1, 1, 768), dtype=np.float64, coord="C")
    with pytest.raises(CountsError, match="overdensity"):
        make("tracer", "map", file=str(tmp_path / "m.fits")).counts(8)


def test_a_galactic_map_of_counts_is_refused(make, tmp_path):
    healpy.write_map(str(tmp_path / "m.fits"), np.ones(768), dtype=np.float64, coord="G")
    with pytest.raises(FrameError):
        make("tracer", "map", file=str(tmp_path / "m.fits")).counts(8)


def test_a_table_of_redshifts_is_normalised(make, tmp_path):
    healpy.write_map(str(tmp_path / "m.fits"), np.ones(768), dtype=np.float64, coord="C")
    z = np.linspace(0.01, 0.5, 50)
    Table({"z": z, "density": 7 * z}).write(tmp_path / "z.csv")
    found = make(
        "tracer", "map", file=str(tmp_path / "m.fits"), redshifts=str(tmp_path / "z.csv")
    ).redshift_distribution()
    assert np.trapezoid(found.density, found.z) == pytest.approx(1)


# --- redshift distributions -------------------------------------------------------


def test_the_stand_in_has_the_published_percentiles():
    from nuweft_unwise.data import STAND_IN_PERCENTILES, stand_in

    for q, z in STAND_IN_PERCENTILES.items():
        assert stand_in().percentile(q) == pytest.approx(z, abs=5e-4)


@pytest.mark.parametrize(
    ("z", "density", "message"),
    [
        ([0.1, 0.2, 0.3], [0, 0, 0], "integrates to 0"),
        ([0.1, 0.2, 0.3], [1, -1, 1], "negative density"),
        ([0.1, 0.1, 0.3], [1, 1, 1], "must be positive and increase"),
        ([0.1, 0.2, 0.3], [1, np.nan, 1], "not finite"),
        ([0.1, 0.2], [1, 1], "at least 3 rows"),
    ],
)
def test_distributions_that_cannot_be_normalised_are_refused(z, density, message):
    with pytest.raises(RedshiftError, match=message):
        RedshiftDistribution.normalised(np.array(z), np.array(density, dtype=float), "test")


def test_too_few_redshifts_are_refused():
    with pytest.raises(RedshiftError, match="3 redshifts are too few"):
        RedshiftDistribution.from_redshifts(np.array([0.1, 0.2, 0.3, np.nan, -1.0]))


# --- unWISE-2MASS -----------------------------------------------------------------


def test_vega_magnitudes_of_nanomaggies():
    assert np.allclose(vega_magnitude(np.array([1.0, 10.0, 1e4])), [22.5, 20.0, 12.5])
    assert np.isnan(vega_magnitude(np.array([0.0, -3.0]))).all()


@pytest.mark.parametrize(
    ("w1", "j", "kept"),
    [
        (14.0, 16.0, True),  # W1 - J = -2.0: galaxy
        (14.5, 16.0, False),  # -1.5: star
        (14.3, 16.0, False),  # -1.7 exactly is not below
        (15.2, 16.95, False),  # J too faint
        (15.3, 17.5, False),
        (14.7, 16.49, True),
        (np.nan, 16.0, False),
    ],
)
def test_the_selection_keeps_red_sources(w1, j, kept):
    result = is_galaxy(np.array([w1]), np.array([j]), colour_max=-1.7, w1_max=15.2, j_max=16.5)
    assert bool(result[0]) is kept


@pytest.fixture
def sky_tables(tmp_path, rng):
    """unWISE sources, 2MASS counterparts of two thirds of them, spectra of a part."""
    n = 9000
    ra, dec = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-0.9, 0.9, n)))
    w1 = rng.uniform(12, 16, n)
    j = w1 + rng.uniform(1.2, 2.4, n)
    z = rng.gamma(4, 0.03, n)
    shift = rng.uniform(0, 2.5, n) / 3600
    shift[n // 3 : n // 2] = 6 / 3600  # beyond 3 arcsec
    there = np.arange(n) < 2 * n // 3
    fluxes = pyarrow.table({"ra": ra, "dec": dec, "flux": 10 ** ((22.5 - w1) / 2.5)})
    parquet.write_table(fluxes, tmp_path / "unwise.parquet")
    order = rng.permutation(np.flatnonzero(there))
    Table({"ra": ra[order], "dec": (dec + shift)[order], "j_m": j[order]}).write(tmp_path / "2mass.csv")
    Table({"RA": ra, "DEC": dec - 1 / 3600, "Z": z}).write(tmp_path / "gama.fits")
    matched = there & (shift < 3 / 3600)
    galaxy = matched & (w1 - j < -1.7) & (w1 <= 15.2) & (j < 16.5)
    return tmp_path, galaxy, ra, dec, z


def test_match_and_selection_equal_the_construction(make, sky_tables):
    folder, galaxy, ra, dec, z = sky_tables
    tracer = make(
        "tracer",
        "unwise-2mass",
        mask=None,
        file=str(folder / "unwise.parquet"),
        w1="flux",
        w1_unit="nanomaggies",
        twomass_file=str(folder / "2mass.csv"),
        redshift_file=str(folder / "gama.fits"),
        redshift_ra="RA",
        redshift_dec="DEC",
        redshift_z="Z",
    )
    expected = np.bincount(healpy.ang2pix(16, ra[galaxy], dec[galaxy], lonlat=True), minlength=3072)
    assert np.array_equal(tracer.counts(16), expected)
    assert tracer.redshift_distribution().source.startswith(f"{galaxy.sum()} matches within 3.0 arcsec")
    assert tracer.redshift_distribution().percentile(50) == pytest.approx(np.median(z[galaxy]), abs=0.02)


def test_a_selection_that_leaves_nothing_is_named(make, tmp_path):
    Table({"ra": [1.0], "dec": [2.0], "w1": [12.0], "j_m": [12.5]}).write(tmp_path / "t.csv")
    tracer = make("tracer", "unwise-2mass", mask=None, file=str(tmp_path / "t.csv"))
    with pytest.raises(EmptySampleError, match="none of 1 sources passes"):
        tracer.counts(8)


def test_two_sources_of_redshifts_are_refused(make):
    with pytest.raises(ConfigurationError, match="not both"):
        make("tracer", "unwise-2mass", file="a.fits", redshift_file="b.fits", redshifts="c.csv")


def test_the_ready_map_needs_its_data(make):
    with pytest.raises(MissingDataError, match="dguevel/nuXgal @ b477cd7"):
        make("tracer", "wise-2mass").counts(64)


def test_the_real_map_and_masks_have_their_known_numbers(make, real_data):
    tracer = make("tracer", "wise-2mass")
    counts, mask = tracer.counts(128), tracer.mask.inside(128).astype(float)
    assert counts.sum() == 4_915_596
    assert mask.mean() == pytest.approx(0.730, abs=5e-4)
    joint = mask * make("mask", "declination", minimum="-5 deg").inside(128).astype(float)
    assert joint.mean() == pytest.approx(0.39714, abs=5e-6)
    assert (counts * joint).sum() == pytest.approx(2.34e6, rel=5e-3)


@pytest.mark.parametrize("dec_min", [-5])
def test_the_real_agn_catalog_has_its_known_number_in_the_north(make, real_data, dec_min):
    sources = make("tracer", "catalog", dataset="agn-ir-selected").sources(128)
    assert len(sources.ra) == 52835
    assert np.sum(np.degrees(sources.dec) > dec_min) == 32249


def test_every_slice_of_sdss_is_here_with_its_mask(real_data, make):
    names = [name for name in nuweft.plugins.datasets() if name.startswith("sdss-")]
    assert len(names) == 26
    for name in names:
        if name.endswith("-map"):
            mask = make("mask", "map-file", dataset=name.removesuffix("-map") + "-mask")
            counts = make("tracer", "map", dataset=name).counts(128)
            assert counts[mask.inside(128).astype(float) == 0].sum() == 0, name


def test_dn_dz_is_flat_in_a_range(make, tmp_path):
    path = tmp_path / "m.fits"
    write_map(path, np.ones(pixel_count(8)))
    n = make("tracer", "map", file=path, z_range=[0.4, 0.5]).redshift_distribution()
    assert n.percentile(50) == pytest.approx(0.45)
    np.testing.assert_allclose(n.density, 10.0)
    with pytest.raises(ConfigurationError, match="redshifts or z_range, not both"):
        make("tracer", "map", file=path, redshifts="n.csv", z_range=[0.4, 0.5])
