import zipfile
from itertools import pairwise

import numpy as np
import pytest

from nuweft.errors import (
    ConfigurationError,
    CoordinateError,
    CorruptFileError,
    DataError,
    EmptySampleError,
    MissingDataError,
)

HEADER = "#       MJD[days]   log10(E/GeV)   AngErr[deg]   RA[deg]   Dec[deg]   Azimuth[deg]   Zenith[deg]\n"


def _events(rng, n=200):
    dec = np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    columns = [
        56000 + rng.random(n),
        rng.uniform(2, 6, n),
        np.concatenate([[0.0002], rng.uniform(0.1, 2, n - 1)]),
        rng.uniform(0, 360, n),
        dec,
        rng.uniform(0, 360, n),
        90 + dec,
    ]
    return np.stack(columns, axis=1)


def _rows(table):
    return "".join(" ".join(f"{v:.6f}" for v in row) + "\n" for row in table)


def _area():
    text = "#  E_min[GeV]   E_max[GeV] cos(zenith)_min cos(zenith)_max       Aeff[m^2]\n"
    energies = 10 ** np.arange(2.0, 8.01, 0.5)
    cosines = np.linspace(-1, 1, 11)
    for lo, hi in pairwise(energies):
        for a, b in pairwise(cosines):
            text += f"{lo:.3e} {hi:.3e} {a:.2f} {b:.2f} {1e-7 * lo * (2 - a):.3e}\n"
    return text


def _release(path, table, *, extra=None):
    members = {
        "3year-data-release/IC86-2012-events.txt": HEADER + _rows(table),
        "3year-data-release/IC86-2012-TabulatedAeff.txt": _area(),
        "3year-data-release/IC86-2012-AngRes.txt": "#E_min E_max Med\n1e2 1e4 1.0\n1e4 1e8 0.5\n",
        "__MACOSX/3year-data-release/._IC86-2012-events.txt": "junk",
        **(extra or {}),
    }
    with zipfile.ZipFile(path, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return path


@pytest.fixture
def release(tmp_path, rng):
    table = _events(rng)
    return table, _release(tmp_path / "r.zip", table)


@pytest.fixture
def three_year(make):
    def build(path, **settings):
        return make("neutrino_sample", "icecube-ps-3yr", seasons=["IC86-2012"], file=str(path), **settings)

    return build


def test_events_are_read_as_they_are(three_year, release):
    table, path = release
    events = three_year(path).events()
    assert np.allclose(np.degrees(events.ra), table[:, 3], atol=1e-5)
    assert np.allclose(np.degrees(events.dec), table[:, 4], atol=1e-5)
    assert np.allclose(events.log10_energy, table[:, 1], atol=1e-5)


def test_angular_errors_are_floored(three_year, release):
    _, path = release
    assert np.degrees(three_year(path).events().angular_error.min()) == pytest.approx(0.1, abs=0.11)
    assert np.degrees(
        three_year(path, angular_error_floor="0.3 deg").events().angular_error.min()
    ) == pytest.approx(0.3)


def test_effective_area_is_turned_from_zenith_to_declination_and_to_cm2(three_year, release):
    season = three_year(release[1]).response().seasons[0]
    # table: area grows with -cos(zenith), that is, with sin(dec)
    area = season.effective_area(np.array(3.25), np.array([-0.9, 0.9]))
    low = 10**3.0
    assert area == pytest.approx(1e4 * 1e-7 * low * (2 - np.array([0.8, -1.0])), rel=1e-3)
    assert season.livetime == pytest.approx(331.98 * 86400)


def test_an_uptime_file_overrides_the_livetime(three_year, release, tmp_path):
    (tmp_path / "up.csv").write_text("MJD_start[days]  MJD_stop[days]\n 55999.9 56000.4\n 56000.4 56001.1\n")
    sample = three_year(release[1], uptime={"IC86-2012": str(tmp_path / "up.csv")})
    assert sample.livetime() == pytest.approx(1.2 * 86400)


def test_counts_sum_to_the_events_in_the_bins(three_year, release):
    table, path = release
    sample = three_year(path, energy_edges=[2.5, 3.5, 5.0])
    counts = sample.counts(8)
    expected = [np.sum((table[:, 1] >= a) & (table[:, 1] < b)) for a, b in ((2.5, 3.5), (3.5, 5.0))]
    assert counts.sum(axis=1).tolist() == expected


def test_a_truncated_zip_is_named(three_year, release, tmp_path):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(release[1].read_bytes()[:3000])
    with pytest.raises(CorruptFileError, match="not a complete zip file"):
        three_year(broken).events()


def test_a_season_that_the_zip_lacks_is_named(make, release):
    sample = make("neutrino_sample", "icecube-ps-3yr", seasons=["IC86-2011"], file=str(release[1]))
    with pytest.raises(CorruptFileError, match="holds no IC86-2011-events.txt"):
        sample.events()


def test_a_missing_zip_is_named(three_year, tmp_path):
    with pytest.raises(MissingDataError, match="no such file"):
        three_year(tmp_path / "none.zip").events()


def test_without_data_the_error_says_how_to_get_them(make):
    with pytest.raises(MissingDataError, match="nuweft data fetch icecube-ps-3yr"):
        make("neutrino_sample", "icecube-ps-3yr").events()


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [(4, 120.0, CoordinateError), (3, np.nan, CoordinateError), (1, np.nan, DataError)],
)
def test_bad_values_are_named(three_year, tmp_path, rng, column, value, error):
    table = _events(rng)
    table[7, column] = value
    with pytest.raises(error):
        three_year(_release(tmp_path / "b.zip", table)).events()


def test_swapped_columns_are_recognised(three_year, tmp_path, rng):
    table = _events(rng)
    table[:, [3, 4]] = table[:, [4, 3]]
    with pytest.raises(CoordinateError, match="swapped"):
        three_year(_release(tmp_path / "b.zip", table)).events()


def test_an_empty_event_list_is_named(three_year, tmp_path):
    with pytest.raises(EmptySampleError, match="IC86-2012 events: the table has no rows"):
        three_year(_release(tmp_path / "b.zip", np.zeros((0, 7)))).events()


def test_a_table_with_text_is_named(three_year, tmp_path, rng):
    extra = {"3year-data-release/IC86-2012-AngRes.txt": "1e2 1e4 one\n"}
    with pytest.raises(CorruptFileError, match="resolution: not a table of numbers"):
        three_year(_release(tmp_path / "b.zip", _events(rng), extra=extra)).response()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seasons": []}, "at least one"),
        ({"seasons": ["IC86-2012", "IC86-2012"]}, "named twice"),
        ({"livetime_days": {"IC79-2010": 3.0}}, "no livetime for season"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, settings, message):
    with pytest.raises(ConfigurationError, match=message):
        make("neutrino_sample", "icecube-ps-3yr", **settings)


# --- real data --------------------------------------------------------------------


def test_the_real_release_has_its_known_numbers(make, real_data):
    sample = make("neutrino_sample", "icecube-ps-3yr", seasons=["IC79-2010", "IC86-2011", "IC86-2012"])
    events = sample.events()
    assert np.bincount(events.season).tolist() == [93133, 136244, 105300]
    assert np.count_nonzero(np.degrees(events.dec) > -5) == 196316
    assert np.degrees(events.angular_error.min()) == pytest.approx(0.2)
    assert sample.livetime() / 86400 == pytest.approx(316.05 + 332.96 + 331.98)


def test_uptime_files_of_the_real_release_sum_to_the_default_livetimes(make, real_data):
    folder = real_data / "icecube_ps10yr" / "uptime"
    sample = make(
        "neutrino_sample",
        "icecube-ps-3yr",
        uptime={"IC86-2011": str(folder / "IC86_I_exp.csv"), "IC86-2012": str(folder / "IC86_II_exp.csv")},
    )
    assert [s.livetime / 86400 for s in sample.response().seasons] == pytest.approx(
        [332.96, 331.98], abs=0.006
    )


# --- 10-year layout ---------------------------------------------------------------


def _smearing(path, seed=3):
    """A generated smearing matrix: 3 x 2 cells, edges that differ from cell to cell."""
    rng = np.random.default_rng(seed)
    truth = {}
    lines = [
        (
            "log10(E_nu/GeV)_min _max Dec_min _max log10(E/GeV)_min _max "
            "PSF_min _max AngErr_min _max Fractional_Counts"
        )
    ]
    energy, dec = [2.0, 4.0, 6.0, 8.0], [-90.0, -5.0, 90.0]
    for i in range(3):
        for j in range(2):
            reco = np.linspace(2.0 + 0.3 * i, 5.0 + i + 0.1 * j, 5 + i)
            psf = np.linspace(0, 3.0 - 0.5 * i, 6)
            fraction = rng.random((len(reco) - 1, len(psf) - 1, 2))
            fraction /= fraction.sum()
            truth[i, j] = reco, psf, fraction
            for a in range(len(reco) - 1):
                for b in range(len(psf) - 1):
                    for c, (lo, hi) in enumerate(((0.2, 1.0), (1.0, 3.0))):
                        row = [
                            energy[i],
                            energy[i + 1],
                            dec[j],
                            dec[j + 1],
                            reco[a],
                            reco[a + 1],
                            psf[b],
                            psf[b + 1],
                            lo,
                            hi,
                        ]
                        lines.append(" ".join(f"{v:.4f}" for v in row) + f" {fraction[a, b, c]:.10f}")
    path.write_text("\n".join(lines) + "\n")
    return truth


def _ten_year(folder, rng):
    for name in ("events", "uptime", "irfs"):
        (folder / name).mkdir(parents=True)
    table = _events(rng)
    (folder / "events" / "IC86_X_exp.csv").write_text(HEADER.lstrip("# ") + _rows(table))
    (folder / "uptime" / "IC86_X_exp.csv").write_text("MJD_start MJD_stop\n56000 56001\n")
    rows = ["logEmin_nu logEmax_nu decmin decmax Aeff"]
    for e in np.arange(2.0, 8.0, 0.5):
        rows += [f"{e} {e + 0.5} {lo} {hi} {10**e:.2f}" for lo, hi in ((-90, -5), (-5, 30), (30, 90))]
    (folder / "irfs" / "IC86_X_effectiveArea.csv").write_text("\n".join(rows) + "\n")
    return table, _smearing(folder / "irfs" / "IC86_X_smearing.csv")


@pytest.fixture
def ten_year(tmp_path, rng, make):
    table, truth = _ten_year(tmp_path / "release", rng)
    return (
        table,
        truth,
        make("neutrino_sample", "icecube-ps-10yr", seasons=["IC86_X"], folder=str(tmp_path / "release")),
    )


def test_the_ten_year_layout_is_read(ten_year):
    table, _, sample = ten_year
    assert len(sample.events()) == len(table)
    season = sample.response().seasons[0]
    assert season.livetime == 86400
    assert season.effective_area(np.array(3.1), np.array(0.0)) == pytest.approx(10**3.0)


def test_a_smearing_matrix_gives_its_marginals(ten_year):
    from nuweft.irf.energy_bins import EnergyBins

    _, truth, sample = ten_year
    season = sample.response().seasons[0]
    reco, psf, fraction = truth[1, 1]
    bins = EnergyBins(tuple(reco))
    found = season.smearing.probability(np.array([5.0]), 0.5, bins)[0]
    assert np.allclose(found, fraction.sum(axis=(1, 2)), atol=1e-6)
    window = season.smearing.windows(EnergyBins((-10.0, 20.0)), 50)[1, 1, 0]
    # independent: the mean of P_l over separations drawn from the marginal
    rng = np.random.default_rng(1)
    weights = fraction.sum(axis=(0, 2))
    index = rng.choice(len(weights), size=200_000, p=weights / weights.sum())
    separation = np.radians(psf[index] + rng.random(len(index)) * np.diff(psf)[index])
    from scipy.special import eval_legendre

    for ell in (1, 20, 50):
        values = eval_legendre(ell, np.cos(separation))
        assert window[ell] == pytest.approx(values.mean(), abs=5 * values.std() / np.sqrt(len(values)) + 1e-4)


def test_events_are_drawn_from_a_smearing_matrix(ten_year, rng):
    _, truth, sample = ten_year
    season = sample.response().seasons[0]
    reco, psf, fraction = truth[2, 0]
    n = 50_000
    energy, dec = np.full(n, 7.0), np.full(n, -0.5)
    drawn = season.smearing.sample(energy, dec, rng=rng)
    counts = np.histogram(drawn.log10_energy, reco)[0] / n
    assert np.allclose(counts, fraction.sum(axis=(1, 2)), atol=5 * np.sqrt(0.25 / n))
    separation = np.degrees(drawn.separation)
    assert np.allclose(
        np.histogram(separation, psf)[0] / n, fraction.sum(axis=(0, 2)), atol=5 * np.sqrt(0.25 / n)
    )
    # energy, separation and angular error are drawn together
    joint = np.histogramdd(
        [drawn.log10_energy, separation, np.degrees(drawn.angular_error)], [reco, psf, [0.2, 1.0, 3.0]]
    )[0]
    assert np.allclose(joint / n, fraction, atol=5 * np.sqrt(0.25 / n))


def test_an_area_in_another_unit_is_named(ten_year, tmp_path):
    from nuweft.errors import UnitError

    path = tmp_path / "release" / "irfs" / "IC86_X_effectiveArea.csv"
    head, *rows = path.read_text().splitlines()
    scaled = [" ".join([*r.split()[:4], str(float(r.split()[4]) / 1e4)]) for r in rows]
    path.write_text("\n".join([head, *scaled]) + "\n")
    with pytest.raises(UnitError, match="the layout has cm2: is the table in another unit"):
        ten_year[2].response()


@pytest.mark.parametrize("form", ["king", "angular-error"])
def test_other_forms_of_the_point_spread(release, make, form):
    _, path = release
    settings = {"seasons": ["IC86-2012"], "file": str(path), "point_spread": form}
    season = make("neutrino_sample", "icecube-ps-3yr", **settings).response().seasons[0]
    expected = {"king": "AngRes.txt, king", "angular-error": "angular errors of the events"}
    assert expected[form] in season.smearing.source


def test_fractions_that_do_not_sum_to_one_are_refused(tmp_path, rng):
    from nuweft_icecube.smearing import read_smearing

    path = tmp_path / "s.csv"
    _smearing(path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:10]) + "\n")
    with pytest.raises(DataError, match=r"sum to 0\.\d+, expected 1"):
        read_smearing(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("2 3 -90 90 1\n3.5 4 -90 90 1\n", "energy bins have a gap at 3, 3.5"),
        ("2 3 -90 90 1\n2.5 4 -90 90 1\n", "energy bins overlap"),
        ("2 3 -90 90 -1\n", "negative"),
        ("2 3 -90 0 1\n2 3 0 90 1\n3 4 -90 0 1\n", "do not fill a grid"),
        ("2 3 -90 90 1\n2 3 -90 90 1\n", "do not fill a grid"),
        ("3 2 -90 90 1\n", "upper edge at or below"),
    ],
)
def test_effective_areas_that_are_no_grid_are_refused(ten_year, rows, message):
    _, _, sample = ten_year
    (sample.folder / "irfs" / "IC86_X_effectiveArea.csv").write_text("a b c d e\n" + rows)
    with pytest.raises(DataError, match=message):
        sample.response()


@pytest.mark.parametrize(
    ("rows", "message"), [("20 10\n", "ends before it starts"), ("1 3\n2 4\n", "runs overlap")]
)
def test_good_run_lists_that_make_no_sense_are_refused(ten_year, rows, message):
    _, _, sample = ten_year
    (sample.folder / "uptime" / "IC86_X_exp.csv").write_text("a b\n" + rows)
    with pytest.raises(DataError, match=message):
        sample.response()


def test_the_real_season_of_the_ten_year_release_is_read(make, real_data):
    sample = make("neutrino_sample", "icecube-ps-10yr", seasons=["IC40"], smearing=False)
    events = sample.events()
    assert len(events) == 36900
    assert np.count_nonzero(np.degrees(events.dec) > -5) == 16323
    season = sample.response().seasons[0]
    assert season.livetime / 86400 == pytest.approx(376.36, abs=0.005)
    assert season.effective_area.area.shape == (40, 50)
    assert len(sample.inputs()) == 3


def test_a_smearing_matrix_that_is_missing_is_named(make, real_data):
    sample = make("neutrino_sample", "icecube-ps-10yr", seasons=["IC40"])
    with pytest.raises(MissingDataError, match="irfs/IC40_smearing.csv"):
        sample.response()
