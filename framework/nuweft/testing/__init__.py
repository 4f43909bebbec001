"""Contracts of the kinds of plugin, for the tests of those who write one.

A test file of three lines checks a plugin against everything its kind promises:

.. code-block:: python

    from nuweft.testing import TracerContract

    class TestMyGalaxies(TracerContract):
        plugin = "my-galaxies"

Needs pytest: ``pip install 'nuweft[testing]'``.
"""

import pytest

# assertions of contracts say what they compared
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in (
            "background",
            "base",
            "estimator",
            "likelihood",
            "mask",
            "neutrino_sample",
            "response",
            "response_variation",
            "source_evolution",
            "tracer",
        )
    )
)

from nuweft.testing.background import BackgroundContract  # noqa: E402
from nuweft.testing.base import ComponentContract  # noqa: E402
from nuweft.testing.estimator import EstimatorContract  # noqa: E402
from nuweft.testing.likelihood import LikelihoodContract  # noqa: E402
from nuweft.testing.mask import MaskContract  # noqa: E402
from nuweft.testing.neutrino_sample import NeutrinoSampleContract  # noqa: E402
from nuweft.testing.registered import CONTRACTS, registered_contracts  # noqa: E402
from nuweft.testing.response_variation import ResponseVariationContract  # noqa: E402
from nuweft.testing.source_evolution import SourceEvolutionContract  # noqa: E402
from nuweft.testing.tracer import TracerContract  # noqa: E402

__all__ = [
    "CONTRACTS",
    "BackgroundContract",
    "ComponentContract",
    "EstimatorContract",
    "LikelihoodContract",
    "MaskContract",
    "NeutrinoSampleContract",
    "ResponseVariationContract",
    "SourceEvolutionContract",
    "TracerContract",
    "registered_contracts",
]
