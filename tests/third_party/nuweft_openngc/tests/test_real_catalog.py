"""The real catalog, where it is on this machine."""

import pytest
from nuweft_openngc.data import CATALOG
from nuweft_openngc.galaxies import OpenNGC

from nuweft.data import find
from nuweft.testing import TracerContract


class TestRealOpenNGC(TracerContract):
    plugin = OpenNGC(z_max=0.02)

    def test_most_galaxies_are_near(self, component, answered):
        assert component.redshift_distribution().percentile(50) == pytest.approx(0.012, abs=0.004)
        assert answered["counts"].sum() > 4000


def test_the_catalog_is_the_published_one():
    path = find(CATALOG, CATALOG.files[0])
    if path is None:
        pytest.skip("the catalog is not on this machine")
    assert path.name.startswith("openngc_galaxies.csv")
