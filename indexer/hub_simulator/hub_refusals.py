"""The error answers of the Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.hub_simulator import hub_json
from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.pagination import REPOSITORY_ORDERINGS, TAG_ORDERINGS

if TYPE_CHECKING:
    from collections.abc import Iterable


def refused(status: int, message: str) -> Answer:
    """An error with the Hub's wording."""
    return Answer(status, hub_json.encode({"message": message, "errinfo": {}}))


NOT_FOUND = refused(404, "object not found")
PAST_THE_END = refused(404, "page not found")

TOO_FAR = refused(
    403, "pagination offset too large for anonymous requests; sign in to page further"
)
"""The Hub's answer since 2026-08-11 to anonymous requests beyond the offset bound."""


def _no_ordering(orderings: Iterable[str]) -> Answer:
    """The Hub's answer to an unknown `ordering` (documented)."""
    fields = {"ordering": [f"Must be one of: {', '.join(orderings)}"]}
    return Answer(400, hub_json.encode({"fields": fields, "text": "ordering: invalid value"}))


NO_REPOSITORY_ORDERING = _no_ordering(REPOSITORY_ORDERINGS)
NO_TAG_ORDERING = _no_ordering(TAG_ORDERINGS)
