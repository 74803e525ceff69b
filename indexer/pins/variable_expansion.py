"""Expands `$NAME` and `${NAME:-default}`, as in Dockerfiles (BuildKit) and compose files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_OPERATOR = re.compile(r":?[-+?]")

LONGEST = 4_096
"""The most characters of a text with its values: forty variables that each name the one before
twice would make a trillion. A name of an image has at most 255, and a digest."""

DEEPEST = 20
"""How deep defaults may be nested; deeper ones are not written by people."""


class NotSet(Exception):
    """A variable has no value, or its expression cannot be read. The message says which."""


def expand(text: str, values: Mapping[str, str], *, escape: str) -> str:
    r"""Replace variables by their values.

    Args:
        text: may hold variables.
        values: by name.
        escape: the character that makes a following `$` literal: `\` in Dockerfiles, `$` in
            compose.

    Raises:
        NotSet: a variable has no value and no default, or the text becomes too long.
    """
    return _Expansion(values, escape).of(text, 0)


class _Expansion:
    def __init__(self, values: Mapping[str, str], escape: str) -> None:
        self._values = values
        self._escape = escape

    def of(self, text: str, depth: int) -> str:
        if depth > DEEPEST:
            raise NotSet("its defaults are nested too deeply")
        written: list[str] = []
        length = place = 0
        while place < len(text):
            character = text[place]
            following = text[place + 1 : place + 2]
            if character == self._escape and following in {"$", self._escape}:
                written.append(following)
                place += 2
            elif character != "$":
                written.append(character)
                place += 1
            elif following == "{":
                end = _closing(text, place + 2)
                written.append(self._braced(text[place + 2 : end], depth))
                place = end + 1
            elif name := _NAME.match(text, place + 1):
                written.append(self._value(name[0]))
                place = name.end()
            else:
                raise NotSet("no name follows a '$'")
            length += len(written[-1])
            if length > LONGEST:
                raise NotSet("it is too long for the name of an image")
        return "".join(written)

    def _braced(self, inside: str, depth: int) -> str:
        name = _NAME.match(inside)
        if name is None:
            raise NotSet("no name follows '${'")
        rest = inside[name.end() :]
        if not rest:
            return self._value(name[0])
        operator = _OPERATOR.match(rest)
        if operator is None:
            raise NotSet(f"cannot tell what is done with {name[0]}")
        value = self._values.get(name[0])
        has_value = bool(value) if operator[0].startswith(":") else value is not None
        word = rest[operator.end() :]
        if operator[0].endswith("+"):
            return self.of(word, depth + 1) if has_value else ""
        if has_value and value is not None:
            return value
        if operator[0].endswith("?"):
            raise NotSet(f"{name[0]} has no value, and none is given here")
        return self.of(word, depth + 1)

    def _value(self, name: str) -> str:
        try:
            return self._values[name]
        except KeyError:
            raise NotSet(f"{name} has no value here: give it with --set {name}=…") from None


def _closing(text: str, start: int) -> int:
    """The position of the brace that closes the one before `start`."""
    depth = 1
    for place in range(start, len(text)):
        if text[place] == "{" and text[place - 1] == "$":
            depth += 1
        elif text[place] == "}":
            depth -= 1
            if not depth:
                return place
    raise NotSet("a '${' is not closed")
