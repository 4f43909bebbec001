import json

import attrs
import h5py
import numpy as np
import pytest
import sacc

import nuweft
from nuweft.errors import OutputExistsError
from nuweft.io.trials_file import TrialFile
from nuweft.runs.provenance import identity, input_checksums

KEYS = {
    "events_per_bin",
    "f_sky",
    "null",
    "best_fit",
    "test_statistic",
    "p_value",
    "p_value_error",
    "significance_sigma",
    "trials",
    "upper_limits",
    "source_evolution",
    "f_astro",
    "warnings",
}


@pytest.fixture(scope="module")
def finished(small_sky, tmp_path_factory):
    make = nuweft.plugins.create
    analysis = attrs.evolve(
        small_sky,
        source_evolution=[
            make("source_evolution", "power-law", k=-1.0),
            make("source_evolution", "constant"),
        ],
        trials=300,
    )
    folder = tmp_path_factory.mktemp("run") / "out"
    return analysis, folder, nuweft.run(analysis, folder)


def test_a_run_writes_its_files(finished):
    _, folder, _ = finished
    assert {p.name for p in folder.iterdir()} == {
        "analysis.yaml",
        "chain.h5",
        "figures",
        "point_spread.csv",
        "provenance.json",
        "result.json",
        "spectra.sacc",
        "tracer.sacc",
        "trials.h5",
    }
    assert {p.name for p in (folder / "figures").iterdir()} == {
        f"{n}.png"
        for n in (
            "evolution",
            "flux_limit",
            "likelihood",
            "response",
            "sample",
            "spectrum",
            "test_statistic",
            "tracer",
            "tracer_auto",
        )
    }
    assert all(p.stat().st_size > 10_000 for p in (folder / "figures").iterdir())


def test_result_json_has_its_keys(finished):
    _, folder, result = finished
    content = json.loads((folder / "result.json").read_text())
    assert content.keys() >= KEYS
    assert content["best_fit"].keys() == {"f_corr", "gamma", "f_atm", "n_corr", "chi2", "dof"}
    assert content["null"].keys() == {"f_atm", "chi2", "dof"}
    assert [u["gamma"] for u in content["upper_limits"]] == [2.0, 2.37, 3.0]
    assert content["upper_limits"][0].keys() >= {
        "gamma",
        "credibility",
        "f_corr",
        "n_corr",
        "flux_100TeV",
        "fraction_of_diffuse",
        "f_corr_hat",
        "f_corr_sigma",
    }
    assert content["source_evolution"][0].keys() >= {"plugin", "settings", "f_corr_model", "ratio_to_limit"}
    assert content["source_evolution"][0]["settings"] == {"k": -1.0}
    assert content["test_statistic"] == result.fit.test_statistic
    assert content["trials"] == 300
    limit = content["upper_limits"][1]
    events = sum(content["events_per_bin"])
    assert limit["n_corr"] == pytest.approx(limit["f_corr"] * events)
    assert limit["flux_100TeV"] == pytest.approx(limit["n_corr"] / result.measured.acceptance(2.37))
    assert limit["fraction_of_diffuse"] == pytest.approx(limit["flux_100TeV"] / 1.44e-18)


def test_the_sacc_file_holds_the_measurement(finished):
    analysis, folder, result = finished
    store = sacc.Sacc.load_fits(str(folder / "spectra.sacc"))
    blocks = result.measured.blocks
    assert np.array_equal(store.mean, np.concatenate([b.data for b in blocks]))
    dense = store.covariance.covmat
    n = len(blocks[0].data)
    assert np.allclose(dense[:n, :n], blocks[0].covariance, rtol=1e-12)
    assert np.all(dense[:n, n:] == 0)
    extra = store.tracers["neutrinos_2"].beam_extra
    assert np.allclose(extra["null_mean"], blocks[1].null_mean)
    assert np.allclose(extra["signal_2.000"], blocks[1].signal[4])
    assert store.tracers["neutrinos_2"].metadata["energy_bin"] == "3.2-4.5"
    distribution = analysis.tracer.redshift_distribution()
    assert np.allclose(store.tracers["mock-galaxies"].nz, distribution.density)
    ell, _ = store.get_ell_cl("cl_00", "mock-galaxies", "neutrinos_1")
    assert ell.tolist() == blocks[0].ell.tolist()
    window = store.get_bandpower_windows(store.indices(tracers=("mock-galaxies", "neutrinos_1")))
    assert np.array_equal(window.weight.T @ window.values, blocks[0].ell)


def test_the_chain_is_an_emcee_backend(finished):
    import emcee

    _, folder, result = finished
    backend = emcee.backends.HDFBackend(str(folder / "chain.h5"), read_only=True)
    assert backend.shape == (48, len(result.model.parameters))
    assert backend.get_chain().shape[0] == 800


def test_trials_are_those_of_the_analysis(finished):
    analysis, folder, result = finished
    with h5py.File(folder / "trials.h5") as store:
        assert store.attrs["identity"] == identity(analysis)
        assert np.array_equal(store["test_statistic"][:], result.trial_test_statistics)
        expected = analysis.run_trials(result.measured, 20)
        for block, statistics in zip(result.measured.blocks, expected, strict=True):
            assert np.array_equal(store[block.energy_bin][:20], statistics)


def test_provenance_says_where_the_result_comes_from(finished):
    analysis, folder, _ = finished
    content = json.loads((folder / "provenance.json").read_text())
    assert content["nuweft"] == nuweft.__version__
    assert content["seed"] == analysis.seed
    assert content["libraries"]["numpy"] == np.__version__
    assert content["plugins"]["tracer:mock-galaxies"].startswith("nuweft_mocks (nuweft")
    assert nuweft.Analysis.from_mapping(content["settings"]) == analysis
    assert set(content["seconds"]) == {"measure", "trials", "posterior", "interpret", "figures"}


def test_the_resolved_settings_give_the_same_analysis(finished):
    analysis, folder, _ = finished
    assert nuweft.Analysis.from_yaml(folder / "analysis.yaml") == analysis


def test_an_interrupted_run_is_resumed_with_the_same_result(small_sky, tmp_path, monkeypatch):
    monkeypatch.setattr("nuweft.runs.folder._CHUNK", 100)
    analysis = attrs.evolve(small_sky, trials=300)
    monkeypatch.setattr("nuweft.plotting.gallery.write_figures", lambda *a: None)
    whole = nuweft.run(analysis, tmp_path / "whole")

    append = TrialFile.append

    def interrupted(self, start, *args, **kwargs):
        if start == 200:
            raise KeyboardInterrupt
        append(self, start, *args, **kwargs)

    monkeypatch.setattr(TrialFile, "append", interrupted)
    with pytest.raises(KeyboardInterrupt):
        nuweft.run(analysis, tmp_path / "parts")
    assert not (tmp_path / "parts" / "result.json").exists()
    monkeypatch.setattr(TrialFile, "append", append)
    resumed = nuweft.run(analysis, tmp_path / "parts")
    assert json.loads((tmp_path / "parts" / "provenance.json").read_text())["trials_taken_over"] == 200
    assert np.array_equal(resumed.trial_test_statistics, whole.trial_test_statistics)


@pytest.mark.validation  # most of a minute
def test_more_trials_extend_a_run(finished, monkeypatch):
    analysis, folder, result = finished
    monkeypatch.setattr("nuweft.plotting.gallery.write_figures", lambda *a: None)
    longer = nuweft.run(attrs.evolve(analysis, trials=350), folder)
    assert np.array_equal(longer.trial_test_statistics[:300], result.trial_test_statistics)
    assert len(longer.trial_test_statistics) == 350
    nuweft.run(analysis, folder)


def test_a_folder_with_another_run_is_refused_and_kept(finished):
    analysis, folder, _ = finished
    before = (folder / "result.json").read_bytes()
    with pytest.raises(OutputExistsError, match="holds another run .different: seed"):
        nuweft.run(attrs.evolve(analysis, seed=77), folder)
    assert (folder / "result.json").read_bytes() == before


def test_a_run_that_failed_at_once_does_not_block_its_folder(small_sky, tmp_path):
    from nuweft.errors import EmptyEnergyBinError
    from nuweft.runs.folder import prepare_folder

    empty = attrs.evolve(small_sky.neutrino_sample, energy_edges=(2.5, 8.0, 9.0))
    with pytest.raises(EmptyEnergyBinError):
        nuweft.run(attrs.evolve(small_sky, neutrino_sample=empty), tmp_path / "out")
    assert prepare_folder(small_sky, tmp_path / "out") == identity(small_sky)


def test_a_folder_with_other_files_is_refused(small_sky, tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(OutputExistsError, match="files that are not a run"):
        nuweft.run(small_sky, tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "precious"


def test_the_identity_holds_the_content_of_inputs(make, tmp_path, rng):
    from astropy.table import Table

    path = tmp_path / "c.csv"
    Table({"RA": rng.uniform(0, 360, 50), "DEC": rng.uniform(-80, 80, 50)}).write(path)
    analysis = nuweft.Analysis(
        tracer=make("tracer", "catalog", file=str(path), ra="RA", dec="DEC"),
        neutrino_sample=make("neutrino_sample", "mock-tracks"),
    )
    assert list(input_checksums(analysis)) == [f"{tmp_path.name}/c.csv"]
    before = identity(analysis)
    assert identity(attrs.evolve(analysis, trials=5)) == before
    assert identity(attrs.evolve(analysis, seed=5)) != before
    path.write_text(path.read_text() + "1.0,2.0\n")
    assert identity(analysis) != before


def test_a_run_without_redshifts_has_no_evolution_and_says_so(make, small_sky, tmp_path, monkeypatch, rng):
    from astropy.table import Table

    monkeypatch.setattr("nuweft.plotting.gallery.write_figures", lambda *a: None)
    dec = np.degrees(np.arcsin(rng.uniform(-1, 1, 3000)))
    Table({"RA": rng.uniform(0, 360, 3000), "DEC": dec}).write(tmp_path / "c.fits")
    analysis = attrs.evolve(
        small_sky,
        tracer=make("tracer", "catalog", file=str(tmp_path / "c.fits"), ra="RA", dec="DEC"),
        trials=0,
    )
    nuweft.run(analysis, tmp_path / "out")
    content = json.loads((tmp_path / "out" / "result.json").read_text())
    assert content["source_evolution"] == []
    assert any("no redshift distribution" in w for w in content["warnings"])
    assert any("no trials" in w for w in content["warnings"])
    assert content["p_value"] is None
