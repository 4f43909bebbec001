"""Parts are made once for everything that shares them, and again when what they depend on changes."""

import subprocess
import sys
from typing import ClassVar

import attrs
import numpy as np
import pytest
from typer.testing import CliRunner

import nuweft
from nuweft.cache import stages as parts
from nuweft.cli import app
from nuweft.errors import ConfigurationError
from nuweft.interfaces import Tracer
from nuweft.io.maps import write_map
from nuweft.sky.pixels import pixel_count


@pytest.fixture
def small(small_sky, tmp_path):
    return attrs.evolve(small_sky, nside=16, cache=str(tmp_path / "parts"), trials=20, gamma_points=9)


def _states(analysis):
    return {row.part: row.state for row in parts.explain(analysis)}


def _reason(analysis, part):
    return {row.part: row.reason for row in parts.explain(analysis)}[part]


def test_what_was_kept_equals_what_is_computed(small):
    fresh = attrs.evolve(small, cache="off").measure()
    first, again = small.measure(), attrs.evolve(small).measure()
    for a, b, c in zip(fresh.blocks, first.blocks, again.blocks, strict=True):
        for field in attrs.fields(type(a)):
            computed, kept, read = (getattr(x, field.name) for x in (a, b, c))
            np.testing.assert_array_equal(kept, read)
            if isinstance(read, np.ndarray):  # sums in another order differ in the last digit
                np.testing.assert_allclose(kept, computed, rtol=1e-9, atol=1e-14)


def test_the_second_time_nothing_is_computed(small, monkeypatch):
    small.measure()

    def never(*args, **kwargs):
        raise AssertionError("computed again")

    for name in ("linear_kernel", "templates", "measure", "template_exposure"):
        monkeypatch.setattr(f"nuweft.measurement.spectrum.{name}", never)
    again = attrs.evolve(small)
    assert again.measure().sky_fraction == pytest.approx(again.fields.sky_fraction)
    assert again.kernel.matrix.shape == (len(again.kernel.ell), len(again.kernel.pixels))


def test_first_nothing_is_kept_then_everything_that_is_needed(small):
    assert set(_states(small).values()) == {"computed"}
    assert _reason(small, "spectrum") == "it was never made"
    small.measure()
    assert _states(small) == {
        "fields": "not needed",
        "exposure": "not needed",
        "weights": "not needed",
        "kernel": "not needed",
        "templates": "not needed",
        "moments": "not needed",
        "spectrum": "kept",
        "trials": "computed",
    }


@pytest.mark.parametrize(
    ("change", "made_again", "kept", "reason"),
    [
        (
            {"mask": {"plugin": "declination", "minimum": "10 deg"}},
            {"fields", "weights", "kernel", "templates", "moments", "spectrum"},
            {"exposure"},
            ("fields", "mask.minimum: -5.0 deg -> 10.0 deg"),
        ),
        (
            {"estimator.ell_min": 20},
            {"kernel", "templates", "moments", "spectrum"},
            {"fields", "exposure", "weights"},
            ("kernel", "estimator.ell_min: 10 -> 20"),
        ),
        (
            {"tracer.seed": 9},
            {"fields", "weights", "kernel", "templates", "moments", "spectrum"},
            {"exposure"},
            ("templates", "tracer.seed: 1 -> 9"),
        ),
        (
            {"signal_density": "zero"},
            {"templates", "spectrum"},
            {"fields", "exposure", "weights", "kernel", "moments"},
            ("templates", "signal_density: mean -> zero"),
        ),
        (
            {"background.template": "kde"},
            {"moments", "spectrum"},
            {"fields", "exposure", "weights", "kernel", "templates"},
            ("moments", "background.template: exact-mean -> kde"),
        ),
    ],
    ids=["mask", "multipoles", "tracer", "signal", "background"],
)
def test_only_what_depends_on_a_change_is_made_again(small, change, made_again, kept, reason):
    small.measure()
    changed = nuweft.plugin.compose.vary(small, change, where="test")
    states = _states(changed)
    assert {part for part, state in states.items() if state == "computed"} - {"trials"} == made_again
    assert {part for part, state in states.items() if state == "kept"} == kept
    assert reason[1] in _reason(changed, reason[0])
    before = attrs.evolve(changed, cache="off").measure().blocks[0].data
    np.testing.assert_allclose(changed.measure().blocks[0].data, before, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("change", [{"gammas": (2.5,)}, {"credibility": 0.8}, {"seed": 3}, {"f_astro": 0.1}])
def test_settings_of_the_interpretation_change_no_part(small, change):
    small.measure()
    assert _states(attrs.evolve(small, **change))["spectrum"] == "kept"


def test_another_content_of_a_file_is_noticed(small, tmp_path, rng):
    path = tmp_path / "counts.fits"
    write_map(path, rng.poisson(9.0, pixel_count(16)).astype(float))
    tracer = nuweft.plugins.create("tracer", "map", file=path)
    analysis = attrs.evolve(small, tracer=tracer)
    first = analysis.fields.tracer_counts.copy()
    write_map(path, rng.poisson(9.0, pixel_count(16)).astype(float))
    again = attrs.evolve(analysis, tracer=nuweft.plugins.create("tracer", "map", file=path))
    assert "content of counts.fits changed" in _reason(again, "fields")
    assert not np.array_equal(again.fields.tracer_counts, first)


SCRIPT = """
from typing import ClassVar
import sys
import attrs
import numpy as np
import nuweft
from nuweft.interfaces import Tracer
from nuweft.cache.stages import explain
from nuweft.sky.pixels import pixel_count

@attrs.frozen(kw_only=True)
class Mine(Tracer):
    plugin_name: ClassVar[str] = "mine"

    def counts(self, nside):
        return np.arange(1.0, 1 + pixel_count(nside)) ** POWER

analysis = nuweft.Analysis(
    tracer=Mine(), neutrino_sample=nuweft.plugins.create("neutrino_sample", "mock-tracks"), nside=8,
    cache=sys.argv[1],
)
row = explain(analysis)[0] if not analysis.fields.tracer_counts[-1] else None
print(analysis.fields.tracer_counts[-1])
"""


def test_another_code_of_a_plugin_is_noticed(tmp_path):
    script, found = tmp_path / "script.py", []
    for power in (1, 1, 2):
        script.write_text(SCRIPT.replace("POWER", str(power)))
        done = subprocess.run(
            [sys.executable, str(script), str(tmp_path / "parts")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append(float(done.stdout))
    assert found == [768.0, 768.0, 768.0**2]
    assert len(list((tmp_path / "parts" / "inputs" / "fields").glob("*.json"))) == 2


def test_what_is_defined_interactively_is_not_kept(small, tmp_path):
    namespace = {"attrs": attrs, "np": np, "Tracer": Tracer, "ClassVar": ClassVar, "pixel_count": pixel_count}
    exec(
        "@attrs.frozen(kw_only=True)\n"
        "class Typed(Tracer):\n"
        "    plugin_name: ClassVar[str] = 'typed'\n"
        "    def counts(self, nside):\n"
        "        return np.ones(pixel_count(nside))\n",
        {**namespace, "__name__": "typed_at_a_prompt"},
        namespace,
    )
    sys.modules["typed_at_a_prompt"] = type(sys)("typed_at_a_prompt")
    try:
        analysis = attrs.evolve(small, tracer=namespace["Typed"]())
        assert "the code of typed_at_a_prompt cannot be read" in _reason(analysis, "fields")
        assert analysis.fields.tracer_counts.sum() == pixel_count(16)
        assert not (tmp_path / "parts" / "inputs" / "fields").exists()
    finally:
        del sys.modules["typed_at_a_prompt"]


def test_a_part_that_was_removed_is_made_again(small, tmp_path):
    small.measure()
    for path in (tmp_path / "parts").rglob("structure.json"):
        path.unlink()
    assert _reason(small, "spectrum") == "it was made, but is no longer in the cache"
    assert attrs.evolve(small).measure().sky_fraction > 0


def test_a_cache_that_cannot_be_made_says_so(small, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cache: .*file/parts cannot be made"):
        attrs.evolve(small, cache=str(tmp_path / "file" / "parts")).measure()


def test_the_command_line_explains(small, tmp_path):
    small.to_yaml(tmp_path / "a.yaml")
    small.measure()
    done = CliRunner().invoke(app, ["explain", str(tmp_path / "a.yaml")])
    rows = [line for line in done.stdout.splitlines() if "spectrum" in line]
    assert "kept" in rows[0]
    attrs.evolve(small, cache="off").to_yaml(tmp_path / "b.yaml")
    done = CliRunner().invoke(app, ["explain", str(tmp_path / "b.yaml")])
    assert "cache: off, so that everything is computed. With cache: auto:" in done.stdout
    assert "it was never made" in " ".join(done.stdout.split())


def test_every_setting_of_an_analysis_is_of_a_part_or_of_the_interpretation():
    of_parts = {name for part in parts.PARTS.values() for name in part.settings}
    rest = {field.name for field in attrs.fields(nuweft.Analysis)} - of_parts
    assert rest == {
        "bias_ratio",
        "cache",
        "cosmology",
        "credibility",
        "diffuse_flux",
        "executor",
        "f_astro",
        "gammas",
        "response_variations",
        "source_evolution",
    }
