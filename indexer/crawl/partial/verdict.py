"""Whether the parts of a list add up to all of it: what was read in, a `Listing` out. Pure.

What was read and would have to be in the head as it was read last, and is not, was deleted
meanwhile. Of the rest:

**Names known.** Whatever was in the list when the names were told and stands below the head has its
name among them, so that the list is whole where each of them was read. What was read and is not
among them was deleted before. The count is the second witness: it must leave no room for an item
that the names lack, nor for one that is gone, neither now nor when they were told.

**Names unknown**, or not all of them, for something that is still listed is not among them: only
where page 1 is as it was, nothing was pushed and nothing deleted. Then the list is whole if as many
items were read as it counts.

**Absence.** What is known and not in such a list was deleted, where both arguments hold. Otherwise
it is asked for itself: names that are cut short and a deletion while we read may look the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.crawl.date_order import believed
from indexer.crawl.listing import Listing

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.crawl.pagination import T
    from indexer.crawl.partial.head_reread import HeadReread
    from indexer.crawl.partial.parts_read import PartsRead


def verdict(
    read: PartsRead[T], head: HeadReread[T], *, now: datetime | None, detour: int
) -> Listing[T]:
    """The listing that came of reading a list in parts.

    Args:
        read: what was read; what was deleted meanwhile is taken out of it.
        head: read last.
        now: our time, for dates too far ahead to be believed.
        detour: requests that it took because it is shown in part only.
    """
    for name in [name for name, item in read.items.items() if head.lacks(item)]:
        del read.items[name]
    read.items.update(head.items)
    read.unread.difference_update(head.items)
    count = head.count if head.count is not None else read.count or 0
    unnamed = _drop_unnamed(read, head, count)
    unsteady = _of_counts(read, head, count)
    fault = _of_names(read, head, count) if read.names is not None else unsteady
    if fault is None and not head.reached:
        fault = "so much was pushed while it was read that the head was not reached again"
    exact = fault is None
    dateless = any(believed(each.last_updated, now) is None for each in read.items.values())
    return Listing(
        items=read.items,
        whole=True,
        exact=exact,
        absence_proven=exact and read.names is not None and not (unsteady or dateless),
        newest_first=True,
        reason=unnamed or fault or "every side was read, and they add up",
        rejected=tuple(read.rejected),
        offset=max(count - len(read.items), 0),
        flipped=False,
        partial=not exact,
        bound=read.bound,
        detour=detour,
        names=read.names,
    )


def _drop_unnamed(read: PartsRead[T], head: HeadReread[T], count: int) -> str | None:
    """Drop what was deleted before the names were told; or the names, where they lack something.

    Returns:
        What speaks against the names, in words.
    """
    if read.names is None:
        return None
    unnamed = [name for name in read.items if name not in read.names and name not in head.items]
    excess = len(read.items) + len(read.rejected) - count
    if unnamed and len(unnamed) != excess:
        read.names = None
        return f"the registry does not name {len(unnamed)} items that the list shows"
    for name in unnamed:
        del read.items[name]
    return None


def _of_names(read: PartsRead[T], head: HeadReread[T], count: int) -> str | None:
    """What speaks against the list being whole, in words, names being known."""
    assert read.names is not None
    if left := len(read.unread):
        return f"{left} of {len(read.names)} items were not shown"
    named = len(read.names.union(head.items))
    counted = max(count, read.counted or 0)
    if named + len(read.rejected) < counted:
        return f"the registry names {named} items where the list counts {counted}"
    number = len(read.items) + len(read.rejected)
    return f"the count says {count} where {number} items were read" if number != count else None


def _of_counts(read: PartsRead[T], head: HeadReread[T], count: int) -> str | None:
    """What speaks against the list being whole, in words, only the count being known."""
    number = len(read.items) + len(read.rejected)
    if number < count:
        return f"the count says {count} where {count - number} items were not shown"
    if number > count:
        return f"the count says {count} where {number} items were read"
    unsteady = "page 1 held other items or dates when it was read again"
    return read.fault or (None if head.is_unchanged else unsteady)
