"""A limit over its own energies, and beside what was expected."""

import numpy as np
import pytest
from scipy import integrate

import nuweft
from nuweft.flux.diffuse import DiffuseFlux
from nuweft.report.summary import summary


@pytest.mark.parametrize("gamma", [2.0, 2.37, 3.0])
def test_the_fraction_over_energies_is_that_of_the_energy_flux(gamma):
    diffuse = DiffuseFlux()
    energy = np.geomspace(300.0, 22e3, 20_001)

    def carried(flux, index):
        return integrate.trapezoid(energy * flux * (energy / 1e5) ** -index, energy)

    expected = carried(1e-19, gamma) / carried(diffuse.normalisation, diffuse.gamma)
    assert diffuse.fraction(1e-19, gamma, 300.0, 22e3) == pytest.approx(expected, rel=1e-6)


def test_a_soft_limit_is_not_a_few_per_cent_of_the_flux_where_it_holds():
    """8 % at 100 TeV is more than the whole flux at the energies of the limit."""
    diffuse = DiffuseFlux()
    assert diffuse.fraction(0.08 * diffuse.normalisation, 3.0, 300.0, 22e3) > 1
    same = diffuse.fraction(0.5 * diffuse.normalisation, diffuse.gamma, 300.0, 22e3)
    assert same == pytest.approx(0.5, rel=1e-12)


def test_every_limit_stands_beside_the_expected_one(small_sky, tmp_path, monkeypatch):
    import json

    import attrs

    monkeypatch.setattr("nuweft.plotting.gallery.write_figures", lambda *a: None)
    nuweft.run(attrs.evolve(small_sky, trials=0, gammas=(2.37, 3.0)), tmp_path / "out")
    content = json.loads((tmp_path / "out" / "result.json").read_text())
    for row in [*content["upper_limits"], *content["other_limits"]["field"]]:
        assert row["f_corr_expected"] == pytest.approx(1.6448536 * row["f_corr_sigma"], rel=1e-6)
    table = {row.name: row.value for row in summary(content)}
    for signal in ("sources", "field"):
        hard, soft = (table[f"90% limit ({signal}), gamma {g}"] for g in ("2.37", "3"))
        assert "(expected 0." in hard
        assert "TeV" not in hard
        assert " of diffuse at " in soft
