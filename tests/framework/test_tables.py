import gzip

import numpy as np
import pytest
from astropy.table import Table

from nuweft.errors import (
    ColumnError,
    CoordinateError,
    CorruptFileError,
    EmptySampleError,
    FrameError,
    FrameWarning,
    MissingDataError,
    OrderingError,
)
from nuweft.io.maps import read_map
from nuweft.io.tables import read_columns
from nuweft.sky.coordinates import check_radec


def _table():
    return Table({"RA": [10.0, 200.0, 359.0], "DEC": [-3.0, 0.5, 80.0], "name": ["a", "b", "c"]})


@pytest.mark.parametrize("suffix", ["fits", "csv", "parquet", "ecsv"])
def test_tables_of_all_formats_are_read(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    if suffix == "parquet":
        import pyarrow
        from pyarrow import parquet

        parquet.write_table(pyarrow.table({n: list(_table()[n]) for n in _table().colnames}), path)
    else:
        _table().write(path)
    columns = read_columns(path, ("RA", "DEC"))
    assert columns["RA"].tolist() == [10.0, 200.0, 359.0]
    assert columns["DEC"].dtype == np.dtype("=f8")


def test_gzipped_csv_is_read(tmp_path):
    path = tmp_path / "t.csv.gz"
    with gzip.open(path, "wt") as stream:
        stream.write("RA,DEC\n1.5,2.5\n")
    assert read_columns(path, ("DEC",))["DEC"].tolist() == [2.5]


def test_big_endian_fits_columns_become_native(tmp_path):
    path = tmp_path / "t.fits"
    _table().write(path)
    assert read_columns(path, ("RA",))["RA"].dtype.isnative


def test_a_missing_column_is_named_with_the_nearest(tmp_path):
    path = tmp_path / "t.csv"
    _table().write(path)
    with pytest.raises(ColumnError, match="no column 'DECL'; did you mean 'DEC'"):
        read_columns(path, ("DECL",))


def test_text_in_a_numeric_column_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    _table().write(path)
    with pytest.raises(CorruptFileError, match="'name' is not numeric"):
        read_columns(path, ("name",))


def test_masked_values_are_not_numbers(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("RA,DEC,N\n1.0,,7\n2.0,3.5,\n")
    columns = read_columns(path, ("DEC", "N"))
    assert np.isnan(columns["DEC"]).tolist() == [True, False]
    assert np.isnan(columns["N"]).tolist() == [False, True]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingDataError, match=r"nowhere.csv: no such file"):
        read_columns(tmp_path / "nowhere.csv", ("RA",))


def test_a_truncated_fits_table_is_refused(tmp_path):
    path = tmp_path / "t.fits"
    path.write_bytes(b"SIMPLE  = not a fits file")
    with pytest.raises(CorruptFileError, match="not readable as fits"):
        read_columns(path, ("RA",))


def test_an_unknown_suffix_is_refused(tmp_path):
    path = tmp_path / "t.xyz"
    path.write_text("RA\n1\n")
    with pytest.raises(CorruptFileError, match="known: .fits"):
        read_columns(path, ("RA",))


# --- coordinates ------------------------------------------------------------------


def test_swapped_coordinates_are_recognised(rng):
    ra, dec = rng.uniform(0, 360, 50), rng.uniform(-80, 80, 50)
    with pytest.raises(CoordinateError, match="swapped"):
        check_radec(dec, ra, "table")


def test_coordinates_in_radians_are_recognised(rng):
    ra, dec = rng.uniform(0, 2 * np.pi, 50), rng.uniform(-1.5, 1.5, 50)
    with pytest.raises(CoordinateError, match="radians"):
        check_radec(ra, dec, "table")
    check_radec(ra, dec, "a small field", guess_radians=False)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_that_are_not_finite_are_refused(bad):
    with pytest.raises(CoordinateError, match="1 of 3 values of declination are not finite .first in row 1"):
        check_radec(np.array([1.0, 2, 3]), np.array([1.0, bad, 3]), "table")


def test_an_empty_table_is_refused():
    with pytest.raises(EmptySampleError, match="table: the table has no rows"):
        check_radec(np.zeros(0), np.zeros(0), "table")


def test_negative_right_ascension_is_wrapped():
    ra, _ = check_radec(np.array([-10.0]), np.array([0.0]), "table")
    assert ra[0] == 350.0


# --- maps -------------------------------------------------------------------------


def _write_map(path, values, **options):
    import healpy

    healpy.write_map(str(path), values, overwrite=True, **options)


def test_a_ring_map_is_read(tmp_path, rng):
    values = rng.poisson(4, 768).astype(float)
    _write_map(tmp_path / "m.fits", values, dtype=np.float64, coord="C")
    assert np.array_equal(read_map(tmp_path / "m.fits"), values)


def test_a_galactic_map_is_refused(tmp_path):
    _write_map(tmp_path / "m.fits", np.ones(768), dtype=np.float64, coord="G")
    with pytest.raises(FrameError, match="Galactic"):
        read_map(tmp_path / "m.fits")


def test_a_nested_map_is_read_as_its_header_says(tmp_path, rng):
    import healpy

    values = rng.poisson(4, 768).astype(float)
    _write_map(tmp_path / "m.fits", healpy.reorder(values, r2n=True), dtype=np.float64, nest=True, coord="C")
    assert np.array_equal(read_map(tmp_path / "m.fits"), values)
    assert np.array_equal(read_map(tmp_path / "m.fits", ordering="nested"), values)
    with pytest.raises(OrderingError, match="set ordering: nested"):
        read_map(tmp_path / "m.fits", ordering="ring")


def test_a_map_without_a_pixel_order_is_refused_unless_it_is_declared(tmp_path, rng):
    from astropy.io import fits

    values = rng.poisson(4, 768).astype(float)
    _write_map(tmp_path / "m.fits", values, dtype=np.float64, coord="C")
    fits.delval(tmp_path / "m.fits", "ORDERING", ext=1)
    with pytest.raises(OrderingError, match="set ordering: ring or ordering: nested"):
        read_map(tmp_path / "m.fits")
    assert np.array_equal(read_map(tmp_path / "m.fits", ordering="ring"), values)


def test_a_map_without_a_frame_is_warned_about_unless_it_is_declared(tmp_path, rng):
    values = rng.poisson(4, 768).astype(float)
    _write_map(tmp_path / "m.fits", values, dtype=np.float64)
    with pytest.warns(FrameWarning, match="set frame: icrs to say so"):
        assert np.array_equal(read_map(tmp_path / "m.fits"), values)
    assert np.array_equal(read_map(tmp_path / "m.fits", frame="icrs"), values)


@pytest.mark.parametrize("word", ["C", "cel", "EQU", "Equatorial", "Q", "ICRS"])
def test_equatorial_words_are_read(tmp_path, word):
    from astropy.io import fits

    _write_map(tmp_path / "m.fits", np.ones(48), dtype=np.float64, coord="C")
    fits.setval(tmp_path / "m.fits", "COORDSYS", value=word, ext=1)
    assert read_map(tmp_path / "m.fits").sum() == 48


@pytest.mark.parametrize(
    ("word", "name"), [("G", "Galactic"), ("gal", "Galactic"), ("ECL", "ecliptic"), ("X", "'X' is not known")]
)
def test_other_words_are_refused_by_their_name(tmp_path, word, name):
    from astropy.io import fits

    _write_map(tmp_path / "m.fits", np.ones(48), dtype=np.float64, coord="C")
    fits.setval(tmp_path / "m.fits", "COORDSYS", value=word, ext=1)
    with pytest.raises(FrameError, match=name):
        read_map(tmp_path / "m.fits")


def test_unseen_pixels_are_nan_and_not_a_large_number(tmp_path):
    import healpy

    values = np.where(np.arange(768) < 5, healpy.UNSEEN, 1.0)
    _write_map(tmp_path / "m.fits", values, dtype=np.float32, coord="C")
    assert np.flatnonzero(np.isnan(read_map(tmp_path / "m.fits"))).tolist() == [0, 1, 2, 3, 4]


def test_a_file_that_is_no_map_is_refused(tmp_path):
    (tmp_path / "m.fits").write_bytes(b"nothing")
    with pytest.raises(CorruptFileError, match="HEALPix"):
        read_map(tmp_path / "m.fits")
