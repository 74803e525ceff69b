"""Read a list of which a registry shows only parts: pages of its sides in, a `Listing` out. Pure.

A `PartialReader` continues where a `ListingReader` was refused a page because of its offset, and
keeps everything that was read. It says what to `ask` next and why (`reason`), takes the answer, and
has a listing when `ask` is None:

1. missing items are looked for on every side (`missing_items`), until none is missing or no side
   shows more;
2. the head is read once more, because it has the items that were pushed meanwhile (`head_reread`);
3. the parts add up, or the listing says what is missing (`verdict`).

`tests/exhaustive/test_every_list_in_part.py` plays every history of small lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from indexer.crawl.list_sides import Window
from indexer.crawl.pagination import T
from indexer.crawl.partial.head_reread import HeadReread
from indexer.crawl.partial.missing_items import MissingItemsSearch, Single
from indexer.crawl.partial.parts_read import PartsRead
from indexer.crawl.partial.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from indexer.crawl.list_sides import Order
    from indexer.crawl.listing import Listing
    from indexer.crawl.pagination import Page, RefusedPass
    from indexer.crawl.partial.missing_items import Question


class PartialReader(Generic[T]):
    """Reads what one pass could not: `ask`, then `take`, `refuse`, `name`, `answer` or `fail`.

    Args:
        refused: what the refused pass had read.
        orders: the other orders that the list has.
        has_names: the registry can be asked for all names.
        singles: the most items that may be asked for one by one.
        now: our time; dates too far ahead of it are not believed.
    """

    def __init__(
        self,
        refused: RefusedPass[T],
        *,
        orders: Sequence[Order] = (),
        has_names: bool,
        singles: int = 0,
        now: datetime | None = None,
    ) -> None:
        self._first = refused.first
        self._now = now
        self._read = PartsRead(refused)
        self._search = MissingItemsSearch(
            self._read, orders=orders, has_names=has_names, singles=singles
        )
        self._head: HeadReread[T] | None = None
        self._listing: Listing[T] | None = None
        self._question: Question | None = None
        self._asked = 0
        count, size = refused.first.count or 0, self._read.page_size
        self._needed = -(-(count - refused.covered) // size) + 1
        self._budget = 2 * -(-count // size) + 100
        self.reason = ""
        self._choose()

    @property
    def ask(self) -> Question | None:
        """What to ask for; None once the listing is finished."""
        return self._question

    @property
    def items(self) -> dict[str, T]:
        """The items read so far, by name."""
        return self._read.items

    @property
    def listing(self) -> Listing[T]:
        """The result, once `ask` is None."""
        if self._listing is None:
            raise RuntimeError("the list is still being read: answer what `ask` asks for")
        return self._listing

    def take(self, page: Page[T] | None) -> None:
        """Take the page that was asked for; None if it was past the end of its side."""
        window = self._window()
        if self._head is not None:
            self._head.take(page, self._read.items)
        elif page is None:
            self._read.progress(window.side).ended = True
        else:
            self._read.keep(window, page)
        self._choose()

    def refuse(self) -> None:
        """Note that the page that was asked for was refused because of its offset."""
        window = self._window()
        if self._head is not None:
            self._head.refuse()
        else:
            self._read.refuse(window)
            self._search.drop_plan()
        self._choose()

    def name(self, names: Collection[str] | None) -> None:
        """Take the names that were asked for; None if the registry gives none."""
        if names is not None:
            self._read.name(names)
        self._choose()

    def answer(self, item: T | None) -> None:
        """Take the one item that was asked for; None if it does not exist."""
        assert isinstance(self._question, Single)
        self._read.unread.discard(self._question.name)
        if item is not None:
            self._read.items[item.name] = item
        self._choose()

    def fail(self) -> None:
        """Note that asking for one item failed: it and the others stay missing."""
        self._search.ask_no_more_singles()
        self._choose()

    def _window(self) -> Window:
        assert isinstance(self._question, Window)
        return self._question

    def _choose(self) -> None:
        """Decide what to ask next, and why; finish if there is nothing more to ask."""
        self._asked += 1
        self._question = self._next()
        if self._question is None:
            assert self._head is not None
            extra_requests = max(self._asked - self._needed, 0)
            self._listing = verdict(
                self._read, self._head, now=self._now, extra_requests=extra_requests
            )

    def _next(self) -> Question | None:
        if self._head is None:
            question = self._search.next() if self._asked < self._budget else None
            self.reason = self._search.reason
            if question is not None:
                return question
            self._head = HeadReread(self._first, self._read.page_size, self._now)
        if self._head.ask is not None:
            self.reason = "the head is read again: it has what was pushed meanwhile"
            return self._head.ask
        if self._head.is_unchanged and not self._read.missing:
            return None
        names = self._search.names()
        if names is not None:  # the list changed: get the names, and read the head again after them
            self._head = None
            self.reason = self._search.reason
        return names
