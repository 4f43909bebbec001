import json

import attrs
import numpy as np
import pytest
from typer.testing import CliRunner

import nuweft
from nuweft.cli import app
from nuweft.errors import CorruptFileError, MissingDataError, RedshiftError
from nuweft.evolution.posterior import sample_evolution
from nuweft.interpretation import (
    FiniteSources,
    bias_cases,
    dependences,
    finite_sources,
    interpret_run,
    interpretation_json,
)
from nuweft.interpretation.families import curve
from nuweft.interpretation.finished_run import read_run
from nuweft.statistics.signal_fit import SignalFit


@pytest.fixture(scope="module")
def folder(small_sky, tmp_path_factory):
    make = nuweft.plugins.create
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nuweft.plotting.gallery.write_figures", lambda *a: None)
        path = tmp_path_factory.mktemp("run") / "out"
        analysis = attrs.evolve(
            small_sky,
            source_evolution=[make("source_evolution", "power-law", k=1.0)],
            trials=50,
            f_astro=0.05,
        )
        nuweft.run(analysis, path)
    return path


def test_a_run_is_read_from_its_folder_alone(folder):
    run = read_run(folder)
    content = json.loads((folder / "result.json").read_text())
    assert run.f_astro == content["f_astro"] == 0.05
    # models of sources that share the density field stand beside the limit on the field
    field = content["other_limits"]["field"][1]
    assert (run.limit.signal, field["signal"]) == ("field", "field")
    assert run.limit.f_corr == pytest.approx(field["f_corr"], rel=1e-9)
    sources = run.limit_on({"sources": 1.0})
    assert sources.f_corr == pytest.approx(content["upper_limits"][1]["f_corr"], rel=1e-9)
    (row,) = content["source_evolution"]
    assert row["ratio_to_limit"] == pytest.approx(row["f_corr_model"] / field["f_corr"], rel=1e-9)
    assert run.ell.tolist() == list(range(10, 96))
    # the same strength as the run itself, from n(z) in the SACC file
    model = run.analysis.source_evolution[0]
    assert run.strength()(model) == pytest.approx(content["source_evolution"][0]["f_corr_model"], rel=1e-6)


def test_limits_scale_with_the_bias_ratio(folder, make):
    run = read_run(folder)
    # an estimate and an error that give a limit of 0.02
    low = with_limit(run, 0.02)
    (curve,) = interpret_run(low, [make("source_evolution", "power-law")]).curves
    (one,), (two,) = curve.limits["1.0"], curve.limits["2.0"]
    assert run.strength(1.0)(attrs.evolve(curve.model, k=one)) == pytest.approx(0.02, rel=1e-4)
    assert run.strength(2.0)(attrs.evolve(curve.model, k=two)) == pytest.approx(0.02, rel=1e-4)
    assert two > one


def with_limit(run, limit):
    """A run with an estimate of zero and an error that give a limit."""
    fit = SignalFit(
        gamma=2.37, signals=("field",), score=np.zeros(1), information=np.array([[(1.6448536 / limit) ** 2]])
    )
    return attrs.evolve(run, fits={2.37: fit})


def test_a_range_that_is_excluded_is_told_from_one_that_is_allowed(folder, make):
    run = read_run(folder)
    model, strength = make("source_evolution", "power-law"), run.strength()
    strict, loose, between = (
        curve(bias_cases(with_limit(run, limit), 0.0), strength, model) for limit in (1e-5, 0.5, 0.02)
    )
    assert strict.verdicts["1.0"] == "excluded"
    assert loose.verdicts["1.0"] == "allowed"
    assert between.verdicts["1.0"] == "crossed"
    assert strict.limits["1.0"] == loose.limits["1.0"] == []


def test_without_detected_clustering_models_of_the_field_have_no_limit(folder, make):
    run = read_run(folder)
    fit = run.fit
    only = SignalFit(
        gamma=2.37, signals=("sources",), score=fit.score[:1], information=fit.information[:1, :1]
    )
    bare = attrs.evolve(run, fits={2.37: only})
    models = [make("source_evolution", name) for name in ("constant", "counts-trace-catalog", "power-law")]
    content = interpretation_json(interpret_run(bare, models))
    assert content["limit"] is None
    ratios = {row["plugin"]: row["ratio_to_limit"]["1.0"] for row in content["models"]}
    assert ratios["constant"] is None
    assert ratios["counts-trace-catalog"] > 0
    assert content["limits_on_parameters"][0]["verdicts"]["1.0"] == "no limit"
    assert any("clustering of the tracer was not detected" in note for note in content["notes"])


def test_a_mixture_is_compared_with_the_limit_on_its_spectrum(folder, make):
    run = read_run(folder)
    parts = [make("source_evolution", name) for name in ("constant", "counts-trace-catalog")]
    mixture = make("source_evolution", "mixture", models=parts, fractions=[0.6, 0.4])
    strength = run.strength()
    one, two = (strength(model) for model in parts)
    expected = {"field": 0.6 * one, "sources": 0.4 * two}
    assert strength.parts(mixture) == pytest.approx(expected, rel=1e-9)
    limit = run.limit_on(strength.parts(mixture))
    between = sorted(run.limit_on({kind: 1.0}).f_corr_sigma for kind in ("field", "sources"))
    assert between[0] < limit.f_corr_sigma < between[1]


def test_the_evolution_posterior_equals_the_likelihood_on_the_grid():
    x, y = np.linspace(-2, 2, 41), np.linspace(0.1, 3, 41)
    strength = 0.01 * np.exp(-0.5 * x)[:, None] / (0.5 + y)[None, :]

    def log_likelihood(f):
        return -0.5 * ((f - 0.006) / 0.001) ** 2

    found = sample_evolution({"k": x, "z_cut": y}, strength, log_likelihood, seed=3)
    assert found.converged
    weight = np.exp(-0.5 * ((strength - 0.006) / 0.001) ** 2)
    marginal = weight.sum(axis=1)
    mean = np.sum(marginal * x) / marginal.sum()
    sd = np.sqrt(np.sum(marginal * (x - mean) ** 2) / marginal.sum())
    n = 32 * 3000 / found.autocorrelation_time.max()
    # the grid sum is itself good to a step of the grid over its width
    assert found.samples[:, 0].mean() == pytest.approx(mean, abs=5 * sd / np.sqrt(n) + 0.02 * sd)


@pytest.mark.validation
def test_evolve_writes_its_table_and_figures(folder):
    result = CliRunner().invoke(
        app, ["evolve", str(folder), "--model", "power-law-cutoff", "--model", "constant"]
    )
    assert result.exit_code == 0, result.output
    content = json.loads((folder / "evolution.json").read_text())
    assert [m["plugin"] for m in content["models"]] == ["power-law", "power-law-cutoff", "constant"]
    ratio = content["models"][0]["ratio_to_limit"]
    assert ratio["2.0"] == pytest.approx(2 * ratio["1.0"])
    assert content["regions"][0]["plugin"] == "power-law-cutoff"
    assert set(content["regions"][0]["posterior"]) == {"k", "z_cut"}
    for name in ("power-law", "power-law-cutoff"):
        assert (folder / "figures" / f"evolution_{name}.png").stat().st_size > 10_000


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(MissingDataError, match="no result.json"):
        read_run(tmp_path)


def test_a_broken_run_is_named(folder, tmp_path):
    import shutil

    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy" / "result.json").write_text("{")
    with pytest.raises(CorruptFileError, match="not a finished run"):
        read_run(tmp_path / "copy")


def test_a_run_without_the_diffuse_index_says_so(folder, tmp_path):
    import shutil

    shutil.copytree(folder, tmp_path / "copy")
    content = json.loads((folder / "result.json").read_text())
    content["signal_fits"] = content["signal_fits"][:1]
    (tmp_path / "copy" / "result.json").write_text(json.dumps(content))
    with pytest.raises(RedshiftError, match="no limit at index 2.37"):
        read_run(tmp_path / "copy")


def test_dependences_change_one_thing_at_a_time(folder, make, monkeypatch):
    published = nuweft.PublishedResult(
        source="Others",
        tracers=("mock-galaxies",),
        neutrino_samples=("mock-tracks",),
        values={},
        f_astro=0.013,
    )
    monkeypatch.setattr(nuweft.plugins, "published_results", lambda tracer, sample: [published])
    run = read_run(folder)
    strength = run.strength()
    model = make("source_evolution", "sources-trace-catalog")
    rows, failed = dependences(run, strength, [model])
    assert not failed
    table = {(row.quantity, row.value): row for row in rows}
    base = strength(model)
    assert table["n(z) stretched by", 1.0].f_corr == pytest.approx(base, rel=1e-6)
    assert table["f_astro", 0.05].f_corr == pytest.approx(base)
    assert table["f_astro", 0.013].f_corr == pytest.approx(base * 0.013 / 0.05)
    assert table["gamma, same f_astro", 2.37].ratio_to_limit == pytest.approx(
        base / run.limit_on({"sources": 1.0}).f_corr
    )
    for name in ("gamma, same f_astro", "gamma, same flux at 100 TeV"):
        assert set(run.fits) == {value for key, value in table if key == name}
    assert table["z_min", 1e-3].f_corr == pytest.approx(strength(attrs.evolve(model, z_min=1e-3)))
    # Limber is good to per cents for a broad n(z)
    assert table["Limber from multipole", 100].f_corr == pytest.approx(base, rel=0.02)


def test_many_sources_give_back_the_limit_of_the_run(folder, make):
    run = read_run(folder)
    model = make("source_evolution", "counts-trace-catalog")
    # the flux of this model is where the tracer is, so that no source is bright
    dense = finite_sources_of(run, model, number=1e7)
    limit = run.limit_on({"sources": 1.0}).f_corr
    assert dense.limits["1.0"] == pytest.approx(limit, rel=0.01)
    # events of the objects have the bias of the objects
    assert dense.limits["2.0"] == pytest.approx(limit, rel=0.01)
    few = finite_sources_of(run, model, number=30.0)
    assert few.limits["1.0"] > dense.limits["1.0"]
    assert few.effective_number < 30 < dense.effective_number


def finite_sources_of(run, model, *, number):
    settings = FiniteSources(number=number, draws=100, most=2000)
    return finite_sources(run, run.strength(), model, settings, bias_cases(run, 0.0))


def test_an_f_astro_that_is_set_is_the_same_at_all_indices(folder):
    assert set(read_run(folder).fractions.values()) == {0.05}


def test_the_same_flux_at_100_tev_is_another_share_at_another_index(small_sky, measured):
    free = attrs.evolve(small_sky, f_astro=None)
    soft, hard = (free.astrophysical_fraction(measured, gamma) for gamma in (3.0, 2.0))
    assert soft / hard == pytest.approx(
        measured.isotropic_acceptance(3.0) / measured.isotropic_acceptance(2.0)
    )
    assert free.astrophysical_fraction(measured) == free.astrophysical_fraction(measured, 2.37)


def test_a_run_without_source_variance_says_so(folder, make):
    run = attrs.evolve(read_run(folder), source_variance=None)
    settings = FiniteSources(number=1e5, draws=5, most=100)
    found = interpret_run(run, [make("source_evolution", "constant")], finite=settings)
    assert any("no source_variance" in note for note in found.notes)


def test_evolve_carries_a_prior_and_finite_sources_into_the_limit(folder):
    arguments = ["evolve", str(folder), "--model", "counts-trace-catalog", "--bias-prior", "0.4"]
    arguments += ["--local-density", "1e-8", "--luminosity", "power-law"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    content = json.loads((folder / "evolution.json").read_text())
    assert content["largest_f_corr"]["prior"] > content["largest_f_corr"]["1.0"]
    assert content["largest_f_corr"]["1.0"] == pytest.approx(read_run(folder).limit.f_corr, rel=1e-6)
    (row,) = content["finite_sources"]
    assert row["plugin"] == "power-law"
    assert row["largest_f_corr"]["1.0"] > content["largest_f_corr"]["1.0"]
    assert row["largest_f_corr"]["prior"] > row["largest_f_corr"]["1.0"]
    assert any("counts-trace-catalog" in note for note in content["notes"])
    assert (folder / "figures" / "evolution_finite_sources.png").stat().st_size > 10_000
    lines = (folder / "evolution.csv").read_text().splitlines()
    assert lines[0].startswith("model,median_redshift,f_corr_model,ratio_to_limit_b_1.0")
    assert len(lines) == 1 + len(content["models"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--luminosity", "lognormal"], "did you mean 'log-normal'"),
        (["--local-density", "-1"], "local_density: expected a positive number"),
        (["--local-density", "nan"], "local_density: expected a positive number"),
        (["--local-density", "1e-8", "--number", "5"], "either local_density or number"),
        (["--local-density", "1e-30"], "a realisation without any has no flux"),
        (["--bias-prior", "inf"], "spread of the bias ratio: expected a number"),
    ],
)
def test_bad_options_of_evolve_are_named(folder, options, message):
    defaults = [] if "--local-density" in options else ["--local-density", "1e-8"]
    result = CliRunner().invoke(app, ["evolve", str(folder), *options, *defaults])
    assert message in " ".join((result.output + str(result.exception)).split())


def test_a_misspelt_luminosity_is_refused_without_a_density_too(folder):
    result = CliRunner().invoke(app, ["evolve", str(folder), "--luminosity", "lognormal"])
    assert result.exit_code != 0
    assert "did you mean 'log-normal'" in str(result.exception)
