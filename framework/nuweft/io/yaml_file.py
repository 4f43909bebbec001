"""Files of settings in YAML 1.2, read strictly and written so that YAML 1.1 reads them alike."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.representer import SafeRepresenter

from nuweft.errors import ConfigurationError

_LARGEST = 4 * 2**20  # bytes of a file
_VALUES = 100_000  # values in a file once aliases stand for what they name
_DEPTH = 50
# what YAML 1.1 takes for a truth value, an octal or sexagesimal number, or a date
_ELSEWHERE = re.compile(r"(y|n|yes|no|on|off)|[-+]?[0-9][0-9_:.+\-eETZ ]*|[-+]?\.[0-9]+.*", re.IGNORECASE)
_OTHER_VERSION = re.compile(r"^%YAML[ \t]+(?!1\.2\s)(\S*)", re.MULTILINE)
_TEXT, _DATE = (f"tag:yaml.org,2002:{name}" for name in ("str", "timestamp"))


class _Constructor(SafeConstructor):
    """Dates are text, as in the core schema of YAML 1.2."""


_Constructor.add_constructor(_DATE, SafeConstructor.construct_yaml_str)


class _Representer(SafeRepresenter):
    """Writes text and numbers that YAML 1.1 and 1.2 read alike."""

    def represent_str(self, data: str) -> Any:
        return self.represent_scalar(_TEXT, data, style="'" if _ELSEWHERE.fullmatch(data) else None)

    def represent_float(self, data: float) -> Any:
        node = super().represent_float(data)
        if "." not in node.value and "e" in node.value:
            node.value = node.value.replace("e", ".0e")
        return node


_Representer.add_representer(str, _Representer.represent_str)
_Representer.add_representer(float, _Representer.represent_float)


def _library() -> YAML:
    library = YAML(typ="safe", pure=True)
    library.Constructor = _Constructor
    library.Representer = _Representer
    library.default_flow_style = False
    library.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    library.allow_unicode = True
    library.width = 4096
    return library


def parse_yaml(text: str, *, where: str) -> dict[str, Any]:
    """Return the mapping in a text, by the rules of YAML 1.2.

    ``1e-18`` is a number, ``0123`` is 123, ``on``, ``off``, ``yes`` and ``no`` are words.

    Parameters
    ----------
    text
        One document.
    where
        Name of its file, for messages.

    Raises
    ------
    ConfigurationError
        If it is not YAML or not a mapping, holds a key twice, contains itself,
        or grows beyond measure where its aliases are written out.
    """
    if other := _OTHER_VERSION.search(text):
        raise ConfigurationError(f"{where}: expected YAML 1.2, got %YAML {other[1]}; remove that line")
    try:
        content = _library().load(text)
    except DuplicateKeyError as error:
        raise ConfigurationError(f"{where}{_line(error)}: {_twice(error)}") from error
    except MarkedYAMLError as error:
        said = " ".join(filter(None, (error.context, error.problem)))
        raise ConfigurationError(f"{where}{_line(error)}: not valid YAML: {said}") from error
    except (YAMLError, ValueError, TypeError, ArithmeticError) as error:
        raise ConfigurationError(f"{where}: not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError:
        raise ConfigurationError(f"{where}: nested too deeply for settings") from None
    _check_size(content, where)
    if not isinstance(content, dict):
        kind = "nothing" if content is None else type(content).__name__
        raise ConfigurationError(f"{where}: expected a mapping of settings, got {kind}")
    return content


def _line(error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return "" if mark is None else f", line {mark.line + 1}"


def _twice(error: DuplicateKeyError) -> str:
    key = re.search(r'duplicate key "(.*?)"', str(error.problem))
    name = repr(key[1]) if key else "a key"
    return f"{name} stands there twice; expected each setting once (of two copies, remove one)"


def _check_size(content: Any, where: str) -> None:
    """Refuse what contains itself, is nested very deeply or is very large."""
    waiting = [(content, 0)]
    for _ in range(_VALUES):
        if not waiting:
            return
        value, depth = waiting.pop()
        if depth > _DEPTH:
            raise ConfigurationError(
                f"{where}: nested more than {_DEPTH} levels deep, or an alias (*name) that contains itself; "
                "expected settings"
            )
        waiting.extend((item, depth + 1) for item in _items(value))
    raise ConfigurationError(
        f"{where}: more than {_VALUES} values once its aliases (*name) are written out; expected settings"
    )


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple | set):
        yield from value


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; see :func:`parse_yaml`.

    Raises
    ------
    ConfigurationError
        If the file is not there, not UTF-8 text, or not such a mapping.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:  # a zero byte in a path
        raise ConfigurationError(f"{str(path)!r}: cannot be read ({error})") from error
    if len(content) > _LARGEST:
        raise ConfigurationError(f"{path}: larger than {_LARGEST >> 20} MiB; expected a file of settings")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 text ({error})") from error
    return parse_yaml(text, where=str(path))


def dump_yaml(mapping: Mapping[str, Any]) -> str:
    """Return a mapping as YAML, keys in their order."""
    stream = io.StringIO()
    _library().dump(dict(mapping), stream)
    return stream.getvalue()
