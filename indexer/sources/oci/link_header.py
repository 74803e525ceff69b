"""Parses `Link`: the next page of a list (RFC 8288). Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

MOST_CHARACTERS = 8_192
"""The most characters of the header that are read; real ones have some 100."""

_PARAMETER = r';\s*([^\s=;,]+)(?:\s*=\s*(?:"([^"]*)"|([^\s";,]*)))?'
_LINK = re.compile(rf"<([^<>]*)>((?:\s*{_PARAMETER})*)")
_PARAMETERS = re.compile(_PARAMETER)


def following(header: str) -> str | None:
    """The target of the link to the next page; None if there is none."""
    if len(header) > MOST_CHARACTERS:
        return None
    for link in _LINK.finditer(header):
        for name, quoted, plain in _PARAMETERS.findall(link[2]):
            if name.lower() == "rel" and "next" in (quoted or plain).lower().split():
                return link[1]
    return None


def resumes_after(query: str) -> str | None:
    """The name after which a page begins, by its query; None where the query does not say."""
    try:
        names = parse_qs(query, max_num_fields=20).get("last", [])
    except ValueError:
        return None
    return names[0] if len(names) == 1 else None
