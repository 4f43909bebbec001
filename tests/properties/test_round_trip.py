"""Any analysis equals itself after a trip through YAML."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nuweft

_degrees = st.floats(min_value=0, max_value=89, exclude_max=True)

masks = st.deferred(
    lambda: st.one_of(
        st.fixed_dictionaries(
            {"plugin": st.just("galactic-cut"), "minimum": _degrees.map(lambda v: f"{v!r} deg")}
        ),
        st.fixed_dictionaries(
            {
                "plugin": st.just("declination"),
                "minimum": st.floats(-90, 0).map(lambda v: f"{v * 60!r} arcmin"),
            }
        ),
        st.lists(st.tuples(st.floats(0, 360), st.floats(-90, 90)), min_size=1, max_size=3).map(
            lambda c: {"plugin": "circles", "ra": [a for a, _ in c], "dec": [d for _, d in c]}
        ),
        st.lists(masks, min_size=1, max_size=2).map(lambda m: {"plugin": "intersection", "masks": m}),
    )
)
models = st.one_of(
    st.floats(-10, 10).map(lambda k: {"plugin": "power-law", "k": k}),
    st.tuples(st.floats(-10, 10), st.floats(1e-3, 10)).map(
        lambda p: {"plugin": "power-law-cutoff", "k": p[0], "z_cut": p[1]}
    ),
    st.sampled_from(["constant", "star-formation-rate", {"plugin": "sources-trace-catalog", "z_min": 1e-3}]),
)
analyses = st.fixed_dictionaries(
    {
        "tracer": st.fixed_dictionaries(
            {
                "plugin": st.just("mock-galaxies"),
                "mask": masks,
                "bias": st.floats(1e-3, 1e3),
                "seed": st.integers(0, 2**62),
            }
        ),
        "neutrino_sample": st.fixed_dictionaries(
            {
                "plugin": st.just("mock-tracks"),
                "gamma": st.floats(1e-3, 6),
                "energy_edges": st.lists(st.floats(0, 12), min_size=2, max_size=5, unique=True).map(sorted),
            }
        ),
        "mask": st.none() | masks,
        "source_evolution": st.lists(models, max_size=3),
        "nside": st.sampled_from([1, 2, 64, 512]),
        "weights": st.sampled_from(["acceptance", "none"]),
        "gammas": st.lists(st.floats(1, 4), min_size=1, max_size=3, unique=True),
        "f_astro": st.none() | st.floats(1e-6, 1),
    }
)


@given(analyses)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_yaml_round_trip_is_exact(mapping):
    analysis = nuweft.Analysis.from_mapping(mapping)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "analysis.yaml"
        analysis.to_yaml(path)
        assert nuweft.Analysis.from_yaml(path) == analysis
