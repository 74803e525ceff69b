"""Answers from the past: a list in which a date went back. Pure.

Caches and replicas hand out older pages. Dates of pushes only grow, and a deletion makes no other
item's date earlier. So if a known item is listed with an earlier date than the recorded one, the
answer is suspect: it is read again at once, and by the next crawl. Only what is newer than
everything that the list ever showed is believed, because no older copy has it. The rest is true
after all if somebody else confirms it, or if the item still has the same earlier date after
`BELIEVED_AFTER`: until then `ListMemory.doubts` remembers the date, and since when.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from indexer.core.humanize import count
from indexer.core.model import Doubt
from indexer.core.printable import shown
from indexer.crawl.date_order import believed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from indexer.core.model import ListMemory
    from indexer.crawl.pagination import Dated, T

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

BELIEVED_AFTER = timedelta(hours=24)
"""A date that went back is believed if it is still the same then."""

MOST_DOUBTS = 1_000
"""The most items of one list whose dates are remembered, the longest doubted ones first."""


def gone_back(
    known: Mapping[str, Dated],
    listed: Iterable[T],
    settled: Mapping[str, datetime],
    now: datetime | None,
) -> dict[str, T]:
    """The listed items with an earlier date than the recorded one, by name.

    Args:
        known: the recorded items; a recorded date in the far future is no evidence.
        listed: items as listed.
        settled: earlier dates that are true after all, by name.
        now: our time.
    """
    found: dict[str, T] = {}
    for item in listed:
        held = known.get(item.name)
        if held is None or item.last_updated is None or settled.get(item.name) == item.last_updated:
            continue
        before = believed(held.last_updated, now)
        if before is not None and item.last_updated < before:
            found[item.name] = item
    return found


def newer(
    listed: Iterable[T], latest: datetime | None, now: datetime | None, but: Collection[str] = ()
) -> dict[str, T]:
    """The listed items that are newer than any that the list ever showed, by name.

    Args:
        listed: items as listed.
        latest: the greatest date that the list ever showed; None: nobody knows.
        now: our time; a date in the far future is no evidence.
        but: names of items whose dates went back.
    """
    return {
        item.name: item
        for item in listed
        if latest is not None
        and item.name not in but
        and (date := believed(item.last_updated, now)) is not None
        and date > latest
    }


def settled(doubts: Mapping[str, Doubt], now: datetime | None) -> dict[str, datetime]:
    """The earlier dates that are believed: they were confirmed, or the same for so long."""
    return {
        name: doubt.date
        for name, doubt in doubts.items()
        if now is not None and now - doubt.since >= BELIEVED_AFTER
    }


def confirmed(memory: ListMemory | None, dates: Mapping[str, datetime]) -> ListMemory | None:
    """The memory with which these earlier dates are believed, because another answer has them."""
    if memory is None or not dates:
        return memory
    settled_now = {name: Doubt(date, _LONG_AGO) for name, date in dates.items()}
    return dataclasses.replace(memory, doubts={**memory.doubts, **settled_now})


def doubting(memory: ListMemory | None, found: Mapping[str, T], now: datetime) -> ListMemory | None:
    """The memory of a list that is not believed: as before, and these doubts."""
    if memory is None:
        return None
    return dataclasses.replace(memory, doubts=remembered(memory.doubts, found, now))


def remembered(
    doubts: Mapping[str, Doubt], found: Mapping[str, T], now: datetime
) -> dict[str, Doubt]:
    """The doubts after a reading that found these items with earlier dates.

    A doubt about an item that this reading did not get to is kept. A time in the future (the clock
    was set back) begins anew.
    """
    new = {
        name: Doubt(item.last_updated, now)
        for name, item in found.items()
        if item.last_updated is not None
    }
    for name, doubt in doubts.items():
        since = min(doubt.since, now)
        if name not in new or new[name].date == doubt.date:
            new[name] = Doubt(doubt.date, since)
    kept = sorted(new.items(), key=lambda each: (each[1].since, each[0]))
    return dict(kept[:MOST_DOUBTS])


def fault(name: str) -> str:
    """Why a pass in which an item's date went back is not clean."""
    return f"'{shown(name)}' came with an earlier date than the recorded one"


def sentence(what: str, found: Mapping[str, T], known: Mapping[str, Dated]) -> str:
    """The sentence about an answer that is not believed.

    Args:
        what: the list.
        found: the items whose dates went back.
        known: the recorded items.
    """
    name, item = next(iter(found.items()))
    held = known[name].last_updated
    return (
        f"{what} seems to be an old copy and is not believed: {shown(name)} has the "
        f"date {item.last_updated:%Y-%m-%d %H:%M:%S} there, and {held:%Y-%m-%d %H:%M:%S} before "
        f"({count(len(found), 'such date')}); only newer pushes are recorded; the next crawl reads "
        "it again, and uses it after 24 hours"
    )
