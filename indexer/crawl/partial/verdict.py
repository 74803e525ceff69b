"""Decide whether the parts of a list add up to the whole list. Pure.

An item that was read, and that is not in the head although its date belongs there, was deleted
meanwhile. For all other items:

**Names known.** Every item below the head that was in the list when the names were read is among
the names. So the list is whole if each named item was read. An item that was read and is not named
was deleted before. The count is a second check: it must equal the number of items, and neither now
nor when the names were read may it be higher than the number of names.

**Names unknown**, or incomplete because a listed item is not among them. Only if page 1 is
unchanged was nothing pushed and nothing deleted. Then the list is whole if as many items were read
as it counts.

**Absence.** A known item that such a list lacks was deleted, if both arguments hold. Otherwise the
caller asks for it, because truncated names and a deletion meanwhile may look the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.humanize import agreed
from indexer.core.humanize import count as counted
from indexer.crawl.date_order import believed
from indexer.crawl.listing import Listing

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.crawl.pagination import T
    from indexer.crawl.partial.head_reread import HeadReread
    from indexer.crawl.partial.parts_read import PartsRead


def verdict(
    read: PartsRead[T], head: HeadReread[T], *, now: datetime | None, extra_requests: int
) -> Listing[T]:
    """The listing of a list that was read in parts.

    Args:
        read: what was read; items that were deleted meanwhile are removed from it.
        head: the head, read last.
        now: our time; dates too far ahead of it are not believed.
        extra_requests: requests that were needed only because the list is shown in part.
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
        opposite_order=False,
        partial=not exact,
        bound=read.bound,
        extra_requests=extra_requests,
        names=read.names,
    )


def _drop_unnamed(read: PartsRead[T], head: HeadReread[T], count: int) -> str | None:
    """Drop items that were deleted before the names were read; or the names, if incomplete.

    Returns:
        Why the names are not believed, in words; None if they are.
    """
    if read.names is None:
        return None
    unnamed = [name for name in read.items if name not in read.names and name not in head.items]
    excess = len(read.items) + len(read.rejected) - count
    if unnamed and len(unnamed) != excess:
        read.names = None
        return f"the registry does not name {counted(len(unnamed), 'item')} that the list shows"
    for name in unnamed:
        del read.items[name]
    return None


def _of_names(read: PartsRead[T], head: HeadReread[T], count: int) -> str | None:
    """Why the list is not whole, in words, if the names are known."""
    assert read.names is not None
    if left := len(read.unread):
        total = counted(len(read.names), "item")
        return f"{left:,} of {total} {agreed(left, 'was', 'were')} not shown"
    named = len(read.names.union(head.items))
    most = max(count, read.counted or 0)
    if named + len(read.rejected) < most:
        return f"the registry names {counted(named, 'item')} where the list counts {most}"
    number = len(read.items) + len(read.rejected)
    return _read_instead(count, number) if number != count else None


def _read_instead(count: int, number: int) -> str:
    verb = agreed(number, "was", "were")
    return f"the count says {count} where {counted(number, 'item')} {verb} read"


def _of_counts(read: PartsRead[T], head: HeadReread[T], count: int) -> str | None:
    """Why the list is not whole, in words, if only the count is known."""
    number = len(read.items) + len(read.rejected)
    if number < count:
        left = count - number
        verb = agreed(left, "was", "were")
        return f"the count says {count} where {counted(left, 'item')} {verb} not shown"
    if number > count:
        return _read_instead(count, number)
    unsteady = "page 1 held other items or dates when it was read again"
    return read.fault or (None if head.is_unchanged else unsteady)
