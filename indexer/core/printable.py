"""Foreign text, made fit to be shown on a terminal, in a log, in an error. Pure."""

from __future__ import annotations

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str, limit: int = 200) -> str:
    """Make foreign text fit for a terminal, a log or an error: one line, no control, bounded.

    Args:
        text: anything, also hostile: escape sequences, bidirectional overrides, line breaks.
        limit: characters kept at most; what is cut is marked by an ellipsis.
    """
    cut = text[: limit + 1]
    clean = "".join("\ufffd" if unicodedata.category(c) in _INVISIBLE else c for c in cut)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
