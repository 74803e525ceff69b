"""Selects the tags of a repository that are asked for their digest, a request each. Pure.

`indexer.crawl.wanted_names` says which tags are indexed at all. Of these, `newest` and `max_tags`
say how many are asked for their digest; the others are still listed, with their last known digest,
or none.

Newest is told from names (`indexer.core.version_order`), for a registry's lists have no dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core.version_order import newest_first

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class TagSelection:
    """Which tags of a repository are indexed, and how many are asked for. None: no limit.

    Attributes:
        newest: how many of the wanted tags are asked for their digest.
        most: how many may be asked for; if that leaves some out, the crawl says so.
    """

    newest: int | None = None
    most: int | None = None

    def asked(self, tags: Sequence[str]) -> tuple[list[str], int]:
        """The tags to ask for their digest, and how many `most` leaves out."""
        if self.newest is None and (self.most is None or len(tags) <= self.most):
            return list(tags), 0
        chosen = newest_first(tags)[: self.newest]
        kept = chosen[: self.most]
        return kept, len(chosen) - len(kept)
