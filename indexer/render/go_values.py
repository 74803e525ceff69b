"""Writes values as programs in Go do: as JSON, and as templates print them. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence

INDENT = 4
"""Spaces of indentation in the JSON of `skopeo inspect`."""

_SHORT = {"\\b": "\\u0008", "\\f": "\\u000c"}
_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_ESCAPED = re.compile(r"\\.", re.DOTALL)

_DANGEROUS = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that can control a terminal, are invisible, or reverse text."""


class Time(str):
    """A date as in JSON; templates print it in another form."""

    __slots__ = ()


class Nil:
    """Go's nil list or nil map: null in JSON, empty in templates."""

    def __init__(self, like: str) -> None:
        self.like = like

    def __len__(self) -> int:
        return 0


class Record(dict[str, object]):
    """A struct: it has these fields only, whereas a map may have any key."""


NO_LIST = Nil("[]")
NO_MAP = Nil("map[]")


def as_json(value: object, *, indent: int | None = INDENT, html: bool = True) -> str:
    """JSON as Go's encoder writes it.

    Characters that could control a terminal are escaped too. The JSON means the same.

    Args:
        value: anything that JSON can hold, or `Nil`; mappings keep their order.
        indent: spaces for each level; None: all on one line.
        html: escape `<`, `>` and `&`, as Go does unless told not to.
    """
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(
        value, ensure_ascii=False, indent=indent, separators=separators, default=_null
    )
    text = _ESCAPED.sub(lambda found: _SHORT.get(found[0], found[0]), text)
    if html:
        text = text.translate(_HTML)
    return text if text.isascii() else "".join(map(_careful, text))


def for_terminal(text: str) -> str:
    """The text without characters that could control a terminal. Line breaks and tabs stay."""
    return "".join(
        "\ufffd" if character not in "\n\t" and unicodedata.category(character) in _DANGEROUS
        else character
        for character in text
    )  # fmt: skip


def printed(value: object) -> str:
    """A value as a template prints it: `map[a:1 b:2]`, `[x y]`, `true`, `<nil>`."""
    if value is None or isinstance(value, bool | Nil | Time):
        return _printed_simple(value)
    if isinstance(value, Mapping):
        inner = " ".join(f"{name}:{printed(value[name])}" for name in sorted(value))
        return f"map[{inner}]"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{' '.join(map(printed, value))}]"
    return str(value)


def _printed_simple(value: bool | Nil | Time | None) -> str:  # noqa: FBT001 - it is the value
    if isinstance(value, Time):
        return _printed_time(value)
    if isinstance(value, Nil):
        return value.like
    return "<nil>" if value is None else str(value).lower()


def _null(value: object) -> None:
    if not isinstance(value, Nil):
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _careful(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in _DANGEROUS:
        return character
    return json.dumps(character)[1:-1]


def _printed_time(time: Time) -> str:
    """As `2024-05-06 07:08:09.12 +0000 UTC`."""
    day, _, rest = time.partition("T")
    clock, zone = (rest[:-1], "") if rest.endswith("Z") else (rest[:-6], rest[-6:])
    offset = zone.replace(":", "")
    return f"{day} {clock} {offset or '+0000'} {offset or 'UTC'}"
