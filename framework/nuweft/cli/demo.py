"""``nuweft demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="folder for the results")] = Path(
        "nuweft-demo"
    ),
    trials: Annotated[int, typer.Option(help="scrambled trials")] = 10_000,
    seed: Annotated[int, typer.Option(help="seed of the sky, the events and the trials")] = 1,
) -> None:
    """Do the main job on a simulated sky, offline: galaxies and neutrinos from one density field."""
    import nuweft
    from nuweft.cli.progress import Bars
    from nuweft.cli.summary import print_summary
    from nuweft.demo import demo_analysis, injected_f_corr
    from nuweft.runs import execute

    analysis = demo_analysis(nuweft.plugins, trials=trials, seed=seed)
    with Bars() as bars:
        result = execute(analysis, output, progress=bars)
    print_summary(result, analysis, output)
    truth = injected_f_corr(analysis)
    gamma = analysis.diffuse_flux.gamma
    limit = analysis.upper_limit(result.measured, gamma, signal="sources")
    pull = (limit.f_corr_hat - truth) / limit.f_corr_sigma
    print(
        f"injected f_corr {truth:.5f}; recovered at gamma {limit.gamma:g}: "
        f"{limit.f_corr_hat:.5f} +- {limit.f_corr_sigma:.5f} ({pull:+.2f} sigma)"
    )
