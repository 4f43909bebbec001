"""What the collaboration has published about its ten-year sample."""

from __future__ import annotations

from nuweft import PublishedResult

TEN_YEARS = PublishedResult(
    source="Abbasi et al. 2025, ten years, not these events",
    tracers=("unwise-2mass", "wise-2mass"),
    neutrino_samples=("icecube-ps-3yr", "icecube-ps-10yr"),
    values={  # their tables 1 and 2
        "events_per_bin": "338377 / 32281 / 723",
        "null.f_atm": "1.101 / 1.012 / 0.893",
        "null.chi2": "1082 / 1119",
        "best_fit.f_corr": "0.011",
        "best_fit.gamma": "4.0 (boundary)",
        "best_fit.n_corr": "4143",
        "best_fit.f_atm": "1.089 / 1.122 / 0.891",
        "best_fit.chi2": "1077 / 1117",
        "test_statistic": "2.307",
        "p_value": "0.23",
        "upper_limits.sources.2.37": "0.0078 (54 % of the diffuse flux)",
        "f_astro": "0.013",
    },
    f_astro=0.013,
    note=(
        "The published values are those of the ten-year sample, which is not public: they stand beside for "
        "orientation. Degrees of freedom are data points minus fitted parameters in both columns."
    ),
)
