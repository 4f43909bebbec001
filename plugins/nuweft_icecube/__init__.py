"""IceCube tracks from the public releases of the collaboration."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_neutrino_sample() -> list[type]:
    """Register the samples."""
    from nuweft_icecube.ten_year import IceCubePS10yr
    from nuweft_icecube.three_year import IceCubePS3yr

    return [IceCubePS3yr, IceCubePS10yr]


@hookimpl
def nuweft_register_dataset() -> list[object]:
    """Register the public releases."""
    from nuweft_icecube.data import PS_3YR, PS_10YR

    return [PS_3YR, PS_10YR]


@hookimpl
def nuweft_register_published_result() -> list[object]:
    """Register what was found with the ten-year sample."""
    from nuweft_icecube.published import TEN_YEARS

    return [TEN_YEARS]
