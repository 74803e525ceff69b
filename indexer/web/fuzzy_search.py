"""Finds repositories despite typing errors: ranks the candidates that the index offers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.core.suggestions import distance

if TYPE_CHECKING:
    from indexer.core.catalog_entries import RepositoryEntry
    from indexer.store.catalog.browser import Browser

CANDIDATES = 300
"""Names whose distance is measured."""

LONGEST_QUERY = 60
"""Characters that are looked at; a distance takes the product of two lengths."""

_PARTS = re.compile(r"[/._-]+")


def best(browser: Browser, typed: str, limit: int) -> list[RepositoryEntry]:
    """The repositories that best match the typed text, the best first."""
    text = typed.strip().lower()[:LONGEST_QUERY]
    if not text:
        return []
    scored = [
        (score, each)
        for each in browser.similar(text, CANDIDATES)
        if (score := distance_to(text, each.repository)) is not None
    ]
    scored.sort(key=lambda pair: (pair[0], -pair[1].tags, pair[1].repository, pair[1].registry))
    return [each for _, each in scored[:limit]]


def distance_to(text: str, name: str) -> tuple[int, int] | None:
    """The distance of a name from the typed text; None if it is too far.

    Returns:
        The number of mistakes, and how much of the name was not typed.
    """
    namespace, _, short = name.rpartition("/")
    if text in {name, short}:
        return 0, 0
    if text in name:
        return 0, len(name) - len(text) + (0 if short.startswith(text) else 1)
    allowed = 1 if len(text) < 5 else 2 if len(text) < 9 else 3  # noqa: PLR2004 - by ear
    whole = {name, short, namespace, *_PARTS.split(name)} - {""}
    # Each letter of a difference in length is a mistake by itself.
    near = [each for each in whole if abs(len(each) - len(text)) <= allowed]
    mistakes = min((distance(text, each) for each in near), default=allowed + 1)
    if mistakes > allowed:
        return None
    return mistakes, int(short not in near or distance(text, short) > mistakes)
