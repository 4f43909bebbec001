"""Tables as people have them: each kind with its right map, by healpy and astropy, or a named error."""

import gzip
import os
import subprocess
import sys
import warnings

import healpy
import numpy as np
import pyarrow
import pytest
from astropy import units as u
from astropy.coordinates import Angle, SkyCoord
from astropy.io import fits, votable
from astropy.table import Table
from astropy.table.meta import get_yaml_from_table
from pyarrow import parquet

import nuweft
from nuweft.errors import (
    ColumnError,
    ConfigurationError,
    CoordinateError,
    CorruptFileError,
    DataError,
    EmptySampleError,
    FrameError,
    RedshiftError,
    UnitError,
)
from nuweft.interfaces.base import all_notes
from nuweft.io.tables import read_columns
from nuweft.io.yaml_file import dump_yaml

N, NSIDE = 600, 8


def _sky(seed=1, n=N):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


RA, DEC = _sky()
COUNTS = np.bincount(healpy.ang2pix(NSIDE, RA, DEC, lonlat=True), minlength=12 * NSIDE**2)


def _catalog(folder, name, **settings):
    columns = {"ra": "RA", "dec": "DEC", **settings}
    return nuweft.plugins.create("tracer", "catalog", file=str(folder / name), **columns)


# --- writers: each writes a table into a folder and returns its name -----------------


def _fits(ra=RA, dec=DEC, ra_unit=None, dec_unit=None, form="D", names=("RA", "DEC"), **more):
    def write(folder):
        columns = [
            fits.Column(names[0], form, array=ra, unit=ra_unit),
            fits.Column(names[1], form, array=dec, unit=dec_unit),
            *(fits.Column(k, "D", array=v) for k, v in more.items()),
        ]
        fits.BinTableHDU.from_columns(columns).writeto(folder / "t.fits")
        return "t.fits"

    return write


def _table(suffix, ra=RA, dec=DEC, **options):
    def write(folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Table({"RA": ra, "DEC": dec}).write(folder / f"t{suffix}", **options)
        return f"t{suffix}"

    return write


def _table_of(**columns):
    def write(folder):
        Table(columns).write(folder / "t.csv")
        return "t.csv"

    return write


def _text(
    sep=",", end="\n", names=("RA", "DEC"), encoding="utf-8", top="", name="t.csv", comma=".", rows=None
):
    def write(folder):
        lines = rows or [
            f"{a!r}{sep}{d!r}".replace(".", comma) for a, d in zip(RA.tolist(), DEC.tolist(), strict=True)
        ]
        text = top.replace("\n", end) + end.join([sep.join(names), *lines]) + end
        raw = text.encode(encoding)
        (folder / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return name

    return write


def _parts(where="", ra=RA, dec=DEC):
    def write(folder):
        for i in range(3):
            part = folder / "t.parquet" / where.format(i) / f"part-{i}.parquet"
            part.parent.mkdir(parents=True, exist_ok=True)
            parquet.write_table(pyarrow.table({"RA": ra[i::3], "DEC": dec[i::3]}), part)
        return "t.parquet"

    return write


def _hats(folder):
    for i in range(3):
        part = folder / "t.hats" / "dataset" / "Norder=0" / "Dir=0" / f"Npix={i}.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pyarrow.table({"RA": RA[i::3], "DEC": DEC[i::3]}), part)
    # a sample of the rows, which is no part of the table
    parquet.write_table(
        pyarrow.table({"RA": RA[:3], "DEC": DEC[:3]}), folder / "t.hats/dataset/data_thumbnail.parquet"
    )
    (folder / "t.hats" / "properties").write_text("hats_col_ra=RA\n")
    return "t.hats"


def _arrow(ra, dec=None, name="t.parquet", metadata=None):
    def write(folder):
        table = pyarrow.table({"RA": ra, "DEC": pyarrow.array(DEC) if dec is None else dec})
        parquet.write_table(table.replace_schema_metadata(metadata), folder / name)
        return name

    return write


def _arrow_units(*, described):
    def write(folder):
        with_units = Table({"RA": RA / 15 * u.hourangle, "DEC": np.radians(DEC) * u.rad})
        fields = [
            pyarrow.field(
                n, pyarrow.float64(), metadata=None if described else {"unit": str(with_units[n].unit)}
            )
            for n in with_units.colnames
        ]
        metadata = {"table_meta_yaml": "\n".join(get_yaml_from_table(with_units))} if described else None
        table = pyarrow.table(
            [with_units[n].data for n in with_units.colnames], pyarrow.schema(fields, metadata)
        )
        parquet.write_table(table, folder / "t.parquet")
        return "t.parquet"

    return write


def _hdus(*hdus, name="t.fits"):
    def write(folder):
        tables = [fits.BinTableHDU(Table(columns), name=label) for label, columns in hdus]
        fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(folder / name)
        return name

    return write


def _votables(*tables):
    def write(folder):
        made = [votable.from_table(Table(columns)).get_first_table() for _, columns in tables]
        document = votable.from_table(Table(tables[0][1]))
        document.resources[0].tables[:] = made
        for table, (label, _) in zip(made, tables, strict=True):
            table.name = label
        document.to_xml(str(folder / "t.vot"))
        return "t.vot"

    return write


def _hdf5(*tables):
    def write(folder):
        for label, columns in tables:
            Table(columns).write(folder / "t.h5", path=label, append=True)
        return "t.h5"

    return write


GALACTIC = SkyCoord(RA, DEC, unit="deg").galactic
ECLIPTIC = SkyCoord(RA, DEC, unit="deg").barycentricmeanecliptic
B1950 = SkyCoord(RA, DEC, unit="deg").fk4
HMS = Angle(RA, "deg").to_string(unit="hourangle", sep=":", precision=6)
DMS = Angle(DEC, "deg").to_string(unit="deg", sep=":", precision=6)
HMS_LETTERS = Angle(RA, "deg").to_string(unit="hourangle", precision=6)
OTHER = {"A": RA, "B": DEC}
BOTH = {"RA": RA, "DEC": DEC}
VIZIER = '#RESOURCE=J/A+A\n#\nRA\tDEC\n"h:m:s"\tdeg\n---------\t-----\n'

READ = {
    # units that the file states
    "FITS, degrees": (_fits(ra_unit="deg", dec_unit="deg"), {}),
    "FITS, Degrees": (_fits(ra_unit="Degrees", dec_unit="DEG"), {}),
    "FITS, hourangle": (_fits(RA / 15, ra_unit="hourangle", dec_unit="deg"), {}),
    "FITS, h": (_fits(RA / 15, ra_unit="h"), {}),
    "FITS, hours": (_fits(RA / 15, ra_unit="Hours"), {}),
    "FITS, radians": (_fits(np.radians(RA), np.radians(DEC), "rad", "radian"), {}),
    "FITS, one in radians": (_fits(np.radians(RA), ra_unit="rad", dec_unit="deg"), {}),
    "FITS, arcsec and arcmin": (_fits(RA * 3600, DEC * 60, "arcsec", "arcmin"), {}),
    "FITS, strings": (_table(".fits", HMS, DMS), {}),
    "ECSV, hourangle": (_table(".ecsv", RA / 15 * u.hourangle, DEC * u.deg), {}),
    "VOTable, radians": (
        _table(".vot", np.radians(RA) * u.rad, np.radians(DEC) * u.rad, format="votable"),
        {},
    ),
    "VOTable, hourangle": (_table(".xml", RA / 15 * u.hourangle, DEC * u.deg, format="votable"), {}),
    "HDF5, hourangle": (
        _table(".h5", RA / 15 * u.hourangle, DEC * u.deg, path="t", serialize_meta=True),
        {},
    ),
    "IPAC, radians": (_table(".tbl", np.radians(RA) * u.rad, DEC * u.deg, format="ascii.ipac"), {}),
    "VizieR, strings": (
        lambda folder: (
            (folder / "t.tsv").write_text(
                VIZIER + "".join(f"{a}\t{d!r}\n" for a, d in zip(HMS, DEC.tolist(), strict=True))
            )
            and "t.tsv"
        ),
        {},
    ),
    "unit in the name": (
        _fits(np.radians(RA), np.radians(DEC), names=("RA[rad]", "DEC (rad)")),
        {"ra": "RA[rad]", "dec": "DEC (rad)"},
    ),
    "CSV, strings": (_text(rows=[f"{a},{d}" for a, d in zip(HMS, DMS, strict=True)]), {}),
    "CSV, strings with letters": (
        _text(rows=[f"{a},{d!r}" for a, d in zip(HMS_LETTERS, DEC.tolist(), strict=True)]),
        {},
    ),
    # settings that mend
    "hours by the setting": (_fits(RA / 15), {"ra_unit": "hourangle"}),
    "radians by the setting": (_fits(np.radians(RA), np.radians(DEC)), {"ra_unit": "rad"}),
    "declination in radians by the setting": (_fits(RA, np.radians(DEC)), {"dec_unit": "rad"}),
    "a wrong unit, mended": (_fits(ra_unit="furlong"), {"ra_unit": "deg"}),
    "galactic by the setting": (
        _fits(GALACTIC.l.deg, GALACTIC.b.deg, names=("GLON", "GLAT")),
        {"ra": "GLON", "dec": "GLAT", "frame": "galactic"},
    ),
    "galactic, radians": (
        _fits(GALACTIC.l.rad, GALACTIC.b.rad, "rad", "rad", names=("l", "b")),
        {"ra": "l", "dec": "b", "frame": "galactic"},
    ),
    "galactic, strings of degrees": (
        _table_of(l=GALACTIC.l.to_string(sep=":", precision=6), b=GALACTIC.b.to_string(sep=":", precision=6)),
        {"ra": "l", "dec": "b", "frame": "galactic"},
    ),
    "ecliptic by the setting": (
        _fits(ECLIPTIC.lon.deg, ECLIPTIC.lat.deg, names=("ELON", "ELAT")),
        {"ra": "ELON", "dec": "ELAT", "frame": "ecliptic"},
    ),
    "B1950 by the setting": (_fits(B1950.ra.deg, B1950.dec.deg), {"frame": "fk4"}),
    "equatorial under another name": (
        _fits(names=("GLON", "GLAT")),
        {"ra": "GLON", "dec": "GLAT", "frame": "icrs"},
    ),
    # one of several tables
    "FITS, the only one with the columns": (_hdus(("STARS", OTHER), ("GALAXIES", BOTH)), {}),
    "FITS, by name": (_hdus(("A", {"RA": DEC, "DEC": DEC}), ("B", BOTH)), {"table": "b"}),
    "FITS, by number as such": (_hdus(("A", {"RA": DEC, "DEC": DEC}), ("B", BOTH)), {"table": 2}),
    "FITS, by number": (_hdus(("A", {"RA": DEC, "DEC": DEC}), ("B", BOTH)), {"table": "2"}),
    "VOTable, by name": (_votables(("a", {"RA": DEC, "DEC": DEC}), ("b", BOTH)), {"table": "b"}),
    "HDF5, by name": (_hdf5(("one/a", {"RA": DEC, "DEC": DEC}), ("two/a", BOTH)), {"table": "two/a"}),
    # everyday files
    "byte-order mark": (_text(encoding="utf-8-sig"), {}),
    "comment lines": (_text(top="# of the survey\n#\n\n"), {}),
    "header in a comment": (_text(names=("#RA", "DEC")), {}),
    "semicolons": (_text(";"), {}),
    "semicolons, decimal comma": (_text(";", comma=","), {}),
    "tabs": (_text("\t"), {}),
    "bars": (_text("|"), {}),
    "blanks": (_text(" ", name="t.txt"), {}),
    "commas in .txt": (_text(name="t.dat"), {}),
    "Windows line ends": (_text(end="\r\n"), {}),
    "old Mac line ends": (_text(end="\r"), {}),
    "Latin-1": (_text(encoding="latin-1", top="# Größe\n"), {}),
    "UTF-16": (_text(encoding="utf-16"), {}),
    "UTF-16 without a mark": (_text(encoding="utf-16-le"), {}),
    "gzip": (_text(name="t.csv.gz"), {}),
    "names with spaces and accents": (_text(names=("Raum é", "α δ")), {"ra": "Raum é", "dec": "α δ"}),
    "an accent in two characters": (_text(names=("Raum e\u0301", "DEC")), {"ra": "Raum \u00e9"}),
    "name of a file": (_text(name="Größe des Katalogs é.csv"), {}),
    "float32": (_fits(RA.astype("f4"), DEC.astype("f4"), form="E"), {}),
    "big-endian": (_table(".fits", RA.astype(">f8"), DEC.astype(">f8")), {}),
    "(n, 1)": (_table(".fits", RA[:, None], DEC[:, None]), {}),
    "masked, nothing missing": (_table(".fits", np.ma.array(RA), np.ma.array(DEC)), {}),
    "Parquet": (_arrow(pyarrow.array(RA)), {}),
    "Parquet, lists of one": (_arrow(pyarrow.array([[v] for v in RA])), {}),
    "Parquet, dictionary": (_arrow(pyarrow.array(RA).dictionary_encode()), {}),
    "Parquet, strings": (_arrow(pyarrow.array([str(v) for v in RA])), {}),
    "Parquet, units by astropy": (_arrow_units(described=True), {}),
    "Parquet, units of fields": (_arrow_units(described=False), {}),
    "folder of Parquet files": (_parts(), {}),
    "folder of partitions": (_parts("field={}"), {}),
    "HATS": (_hats, {}),
    "sep= of a spreadsheet": (_text(";", top="sep=;\n", encoding="utf-8-sig", end="\r\n"), {}),
    "array of records": (
        lambda folder: (
            np.save(folder / "t.npy", np.rec.fromarrays([np.radians(RA), np.radians(DEC)], names="RA,DEC"))
            or "t.npy"
        ),
        {"ra_unit": "rad"},
    ),
    "lists of one in FITS": (lambda folder: _lists(folder / "t.fits"), {}),
    "a FITS table under another name": (
        lambda folder: (folder / _fits()(folder)).rename(folder / "t.csv") and "t.csv",
        {},
    ),
    "HDF5, arrays in a group": (
        lambda folder: _hdf5_group(folder / "t.hdf5"),
        {},
    ),
}


def _lists(path):
    ra = np.empty(N, dtype=object)
    ra[:] = [np.array([v]) for v in RA]
    columns = [fits.Column("RA", "PD()", array=ra), fits.Column("DEC", "D", array=DEC)]
    fits.BinTableHDU.from_columns(columns).writeto(path)
    return path.name


def _hdf5_group(path):
    import h5py

    with h5py.File(path, "w") as file:
        group = file.create_group("galaxies")
        group["RA"], group["DEC"] = np.radians(RA), np.radians(DEC)
        group["RA"].attrs["unit"] = group["DEC"].attrs["unit"] = "rad"
    return path.name


@pytest.mark.parametrize(("write", "settings"), READ.values(), ids=READ)
def test_a_table_gives_the_right_map(tmp_path, write, settings):
    tracer = _catalog(tmp_path, write(tmp_path), **settings)
    # astropy's own conversions: 1e-6 deg moves no object over the edge of a pixel
    np.testing.assert_array_equal(tracer.counts(NSIDE), COUNTS)
    assert all_notes(tracer) == ()


def _small(ra, dec):
    """A field: degrees that could be hours or radians, but are not over the whole sky."""
    rng = np.random.default_rng(5)
    return _fits(rng.uniform(*ra, N), rng.uniform(*dec, N))


HEALTHY_FIELDS = {
    "a field from 0 to 24 degrees": _small((0, 24), (-12, 12)),
    "a strip along a meridian": _small((5, 20), (-70, 70)),
    "a field within 24 degrees": _small((1, 23), (-8, 8)),
    "a long strip within 24 degrees": _small((20, 24), (-60, 80)),
    "SDSS stripe 82": _small((-50, 59), (-1.25, 1.25)),
    "an equatorial strip": _small((0, 360), (-5, 5)),
    "a narrow equatorial strip": _small((0, 360), (-1.5, 1.5)),
    "a strip of one side": _small((0, 360), (0, 1.57)),
}


@pytest.mark.parametrize("write", HEALTHY_FIELDS.values(), ids=HEALTHY_FIELDS)
def test_a_field_of_degrees_is_read_without_a_word(tmp_path, write):
    assert _catalog(tmp_path, write(tmp_path)).counts(NSIDE).sum() == N


REFUSED = {
    "hours": (_fits(RA / 15), {}, CoordinateError, "hours; set ra_unit: hourangle"),
    "hours, said to be degrees": (_fits(RA / 15, ra_unit="deg"), {}, CoordinateError, "ra_unit: hourangle"),
    "hours from -12 to 12": (_fits((RA - 180) / 15), {}, CoordinateError, "ra_unit: hourangle"),
    "radians": (_fits(np.radians(RA), np.radians(DEC)), {}, CoordinateError, "radians; set ra_unit: rad"),
    "right ascension in radians": (_fits(np.radians(RA)), {}, CoordinateError, "radians; set ra_unit: rad"),
    "declination in radians": (_fits(RA, np.radians(DEC)), {}, CoordinateError, "radians; set dec_unit: rad"),
    "declination in radians, northern sky": (
        _fits(RA, np.radians(np.abs(DEC))),
        {},
        CoordinateError,
        "set dec_unit: rad",
    ),
    "hours by the setting, declination in radians": (
        _fits(RA / 15, np.radians(DEC)),
        {"ra_unit": "hourangle"},
        CoordinateError,
        "radians; set dec_unit: rad",
    ),
    "degrees, said to be radians": (_fits(ra_unit="rad"), {}, UnitError, "holds values up to 35"),
    "degrees, said to be hours": (_fits(ra_unit="hourangle"), {}, UnitError, "holds values up to 35"),
    "degrees, set to hours": (_fits(), {"ra_unit": "hourangle"}, UnitError, "by the setting ra_unit"),
    "an unknown unit": (_fits(ra_unit="furlong"), {}, UnitError, "'furlong', expected one of angle"),
    "a unit of another kind": (_fits(dec_unit="K"), {}, UnitError, "'DEC' is in the unit 'K'"),
    "declination in hours": (_fits(dec_unit="hourangle"), {}, UnitError, "in hours, expected a declination"),
    "numbers said to be strings": (_fits(ra_unit="h:m:s"), {}, UnitError, "'h:m:s', but holds numbers"),
    "distance from the pole": (_fits(RA, 90 - DEC), {}, CoordinateError, "distances from the pole"),
    "a string that is no angle": (
        _text(rows=[f"{a},{d!r}" for a, d in zip(["12:xx", *HMS[1:]], DEC.tolist(), strict=True)]),
        {},
        CoordinateError,
        "no angle in row 0: '12:xx'",
    ),
    "strings of degrees as right ascension": (
        _text(
            rows=[
                f"{Angle(a, 'deg').to_string(sep=':')},{d!r}" for a, d in zip(RA, DEC.tolist(), strict=True)
            ]
        ),
        {},
        CoordinateError,
        "set ra_unit to what the values are",
    ),
    "GLON, GLAT": (
        _fits(names=("GLON", "GLAT")),
        {"ra": "GLON", "dec": "GLAT"},
        FrameError,
        "galactic coordinates.*set frame: galactic",
    ),
    "l, b": (_fits(names=("l", "b")), {"ra": "l", "dec": "b"}, FrameError, "set frame: galactic"),
    "Gal_Lon [deg]": (
        _fits(names=("Gal_Lon [deg]", "Gal_Lat [deg]")),
        {"ra": "Gal_Lon [deg]", "dec": "Gal_Lat [deg]"},
        FrameError,
        "set frame: galactic",
    ),
    "elon, elat": (
        _fits(names=("elon", "elat")),
        {"ra": "elon", "dec": "elat"},
        FrameError,
        "frame: ecliptic",
    ),
    "RAB1950": (_fits(names=("RAB1950", "DEB1950")), {"ra": "RAB1950", "dec": "DEB1950"}, FrameError, "fk4"),
    "two FITS tables": (_hdus(("A", BOTH), ("B", BOTH)), {}, CorruptFileError, "1 'A', 2 'B'.*setting table"),
    "two VOTables": (
        _votables(("a", BOTH), ("b", BOTH)),
        {},
        CorruptFileError,
        "0 'a', 1 'b'.*setting table",
    ),
    "two tables in HDF5": (_hdf5(("a", BOTH), ("b", BOTH)), {}, CorruptFileError, "setting table"),
    "a table that is not there": (
        _hdus(("A", BOTH)),
        {"table": "B"},
        CorruptFileError,
        "no table is named 'B'",
    ),
    "no table with the columns": (_hdus(("A", OTHER), ("B", OTHER)), {}, ColumnError, "none of its tables"),
    "no table at all": (
        lambda folder: fits.PrimaryHDU(np.ones((3, 3))).writeto(folder / "t.fits") or "t.fits",
        {},
        CorruptFileError,
        "holds no table",
    ),
    "a column name twice": (
        _text(names=("RA", "DEC", "RA"), rows=[f"{a},{d},0" for a, d in zip(RA, DEC, strict=True)]),
        {},
        ColumnError,
        "2 columns are named 'RA'",
    ),
    "no names of columns": (
        _text(names=("1.0", "2.0")),
        {},
        CorruptFileError,
        "no line with the names of the columns",
    ),
    "no names of columns, decimal comma": (
        _text(";", names=("1,0", "2,0"), comma=","),
        {},
        CorruptFileError,
        "no line with the names of the columns",
    ),
    "another case": (_fits(), {"ra": "ra"}, ColumnError, "no column 'ra'; did you mean 'RA'?"),
    "(n, 3)": (_table(".fits", np.ones((N, 3)), DEC), {}, ColumnError, r"'RA' has the shape \(n, 3\)"),
    "lists of several": (
        _arrow(pyarrow.array([[v, v] for v in RA])),
        {},
        ColumnError,
        "'RA' holds lists of 2 to 2 values",
    ),
    "a null coordinate": (
        _arrow(pyarrow.array([None, *RA[1:]])),
        {},
        CoordinateError,
        r"1 of 600 values of right ascension are not finite.*select: \[\[RA, '>=', 0\]\]",
    ),
    "folders of different tables": (_parts("field-{}"), {}, CorruptFileError, "give the folder of one table"),
    "an empty folder": (
        lambda folder: (folder / "t.parquet").mkdir() or "t.parquet",
        {},
        CorruptFileError,
        "folder without Parquet files",
    ),
    "a cut gzip file": (
        lambda folder: (
            (folder / "t.csv.gz").write_bytes(gzip.compress(b"RA,DEC\n1,2\n" * 100)[:40]) and "t.csv.gz"
        ),
        {},
        CorruptFileError,
        "not a complete compressed file",
    ),
    "a link to another HDF5 file": (
        lambda folder: _external(folder),
        {},
        CorruptFileError,
        "link to another file",
    ),
}


def _external(folder):
    import h5py

    with h5py.File(folder / "t.h5", "w") as file:
        file["galaxies"] = h5py.ExternalLink("/etc/other.h5", "/galaxies")
    return "t.h5"


@pytest.mark.parametrize(("write", "settings", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_a_table_that_cannot_be_meant_is_refused(tmp_path, write, settings, error, message):
    tracer = _catalog(tmp_path, write(tmp_path), **settings)
    with pytest.raises(error, match=message):
        tracer.counts(NSIDE)


def test_parts_with_different_columns_are_refused(tmp_path):
    name = _parts()(tmp_path)
    parquet.write_table(pyarrow.table({"RA": RA, "DECL": DEC}), tmp_path / name / "part-9.parquet")
    with pytest.raises(CorruptFileError, match="part-0.parquet and part-9.parquet have different columns"):
        _catalog(tmp_path, name).counts(NSIDE)


def test_the_language_of_the_machine_plays_no_part(tmp_path):
    name = _text(names=("Raum é", "α δ"), encoding="utf-8-sig", top="# Größe –\n")(tmp_path)
    code = (
        f"import nuweft; print(nuweft.plugins.create('tracer', 'catalog', file={str(tmp_path / name)!r}, "
        "ra='Raum \\u00e9', dec='\\u03b1 \\u03b4').counts(8).sum())"
    )
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, text=True)
    assert done.stdout.strip() == f"{N}.0", done.stderr


def test_a_column_is_read_in_the_unit_that_is_wanted(tmp_path):
    t = Table({"d": [1.0, 2.0]})
    t["d"].unit = "kpc"
    t.write(tmp_path / "t.fits")
    assert read_columns(tmp_path / "t.fits", ["d"], units={"d": "Mpc"})["d"] == pytest.approx([0.001, 0.002])
    with pytest.raises(UnitError, match="'d' is in 'kpc'"):
        read_columns(tmp_path / "t.fits", ["d"], units={"d": "deg"})


def test_the_content_of_a_folder_is_that_of_its_files(tmp_path):
    from nuweft.io.checksums import content_sha256

    folder = tmp_path / _parts()(tmp_path)
    before = content_sha256(folder)
    assert content_sha256(folder) == before
    part = folder / "part-1.parquet"
    part.write_bytes(part.read_bytes() + b"0")
    assert content_sha256(folder) != before


# --- rows that are selected ----------------------------------------------------------

QUALITY = np.arange(N) % 5
KIND = np.array(["GALAXY", "QSO", "STAR"])[np.arange(N) % 3]
FLUX = np.where(np.arange(N) % 7 == 0, np.nan, np.arange(N, dtype=float))


def _flagged(suffix):
    def write(folder):
        table = Table({"RA": RA, "DEC": DEC, "NQ": QUALITY, "class": KIND, "flux": FLUX, "good": QUALITY > 2})
        if suffix == ".parquet":
            columns = {n: pyarrow.array(list(table[n].tolist()), from_pandas=True) for n in table.colnames}
            parquet.write_table(pyarrow.table(columns), folder / "t.parquet")
        else:
            table.write(folder / f"t{suffix}")
        return f"t{suffix}"

    return write


SELECTIONS = [
    ([["NQ", ">", 2]], QUALITY > 2),
    ([["NQ", ">=", 2], ["class", "==", "GALAXY"]], (QUALITY >= 2) & (KIND == "GALAXY")),
    ([["NQ", "=", 1]], QUALITY == 1),
    ([["NQ", "!=", 1]], QUALITY != 1),
    ([["NQ", "<", 1.5]], QUALITY < 1.5),
    ([["NQ", "<=", 1]], QUALITY <= 1),
    ([["NQ", "in", [0, 4]]], np.isin(QUALITY, [0, 4])),
    ([["class", "not in", ["STAR", "QSO"]]], KIND == "GALAXY"),
    ([["class", "!=", "STAR"]], KIND != "STAR"),
    ([["flux", ">", -1]], np.isfinite(FLUX)),
    ([["flux", "!=", 3]], np.isfinite(FLUX) & (FLUX != 3)),  # a missing value meets no condition
]


@pytest.mark.parametrize("suffix", [".fits", ".csv", ".parquet", ".ecsv"])
@pytest.mark.parametrize(("select", "kept"), SELECTIONS, ids=[str(s) for s, _ in SELECTIONS])
def test_selected_rows_are_those_that_meet_all_conditions(tmp_path, suffix, select, kept):
    tracer = _catalog(tmp_path, _flagged(suffix)(tmp_path), select=select)
    expected = np.bincount(healpy.ang2pix(NSIDE, RA[kept], DEC[kept], lonlat=True), minlength=768)
    np.testing.assert_array_equal(tracer.counts(NSIDE), expected)


@pytest.mark.parametrize("value", [True, 1])
def test_switches_are_selected(tmp_path, value):
    for suffix in (".fits", ".parquet"):
        (tmp_path / suffix).mkdir()
        tracer = _catalog(
            tmp_path / suffix, _flagged(suffix)(tmp_path / suffix), select=[["good", "==", value]]
        )
        assert tracer.counts(NSIDE).sum() == np.sum(QUALITY > 2)


def test_what_was_left_out_is_said(tmp_path):
    tracer = _catalog(tmp_path, _flagged(".fits")(tmp_path), select=[["NQ", ">", 2], ["class", "==", "QSO"]])
    first, second = tracer.notes()
    assert first.endswith("NQ > 2 left out 360 of 600 rows")
    assert second.endswith("class == 'QSO' left out 160 of 240 rows")
    analysis = nuweft.Analysis(
        tracer=tracer, neutrino_sample=nuweft.plugins.create("neutrino_sample", "mock-tracks")
    )
    assert all_notes(analysis) == (first, second)


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (["NQ", ">", 2], "got one condition; write"),
        ("NQ > 2", "expected a list of"),
        ([["NQ", ">"]], "expected a list of"),
        ([["NQ", "gt", 2]], "'gt' is no operator"),
        ([["NQ", "in", 2]], "expected a list of values"),
        ([["NQ", "in", [1, "a"]]], "expected numbers or strings"),
        ([["NQ", ">", None]], "expected a number, a string"),
        ([["NQ", ">", float("nan")]], "expected a number, a string"),
        ([[1, ">", 2]], "got the column 1"),
    ],
)
def test_conditions_that_are_none_are_refused(select, message):
    with pytest.raises(ConfigurationError, match=message):
        nuweft.plugins.create("tracer", "catalog", file="t.fits", ra="RA", dec="DEC", select=select)


@pytest.mark.parametrize(
    ("select", "error", "message"),
    [
        ([["NQ", ">", 9]], EmptySampleError, "no row is left: NQ > 9 left out 600 of 600"),
        ([["NX", ">", 9]], ColumnError, "did you mean 'NQ'"),
        ([["NQ", "==", "two"]], DataError, "holds numbers, which cannot be compared with 'two'"),
        ([["class", "==", 2]], DataError, "not numeric.*write it in quotation marks"),
    ],
)
def test_conditions_that_fit_no_row_or_column_are_refused(tmp_path, select, error, message):
    with pytest.raises(error, match=message):
        _catalog(tmp_path, _flagged(".fits")(tmp_path), select=select).counts(NSIDE)


def test_a_selection_survives_yaml(tmp_path):
    from nuweft.plugin import compose

    tracer = _catalog(tmp_path, "t.fits", select=(("NQ", ">", 2), ("class", "in", ("A", "B"))))
    import yaml

    mapping = yaml.safe_load(dump_yaml(compose.to_mapping(tracer)))
    assert mapping["select"] == [["NQ", ">", 2], ["class", "in", ["A", "B"]]]
    assert compose.build("tracer", mapping) == tracer


# --- redshifts -------------------------------------------------------------------------

MANY = 20_000
Z = np.random.default_rng(2).gamma(3.0, 0.05, MANY)
BAD = np.random.default_rng(3).random(MANY) < 0.03
CLEAN = Z[~BAD & (Z > 0.002)]


def _spread(low, high):
    return np.random.default_rng(4).uniform(low, high, MANY)


REDSHIFTS = {
    "clean": (Z, Z[Z > 0.002]),
    "-99": (np.where(BAD, -99.0, Z), CLEAN),
    "-9.999": (np.where(BAD, -9.999, Z), CLEAN),
    "-1": (np.where(BAD, -1.0, Z), CLEAN),
    "0": (np.where(BAD, 0.0, Z), CLEAN),
    "99": (np.where(BAD, 99.0, Z), CLEAN),
    "9.999": (np.where(BAD, 9.999, Z), CLEAN),
    "9.99": (np.where(BAD, 9.99, Z), CLEAN),
    "9999": (np.where(BAD, 9999.0, Z), CLEAN),
    "1e6": (np.where(BAD, 1e6, Z), CLEAN),
    "7, the end of a grid": (np.where(BAD, 7.0, Z), CLEAN),
    "1e20": (np.where(BAD, 1e20, Z), CLEAN),
    "missing": (np.where(BAD, np.nan, Z), CLEAN),
    "infinite": (np.where(BAD, np.inf, Z), CLEAN),
    "two codes": (np.where(BAD, np.where(Z > 0.1, -9.999, 99.0), Z), CLEAN),
    "stars": (np.where(BAD, _spread(-0.001, 0.001), Z), CLEAN),
    "far too large, all different": (np.where(BAD, _spread(50, 1e6), Z), CLEAN),
    "a third without": (
        np.where(np.arange(MANY) % 3 == 0, -9.999, Z),
        Z[(np.arange(MANY) % 3 > 0) & (Z > 0.002)],
    ),
}


def _redshifts(folder, z, unit=None, **settings):
    rng = np.random.default_rng(8)
    dec = np.degrees(np.arcsin(rng.uniform(-1, 1, len(z))))
    columns = [
        fits.Column("RA", "D", array=rng.uniform(0, 360, len(z))),
        fits.Column("DEC", "D", array=dec),
        fits.Column("Z", "D", array=z, unit=unit),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(folder / "z.fits")
    return _catalog(folder, "z.fits", z="Z", **settings)


@pytest.mark.parametrize(("z", "good"), REDSHIFTS.values(), ids=REDSHIFTS)
def test_values_that_are_no_redshift_are_left_out_of_n_z_and_counted(tmp_path, z, good):
    tracer = _redshifts(tmp_path, z)
    n = tracer.redshift_distribution()
    for q in (10, 50, 90):
        # a histogram with bins of 0.01, at most half of one off
        assert n.percentile(q) == pytest.approx(np.percentile(good, q), abs=0.004)
    mean = np.trapezoid(n.z * n.density, n.z)
    assert mean == pytest.approx(good.mean(), rel=0.02)
    assert tracer.counts(NSIDE).sum() == MANY, "objects without a redshift are objects"
    left_out = MANY - len(good)
    assert [f"{left_out} of {MANY} values left out" in note for note in tracer.notes()] == [True] * (
        left_out > 0
    )


@pytest.mark.parametrize(("z", "good"), REDSHIFTS.values(), ids=REDSHIFTS)
def test_a_range_of_redshift_keeps_no_code(tmp_path, z, good):
    tracer = _redshifts(tmp_path, z, z_min=0.1)
    assert tracer.counts(NSIDE).sum() == np.sum(good >= 0.1)


def test_real_redshifts_that_are_repeated_are_kept(tmp_path):
    z = np.round(Z, 2)  # photometric redshifts on a grid
    assert _redshifts(tmp_path, z, z_min=0.01).counts(NSIDE).sum() == np.sum(z >= 0.01)


@pytest.mark.parametrize(
    ("unit", "settings"), [("km/s", {}), ("km s-1", {}), (None, {"z_unit": "km/s"}), ("m/s", {})]
)
def test_velocities_are_converted_where_they_are_said_to_be(tmp_path, unit, settings):
    factor = 299792.458 * (1000 if unit == "m/s" else 1)
    n = _redshifts(tmp_path, Z * factor, unit, **settings).redshift_distribution()
    assert n.percentile(50) == pytest.approx(np.median(Z), abs=0.004)


@pytest.mark.parametrize(
    ("z", "unit", "error", "message"),
    [
        (Z * 299792.458, None, RedshiftError, "velocities c z in km/s. set z_unit: km/s"),
        (Z * 4000, None, RedshiftError, "cannot be redshifts"),  # distances in Mpc
        (100 * Z, None, RedshiftError, "cannot be redshifts"),  # per cent
        (np.log10(Z), None, RedshiftError, "cannot be redshifts"),
        (Z * 4000, "Mpc", UnitError, "'Mpc', expected redshifts"),
        (np.full(MANY, -9.999), None, RedshiftError, "20000 of 20000 objects without a redshift.*too few"),
    ],
    ids=["km/s", "Mpc", "per cent", "logarithm", "unit Mpc", "only codes"],
)
def test_columns_that_hold_no_redshifts_are_refused(tmp_path, z, unit, error, message):
    with pytest.raises(error, match=message):
        _redshifts(tmp_path, z, unit).redshift_distribution()


def test_a_catalog_takes_n_z_from_a_table_or_flat_in_a_range(tmp_path):
    name = _fits()(tmp_path)
    z = np.linspace(0.01, 0.5, 50)
    Table({"z": z, "density": 7 * z}).write(tmp_path / "n.csv")
    tracer = _catalog(tmp_path, name, redshifts=str(tmp_path / "n.csv"))
    assert tracer.redshift_distribution().percentile(50) == pytest.approx(0.5 / np.sqrt(2), abs=0.001)
    assert tracer.inputs() == (tmp_path / name, tmp_path / "n.csv")
    flat = _catalog(tmp_path, name, z_range=[0.4, 0.5]).redshift_distribution()
    assert flat.percentile(50) == pytest.approx(0.45)
    with pytest.raises(ConfigurationError, match="redshifts or z_range, not both"):
        _catalog(tmp_path, name, redshifts="n.csv", z_range=[0.4, 0.5])


def test_a_table_of_n_z_in_a_file_of_several_is_refused(tmp_path):
    name = _fits()(tmp_path)
    n_z = {"z": np.linspace(0.01, 1, 50), "density": np.ones(50)}
    hdus = [fits.BinTableHDU(Table(n_z), name=label) for label in ("NEAR", "FAR")]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(tmp_path / "n.fits")
    with pytest.raises(CorruptFileError, match="1 'NEAR', 2 'FAR'; give a file that holds one of them"):
        _catalog(tmp_path, name, redshifts=str(tmp_path / "n.fits")).redshift_distribution()


def test_a_table_of_n_z_in_velocities_is_refused(tmp_path):
    name = _fits()(tmp_path)
    table = Table({"z": np.linspace(0.01, 1, 50) * u.km / u.s, "density": np.ones(50)})
    table.write(tmp_path / "n.ecsv")
    with pytest.raises(UnitError, match="'z' is in 'km / s'"):
        _catalog(tmp_path, name, redshifts=str(tmp_path / "n.ecsv")).redshift_distribution()


def test_a_table_of_n_z_beyond_all_redshifts_is_refused(tmp_path):
    name = _fits()(tmp_path)
    Table({"z": np.linspace(300, 90_000, 50), "density": np.ones(50)}).write(tmp_path / "n.csv")
    with pytest.raises(RedshiftError, match="redshifts up to 90000, expected at most 15"):
        _catalog(tmp_path, name, redshifts=str(tmp_path / "n.csv")).redshift_distribution()


# --- unWISE-2MASS ------------------------------------------------------------------------

ALL = 6000
SKY = _sky(11, ALL)
PLACES = SkyCoord(*SKY, unit="deg").galactic
GRADE = np.arange(ALL) % 5


def _w1():
    """Return W1 of the sources."""
    return np.random.default_rng(6).uniform(12, 15, ALL)


def _unwise(folder, **settings):
    rng, w1 = np.random.default_rng(7), _w1()
    columns = [
        fits.Column("ra", "D", array=SKY[0] / 15, unit="hourangle"),
        fits.Column("dec", "D", array=SKY[1], unit="deg"),
        fits.Column("w1", "D", array=w1, unit=settings.pop("unit", "mag")),
        fits.Column("j_m", "D", array=w1 + 2.0, unit="mag"),
        fits.Column("primary", "J", array=np.arange(ALL) % 2),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(folder / "w.fits")
    z = np.where(np.arange(ALL) % 10 == 3, -9.999, rng.gamma(3, 0.05, ALL) + 0.01)
    l_b = {"l": PLACES.l.deg, "b": PLACES.b.deg, "z": z, "NQ": GRADE}
    Table(l_b).write(folder / "gama.ecsv")
    return nuweft.plugins.create(
        "tracer", "unwise-2mass", mask=None, file=str(folder / "w.fits"), **settings
    ), z


def test_all_tables_of_unwise_2mass_are_selected_and_converted(tmp_path):
    tracer, z = _unwise(
        tmp_path,
        select=[["primary", "==", 1]],
        redshift_file=str(tmp_path / "gama.ecsv"),
        redshift_ra="l",
        redshift_dec="b",
        redshift_frame="galactic",
        redshift_select=[["NQ", ">", 2]],
    )
    primary = np.arange(ALL) % 2 == 1
    galaxy = primary & (_w1() < 14.5)  # J = W1 + 2 < 16.5
    expected = np.bincount(healpy.ang2pix(NSIDE, SKY[0][galaxy], SKY[1][galaxy], lonlat=True), minlength=768)
    np.testing.assert_array_equal(tracer.counts(NSIDE), expected)
    matched = galaxy & (GRADE > 2) & (z > 0)
    assert tracer.redshift_distribution().source.startswith(f"{matched.sum()} matches")
    notes = " | ".join(all_notes(tracer))
    for words in (
        "primary == 1 left out 3000 of 6000",
        "sources pass W1 - J",
        "NQ > 2 left out",
        "left out of n(z)",
    ):
        assert words in notes


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"unit": "nanomaggy"}, UnitError, "'nanomaggy', expected vega-mag; set w1_unit: nanomaggies"),
        ({"unit": "ABmag"}, UnitError, "'ABmag', expected vega-mag"),
    ],
)
def test_magnitudes_in_another_unit_are_refused(tmp_path, settings, error, message):
    tracer, _ = _unwise(tmp_path, **settings)
    with pytest.raises(error, match=message):
        tracer.counts(NSIDE)


def test_other_tables_of_unwise_2mass_name_their_own_settings(tmp_path):
    tracer, _ = _unwise(
        tmp_path, redshift_file=str(tmp_path / "gama.ecsv"), redshift_ra="l", redshift_dec="b"
    )
    with pytest.raises(FrameError, match="set redshift_frame: galactic"):
        tracer.redshift_distribution()
