"""Event lists, good-run lists and responses as people have them: the same events, or a named error."""

import gzip
import warnings
import zipfile

import attrs
import numpy as np
import pytest

import nuweft
from nuweft.errors import (
    ConfigurationError,
    CoordinateError,
    CorruptFileError,
    DataError,
    EmptySampleError,
    UnitError,
    ZeroAcceptanceError,
)
from nuweft.interfaces.base import all_notes
from nuweft.irf import EffectiveArea
from nuweft_icecube.events import repeated

N, FIRST, DAYS = 1200, 55700.0, 300.0
HEAD = "MJD[days] log10(E/GeV) AngErr[deg] RA[deg] Dec[deg] Azimuth[deg] Zenith[deg]"


def _events(seed=1, n=N, first=FIRST):
    rng = np.random.default_rng(seed)
    dec = np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    time = first + DAYS * (np.arange(n) + 0.5) / n
    columns = [time, rng.uniform(2.6, 5.4, n), rng.uniform(0.2, 3, n), rng.uniform(0, 360, n), dec]
    return np.stack([*columns, columns[3], 90 + dec], axis=1).round(5)


def _area(low=-90, high=90):
    return np.array(
        [
            [e, e + 0.5, d, d + 15, 1e4 * 10 ** (0.7 * (e - 2))]
            for e in np.arange(2, 8, 0.5)
            for d in range(low, high, 15)
        ]
    )


def _runs(first=FIRST, days=DAYS):
    starts = first + np.arange(days)
    return np.stack([starts, starts + 0.95], axis=1)


def _smearing(low=-90, high=90):
    return np.array(
        [[e, e + 3.0, low, high, r, r + 1.0, 0.0, 2.0, 0.2, 1.0, 0.5] for e in (2.0, 5.0) for r in (2.5, 3.5)]
    )


TABLE = _events()


def _write(path, table, head=HEAD, sep=" ", end="\n", encoding="ascii", mark="# "):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [sep.join(f"{v:.10g}" for v in row) for row in table]
    path.write_bytes(end.join([mark + sep.join(head.split()), *rows, ""]).encode(encoding))


def _release(folder, events=TABLE, runs=None, area=None, smearing=None, season="S"):
    _write(folder / f"events/{season}_exp.csv", events)
    _write(
        folder / f"uptime/{season}_exp.csv",
        _runs() if runs is None else runs,
        "MJD_start[days] MJD_stop[days]",
    )
    head = "log10(E_nu/GeV)_min log10(E_nu/GeV)_max Dec_nu_min[deg] Dec_nu_max[deg] A_Eff[cm^2]"
    _write(folder / f"irfs/{season}_effectiveArea.csv", _area() if area is None else area, head)
    if smearing is not None:
        _write(folder / f"irfs/{season}_smearing.csv", smearing, "smearing")
    return folder


def _sample(folder, *seasons, **settings):
    settings = {"smearing": False, "energy_edges": [2.5, 4.5], **settings}
    return nuweft.plugins.create(
        "neutrino_sample", "icecube-ps-10yr", folder=str(folder), seasons=list(seasons) or ["S"], **settings
    )


def _same(events, table):
    order = np.argsort(events.time)
    np.testing.assert_allclose(events.time[order], table[:, 0])
    np.testing.assert_allclose(events.log10_energy[order], table[:, 1])
    np.testing.assert_allclose(np.degrees(events.angular_error[order]), table[:, 2])
    np.testing.assert_allclose(np.degrees(events.ra[order]), table[:, 3], atol=1e-9)
    np.testing.assert_allclose(np.degrees(events.dec[order]), table[:, 4], atol=1e-9)


def test_healthy_files_are_read_without_a_word(tmp_path):
    sample = _sample(_release(tmp_path, smearing=_smearing()), smearing=True)
    _same(sample.events(), TABLE)
    assert sample.livetime() / 86400 == pytest.approx(0.95 * DAYS)
    assert all_notes(sample) == ()


FORMS = {
    "tabs": {"sep": "\t"},
    "commas": {"sep": ","},
    "semicolons": {"sep": ";"},
    "commas and blanks": {"sep": ", "},
    "Windows line ends": {"end": "\r\n"},
    "old Mac line ends": {"end": "\r"},
    "no #": {"mark": ""},
    "names of csky": {"head": "time logE sigma ra dec azi zen"},
    "byte-order mark": {"encoding": "utf-8-sig"},
    "UTF-16": {"encoding": "utf-16"},
    "Latin-1": {"encoding": "latin-1", "mark": "# Größe\n# "},
    "a sentence of seven words": {"mark": "# energy and time of events in S\n# ", "head": "in the layout"},
    "UTF-8": {"encoding": "utf-8", "mark": "# Größe –\n# "},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_everyday_forms_hold_the_same_events(tmp_path, form):
    _write(_release(tmp_path) / "events/S_exp.csv", TABLE, **form)
    _same(_sample(tmp_path).events(), TABLE)


def test_compressed_files_hold_the_same_events(tmp_path):
    _release(tmp_path, smearing=_smearing())
    for path in list(tmp_path.rglob("*.csv")):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    sample = _sample(tmp_path, smearing=True)
    _same(sample.events(), TABLE)
    assert sample.livetime() / 86400 == pytest.approx(0.95 * DAYS)
    path = tmp_path / "events" / "S_exp.csv.gz"
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(CorruptFileError, match="cannot be read"):
        _sample(tmp_path).events()


def _column(number, values):
    table = TABLE.copy()
    table[:, number] = values
    return table


def _value(row, number, value):
    table = TABLE.copy()
    table[row, number] = value
    return table


REFUSED = {
    "angular errors in radians": (_column(2, np.radians(TABLE[:, 2])), UnitError, "radians"),
    "a fifth of the angular errors in radians": (
        _column(2, np.where(np.arange(N) % 5 == 0, np.radians(TABLE[:, 2]), TABLE[:, 2])),
        UnitError,
        "of 1200 are below 0.05.*radians",
    ),
    "angular errors of zero": (_column(2, 0.0), DataError, "most angular errors are zero"),
    "angular errors in arcmin": (_column(2, 60 * TABLE[:, 2]), UnitError, "minutes or seconds of arc"),
    "angular errors in arcsec": (_column(2, 3600 * TABLE[:, 2]), UnitError, "minutes or seconds of arc"),
    "a negative angular error": (
        _value(7, 2, -1.0),
        DataError,
        "1 angular errors are negative .first in row 7",
    ),
    "only negative angular errors": (_column(2, -TABLE[:, 2]), DataError, "1200 angular errors are negative"),
    "energies in GeV": (_column(1, 10 ** TABLE[:, 1]), UnitError, "are they in GeV or TeV"),
    "energies in TeV": (_column(1, 10 ** (TABLE[:, 1] - 3)), UnitError, "are they in GeV or TeV"),
    "log10 of TeV": (_column(1, TABLE[:, 1] - 3), UnitError, "are they log10.E/TeV"),
    "one energy in GeV": (_value(7, 1, 12345.0), UnitError, "are they in GeV or TeV"),
    "an energy that is not finite": (_value(7, 1, np.inf), DataError, "not finite in row 7"),
    "Julian dates": (_column(0, TABLE[:, 0] + 2400000.5), UnitError, "subtract 2400000.5"),
    "unix time": (_column(0, (TABLE[:, 0] - 40587) * 86400), UnitError, "seconds"),
    "MJD in seconds": (_column(0, TABLE[:, 0] * 86400), UnitError, "seconds"),
    "years": (_column(0, 2011 + np.arange(N) / N), UnitError, "years"),
    "directions in radians": (
        np.hstack([TABLE[:, :3], np.radians(TABLE[:, 3:5]), TABLE[:, 5:]]),
        CoordinateError,
        "radians",
    ),
    "right ascension in hours": (_column(3, TABLE[:, 3] / 15), CoordinateError, "hours"),
    "declination in radians": (_column(4, np.radians(TABLE[:, 4])), CoordinateError, "radians"),
    "zenith for declination": (_column(4, TABLE[:, 6]), CoordinateError, "expected -90 to 90"),
    "one more column": (np.hstack([TABLE, TABLE[:, :1]]), CorruptFileError, "8 columns, expected 7"),
    "no event": (TABLE[:0], EmptySampleError, "no rows"),
}


@pytest.mark.parametrize(("table", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_events_that_cannot_be_are_refused(tmp_path, table, error, message):
    _write(_release(tmp_path) / "events/S_exp.csv", table, "of the release")
    with pytest.raises(error, match=message):
        _sample(tmp_path).events()


@pytest.mark.parametrize(
    ("head", "error", "message"),
    [
        (HEAD.replace("AngErr[deg]", "AngErr[rad]"), UnitError, r"column 3 is called 'AngErr\[rad\]'"),
        (HEAD.replace("E/GeV", "E/TeV"), UnitError, "expected log10"),
        (
            HEAD.replace("RA[deg] Dec[deg]", "Dec[deg] RA[deg]"),
            CorruptFileError,
            r"column 4 is called 'Dec\[deg\]'",
        ),
    ],
)
def test_names_of_columns_that_say_something_else_are_refused(tmp_path, head, error, message):
    _write(_release(tmp_path) / "events/S_exp.csv", TABLE, head)
    with pytest.raises(error, match=message):
        _sample(tmp_path).events()


# --- events that are listed twice ----------------------------------------------------


def test_repeated_rows_are_those_that_equal_an_earlier_one(rng):
    table = rng.integers(0, 3, (400, 3)).astype(float)
    seen, expected = set(), []
    for row in table.tolist():
        expected.append(tuple(row) in seen)
        seen.add(tuple(row))
    assert repeated(table).tolist() == expected


def test_a_few_exact_repeats_are_left_out_and_counted(tmp_path):
    table = np.vstack([TABLE, TABLE[5:6]])  # 0.08 %
    sample = _sample(_release(tmp_path, table))
    _same(sample.events(), TABLE)
    (note,) = all_notes(sample)
    assert note.endswith("1 of 1201 events, exact repeats of others, left out")


@pytest.mark.parametrize("number", [2, 60, N])
def test_many_exact_repeats_are_refused(tmp_path, number):
    sample = _sample(_release(tmp_path, np.vstack([TABLE, TABLE[:number]])))
    with pytest.raises(DataError, match=f"{number} of {N + number} events are exact repeats"):
        sample.events()


@pytest.mark.parametrize("number", [1, N])
def test_events_of_two_seasons_are_refused(tmp_path, number):
    other = _events(2, first=FIRST + DAYS)
    _release(tmp_path)
    _release(tmp_path, np.vstack([other, TABLE[:number]]), season="T")
    with pytest.raises(DataError, match=f"S_exp.csv and .*T_exp.csv: {number} events are in both"):
        _sample(tmp_path, "S", "T").events()


def test_events_that_differ_in_one_digit_are_kept(tmp_path):
    table = np.vstack([TABLE, TABLE[:60]])
    table[-60:, 1] += 0.001
    assert len(_sample(_release(tmp_path, table)).events()) == N + 60


# --- livetime ------------------------------------------------------------------------

GOOD_RUNS = {
    "seconds since the first run": ((_runs() - FIRST) * 86400, UnitError, "seconds"),
    "days since the first run": (_runs() - FIRST, UnitError, "expected modified Julian dates"),
    "unix time": ((_runs() - 40587) * 86400, UnitError, "seconds"),
    "Julian dates": (_runs() + 2400000.5, UnitError, "subtract 2400000.5"),
    "MJD in seconds": (_runs() * 86400, UnitError, "seconds"),
    "years": (2011 + _runs() / 1e9, UnitError, "years"),
    "of the season before": (
        _runs(FIRST - 350),
        DataError,
        "1200 of 1200 events.*give the list of the same season",
    ),
    "of the season after": (_runs(FIRST + 350), DataError, "give the list of the same season"),
    "of half the season": (_runs(days=150), DataError, "600 of 1200 events"),
    "of three seasons": (_runs(FIRST - 300, 900), DataError, "570.* of the 855.* days"),
    "not finite": (np.vstack([_runs(), [[np.nan, FIRST + 400]]]), DataError, "not finite"),
    "overlapping": (np.vstack([_runs(), _runs()[:1]]), DataError, "runs overlap"),
}


@pytest.mark.parametrize(("runs", "error", "message"), GOOD_RUNS.values(), ids=GOOD_RUNS)
def test_good_runs_that_are_not_those_of_the_events_are_refused(tmp_path, runs, error, message):
    sample = _sample(_release(tmp_path, runs=runs))
    with pytest.raises(error, match=message):
        sample.livetime()


def test_a_few_events_outside_the_runs_are_said(tmp_path):
    table = TABLE.copy()
    table[:2, 0] = FIRST + 0.97, FIRST + 1.97  # between two runs; the others may be too
    runs = np.array([[FIRST, FIRST + 0.96], [FIRST + 0.98, FIRST + 1.96], [FIRST + 1.98, FIRST + DAYS]])
    sample = _sample(_release(tmp_path, table, runs))
    assert sample.livetime() / 86400 == pytest.approx(DAYS - 0.04)
    assert "2 of 1200 events of season S lie outside all runs" in all_notes(sample)[0]


def test_runs_that_overlap_by_a_second_are_counted_once(tmp_path):
    """As three seasons of the public 10-year release have them."""
    runs = np.array([[FIRST, FIRST + 100.0 + 1 / 86400], [FIRST + 100.0, FIRST + DAYS]])
    assert _sample(_release(tmp_path, runs=runs)).livetime() == pytest.approx(DAYS * 86400, abs=0.1)


@pytest.mark.parametrize(
    ("season", "days"), [("IC86_III", 362.94), ("IC86_IV", 370.68), ("IC86_VI", 357.33), ("IC86_VII", 410.64)]
)
def test_good_runs_of_the_public_release_are_read(real_data, season, days):
    sample = nuweft.plugins.create("neutrino_sample", "icecube-ps-10yr", seasons=[season], smearing=False)
    assert sample.livetime() / 86400 == pytest.approx(days, abs=0.005)


def test_a_response_is_read_without_events(tmp_path):
    (_release(tmp_path) / "events/S_exp.csv").unlink()
    assert _sample(tmp_path).livetime() / 86400 == pytest.approx(0.95 * DAYS)


@pytest.mark.parametrize("days", [332.96 * 86400, 332.96 * 24, 332.96 / 365.25])
def test_a_livetime_in_another_unit_is_refused(days):
    with pytest.raises(ConfigurationError, match="livetime_days.*expected .*(10 to 450 days|days are asked)"):
        nuweft.plugins.create(
            "neutrino_sample", "icecube-ps-3yr", seasons=["IC86-2011"], livetime_days={"IC86-2011": days}
        )


# --- effective area ------------------------------------------------------------------


def _changed(columns, change):
    table = _area()
    table[:, columns] = change(table[:, columns])
    return table


AREAS = {
    "energies in GeV": (_changed([0, 1], lambda e: 10**e), UnitError, "are they in GeV"),
    "energies in TeV": (_changed([0, 1], lambda e: 10 ** (e - 3)), UnitError, "are they in GeV"),
    "log10 of TeV": (_changed([0, 1], lambda e: e - 3), UnitError, "are they log10.E/TeV"),
    "declinations in radians": (_changed([2, 3], np.radians), UnitError, "are they radians"),
    "sines of declination": (_changed([2, 3], lambda d: np.sin(np.radians(d))), UnitError, "sines"),
    "zenith angles": (_changed([2, 3], lambda d: d + 90), UnitError, "are they zenith angles"),
    "m2": (_changed([4], lambda a: a / 1e4), UnitError, "the layout has cm2"),
    "negative": (_changed([4], lambda a: -a), DataError, "negative"),
    "a row twice": (np.vstack([_area(), _area()[:1]]), DataError, "do not fill a grid"),
    "a gap in energy": (_area()[_area()[:, 0] != 4], DataError, "have a gap at 4"),
    "a band is missing": (_area()[_area()[:, 2] != 0], DataError, "have a gap"),
}


@pytest.mark.parametrize(("area", "error", "message"), AREAS.values(), ids=AREAS)
def test_effective_areas_in_another_unit_are_refused(tmp_path, area, error, message):
    with pytest.raises(error, match=message):
        _sample(_release(tmp_path, area=area)).response()


def test_rows_of_an_effective_area_may_have_any_order(tmp_path, rng):
    area = _sample(_release(tmp_path, area=_area()[rng.permutation(len(_area()))])).response().seasons[0]
    assert area.effective_area(np.array(3.1), np.array(0.3)) == pytest.approx(
        1e4 * 10 ** (0.7 * 1.0), rel=1e-4
    )


@pytest.mark.parametrize(
    ("energy", "sin_dec", "message"),
    [
        (10 ** np.linspace(2, 8, 13), np.array([-1.0, 1.0]), "are they in GeV"),
        (np.linspace(2, 8, 13), np.array([-90.0, 90.0]), "sines of declination up to 90"),
    ],
)
def test_an_effective_area_of_any_plugin_has_its_units(energy, sin_dec, message):
    with pytest.raises(UnitError, match=message):
        EffectiveArea(energy, sin_dec, np.ones((12, 1)), "of a plugin")


def _measure(sample, minimum, **settings):
    return nuweft.Analysis(
        tracer=nuweft.plugins.create("tracer", "mock-galaxies", galaxies=20000, field_nside=16),
        neutrino_sample=sample,
        mask=nuweft.plugins.create("mask", "declination", minimum=minimum),
        nside=16,
        oversampling=2,
        gamma_points=7,
        trials=0,
        **settings,
    ).measure()


@pytest.mark.parametrize(("low", "high"), [(0, 90), (-90, 30), (15, 90)])
def test_an_effective_area_that_ends_inside_the_mask_is_refused(tmp_path, low, high):
    sample = _sample(_release(tmp_path, area=_area(low, high)))
    end = low if low > -90 else high
    with pytest.raises(DataError, match=rf"ends at declination {end}\.00 deg, but the mask reaches from -"):
        _measure(sample, "-10 deg")


def test_one_season_that_ends_inside_the_mask_is_refused(tmp_path):
    _release(tmp_path)
    later = FIRST + DAYS + 1
    _release(tmp_path, _events(2, first=later), _runs(later), _area(0, 90), season="T")
    with pytest.raises(DataError, match=r"ends at declination 0\.00 deg"):
        _measure(_sample(tmp_path, "S", "T"), "-10 deg")


def test_smearing_that_ends_inside_the_mask_is_refused(tmp_path):
    _release(tmp_path, smearing=_smearing(0, 90))
    with pytest.raises(DataError, match=r"smearing of a season ends at declination 0\.00 deg"):
        _measure(_sample(tmp_path, smearing=True), "-10 deg")


def test_an_effective_area_that_ends_at_the_mask_is_enough(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = _measure(_sample(_release(tmp_path / "a")), "0 deg")
        part = _measure(_sample(_release(tmp_path / "b", area=_area(0, 90))), "0 deg")
    assert part.isotropic_acceptance(2.5) == pytest.approx(whole.isotropic_acceptance(2.5), rel=1e-3)


def test_an_area_of_zero_inside_the_mask_is_told_from_one_that_ends(tmp_path):
    area = _area()
    area[area[:, 2] < 0, 4] = 0.0
    with pytest.raises(ZeroAcceptanceError, match="no acceptance; narrow"):
        _measure(_sample(_release(tmp_path, area=area)), "-40 deg")


@pytest.mark.parametrize(
    ("columns", "change", "error", "message"),
    [
        ([0, 1], lambda e: 10**e, UnitError, "are they in GeV"),
        ([2, 3], np.radians, UnitError, "are they radians"),
        ([6, 7], np.radians, UnitError, "separations have the mean 0.017.*radians"),
        ([8, 9], np.radians, UnitError, "angular errors have the mean 0.01.*radians"),
        ([6, 7], lambda p: 3600 * p, UnitError, "expected degrees from 0 to 180"),
    ],
)
def test_smearing_in_another_unit_is_refused(tmp_path, columns, change, error, message):
    table = _smearing()
    table[:, columns] = change(table[:, columns])
    sample = _sample(_release(tmp_path, smearing=table), smearing=True)
    with pytest.raises(error, match=message):
        sample.response()


# --- archives --------------------------------------------------------------------------

THREE_YEAR = {
    "r/IC86-2012-events.txt": TABLE,
    "r/IC86-2012-TabulatedAeff.txt": np.array(
        [
            [10.0**e, 10 ** (e + 0.5), c, c + 0.5, 10 ** (0.7 * (e - 2))]
            for e in np.arange(2, 8.5, 0.5)
            for c in (-1.0, -0.5, 0.0, 0.5)
        ]
    ),
    "r/IC86-2012-AngRes.txt": np.array([[1e2, 1e4, 1.0], [1e4, 1e9, 0.5]]),
}


def _archive(path, *more, **changes):
    members = [(name, changes.get(name.split("-")[-1][:-4], table)) for name, table in THREE_YEAR.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's own, of a name twice
        with zipfile.ZipFile(path, "w") as bundle:
            for name, table in [*members, *more]:
                rows = "".join(" ".join(f"{v:.10g}" for v in row) + "\n" for row in table)
                bundle.writestr(name, "# of the release\n" + rows)
    return path


def _three_year(path, **settings):
    settings = {"livetime_days": {"IC86-2012": 290.0}, **settings}
    return nuweft.plugins.create(
        "neutrino_sample", "icecube-ps-3yr", seasons=["IC86-2012"], file=str(path), **settings
    )


def test_an_archive_is_read(tmp_path):
    sample = _three_year(_archive(tmp_path / "r.zip"))
    _same(sample.events(), TABLE)
    assert sample.livetime() == 290 * 86400
    assert all_notes(sample) == ()


@pytest.mark.parametrize("name", ["r/IC86-2012-events.txt", "old/IC86-2012-events.txt"])
def test_two_members_of_one_name_are_refused(tmp_path, name):
    path = _archive(tmp_path / "r.zip", (name, _events(2)))
    with pytest.raises(CorruptFileError, match="several members are named IC86-2012-events.txt and differ"):
        _three_year(path).events()


def test_a_member_that_is_fetched_is_the_only_one_of_its_name(tmp_path):
    from nuweft.data.locate import extract_member

    path = _archive(tmp_path / "r.zip", ("r/IC86-2012-events.txt", _events(2)))
    with pytest.raises(CorruptFileError, match="2 members are named 'r/IC86-2012-events.txt'"):
        extract_member(path, "r/IC86-2012-events.txt", tmp_path / "events.txt")
    assert not (tmp_path / "events.txt").exists()


def test_the_same_member_twice_is_one(tmp_path):
    path = _archive(tmp_path / "r.zip", ("copy/IC86-2012-events.txt", TABLE))
    _same(_three_year(path).events(), TABLE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: np.hstack([np.log10(t[:, :2]), t[:, 2:]]), "expected GeV; are they logarithms"),
        (lambda t: np.hstack([t[:, :2], np.degrees(np.arccos(t[:, [3, 2]])), t[:, 4:]]), "are they angles"),
        (lambda t: np.hstack([t[:, :4], 1e4 * t[:, 4:]]), "the layout has m2"),
    ],
)
def test_areas_of_the_archive_in_another_unit_are_refused(tmp_path, change, message):
    area = change(THREE_YEAR["r/IC86-2012-TabulatedAeff.txt"])
    with pytest.raises(UnitError, match=message):
        _three_year(_archive(tmp_path / "r.zip", TabulatedAeff=area)).response()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: np.hstack([np.log10(t[:, :2]), t[:, 2:]]), "expected energies in GeV"),
        (lambda t: np.hstack([t[:, :2], np.radians(t[:, 2:])]), "median 0.013.*expected about one degree"),
        (lambda t: np.hstack([t[:, :2], 60 * t[:, 2:]]), "median 45, expected about one degree"),
    ],
)
def test_resolutions_of_the_archive_in_another_unit_are_refused(tmp_path, change, message):
    resolution = change(THREE_YEAR["r/IC86-2012-AngRes.txt"])
    with pytest.raises(UnitError, match=message):
        _three_year(_archive(tmp_path / "r.zip", AngRes=resolution)).response()


@pytest.mark.parametrize("days", [30.0, 400.0])
def test_a_livetime_that_is_not_that_of_the_events_is_refused(tmp_path, days):
    sample = _three_year(_archive(tmp_path / "r.zip"), livetime_days={"IC86-2012": days})
    with pytest.raises(DataError, match="the events span 299"):
        sample.response()


def test_a_good_run_list_of_another_season_is_refused(tmp_path):
    path = tmp_path / "runs.csv"
    _write(path, _runs(FIRST + 350), "MJD_start MJD_stop")
    sample = _three_year(_archive(tmp_path / "r.zip"), uptime={"IC86-2012": str(path)})
    with pytest.raises(DataError, match="1200 of 1200 events of season IC86-2012 lie outside all runs"):
        sample.response()


def test_a_floor_is_no_repair(tmp_path):
    """Errors in radians would all be raised to the floor."""
    sample = _sample(_release(tmp_path, _column(2, np.radians(TABLE[:, 2]))))
    with pytest.raises(UnitError):
        attrs.evolve(sample, angular_error_floor="0.5 deg").events()
