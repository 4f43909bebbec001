"""Studies with an analysis: injections, sensitivity, systematic uncertainties, several analyses."""

from nuweft.studies.injection import (
    POOL,
    EventPool,
    Injections,
    background_numbers,
    correlated_sources,
    draw_set,
    event_pool,
    inject,
    injected_f_corr,
    measured_sets,
)
from nuweft.studies.joint import global_p_value, joint_test_statistics, scramble_the_same
from nuweft.studies.limits import (
    LEVELS,
    DiscoveryPotential,
    MedianLimit,
    SensitiveRange,
    Threshold,
    discovery_potentials,
    median_limit,
    sensitive_range,
    thresholds,
)
from nuweft.studies.scans import Comparison, Variation, grid, scan
from nuweft.studies.sensitivity import (
    STRENGTHS,
    Sensitivity,
    recovery_summary,
    sensitivity,
    sensitivity_json,
    study_summary,
)
from nuweft.studies.simulated_templates import SimulatedTemplates, simulated_templates
from nuweft.studies.systematics import SystematicStudy, systematic_study, varied_model

__all__ = [
    "LEVELS",
    "POOL",
    "STRENGTHS",
    "Comparison",
    "DiscoveryPotential",
    "EventPool",
    "Injections",
    "MedianLimit",
    "SensitiveRange",
    "Sensitivity",
    "SimulatedTemplates",
    "SystematicStudy",
    "Threshold",
    "Variation",
    "background_numbers",
    "correlated_sources",
    "discovery_potentials",
    "draw_set",
    "event_pool",
    "global_p_value",
    "grid",
    "inject",
    "injected_f_corr",
    "joint_test_statistics",
    "measured_sets",
    "median_limit",
    "recovery_summary",
    "scan",
    "scramble_the_same",
    "sensitive_range",
    "sensitivity",
    "sensitivity_json",
    "simulated_templates",
    "study_summary",
    "systematic_study",
    "thresholds",
    "varied_model",
]
