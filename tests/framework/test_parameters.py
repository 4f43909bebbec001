import pickle
from typing import ClassVar

import attrs
import pytest
from astropy import units

from nuweft.errors import ParameterError
from nuweft.parameters import boolean, integer, number, numbers, quantity, text


@attrs.frozen(kw_only=True)
class Thing:
    plugin_name: ClassVar[str] = "thing"
    size: units.Quantity = quantity("deg", default="1 deg", ge=0, doc="size")
    k: float = number(default=0.0, gt=-1, le=2, doc="k")
    n: int = integer(default=3, ge=1, doc="n")
    flag: bool = boolean(default=False, doc="flag")
    mode: str = text(default="slow", choices=("slow", "fast"), doc="mode")
    edges: tuple[float, ...] = numbers(default=(1.0, 2.0), increasing=True, doc="edges")


def test_a_quantity_is_kept_in_its_declared_unit():
    assert Thing(size="30 arcmin").size == 0.5 * units.deg
    assert Thing(size=0.5 * units.deg) == Thing(size="30 arcmin")
    assert str(Thing(size=30 * units.arcmin).size.unit) == "deg"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 3.0}, "size: expected a quantity with a unit such as '10 deg', got 3.0"),
        ({"size": "3"}, "with a unit"),
        ({"size": "three deg"}, "expected a quantity"),
        ({"size": "3 GeV"}, "convertible to 'deg'"),
        ({"size": "-3 deg"}, ">= 0 deg"),
        ({"size": [1, 2] * units.deg}, "one finite quantity"),
        ({"k": "1"}, "k: expected a number, got '1'"),
        ({"k": True}, "expected a number"),
        ({"k": float("nan")}, "expected a number"),
        ({"k": 3}, "> -1 and <= 2, got 3"),
        ({"n": 1.5}, "n: expected an integer, got 1.5"),
        ({"n": 0}, ">= 1"),
        ({"flag": 1}, "true or false"),
        ({"mode": "fsat"}, "'fsat' is not possible; did you mean 'fast'"),
        ({"edges": [2, 1]}, "strictly increasing"),
        ({"edges": "12"}, "a list of numbers"),
    ],
)
def test_values_that_the_declaration_forbids_are_named(settings, message):
    with pytest.raises(ParameterError, match=message.replace("[", r"\[").replace("+", r"\+")):
        Thing(**settings)


def test_integers_are_numbers():
    assert isinstance(Thing(k=1).k, float)


def test_objects_pickle():
    thing = Thing(size="2 deg", k=1.5)
    assert pickle.loads(pickle.dumps(thing)) == thing


def test_objects_are_frozen():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Thing().k = 1.0
