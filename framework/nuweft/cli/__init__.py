"""The command line: one module per subcommand."""

from __future__ import annotations

import io
import os
import shlex
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from nuweft.process.interruption import Interrupted, end_on_signals, exit_code, say

_OURS = ("typer", "click", "nuweft.cli")


def __getattr__(name: str) -> Any:
    """Return the application ``app`` at its first use, so that importing takes no time."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nuweft.cli.commands import app

    return app


def main() -> None:
    """Run the command line; what is expected to go wrong is one message and exit code 1."""
    end_on_signals(_interrupted)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        _run()
    except Interrupted as error:
        say(_interrupted())
        os._exit(exit_code(error.number))


def _run() -> None:
    try:
        from nuweft.cli.commands import app
        from nuweft.errors import NuweftError

        try:
            app()
        except NuweftError as error:
            _fail(type(error).__name__, str(error))
    except SystemExit as stop:
        place = _outermost_of_others(stop.__traceback__)
        if place is not None:
            _fail("InvalidPluginError", f"{place} ended the program (SystemExit: {stop.code})")
        raise
    except MemoryError as error:
        said = str(error) or "no memory is left"
        _fail("CapacityError", f"{said}; use a lower nside, a lower oversampling or fewer trials")
    except Exception as error:
        from nuweft.plugin.registry import REFUSED_BY

        note = next((n for n in getattr(error, "__notes__", ()) if n.startswith(REFUSED_BY)), None)
        if note is not None:
            _fail(type(error).__name__, f"{error} ({note})")
        if not isinstance(error, OSError):
            raise
        place = f"{error.filename}: " if error.filename else ""
        _fail(type(error).__name__, f"{place}{error.strerror or error}; what was completed before is kept")


def _fail(kind: str, message: str) -> None:
    from nuweft.cli.terminal import console

    console(stderr=True).print(f"{kind}: ", end="", style="bold red")
    print(message, file=sys.stderr)
    sys.exit(1)


def _outermost_of_others(trace: TracebackType | None) -> str | None:
    """Return module and line that ended the program, None where it was the command line itself."""
    last = trace
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return None
    module = str(last.tb_frame.f_globals.get("__name__", ""))
    return None if module.startswith(_OURS) else f"{module}, line {last.tb_lineno},"


def _interrupted() -> str:
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return (
        "Interrupted: files that were complete are kept, trials up to the last chunk of about a second. "
        f"The same command goes on from there: {command}"
    )
