"""Makes foreign text safe to show on a terminal, in a log, in an error. Pure."""

from __future__ import annotations

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str, limit: int = 200) -> str:
    """Make foreign text safe for a terminal, a log or an error: one line, no controls, bounded.

    Args:
        text: any text, possibly hostile: escape sequences, bidirectional overrides, line breaks.
        limit: the most characters that are kept; an ellipsis marks a cut.
    """
    cut = text[: limit + 1]
    if cut.isascii() and cut.isprintable():  # nearly always, and it is a hundred times faster
        return cut if len(cut) <= limit else cut[: limit - 1] + "…"
    clean = "".join("\ufffd" if unicodedata.category(c) in _INVISIBLE else c for c in cut)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def without_name(sentence: str, place: str) -> str:
    """A problem of a crawl where its place was just named: without that name in front.

    Args:
        sentence: it may begin with the namespace or the registry and a colon.
        place: the registry, a slash and the namespace.
    """
    registry, _, namespace = place.partition("/")
    return sentence.removeprefix(f"{namespace}: ").removeprefix(f"{registry}: ")
