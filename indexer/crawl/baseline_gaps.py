"""What the first reading of a list left out, and is first read later: it is baseline. Pure.

The baseline is closed by the first exact reading of a list. Where none can be had, the first
finished reading closes it, with gaps: names that it could not read. Such a name is baseline when it
is first read, if the registry named it then, or if its own dates (its push, its registration) are
not after that reading. What is newer is a change.

An item without a date says nothing of itself. If all names were told, one that was not among them
is new. In a list without any dates, which comes by name, what stands before the last name that is
known was not there. Any other is taken as baseline: a change needs evidence.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from indexer.core.model import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from indexer.core.model import Gaps, KnownRepository, KnownTag, ListMemory, Tag


def filled(
    added: Iterable[Repository | Tag],
    known: Mapping[str, KnownRepository | KnownTag],
    baseline: bool | Gaps,  # noqa: FBT001 - as `indexer.crawl.diff` has it
) -> frozenset[str]:
    """The names of added items that fill gaps of the first reading.

    Args:
        added: items that are first read now.
        known: the items that were known before.
        baseline: the gaps; True or False: there are none.
    """
    if isinstance(baseline, bool):
        return frozenset()
    has_dates = any(item.last_updated is not None for item in known.values())
    last = None if has_dates else max(known, default=None)
    return frozenset(item.name for item in added if _fills(item, baseline, last))


def _fills(item: Repository | Tag, gaps: Gaps, last: str | None) -> bool:
    if gaps.names is not None and item.name in gaps.names:
        return True
    if dates := list(_dates(item)):
        return min(dates) <= gaps.before
    if gaps.names is not None:
        return False
    return last is None or item.name > last


def _dates(item: Repository | Tag) -> Iterator[datetime]:
    """The dates at which the item existed, as the registry says."""
    other = item.registered_at if isinstance(item, Repository) else item.pushed_at
    yield from (date for date in (item.last_updated, other) if date is not None)


def noted(
    memory: ListMemory,
    before: ListMemory | None,
    read: Collection[str],
    names: Callable[[], Collection[str] | None],
) -> ListMemory:
    """The memory of a reading; of a first one that was not exact, with the names that it left out.

    Args:
        memory: of the reading.
        before: of the one before; None if this was the first.
        read: the names that it read.
        names: asks the registry for all names; None: it does not tell them.
    """
    if memory.gaps is None or before is not None:
        return memory
    told = names()
    left_out = None if told is None else frozenset(told).difference(read)
    return dataclasses.replace(memory, gaps=memory.gaps._replace(names=left_out))
