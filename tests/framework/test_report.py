"""Reports and citations of finished runs."""

import json
import re
import shutil
from html.parser import HTMLParser

import attrs
import pytest
from typer.testing import CliRunner

import nuweft
from nuweft import plugins
from nuweft.cli import app
from nuweft.errors import CorruptFileError, MissingDataError
from nuweft.references import LIBRARIES, METHOD, PLANCK_2018
from nuweft.report.captions import captioned
from nuweft.report.citations import bibtex, citations, used_datasets
from nuweft.report.page import write_report
from nuweft.report.summary import summary


@pytest.fixture(scope="module")
def run(small_sky, tmp_path_factory):
    """A finished run with a model, in its folder."""
    folder = tmp_path_factory.mktemp("run") / "out"
    models = [nuweft.plugins.create("source_evolution", "star-formation-rate")]
    analysis = attrs.evolve(small_sky, nside=16, gamma_points=9, trials=60, source_evolution=models)
    nuweft.run(analysis, folder)
    return folder


@pytest.fixture
def copy(run, tmp_path):
    return shutil.copytree(run, tmp_path / "copy")


class _Page(HTMLParser):
    """Collects what a page shows and what it asks for."""

    VOID = ("meta", "img", "br", "link")

    def __init__(self, text):
        super().__init__()
        self.open, self.sources, self.text, self.alts = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        own = dict(attributes)
        self.sources += [own[name] for name in ("src", "href") if name in own]
        self.alts += [own.get("alt")] if tag == "img" else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_needs_nothing_else(run):
    path = write_report(run)
    text = path.read_text()
    page = _Page(text)
    assert page.open == []  # every tag is closed
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    assert "http" not in re.sub(r"data:image/png;base64,[^\"]*", "", text)
    assert "url(" not in text
    assert not (run / "report.html.part").exists()


def test_every_figure_of_the_run_is_on_the_page_with_a_caption(run):
    page = _Page(write_report(run).read_text())
    figures = list((run / "figures").glob("*.png"))
    assert len(page.alts) == len(figures) >= 8
    assert all(page.alts)
    assert {path.stem for path in figures} <= set(captioned())


def test_the_page_says_what_was_run_and_what_came_out(run):
    text = " ".join("".join(_Page(write_report(run).read_text()).text).split())
    result = json.loads((run / "result.json").read_text())
    provenance = json.loads((run / "provenance.json").read_text())
    for expected in (
        result["sample"],
        f"{result['upper_limits'][1]['f_corr']:.5f}",
        provenance["identity"],
        "neutrino_sample:mock-tracks",
        "nuweft_mocks (nuweft 0.1.0)",
        "star-formation-rate (history madau-dickinson-2014)",
        "everything here is simulated",
        "@misc{Abbasi2025",
        *(warning[1:] for warning in result["warnings"]),
    ):
        assert expected in text, expected


def test_text_on_the_page_is_escaped(copy):
    result = json.loads((copy / "result.json").read_text())
    result["warnings"] = ["<script>alert(1)</script>"]
    (copy / "result.json").write_text(json.dumps(result))
    text = write_report(copy).read_text()
    assert "<script>" not in text
    assert "&lt;" in text


def test_what_evolve_wrote_is_on_the_page(copy):
    done = CliRunner().invoke(app, ["evolve", str(copy), "--model", "constant"])
    assert done.exit_code == 0, done.output
    text = "".join(_Page(write_report(copy).read_text()).text)
    assert "Source evolution" in text
    assert "of the limit, b 1.0" in text


def test_a_folder_without_a_run_is_refused(tmp_path, copy):
    with pytest.raises(MissingDataError, match=r"no result.json; `nuweft run` or `nuweft demo` make it"):
        write_report(tmp_path)
    (copy / "result.json").write_text("{")
    with pytest.raises(CorruptFileError, match="result.json: not JSON"):
        write_report(copy)
    with pytest.raises(MissingDataError, match="no result.json"):
        citations(tmp_path)


def test_the_command_line_writes_and_prints(run):
    done = CliRunner().invoke(app, ["report", str(run)])
    assert "report.html" in done.stdout
    done = CliRunner().invoke(app, ["cite", str(run)])
    assert done.stdout == bibtex(run)


def test_rows_hold_the_numbers_of_the_run(run):
    result = json.loads((run / "result.json").read_text())
    rows = {row.name: row for row in summary(result)}
    assert (
        rows["best fit: chi2 / dof"].value
        == f"{result['best_fit']['chi2']:.1f} / {result['best_fit']['dof']}"
    )
    assert str(result["trials"]) in rows["p-value"].value


@pytest.mark.parametrize(
    ("tracer", "sample", "compared"),
    [
        ("unwise-2mass", "icecube-ps-3yr", True),
        ("wise-2mass", "icecube-ps-10yr", True),
        ("catalog", "icecube-ps-3yr", False),
        ("wise-2mass", "mock-tracks", False),
        ("mock-galaxies", "mock-tracks", False),
    ],
)
def test_published_values_stand_only_beside_the_tracer_and_sample_that_they_are_of(
    copy, tracer, sample, compared
):
    result = json.loads((copy / "result.json").read_text())
    (copy / "result.json").write_text(json.dumps(result | {"tracer": tracer, "neutrino_sample": sample}))
    text = write_report(copy).read_text()
    for words in ("ten years, not these events", "1082 / 1119", "0.0078 (54 % of the diffuse flux)"):
        assert (words in text) is compared


def test_rows_with_a_published_value_exist(run):
    """A key that no row has would show nothing."""
    keys = {row.key for row in summary(json.loads((run / "result.json").read_text()))}
    (found,) = plugins.published_results("wise-2mass", "icecube-ps-3yr")
    assert set(found.values) <= keys


# --- citations -------------------------------------------------------------------


def _keys(folder):
    return {reference.key for reference in citations(folder)}


def test_a_run_cites_what_it_used_and_nothing_else(run):
    keys = _keys(run)
    used = ("numpy", "scipy", "astropy", "healpy", "ducc0", "matplotlib", "sacc", "numba", "emcee", "pyccl")
    libraries = {reference.key for name in used for reference in LIBRARIES[name]}
    method = {reference.key for reference in METHOD}
    assert keys == {"nuweft", "Madau2014", "Hopkins2006", PLANCK_2018.key} | libraries | method


def test_without_models_trials_and_posterior_their_libraries_are_not_cited(copy):
    result = json.loads((copy / "result.json").read_text())
    result |= {"trials": 0, "source_evolution": [], "galaxy_bias": None}
    del result["posterior"]
    (copy / "result.json").write_text(json.dumps(result))
    settings = nuweft.Analysis.from_yaml(copy / "analysis.yaml")
    attrs.evolve(settings, source_evolution=()).to_yaml(copy / "analysis.yaml")
    assert not _keys(copy) & {
        "Lam2015",
        "ForemanMackey2013",
        "Chisari2019",
        "Lewis2000",
        "Madau2014",
        PLANCK_2018.key,
    }


def test_the_boltzmann_code_is_cited_where_it_was_used(copy):
    analysis = nuweft.Analysis.from_yaml(copy / "analysis.yaml")
    exact = attrs.evolve(analysis.cosmology, transfer_function="boltzmann_camb")
    attrs.evolve(analysis, cosmology=exact).to_yaml(copy / "analysis.yaml")
    assert "Lewis2000" in _keys(copy)


def test_data_sets_are_recognised_by_content_or_by_name():
    wise = nuweft.plugins.dataset("wise-2mass-map")
    inputs = {"maps/renamed.fits": wise.files[0].sha256, "events/IC40_exp.csv": "0" * 64}
    found = used_datasets({"inputs_sha256_uncompressed": inputs})
    assert [dataset.name for dataset in found] == ["icecube-ps-10yr", "wise-2mass-map"]


def test_bibtex_is_well_formed(run):
    text = bibtex(run)
    entries = re.findall(r"^@(\w+)\{([^,\s]+),$", text, re.MULTILINE)
    assert len(entries) == len({key for _, key in entries}) == len(citations(run))
    assert text.count("{") == text.count("}")
    for line in text.splitlines():
        assert not line or re.fullmatch(r"@\w+\{[^,\s]+,|  \w+ *= \{.*\},|\}|%.*", line), line


def test_every_reference_that_is_shipped_is_well_formed():
    shipped = [r for group in LIBRARIES.values() for r in group]
    shipped += [
        r for found in nuweft.plugins.collect().values() for i in found.values() for r in i.cls.references
    ]
    shipped += [r for dataset in nuweft.plugins.datasets().values() for r in dataset.references]
    for reference in shipped:
        assert {"author", "title"} <= set(reference.fields)
        assert not re.search(r"(?<!\\)[%&#_]", "".join(reference.fields[n] for n in ("author", "title")))
        if reference.kind == "article":
            assert {"journal", "volume", "pages", "year"} <= set(reference.fields), reference.key
    by_key = {}
    for reference in shipped:
        assert by_key.setdefault(reference.key, reference.bibtex()) == reference.bibtex()


def test_plugins_of_others_that_name_no_reference_are_named(copy, monkeypatch):
    info = nuweft.plugins.info("source_evolution", "star-formation-rate")
    monkeypatch.setitem(
        nuweft.plugins.collect()["source_evolution"],
        "star-formation-rate",
        attrs.evolve(info, distribution="nuweft-other"),
    )
    monkeypatch.setattr(info.cls, "references", ())
    assert bibtex(copy).startswith(
        "% source_evolution star-formation-rate of nuweft-other: names no reference; ask its authors\n"
    )
