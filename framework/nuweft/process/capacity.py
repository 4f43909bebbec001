"""Memory that work needs, estimated before anything is allocated."""

from __future__ import annotations

from pathlib import Path

from nuweft.errors import CapacityError

_BYTES = 8
_MAPS_PER_BIN = 4  # events, weights, templates
_EVENT_BYTES = 60


def check_memory(needed: float, what: str, remedy: str) -> None:
    """Refuse work that needs more memory than is free.

    Parameters
    ----------
    needed
        Bytes, an estimate from below.
    what
        What needs it, with its number, such as ``"trials: 1000000000000"``.
    remedy
        How to need less.

    Raises
    ------
    CapacityError
        Says how much is needed and how much is free.
    """
    free = free_memory()
    if not needed <= free:
        raise CapacityError(
            f"{what} needs at least {needed / 2**30:.3g} GiB of memory, {free / 2**30:.1f} GiB are free; "
            f"{remedy}"
        )


def check_maps(nside: int, oversampling: int, bins: int) -> None:
    """Refuse a resolution whose maps do not fit into memory.

    Raises
    ------
    CapacityError
        Before anything is allocated.
    """
    fine, coarse = 12 * (nside * oversampling) ** 2, 12 * nside**2
    check_memory(
        _BYTES * (2 * fine + _MAPS_PER_BIN * bins * coarse),
        f"nside: {nside} with oversampling {oversampling}",
        "use a lower nside or a lower oversampling",
    )


def check_trials(count: int, bins: int) -> None:
    """Refuse a number of trials whose statistics do not fit into memory.

    Raises
    ------
    CapacityError
        Before anything is allocated.
    """
    check_memory(
        _BYTES * count * (2 + 2 * bins),
        f"trials: {count:.12g}",
        "use fewer; `nuweft trials tail` gives small p-values without keeping its trials",
    )


def check_events(expected: float) -> None:
    """Refuse a simulation whose events do not fit into memory.

    Raises
    ------
    CapacityError
        Before anything is allocated.
    """
    check_memory(
        _EVENT_BYTES * expected,
        f"a simulation with {expected:.3g} expected events",
        "check the flux (per GeV and cm^2) and the livetime (in days)",
    )


def free_memory() -> int:
    """Return the memory in bytes that is not in use; a large number where the system does not say."""
    try:
        with Path("/proc/meminfo").open(encoding="ascii") as stream:
            for line in stream:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 2**62
