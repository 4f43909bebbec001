"""Variations share what does not change and stand side by side."""

import csv

import attrs
import numpy as np
import pytest

import nuweft
from nuweft.errors import ConfigurationError, ParameterError
from nuweft.studies.joint import joint_test_statistics
from nuweft.studies.scans import grid, scan


@pytest.fixture(scope="module")
def base(small_sky):
    return attrs.evolve(small_sky, nside=16, trials=200, gamma_points=9, gammas=(2.37,))


VARIATIONS = {
    "as it is": {},
    "north": {"mask": {"plugin": "declination", "minimum": "10 deg"}},
    "small scales": {"estimator.ell_min": 20},
    "other galaxies": {"tracer.seed": 4},
}


@pytest.fixture(scope="module")
def found(base):
    return scan(base, VARIATIONS)


def test_each_row_equals_its_analysis_alone(base, found):
    for row, settings in zip(found.rows, VARIATIONS.values(), strict=True):
        alone = nuweft.plugin.compose.vary(base, settings, where="test")
        assert row.analysis == alone
        measured = alone.measure()
        for a, b in zip(row.measured.blocks, measured.blocks, strict=True):
            np.testing.assert_allclose(a.data, b.data, rtol=1e-9, atol=1e-14)
            np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-12)
        assert row.fit.test_statistic == pytest.approx(alone.fit(measured).test_statistic, rel=1e-9)
        limit = alone.upper_limit(measured, 2.37)
        assert row.limits[0].f_corr == pytest.approx(limit.f_corr, rel=1e-9)
        assert row.fluxes[0] == pytest.approx(alone.flux(measured, limit.f_corr, 2.37), rel=1e-9)
        p = alone.calibrate(measured, alone.run_trials(measured))
        assert row.p_value.value == pytest.approx(p.value)


def test_trials_of_all_rows_are_of_the_same_scrambles(found):
    analyses = [row.analysis for row in found.rows]
    joint = joint_test_statistics(analyses, [row.measured for row in found.rows], 200)
    np.testing.assert_allclose([row.trial_test_statistics for row in found.rows], joint, rtol=1e-6, atol=1e-9)
    smallest = min(row.p_value.value for row in found.rows)
    assert smallest <= found.global_p_value().value <= 1


def test_the_table_holds_a_row_per_variation(found, tmp_path):
    found.to_csv(tmp_path / "scan.csv")
    with (tmp_path / "scan.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["variation"] for row in rows] == list(VARIATIONS)
    for row, variation in zip(rows, found.rows, strict=True):
        assert float(row["limit, gamma 2.37"]) == pytest.approx(variation.limits[0].f_corr)
        assert float(row["events"]) == variation.measured.events_per_bin.sum()
    assert "<td" in found._repr_html_()
    assert "small scales" in found._repr_html_()


def test_two_processes_find_the_same(base, found):
    other = scan(base, VARIATIONS, jobs=2)
    assert [row.name for row in other.rows] == [row.name for row in found.rows]
    for a, b in zip(other.rows, found.rows, strict=True):
        assert a.fit.test_statistic == pytest.approx(b.fit.test_statistic, rel=1e-6, abs=1e-9)
        np.testing.assert_allclose(a.trial_test_statistics, b.trial_test_statistics, rtol=1e-6, atol=1e-9)


def test_parts_are_shared_and_nothing_is_left_behind(base, monkeypatch, tmp_path):
    from nuweft.measurement import spectrum as measurement

    made = []
    exposure = measurement.template_exposure
    monkeypatch.setattr(measurement, "template_exposure", lambda *a: made.append(1) or exposure(*a))
    monkeypatch.setenv("NUWEFT_CACHE", str(tmp_path / "cache"))
    scan(base, VARIATIONS, trials=0)
    assert len(made) <= 1 + len(
        VARIATIONS
    )  # one for the templates; weights of each sky are made from another
    assert not (tmp_path / "cache").exists()


def test_without_trials_there_is_no_p_value(base):
    found = scan(base, {"as it is": {}}, trials=0)
    assert found.rows[0].p_value is None
    assert "p-value" not in found.table()[0]
    with pytest.raises(ParameterError, match="a global p-value needs trials"):
        found.global_p_value()


def test_a_grid_has_all_combinations():
    cuts = {"galactic": "galactic-cut", "all": None}
    found = grid(mask=cuts, **{"estimator.ell_min": [10, 30]})
    assert list(found) == [
        "galactic, ell_min 10",
        "galactic, ell_min 30",
        "all, ell_min 10",
        "all, ell_min 30",
    ]
    assert found["all, ell_min 30"] == {"mask": None, "estimator.ell_min": 30}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"estimater": "pseudo-cl"}, "wrong: estimater: no such setting; did you mean 'estimator'"),
        ({"estimator.lmin": 3}, "wrong: estimator: lmin: no such setting; did you mean"),
        ({"estimator.ell_min": -1}, "wrong: estimator: ell_min: expected an integer >= 0, got -1"),
        ({"nside.x": 3}, "wrong: nside: holds 16, which has no settings"),
        ({"mask": "declinaton"}, "wrong: mask: no mask plugin named 'declinaton'"),
    ],
)
def test_a_wrong_setting_says_where_it_is(base, settings, message):
    with pytest.raises((ConfigurationError, LookupError), match=message):
        scan(base, {"wrong": settings})


def test_objects_show_themselves_in_notebooks(base, found):
    html = base._repr_html_()
    assert "mock-galaxies" in html
    assert "field_nside" in html
    spectrum = found.rows[0].measured._repr_html_()
    assert "2.5-3.2" in spectrum
    fit = found.rows[0].fit._repr_html_()
    assert "best fit" in fit
    assert f"{found.rows[0].fit.null_dof}" in fit


def test_text_in_notebooks_is_escaped(base):
    evil = attrs.evolve(base, executor="<script>")
    assert "<script>" not in evil._repr_html_()
