"""Parses `WWW-Authenticate`: how a registry wants to be authenticated (RFC 9110, 11.6.1). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_CHARACTERS = 8_192
"""The most characters of the header that are read; real ones have some 200."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110's word for a run of characters
_PARAMETER = re.compile(rf'({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
_SCHEME = re.compile(rf"({_TOKEN})(?=[\s,]|$)")
_BETWEEN = re.compile(r"[\s,]*")
_ESCAPED = re.compile(r"\\(.)")


class Challenge(NamedTuple):
    """One way to authenticate: `bearer` or `basic`, with its parameters; names in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def parse(header: str) -> list[Challenge]:
    """Parse the challenges of a header; the first unreadable one ends the list."""
    found: list[tuple[str, dict[str, str]]] = []
    if len(header) > MOST_CHARACTERS:
        return []
    place = _skip(header, 0)
    while place < len(header):
        parameter = _PARAMETER.match(header, place) if found else None
        scheme = None if parameter else _SCHEME.match(header, place)
        if parameter:
            name, quoted, plain = parameter.groups()
            value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else plain
            found[-1][1].setdefault(name.lower(), value)
        elif scheme:
            found.append((scheme[1].lower(), {}))
        else:
            break
        place = _skip(header, (parameter or scheme).end())  # type: ignore[union-attr] # one matched
    return [Challenge(scheme, parameters) for scheme, parameters in found]


def _skip(header: str, place: int) -> int:
    between = _BETWEEN.match(header, place)
    return between.end() if between else place
