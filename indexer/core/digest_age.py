"""How old the digest of a tag is, and the newest that the tag kept for long enough. Pure.

The age counts from when a crawl first saw the tag with this digest. The registry's push time counts
instead where nobody could have seen it earlier: for what was there at the baseline, and where it
lies between the crawl before and that first sight. It is taken as it was at the first sight,
because pushing the same digest again renews it. A push time that is older than the crawl before is
not believed: that crawl saw the tag point elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from indexer.core.catalog_entries import Period

CLOCK_MARGIN = timedelta(minutes=1)
"""How far the registry's clock and ours may differ."""


class AgeBasis(StrEnum):
    """What an age counts from."""

    PUSH = "push"
    CRAWL = "crawl"

    @property
    def words(self) -> str:
        """For a sentence, after a time."""
        return "when it was pushed" if self is AgeBasis.PUSH else "when a crawl first saw it"


def counted_push(
    pushed_at: datetime | None, seen_at: datetime, read_before: datetime | None, *, baseline: bool
) -> datetime | None:
    """The push time from which the age of a digest counts; None: it counts from `seen_at`.

    Args:
        pushed_at: as the registry said when a crawl first saw the tag with this digest.
        seen_at: when that was.
        read_before: when the tags were read before, or when the last complete crawl before began if
            the repository is new; None: never.
        baseline: it was there when the list was first read.
    """
    if pushed_at is None or pushed_at > seen_at:
        return None
    if baseline:
        return pushed_at
    is_new = read_before is not None and pushed_at >= read_before - CLOCK_MARGIN
    return pushed_at if is_new else None


@dataclass(frozen=True, slots=True)
class Kept:
    """A digest that a tag had without a break.

    Attributes:
        digest: the digest.
        age_since: from when its age counts.
        age_by: what that is.
        first_seen_at: when a crawl first saw the tag with it.
        ended_at: when the tag was pushed anew, or a crawl saw it point elsewhere; None: it still
            has the digest.
        pushed_at: when it was last pushed, as the registry says.
        pushed_by: by whom.
    """

    digest: str | None
    age_since: datetime
    age_by: AgeBasis
    first_seen_at: datetime
    ended_at: datetime | None
    pushed_at: datetime | None = None
    pushed_by: str | None = None

    def lasted(self, now: datetime) -> timedelta:
        """How long the tag kept it, until now if it still has it."""
        return (self.ended_at or now) - self.age_since


def kept(periods: Iterable[Period]) -> list[Kept]:
    """Join the periods of one tag, oldest first, where one digest follows on itself.

    A digest counts as kept until the next one was pushed, not until a crawl saw that.
    """
    found: list[Kept] = []
    for each in periods:
        last = found[-1] if found else None
        this = Kept(
            each.digest,
            each.age_since,
            each.age_by,
            each.started_at,
            each.ended_at,
            each.pushed_at,
            each.pushed_by,
        )
        if last is None or last.ended_at != each.started_at:
            found.append(this)
        elif last.digest == each.digest is not None:
            found[-1] = replace(
                last, ended_at=each.ended_at, pushed_at=each.pushed_at, pushed_by=each.pushed_by
            )
        else:
            end = max(last.age_since, min(each.started_at, this.age_since))
            found[-1] = replace(last, ended_at=end)
            found.append(this)
    return found


def settled(history: Iterable[Kept], least: timedelta, now: datetime) -> Kept | None:
    """The newest digest that the tag kept for at least so long; None: there is none.

    Args:
        history: what `kept` returned.
        least: how long.
        now: the time.
    """
    old_enough = [each for each in history if each.digest and each.lasted(now) >= least]
    return old_enough[-1] if old_enough else None
