"""Source evolution from a finished run: its folder is enough, no data are needed."""

from nuweft.interpretation.bias import BIAS_RATIOS, Case, bias_cases
from nuweft.interpretation.dependence import Dependence, dependences
from nuweft.interpretation.families import Curve, Region
from nuweft.interpretation.finished_run import FinishedRun, read_run
from nuweft.interpretation.finite import FiniteResult, FiniteSources, finite_sources
from nuweft.interpretation.interpret import Interpretation, interpret_run
from nuweft.interpretation.tables import evolution_table, interpretation_json, write_table

__all__ = [
    "BIAS_RATIOS",
    "Case",
    "Curve",
    "Dependence",
    "FinishedRun",
    "FiniteResult",
    "FiniteSources",
    "Interpretation",
    "Region",
    "bias_cases",
    "dependences",
    "evolution_table",
    "finite_sources",
    "interpret_run",
    "interpretation_json",
    "read_run",
    "write_table",
]
