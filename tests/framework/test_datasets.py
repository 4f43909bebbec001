import gzip
import hashlib
import http.server
import threading
import zipfile
from functools import partial

import pytest

import nuweft
from nuweft.data.downloads import fetch_wheel
from nuweft.data.locate import extract_member, fetch, find, locate_file
from nuweft.errors import ChecksumError, CorruptFileError, DownloadError, MissingDataError, UnknownPluginError
from nuweft.io.folders import cache_folder
from nuweft.model.dataset import DataFile, Dataset, Url, WheelMember

CONTENT = b"right ascension, declination\n"
SHA = hashlib.sha256(CONTENT).hexdigest()


def _dataset(source=None, sha256=SHA, path="folder/table.csv"):
    return Dataset(
        name="test-data",
        title="t",
        citation="c",
        licence="l",
        files=(DataFile(path=path, sha256=sha256, source=source),),
    )


@pytest.fixture
def server(tmp_path):
    """A loopback server of a folder."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *a: None

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_local_folders_are_searched_recursively_gzip_accepted(tmp_path, monkeypatch):
    deep = tmp_path / "one" / "deep" / "folder"
    deep.mkdir(parents=True)
    (tmp_path / "two").mkdir()
    with gzip.open(deep / "table.csv.gz", "wb") as stream:
        stream.write(CONTENT)
    monkeypatch.setenv("NUWEFT_DATA", f"{tmp_path / 'two'}:{tmp_path / 'one'}")
    path, file = locate_file(_dataset())
    assert path == deep / "table.csv.gz"
    assert file.sha256 == SHA


def test_plugins_are_asked_where_data_lie(tmp_path, monkeypatch):
    from nuweft.plugin.registry import Registry

    (tmp_path / "site.csv").write_bytes(CONTENT)

    class Site:
        @nuweft.hookimpl
        def nuweft_locate_data(self, dataset, filename):
            return (
                tmp_path / "site.csv"
                if (dataset.name, filename) == ("test-data", "folder/table.csv")
                else None
            )

    registry = Registry(entry_points=False)
    registry.register(Site())
    monkeypatch.setattr("nuweft.plugin.registry.plugins", registry)
    assert locate_file(_dataset())[0] == tmp_path / "site.csv"
    with pytest.raises(MissingDataError):
        locate_file(_dataset(path="other.csv"))


def test_a_local_file_of_other_content_is_refused(tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "table.csv").write_bytes(b"other")
    monkeypatch.setenv("NUWEFT_DATA", str(tmp_path))
    with pytest.raises(ChecksumError, match=f"test-data: .*table.csv has sha256 .* expected {SHA}"):
        find(_dataset(), _dataset().files[0])


def test_a_truncated_gzip_file_is_named(tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "table.csv.gz").write_bytes(gzip.compress(CONTENT * 50)[:-10])
    monkeypatch.setenv("NUWEFT_DATA", str(tmp_path))
    with pytest.raises(CorruptFileError, match="not a complete gzip file"):
        find(_dataset(), _dataset().files[0])


def test_missing_data_say_how_to_get_them():
    with pytest.raises(
        MissingDataError, match=r"'test-data' is not on this machine: run `nuweft data fetch test-data`"
    ):
        locate_file(_dataset(Url(url="http://example.invalid/table.csv")))


def test_an_unknown_data_set_is_named():
    with pytest.raises(UnknownPluginError, match="no data set named 'icecube'; did you mean"):
        nuweft.plugins.dataset("icecube")


def test_a_download_is_verified_and_found_again(server):
    folder, address = server
    (folder / "table.csv").write_bytes(CONTENT)
    dataset = _dataset(Url(url=f"{address}/table.csv"))
    (path,) = fetch(dataset)
    assert path.read_bytes() == CONTENT
    assert locate_file(dataset)[0] == path


def test_a_download_of_other_content_is_not_kept(server):
    folder, address = server
    (folder / "table.csv").write_bytes(b"other")
    dataset = _dataset(Url(url=f"{address}/table.csv"))
    with pytest.raises(ChecksumError):
        fetch(dataset)
    assert not [p for p in cache_folder().rglob("*") if p.is_file()]


def test_a_download_that_fails_leaves_nothing(server):
    _, address = server
    with pytest.raises(DownloadError, match="404"):
        fetch(_dataset(Url(url=f"{address}/nothing.csv")))
    assert not [p for p in cache_folder().rglob("*") if p.is_file()]


def test_an_unknown_checksum_is_recorded_at_the_first_download(server):
    folder, address = server
    (folder / "table.csv").write_bytes(CONTENT)
    dataset = _dataset(Url(url=f"{address}/table.csv"), sha256=None)
    (path,) = fetch(dataset)
    assert path.with_name("table.csv.sha256").read_text().strip() == SHA
    path.write_bytes(b"changed")
    with pytest.raises(ChecksumError):
        locate_file(dataset)


def test_of_variants_the_one_that_is_here_is_taken(tmp_path, monkeypatch):
    (tmp_path / "other.csv").write_bytes(CONTENT)
    monkeypatch.setenv("NUWEFT_DATA", str(tmp_path))
    first = DataFile(path="first.csv", sha256=SHA, source=Url(url="http://127.0.0.1:1/first.csv"))
    data = Dataset(
        name="v",
        title="t",
        citation="c",
        licence="l",
        files=(first, DataFile(path="other.csv", sha256=SHA)),
        variants=True,
    )
    assert fetch(data) == [tmp_path / "other.csv"]


def test_a_member_of_a_zip_is_fetched(server):
    folder, address = server
    with zipfile.ZipFile(folder / "all.zip", "w") as bundle:
        bundle.writestr("inside/table.csv", CONTENT)
    (path,) = fetch(_dataset(Url(url=f"{address}/all.zip", member="inside/table.csv")))
    assert path.read_bytes() == CONTENT


def test_extraction_refuses_names_outside_the_target(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as bundle:
        bundle.writestr("../evil.csv", CONTENT)
        bundle.writestr("good.csv", CONTENT)
    with pytest.raises(CorruptFileError, match=r"refuses the member '../evil.csv'"):
        extract_member(tmp_path / "bad.zip", "good.csv", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_member_and_a_truncated_zip_are_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as bundle:
        bundle.writestr("good.csv", CONTENT)
    with pytest.raises(CorruptFileError, match="no member 'bad.csv'"):
        extract_member(tmp_path / "a.zip", "bad.csv", tmp_path / "out.csv")
    (tmp_path / "b.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:40])
    with pytest.raises(CorruptFileError, match="not a complete zip file"):
        extract_member(tmp_path / "b.zip", "good.csv", tmp_path / "out.csv")


def test_a_data_set_that_is_only_in_a_repository_names_it():
    with pytest.raises(DownloadError, match="dguevel/nuXgal @ b477cd7: KIPAC"):
        fetch(nuweft.plugins.dataset("wise-2mass-map"))


def test_without_pip_the_manual_command_is_given(monkeypatch, tmp_path):
    monkeypatch.setattr("nuweft.data.downloads.sys.executable", "/nonexistent/python")
    with pytest.raises(DownloadError, match=r"python -m pip download --no-deps flarestack==2.4.10"):
        fetch_wheel("flarestack==2.4.10", "0" * 64, tmp_path)
    assert not list(tmp_path.rglob("*.whl"))


def test_without_network_the_manual_command_is_given(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(DownloadError, match=r"pip could not download 'flarestack==2.4.10'.*by hand"):
        fetch_wheel("flarestack==2.4.10", "0" * 64, tmp_path)


def test_shared_data_hold_the_named_data_sets(real_data):
    for name in ("icecube-ps-3yr", "agn-ir-selected", "wise-2mass-map", "planck-galactic-plane-mask"):
        path, _ = locate_file(nuweft.plugins.dataset(name))
        assert real_data in path.parents


@pytest.mark.network
def test_the_real_event_list_and_agn_catalog_come_with_pip(make):
    for name in ("icecube-ps-3yr", "agn-ir-selected"):
        fetch(nuweft.plugins.dataset(name))
    assert len(make("neutrino_sample", "icecube-ps-3yr").events()) == 136244 + 105300
    assert make("tracer", "catalog", dataset="agn-ir-selected").counts(16).sum() == 52835


@pytest.mark.network
def test_a_wheel_of_another_checksum_is_not_kept(tmp_path):
    with pytest.raises(ChecksumError):
        fetch_wheel("flarestack==2.4.10", "0" * 64, tmp_path)
    assert not list(tmp_path.rglob("*.whl"))


def test_wheel_sources_say_how_to_get_them():
    source = WheelMember(requirement="a==1", wheel_sha256="0", member="a/b.txt")
    assert str(source) == "pip download --no-deps a==1, member a/b.txt"
