"""Parameters of plugins: declared once with type, unit, default, bounds and meaning."""

from nuweft.parameters.bounds import FLUX_AT_100_TEV, OF_UNIT, Bounds, Slip, bounds_of
from nuweft.parameters.fields import (
    NO_SLIP,
    REQUIRED,
    as_quantity,
    boolean,
    component,
    components,
    integer,
    number,
    number_table,
    numbers,
    path,
    quantity,
    table,
    text,
    texts,
)

__all__ = [
    "FLUX_AT_100_TEV",
    "NO_SLIP",
    "OF_UNIT",
    "REQUIRED",
    "Bounds",
    "Slip",
    "as_quantity",
    "boolean",
    "bounds_of",
    "component",
    "components",
    "integer",
    "number",
    "number_table",
    "numbers",
    "path",
    "quantity",
    "table",
    "text",
    "texts",
]
