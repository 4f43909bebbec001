"""Contracts read real data where there are any."""

import pytest


@pytest.fixture(autouse=True, scope="package")
def _data(real_data_folder, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUWEFT_CACHE", str(tmp_path_factory.mktemp("cache")))
        if real_data_folder is None:
            patch.delenv("NUWEFT_DATA", raising=False)
        else:
            patch.setenv("NUWEFT_DATA", str(real_data_folder))
        yield


@pytest.fixture(autouse=True)
def _no_data():
    """Take the place of the fixture that hides data folders."""
