"""Each rule of reading a list is taken away: an example goes wrong without it.

Nobody shall remove one later as superfluous. A rule is taken away from outside, by keeping from the
reading what the rule lives on: it is shown again what it saw before instead of a second look, the
counts that it wants to see, or a memory without the doubt in it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.errors import Unavailable
from indexer.core.model import ANONYMOUS, CrawlStatus, Mode
from indexer.crawl import listing as protocol
from indexer.crawl.known_state import KnownNamespace
from indexer.crawl.listing import ListingReader
from indexer.crawl.ports import Archive, CrawlRecord
from tests.support.crawls import Bench
from tests.support.memory_registry import MemorySource
from tests.support.shifting_list import START, Shelf, at, read, remembered

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    import pytest

    from indexer.core.model import ChangeRate, Cost, Crawl, ListMemory, RateLimit, Repository, Tag
    from indexer.crawl.diff import RepositoriesDiff
    from indexer.crawl.known_state import KnownTags
    from indexer.crawl.listing import Listing, Page, PageRequest
    from indexer.crawl.ports import ForgottenCounts, Source
    from indexer.crawl.write_buffer import TagsReading


def shelf_of(size: int, *, order: str = "newest") -> Shelf:
    """`t0` is the oldest; pages of two."""
    return Shelf({f"t{index}": index * 10 for index in range(size)}, order=order)


def disturbed(shelf: Shelf, number: int, event: Callable[[], None]) -> None:
    """Let something happen once, before the request with this number."""
    shelf.before_request = lambda request: event() if request == number else None


def fed(
    shelf: Shelf,
    show: Callable[[PageRequest, Page[Tag] | None], Page[Tag] | None],
    known: Mapping[str, Tag] | None = None,
    memory: ListMemory | None = None,
) -> Listing[Tag]:
    """Read a shelf through somebody who shows each page as he likes."""
    shelf.requests = 0
    reading: ListingReader[Tag] = ListingReader(known or {}, memory, identity=ANONYMOUS, now=START)
    while (ask := reading.ask) is not None:
        reading.feed(show(ask, shelf.page(ask.cursor, opposite_order=ask.opposite_order)))
    return reading.listing


def test_without_the_second_look_a_listing_may_miss_what_a_shown_item_made_up_for() -> None:
    """`t7` of page 1 is removed, and `old` shown at the end: `t3` moves from page 3 to page 2."""

    def history() -> Shelf:
        shelf = shelf_of(8)

        def swap() -> None:
            shelf.delete("t7")
            shelf.dates["old"] = -10

        disturbed(shelf, 3, swap)
        return shelf

    pages: dict[PageRequest, Page[Tag] | None] = {}
    wrong = fed(history(), pages.setdefault)
    assert wrong.exact
    assert wrong.absence_proven
    assert "t3" not in wrong.items

    shelf = history()
    right = read(shelf)
    assert right.exact
    assert dict(right.items) == shelf.items()


def test_without_constant_counts_a_listing_may_miss_what_a_deletion_shifted() -> None:
    """`t5` is deleted when it was read: `t3` moves to page 2. The last count alone fits."""

    def history() -> Shelf:
        shelf = shelf_of(8)
        disturbed(shelf, 3, lambda: shelf.delete("t5"))
        return shelf

    last = 7
    wrong = fed(history(), lambda _, page: page and dataclasses.replace(page, count=last))
    assert wrong.exact
    assert wrong.absence_proven
    assert "t3" not in wrong.items

    shelf = history()
    right = read(shelf)
    assert right.exact
    assert dict(right.items) == shelf.items()


def test_without_the_check_for_repeats_a_spoilt_pass_is_read_to_its_end() -> None:
    """The count tells of them as well, but only on the last page: this rule saves requests."""

    def history() -> Shelf:
        shelf = shelf_of(20)
        disturbed(shelf, 3, lambda: shelf.push("t0"))
        return shelf

    seen: set[str] = set()

    def without_repeats(ask: PageRequest, page: Page[Tag] | None) -> Page[Tag] | None:
        if page is None or ask.cursor is None:
            seen.clear()
        items = tuple(item for item in page.items if item.name not in seen) if page else ()
        seen.update(item.name for item in items)
        return page and dataclasses.replace(page, items=items)

    costly, cheap = history(), history()
    fed(costly, without_repeats)
    read(cheap)
    assert (costly.requests, cheap.requests) == (10 + 11, 3 + 11)


def test_without_many_dates_a_list_by_name_may_pass_for_newest_first() -> None:
    """Three names whose dates fall by accident: a push of `c` leaves page 1 as it was."""
    shelf = Shelf({"a": 300, "b": 200, "c": 100}, order="name")
    known, memory = remembered(shelf)
    shelf.push("c")

    wrong = read(shelf, known, dataclasses.replace(memory, newest_first=True))
    assert wrong.exact
    assert {**known, **wrong.items} != shelf.items()

    right = read(shelf, known, memory)
    assert {**known, **right.items} == shelf.items()


def test_without_a_second_pass_that_agrees_a_list_in_no_order_may_miss_an_item() -> None:
    """By name `b c | d e | f g`: `c` is deleted, which moves `f`, and `z` fills the count."""

    def history() -> Shelf:
        shelf = Shelf({"b": 90, "c": 80, "d": 70, "e": 60, "f": 200, "g": 50}, order="name")

        def swap() -> None:
            shelf.delete("c")
            shelf.push("z")

        disturbed(shelf, 3, swap)
        return shelf

    pages: dict[PageRequest, Page[Tag] | None] = {}
    wrong = fed(history(), pages.setdefault)
    assert wrong.exact
    assert "f" not in wrong.items

    shelf = history()
    right = read(shelf)
    assert right.exact
    assert dict(right.items) == shelf.items()


def test_an_incremental_pass_from_an_inexact_start_never_finds_what_was_missed() -> None:
    """The last listing still held `t5`, and missed `t3`: one too many and one too few."""
    shelf = shelf_of(8)
    disturbed(shelf, 3, lambda: shelf.delete("t5"))
    before = read(shelf, tries=1)
    assert not before.exact
    known, memory = dict(before.items), before.memory(None, ANONYMOUS, START)
    memory = dataclasses.replace(memory, newest_first=True)

    wrong = read(shelf, known, dataclasses.replace(memory, exact=True))
    assert wrong.exact
    assert {**known, **wrong.items} != shelf.items()

    right = read(shelf, known, memory)
    assert right.whole
    assert dict(right.items) == shelf.items()


def test_without_the_count_an_incremental_pass_never_finds_a_deletion() -> None:
    shelf = shelf_of(8)
    known, memory = remembered(shelf)
    shelf.delete("t2")

    wrong = fed(shelf, lambda _, page: page and dataclasses.replace(page, count=8), known, memory)
    assert wrong.exact
    assert {**known, **wrong.items} != shelf.items()

    right = read(shelf, known, memory)
    assert dict(right.items) == shelf.items()


def test_without_the_newest_item_at_the_head_a_swap_may_go_unseen() -> None:
    """The newest is removed and an old one shown far below: the count fits."""
    shelf = shelf_of(8)
    known, memory = remembered(shelf)
    shelf.delete("t7")
    shelf.dates["old"] = -10

    wrong = read(shelf, known, dataclasses.replace(memory, newest=at(60)))
    assert wrong.exact
    assert {**known, **wrong.items} != shelf.items()

    right = read(shelf, known, memory)
    assert dict(right.items) == shelf.items()


def test_without_the_margin_a_push_by_a_clock_that_lags_stays_below_the_head(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`t3` is pushed by a machine whose clock is half a minute late: behind `b`, on page 2."""
    shelf = shelf_of(8)
    shelf.dates |= {"a": 100, "b": 99.8}
    known, memory = remembered(shelf)
    shelf.dates["t3"] = 99.5

    right = read(shelf, known, memory)
    assert right.exact
    assert {**known, **right.items} == shelf.items()

    monkeypatch.setattr(protocol, "CLOCK_MARGIN", timedelta(0))
    wrong = read(shelf, known, memory)
    assert wrong.exact
    assert {**known, **wrong.items} != shelf.items()


class Unquestioned(MemorySource):
    """A source that is not asked for what it does not list: that counts as removed."""

    def repository(self, name: str) -> Repository | None:
        """See `Source`."""
        return super().repository(name) if name == "acme/hidden" else None


def test_without_a_question_a_repository_that_a_clean_listing_missed_is_removed() -> None:
    """One of page 3 is removed and a hidden one shown at the end: `r003` moves to page 3.

    The listing is read in full because `r000` is gone as well, which is true.
    """

    def history() -> tuple[Bench, Callable[[str], None]]:
        bench = Bench()
        bench.registry.page_size = 2
        bench.registry.add("acme/hidden", private=True)
        names = bench.registry.add_many(10)
        bench.crawl()
        bench.registry.remove(names[0])

        def swap(request: str) -> None:
            if request == "repositories 4":
                bench.registry.remove(names[5])
                bench.registry.set_private("acme/hidden", private=False)

        return bench, swap

    bench, swap = history()
    wrong = bench.crawl(before=swap, through=believing_its_list)
    assert wrong.status is CrawlStatus.COMPLETE
    assert "repository_removed acme/r003" in bench.changes(wrong)
    assert "acme/r003" in bench.truth()

    bench, swap = history()
    right = bench.crawl(before=swap)
    assert right.status is CrawlStatus.INCOMPLETE
    assert "acme/r003" in bench.indexed()


def believing_its_list(source: MemorySource) -> Source:
    return Unquestioned(**{each.name: getattr(source, each.name) for each in fields(source)})


def test_without_the_pending_mark_a_repository_that_could_not_be_read_is_never_read() -> None:
    """The next incremental crawl sees no date that moved."""

    def history() -> Bench:
        bench = Bench()
        names = bench.registry.add_many(10, "latest")
        bench.crawl()
        bench.registry.push(names[3], "latest")
        return bench

    down = (("tags *", Unavailable("it answers 503")),)
    bench = history()
    bench.crawl(trouble=down, into=owing_nothing)
    wrong = bench.crawl(into=owing_nothing)
    assert wrong.status is CrawlStatus.COMPLETE
    assert bench.indexed() != bench.truth()

    bench = history()
    bench.crawl(trouble=down)
    right = bench.crawl()
    assert right.status is CrawlStatus.COMPLETE
    assert bench.indexed() == bench.truth()


def owing_nothing(archive: Archive) -> Archive:
    """An archive for which what was listed was read; what moved since is seen by its date."""

    def as_if_read(known: KnownNamespace, before: KnownNamespace | None) -> KnownNamespace:
        """Only what this crawl itself found moved is still to be read."""
        old = before.repositories if before else {}
        return known._replace(
            repositories={
                name: item
                if name in old and old[name].last_updated != item.last_updated
                else item._replace(was_read=True, read_updated=item.last_updated)
                for name, item in known.repositories.items()
            }
        )

    return Seeing(archive, as_if_read)


def test_without_doubt_after_a_contradiction_a_swap_is_never_found() -> None:
    """One below the head is removed and a hidden one shown; verifying finds no tags of the first.

    That the listing is contradicted has to reach the next crawl, or it stops at the head again.
    """

    def history() -> Bench:
        bench = Bench()
        bench.registry.page_size = 5
        bench.registry.add("acme/hidden", private=True)
        names = bench.registry.add_many(12)
        bench.crawl()
        bench.registry.remove(names[2])
        bench.registry.set_private("acme/hidden", private=False)
        return bench

    bench = history()
    bench.crawl(Mode.VERIFY)
    bench.crawl(into=trusting)
    assert bench.indexed() != bench.truth()

    bench = history()
    bench.crawl(Mode.VERIFY)
    bench.crawl()
    assert bench.indexed() == bench.truth()


def trusting(archive: Archive) -> Archive:
    """An archive that forgets every doubt."""

    def sure(known: KnownNamespace, before: KnownNamespace | None) -> KnownNamespace:
        del before
        memory = known.memory
        return known._replace(memory=memory and dataclasses.replace(memory, exact=True))

    return Seeing(archive, sure)


def test_without_hiding_private_repositories_of_another_account_are_removed() -> None:
    """The Hub answers 200 to narrowed rights, and 404 for each private repository."""

    def history() -> Bench:
        bench = Bench()
        bench.registry.add("acme/api", "1.0", private=True)
        bench.registry.add("acme/web", "1.0")
        bench.crawl(who="alice")
        return bench

    bench = history()
    wrong = bench.crawl(who="alice", sees=frozenset(), believes=True)
    assert bench.changes(wrong) == ["repository_removed acme/api"]

    bench = history()
    hiding = bench.crawl(who="alice", sees=frozenset())
    assert (hiding.status, bench.changes(hiding)) == (CrawlStatus.INCOMPLETE, [])

    bench = history()
    nobody = bench.crawl(believes=True)
    assert (nobody.status, bench.changes(nobody)) == (CrawlStatus.INCOMPLETE, [])


Sight = Callable[[KnownNamespace, KnownNamespace | None], KnownNamespace]


class Seeing(Archive):
    """An archive that tells something else of a namespace than what it knows."""

    def __init__(self, archive: Archive, sight: Sight) -> None:
        self._archive = archive
        self._sight = sight

    def begin(
        self,
        registry: str,
        namespace: str,
        mode: Mode,
        identity: str,
        now: datetime,
        part: str | None = None,
    ) -> CrawlRecord:
        """See `Archive`."""
        record = self._archive.begin(registry, namespace, mode, identity, now, part)
        return SeeingRecord(record, self._sight)

    def look(self, registry: str, namespace: str) -> CrawlRecord:
        """See `Archive`."""
        return self._archive.look(registry, namespace)

    def join(self, registry: str, namespace: str, crawl: int) -> CrawlRecord:
        """See `Archive`."""
        return self._archive.join(registry, namespace, crawl)

    def forget(
        self, registry: str, *, namespace: str | None = None, repository: str | None = None
    ) -> ForgottenCounts:
        """See `Archive`."""
        return self._archive.forget(registry, namespace=namespace, repository=repository)


class SeeingRecord(CrawlRecord):
    """A record of such an archive; `sight` is given what it told the first time as well."""

    def __init__(self, record: CrawlRecord, sight: Sight) -> None:
        self._record = record
        self._sight = sight
        self._before: KnownNamespace | None = None

    @property
    def id(self) -> int:
        """See `CrawlRecord`."""
        return self._record.id

    def known_repositories(self) -> KnownNamespace:
        """See `CrawlRecord`."""
        known = self._record.known_repositories()
        seen = self._sight(known, self._before)
        self._before = self._before or known
        return seen

    def record_repositories(
        self, diff: RepositoriesDiff, memory: ListMemory | None, now: datetime
    ) -> None:
        """See `CrawlRecord`."""
        self._record.record_repositories(diff, memory, now)

    def change_rates(self) -> Mapping[str, ChangeRate]:
        """See `CrawlRecord`."""
        return self._record.change_rates()

    def known_tags(self, repository: str) -> KnownTags:
        """See `CrawlRecord`."""
        return self._record.known_tags(repository)

    def record_readings(self, readings: Sequence[TagsReading], now: datetime) -> Collection[str]:
        """See `CrawlRecord`."""
        return self._record.record_readings(readings, now)

    def finish(
        self,
        status: CrawlStatus,
        *,
        spent: Cost,
        errors: tuple[str, ...],
        rate_limit: RateLimit | None,
        now: datetime,
        pulls: RateLimit | None = None,
    ) -> Crawl:
        """See `CrawlRecord`."""
        return self._record.finish(
            status, spent=spent, errors=errors, rate_limit=rate_limit, now=now, pulls=pulls
        )
