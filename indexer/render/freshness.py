"""How fresh an answer is, in words and in JSON: the same for every command, page and feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.model import CrawlStatus
from indexer.core.printable import shown
from indexer.crawl.schedule.next_crawl import written
from indexer.render.records.freshness import Freshness as Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from indexer.crawl.schedule.freshness import Freshness, NamespaceFreshness

MOST_NAMED = 3
"""The most namespaces that one sentence names."""


def last_complete(found: Freshness, now: datetime | None = None) -> str:
    """When the last complete crawl was: `last complete crawl: 2026-03-02 09:14 UTC, 3h ago`.

    Args:
        found: of several namespaces the oldest counts.
        now: to add the age, which changes with every second; None: only the time.
    """
    oldest = found.last_complete_at
    if oldest is None:
        return f"no complete crawl yet{_of(found.never) if len(found.namespaces) > 1 else ''}"
    several = len({each.last_complete_at for each in found.namespaces}) > 1
    which = "oldest of the last complete crawls" if several else "last complete crawl"
    age = f", {humanize.age(oldest, now)}" if now else ""
    return f"{which}: {humanize.short_time(oldest)} UTC{age}"


def warnings(found: Freshness, now: datetime | None = None) -> Iterator[str]:
    """Yield a sentence about what is older than its schedule allows; none if nothing is.

    Args:
        found: each of its namespaces counts.
        now: to say ages, which change with every second; None: only times.
    """
    named = found.stale[:MOST_NAMED]
    for each in named:
        if each.last_complete_at is None:
            was = "it was never crawled completely"
        else:
            last = each.last_complete_at
            then = humanize.age(last, now) if now else f"{humanize.short_time(last)} UTC"
            was = f"its last complete crawl was {then}"
        failed = f" (the last crawl is {each.last_status})" if _did_not_help(each) else ""
        due = written(each.schedule)
        yield f"{shown(each.name)} is stale: {was}{failed}, and one is due {due}."
    if len(found.stale) > len(named):
        more = len(found.stale) - len(named)
        yield f"{more} more {'is' if more == 1 else 'are'} stale: see 'indexer status'."
    partly = [each for each in found.partly_read if each not in named]
    for each in partly[:MOST_NAMED]:
        yield (
            f"the last crawl of {shown(each.name)} is {each.last_status}: what it did not read may "
            "have changed; see 'indexer status'."
        )
    if len(partly) > MOST_NAMED:
        yield f"the same of {len(partly) - MOST_NAMED} more."


def beginnings(found: Freshness, since: datetime) -> Iterator[str]:
    """Yield a sentence about what the index did not know yet at a time; none if it knew all."""
    late = found.unknown_at(since)
    named = late[:MOST_NAMED]
    for each in named:
        began = humanize.short_time(each.began_at)
        yield f"{shown(each.name)} is known since {began} UTC; earlier changes are not."
    if len(late) > len(named):
        more = len(late) - len(named)
        yield f"{more} more {'is' if more == 1 else 'are'} known since later than was asked about."


def too_old(found: Freshness, most: timedelta, typed: str, now: datetime) -> str:
    """A sentence about what is older than `--max-age` allows, as it was typed; empty: nothing."""
    old = found.older_than(most, now)
    if not found.namespaces:
        return f"--max-age {typed}: none of this was ever crawled."
    if not old:
        return ""
    was = "is longer ago, or there was none"
    return f"--max-age {typed}: the last complete crawl{_of(old)} {was}."


def record(found: Freshness) -> Record:
    """What JSON shows of it."""
    return Record(
        found.last_complete_at,
        [each.name for each in found.stale],
        [each.name for each in found.partly_read],
    )


def _did_not_help(each: NamespaceFreshness) -> bool:
    return each.last_status not in {None, CrawlStatus.COMPLETE}


def _of(some: Sequence[NamespaceFreshness]) -> str:
    """` of docker.io/acme and 2 more`."""
    more = f" and {len(some) - 1:,} more" if len(some) > 1 else ""
    return f" of {shown(some[0].name)}{more}" if some else ""
