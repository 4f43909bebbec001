"""Fluxes of daemonflux, where a user has it."""

from __future__ import annotations

import numpy as np

from nuweft.errors import MissingDataError
from nuweft.flux import TabulatedFlux


def daemonflux_table(location: str = "IceCube") -> TabulatedFlux:
    """Return the calibrated conventional flux of daemonflux as a table.

    Parameters
    ----------
    location
        Name of the site that daemonflux knows.

    Raises
    ------
    MissingDataError
        If daemonflux is not installed, or its splines cannot be had.

    Notes
    -----
    Yanez & Fedynitch 2023, PRD 107, 123037.
    """
    try:
        from daemonflux import Flux
    except ImportError as error:
        raise MissingDataError(f"atmospheric-flux: daemonflux is not installed ({error})") from error
    try:
        flux = Flux(location=location)
    except (OSError, RuntimeError, ValueError) as error:
        raise MissingDataError(
            f"atmospheric-flux: daemonflux could not load its splines ({error})"
        ) from error
    energy = np.geomspace(1e2, 1e8, 121)
    sin_dec = np.linspace(0.0, 1.0, 21)  # upward; the other hemisphere mirrors it
    # from below, so that the zenith angle is 90 degrees plus the declination
    columns = [
        flux.flux(energy, f"{90 + np.degrees(np.arcsin(z)):.4f}", "numuflux") / energy**3 for z in sin_dec
    ]
    return TabulatedFlux(
        log10_energy=np.log10(energy),
        sin_dec=sin_dec,
        flux=np.stack(columns, axis=1),
        source=f"daemonflux, {location}",
    )
