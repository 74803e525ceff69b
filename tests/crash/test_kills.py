"""`kill -9` at any moment: nothing false, nothing missing, nothing twice, nothing done again.

The world stands still from the first attempt at a crawl to the one that succeeds, so what the
change log must say in the end is exactly what lies between two states of it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import CrawlStatus
from indexer.crawl.second_answers.missing_tags import FEW
from indexer.hub_simulator.quirks import MAX_PAGE_SIZE, ListQuirks, Quirks
from indexer.store import open_store
from tests.crash.killing import KILLS, killed, until_alone
from tests.crash.world import differences, indexed, logged, played_back

if TYPE_CHECKING:
    from random import Random

    from indexer.core.model import Change
    from indexer.hub_simulator import Simulator
    from indexer.store import Store
    from tests.crash.world import State, World
    from tests.end_to_end.program import Program


@dataclass
class Campaign:
    """Days in a world, each crawled by programs of which most are killed."""

    world: World
    simulator: Simulator
    program: Program
    chance: Random
    url: str
    before: State = field(default_factory=dict)
    cursor: int = 0
    kills: int = 0
    page_size: int = MAX_PAGE_SIZE

    def crawl(self) -> None:
        """Attempt a crawl up to three times, then let one succeed, and judge what is there."""
        for _ in range(self.chance.randint(1, 3)):
            self.kills += killed(self.program, self.simulator, self.chance, self._expected())
            until_alone(self.url)
            self._judge_half_done()
        most = self._most_requests()
        self.simulator.clear()
        (done,) = self.program.good("crawl", "-q", "--format", "json").json["crawls"]
        assert done["status"] == "complete", done
        sent = [str(each) for each in self.simulator.requests]
        assert done["requests"] == len(sent)
        assert len(sent) <= most, "\n".join([f"at most {most}:", *sent])
        self._judge_done()

    def _judge_half_done(self) -> None:
        """A part of what happened is known, each transaction whole and in the log."""
        assert is_sound(self.url)
        if (self.program.folder.parent / "index.db").exists() or "postgresql" in self.url:
            with closing(open_store(self.url, create=True)) as store:
                log = self._log(store)
                assert logged(log) <= differences(self.before, self.world.state)
                assert indexed(store) == played_back(log, self.before)

    def _judge_done(self) -> None:
        """All of what happened is known, once, and the dead are named."""
        with closing(open_store(self.url, create=False)) as store:
            log = self._log(store)
            state = self.world.state
            assert indexed(store) == state
            assert logged(log) == differences(self.before, state)
            assert {each.baseline for each in log} <= {not self.before}
            numbers = [each.id for each in log]
            assert numbers == list(range(self.cursor + 1, self.cursor + 1 + len(log)))
            self._judge_crawls(store)
            self.before, self.cursor = state, self.cursor + len(log)

    def _judge_crawls(self, store: Store) -> None:
        (status,) = store.catalog.namespaces()
        assert status.pending == 0
        assert status.last_crawl is not None
        for number in range(1, status.last_crawl.id):
            crawl = store.catalog.crawl(number)
            assert crawl is None or crawl.status is not CrawlStatus.RUNNING

    def _log(self, store: Store) -> list[Change]:
        wanted = ChangeFilter(baseline=True)
        return [each for each in store.catalog.changes(wanted) if each.id > self.cursor]

    def _expected(self) -> int:
        return len(self.world.state) + 3

    def _most_requests(self) -> int:
        """What the next crawl may cost: the list, what the index lacks, and each second answer."""
        truth = self.world.hub.truth("acme")
        with closing(open_store(self.url, create=True)) as store:
            known = {entry.repository: entry for entry in store.catalog.repositories()}
            tags = indexed(store)
        unread = [
            name
            for name in truth
            if name not in known
            or known[name].pending
            or known[name].last_updated != self.world.hub.repository(name).last_updated
        ]
        gone = known.keys() - truth.keys()
        deleted = [len(set(tags.get(name, ())) - set(truth[name])) for name in unread]
        read = self._pages(len(truth)) + sum(self._pages(len(truth[name])) for name in unread)
        return read + len(gone) + sum(min(each, FEW) for each in deleted)

    def _pages(self, items: int) -> int:
        """Requests for a list: short ones are read twice, for their order proves nothing."""
        pages = max(-(-items // self.page_size), 1)
        return 1 if pages == 1 else 2 * pages


def is_sound(url: str) -> bool:
    """Whether SQLite finds nothing wrong with its file. PostgreSQL has no such question."""
    if not url.startswith("sqlite"):
        return True
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        said = connection.execute("PRAGMA integrity_check").fetchall()
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    return said == [("ok",)] and broken == []


@pytest.mark.timeout(4 * 3_600)
@pytest.mark.parametrize("kills", [2, pytest.param(KILLS, marks=pytest.mark.nightly)])
def test_crawls_that_are_killed_leave_an_index_that_is_right(
    world: World,
    simulator: Simulator,
    program: Program,
    chance: Random,
    database_url: str,
    kills: int,
) -> None:
    campaign = Campaign(world, simulator, program, chance, database_url)
    while campaign.kills < kills:
        campaign.page_size = chance.choice([MAX_PAGE_SIZE, MAX_PAGE_SIZE, 5])
        whims = ListQuirks(max_page_size=campaign.page_size)
        simulator.quirks = Quirks(repositories=whims, tags=whims)
        campaign.crawl()
        world.day()
