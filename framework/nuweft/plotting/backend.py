"""matplotlib, imported where a back end of the environment is absent too."""

from __future__ import annotations

import os

_VARIABLE = "MPLBACKEND"


def _import_matplotlib() -> None:
    """Import matplotlib, also where the environment names a back end that is not installed.

    Figures are written to files, for which no back end of a window is needed.
    """
    asked = os.environ.pop(_VARIABLE, None)
    try:
        import matplotlib
    finally:
        if asked is not None:
            os.environ[_VARIABLE] = asked
    if asked:
        try:
            matplotlib.rcParams["backend"] = asked
        except ValueError:  # the default remains
            return


_import_matplotlib()
