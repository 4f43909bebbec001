"""``nuweft demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="folder for the results")] = Path(
        "nuweft-demo"
    ),
    trials: Annotated[int, typer.Option(help="scrambled trials")] = 10_000,
    seed: Annotated[int, typer.Option(help="seed of the sky, the events and the trials")] = 1,
) -> None:
    """Do the main job on a simulated sky, offline: galaxies and neutrinos from one density field."""
    from nuweft.analysis import Analysis
    from nuweft.cli.progress import Bars
    from nuweft.cli.summary import print_summary
    from nuweft.io.yaml_file import read_yaml
    from nuweft.plugin.registry import plugins
    from nuweft.runs.folder import run as run_analysis
    from nuweft.studies.injection import injected_f_corr

    file = plugins.demo()
    settings = shifted_seeds(read_yaml(file), seed - 1) | {"trials": trials}
    analysis = Analysis.from_mapping(settings, folder=file.parent)
    with Bars() as bars:
        result = run_analysis(analysis, output, progress=bars)
    print_summary(result, analysis, output)
    truth = injected_f_corr(analysis)
    gamma = analysis.diffuse_flux.gamma
    limit = analysis.upper_limit(result.measured, gamma, signal="sources")
    pull = (limit.f_corr_hat - truth) / limit.f_corr_sigma
    print(
        f"injected f_corr {truth:.5f}; recovered at gamma {limit.gamma:g}: "
        f"{limit.f_corr_hat:.5f} +- {limit.f_corr_sigma:.5f} ({pull:+.2f} sigma)"
    )


def shifted_seeds(settings: Any, by: int) -> Any:
    """Return settings in which every seed is larger by a number."""
    if isinstance(settings, list):
        return [shifted_seeds(item, by) for item in settings]
    if not isinstance(settings, dict):
        return settings
    return {key: value + by if key == "seed" else shifted_seeds(value, by) for key, value in settings.items()}
