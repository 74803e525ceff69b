"""The evidence that policies judge: changes of tags, and present tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.core.immutable_tags import Immutability
    from indexer.core.model import Change
    from indexer.manifests.retag_kind import RetagDetail
    from indexer.manifests.signatures import Referrer


class Ending(NamedTuple):
    """A change that ended periods of tags.

    Attributes:
        change: a retag, or the removal of a tag or a repository.
        ended: for each tag the period that ended; None where it is not known.
        move: how the two contents of a retag differ, if that is known.
        immutability: the Hub's setting for the repository, if it was asked.
    """

    change: Change
    ended: tuple[Period, ...]
    move: RetagDetail | None = None
    immutability: Immutability | None = None


class ReadReferrers(NamedTuple):
    """What refers to an image, and when the registry was asked."""

    found: tuple[Referrer, ...]
    read_at: datetime


class PresentTag(NamedTuple):
    """A tag that is present.

    Attributes:
        registry: its registry.
        repository: with its namespace.
        tag: its name.
        digest: None where the registry does not say.
        since: when a crawl first saw this digest.
        crawl_id: which crawl that was.
        change_id: the change that recorded it; None for a baseline.
        counted_push: the push time from which its age counts; None: it counts from `since`.
    """

    registry: str
    repository: str
    tag: str
    digest: str | None
    since: datetime
    crawl_id: int
    change_id: int | None
    counted_push: datetime | None = None
