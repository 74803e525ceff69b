"""What is counted of repositories over time, what is not pulled, and what shares a digest. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

NOT_PULLED_FOR = "90d"
"""For how long a tag that counts as not pulled was not pulled, where nothing else is asked for."""

MOST_NAMES = 10
"""The most tags that are named for a digest which they share."""


class StatsScope(NamedTuple):
    """What is counted: a repository with its registry, or all present ones of a namespace.

    None matches any; `namespace` is a name, or the start of a path.
    """

    registry: str | None = None
    namespace: str | None = None
    repository: str | None = None


class StatsQuestion(NamedTuple):
    """What is asked.

    Attributes:
        since: days from that of this time on (in UTC); None: all.
        until: days up to that of this time; None: all.
        not_pulled_since: tags count as not pulled if they were not pulled since then.
        limit: the most repositories, tags and digests that are listed.
    """

    since: datetime | None
    until: datetime | None
    not_pulled_since: datetime
    limit: int


class Counts(NamedTuple):
    """Pulls so far, stars and stored bytes; None: the registry does not say."""

    pulls: int | None = None
    stars: int | None = None
    storage_size: int | None = None


class CountedDay(NamedTuple):
    """How the counts of some repositories together moved from the days before to one day.

    Attributes:
        day: in UTC.
        more: by how much their sums grew, those of repositories counted for the first time too.
        pulls_gained: pulls since each of them was counted before; None: none was.
    """

    day: date
    more: Counts
    pulls_gained: int | None


class StatsDay(NamedTuple):
    """What was counted of some repositories until a day, together.

    A repository that was not listed on that day counts as it was listed last.
    """

    day: date
    counts: Counts
    pulls_gained: int | None


class RepositoryStats(NamedTuple):
    """What is counted of a repository, and by how much that grew in the days asked about.

    `tags_not_pulled` is None where the registry does not say when tags are pulled.
    """

    registry: str
    repository: str
    counts: Counts
    gained: Counts
    tags: int
    tags_not_pulled: int | None
    last_pulled: datetime | None


class UnpulledTag(NamedTuple):
    """A present tag that was not pulled for long. `last_pulled` is None if it never was."""

    registry: str
    repository: str
    tag: str
    digest: str | None
    size: int | None
    last_pulled: datetime | None
    pushed_at: datetime | None


class SharedTags(NamedTuple):
    """Present tags of a repository that point to the same content: the first by name, and how many.

    `digest` is None where the registry tells only the digests of the platforms.
    """

    registry: str
    repository: str
    digest: str | None
    names: list[str]
    number: int


class Stats(NamedTuple):
    """The answer; each number is that of all, of which the list may hold only the first.

    `counted_since` is the first day that was counted at all; None: none was.
    """

    days: list[StatsDay]
    counted_since: date | None
    repositories: list[RepositoryStats]
    repositories_number: int
    not_pulled: list[UnpulledTag]
    not_pulled_number: int
    shared: list[SharedTags]
    shared_number: int


def totals(counted: Iterable[CountedDay]) -> Iterator[StatsDay]:
    """Add up by how much the counts moved, from the first day on."""
    sums = Counts()
    for each in counted:
        sums = Counts(*map(_added, sums, each.more))
        yield StatsDay(each.day, sums, each.pulls_gained)


def _added(sum_: int | None, more: int | None) -> int | None:
    return sum_ if more is None else (sum_ or 0) + more
