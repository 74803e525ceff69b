"""What is judged: something that happened to tags, or what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.core.immutable_tags import Immutability
    from indexer.core.model import Change
    from indexer.manifests.retag_kind import RetagDetail


class Ending(NamedTuple):
    """A change that ended what tags pointed to.

    Attributes:
        change: a retag, the removal of a tag, or of a repository.
        ended: for each tag, what it had pointed to, and since when; None where that is not known.
        move: how the two contents of a retag differ, if that is known.
        immutability: what the Hub says of the repository, if it was asked.
    """

    change: Change
    ended: tuple[Period, ...]
    move: RetagDetail | None = None
    immutability: Immutability | None = None


class PresentTag(NamedTuple):
    """A tag that is there.

    Attributes:
        registry: where.
        repository: with its namespace.
        tag: its name.
        digest: None where the registry does not say.
        since: when a crawl first saw it so.
        crawl_id: which crawl that was.
        change_id: the change that shows it; None for a baseline.
    """

    registry: str
    repository: str
    tag: str
    digest: str | None
    since: datetime
    crawl_id: int
    change_id: int | None
