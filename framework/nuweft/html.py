"""HTML from templates."""

from __future__ import annotations

import base64
import io
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment
    from matplotlib.figure import Figure


def render(template: str, **context: Any) -> str:
    """Return a template of the folder ``templates`` filled in; text is escaped."""
    return _environment().get_template(template).render(context)


def short(value: Any) -> str:
    """Return a number with as many digits as one reads, and anything else as text.

    Examples
    --------
    >>> short(0.0068612), short(97368.0), short(float("nan")), short("a")
    ('0.006861', '97368', 'undetermined', 'a')
    """
    if value is None:
        return "none"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if math.isnan(value):
        return "undetermined"
    if value == int(value) and abs(value) < 1e9:
        return str(int(value))
    return f"{value:.4g}"


def data_uri(png: bytes) -> str:
    """Return a PNG image as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def drawn(figure: Figure) -> str:
    """Return a figure as an address that holds it."""
    stream = io.BytesIO()
    figure.savefig(stream, dpi=90, format="png")
    return data_uri(stream.getvalue())


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("nuweft"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["short"] = short
    return environment
