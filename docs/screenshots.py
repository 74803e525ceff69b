"""Make the pictures of docs/serve.md anew: `python docs/screenshots.py [FOLDER]`.

Six weeks of work on a simulated Docker Hub are crawled day by day, served, and looked at by
Chromium as a desktop and as a phone. Needs playwright (the package alone) and a Chromium:
`CHROMIUM` names it, else /usr/bin/chromium. The same pictures each time, but for the fonts.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import os
import sys
import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from indexer.bootstrap import index_and_sources
from indexer.config import DatabaseSettings, RegistrySettings, Settings
from indexer.core.clock import Clock
from indexer.crawl.crawler import crawl
from indexer.crawl.ports import Observer
from indexer.crawl.target import Target
from indexer.hub_simulator import Clock as HubClock
from indexer.hub_simulator import Hub, Simulator, populate
from indexer.hub_simulator.populate import COMMUNITY, TEAM
from indexer.web.access_rules import AccessRules
from indexer.web.context import context_over
from indexer.web.server import Server, listen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.core.model import Cost
    from indexer.store import Store

IMAGES = Path(__file__).with_name("images")

END = datetime(2026, 3, 13, 16, 20, tzinfo=UTC)
DAYS = 42
HOURS = (7, 16)
"""When each day is crawled."""

REGISTRY = "docker.io"

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

DESKTOP = {"width": 1100, "height": 760}
PHONE = {"width": 390, "height": 760}

PICTURES = (
    ("changes", "/", DESKTOP, "light"),
    ("changes-phone", "/", PHONE, "dark"),
    ("tag", f"/image/{REGISTRY}/{TEAM}/auth:latest", DESKTOP, "dark"),
    ("tag-phone", f"/image/{REGISTRY}/{TEAM}/auth:latest", PHONE, "light"),
    ("namespaces", "/namespaces", DESKTOP, "light"),
    ("repository", f"/image/{REGISTRY}/{TEAM}/base", DESKTOP, "light"),
    ("compare", f"/compare/{REGISTRY}/{TEAM}/api?from=14d", DESKTOP, "light"),
    ("search", "/search?q=wether", DESKTOP, "light"),
)


class StoryClock(Clock):
    """The simulated Hub's time is everybody's."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def now(self) -> datetime:
        """See `Clock`."""
        return self._hub.clock.now()

    def monotonic(self) -> float:
        """See `Clock`."""
        return self.now().timestamp()

    def wait(self, seconds: float) -> None:
        """See `Clock`."""
        self._hub.clock.advance(seconds)


class Story:
    """What people do in a day; the same each time."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._chance = Random(7)  # noqa: S311 - a story needs no secret
        self._release = 0
        self._auths: list[str] = []

    def work(self) -> None:
        """Some releases and rebuilds, less of it at weekends, and now and then something else."""
        is_weekend = self._hub.clock.now().weekday() >= 5  # noqa: PLR2004 - Saturday
        for _ in range(self._chance.randint(0, 2) if is_weekend else self._chance.randint(2, 7)):
            self._act(self._chance.choice(("api", "web", "proxy", "base", "mailer", "worker")))
            self._hub.clock.advance(self._chance.randint(60, 1_800))

    def _act(self, short: str) -> None:
        name = f"{TEAM}/{short}"
        what = self._chance.random()
        if what < 0.55:  # noqa: PLR2004 - a share
            self._release += 1
            version = f"3.{self._release // 10}.{self._release % 10}"
            self._hub.push(name, version, platforms=2)
            self._hub.copy_tag(name, version, "latest")
        elif what < 0.7:  # noqa: PLR2004 - the same
            self._hub.retag(f"{TEAM}/proxy", "latest")
        elif what < 0.8:  # noqa: PLR2004 - the same
            self._release_auth()
        elif what < 0.9:  # noqa: PLR2004 - the same
            self._hub.retag(f"{COMMUNITY}/weather-feed", "latest")
        else:
            self._spare(name)

    def _release_auth(self) -> None:
        """A release that is not always a good one: then the one before is the latest again."""
        name = f"{TEAM}/auth"
        if self._auths and self._chance.random() < 0.4:  # noqa: PLR2004 - a share
            self._hub.copy_tag(name, self._auths[max(len(self._auths) - 2, 0)], "latest")
            return
        self._auths.append(f"2.{len(self._auths)}.0")
        self._hub.push(name, self._auths[-1], platforms=2)
        self._hub.copy_tag(name, self._auths[-1], "latest")

    def _spare(self, name: str) -> None:
        space, _, short = name.partition("/")
        tags = sorted(self._hub.namespaces[space].repositories[short].tags)
        self._hub.delete_tag(name, tags[self._chance.randrange(len(tags) // 2)], moves_date=True)


class Nobody(Observer):
    """Watches, and says nothing."""

    def listing(self, registry: str, namespace: str) -> None:
        """See `Observer`."""

    def opening(self, total: int) -> None:
        """See `Observer`."""

    def opened(self, repository: str, done: int, spent: Cost) -> None:
        """See `Observer`."""

    def problem(self, sentence: str) -> None:
        """See `Observer`."""


def tell(hub: Hub, settings: Settings, store: Store) -> None:
    """Let the weeks pass, and crawl twice a day."""
    story, clock = Story(hub), StoryClock(hub)
    sources = index_and_sources.Sources(settings, clock)
    start = hub.clock.now()
    for day in range(DAYS):
        for hour in HOURS:
            wanted = start + timedelta(days=day, hours=hour)
            hub.clock.advance(max((wanted - hub.clock.now()).total_seconds(), 0))
            if day:
                story.work()
            if (day, hour) in EVENTS:
                EVENTS[day, hour](hub)
            for namespace in (TEAM, COMMUNITY):
                crawl(
                    Target(REGISTRY, namespace),
                    source=sources.of(settings.registries[0]),
                    archive=store.archive,
                    clock=clock,
                    observer=Nobody(),
                )
    sources.close()
    hub.clock.advance((END - hub.clock.now()).total_seconds())


EVENTS = {
    (9, 7): lambda hub: hub.add_repository(f"{TEAM}/checkout", description="Taken out of web"),
    (27, 7): lambda hub: hub.remove_repository(f"{TEAM}/load-test"),
    (33, 16): lambda hub: hub.add_repository(f"{TEAM}/loyalty", description="Points and gifts"),
}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The story's index, served at the address that comes."""
    hub = Hub(clock=HubClock(END - timedelta(days=DAYS)))
    populate(hub)
    with ExitStack() as stack:
        simulator = stack.enter_context(Simulator(hub))
        registry = RegistrySettings(
            name=REGISTRY, hub_url=simulator.url, namespaces=(TEAM, COMMUNITY)
        )
        settings = Settings(
            DatabaseSettings(f"sqlite:///{folder / 'index.db'}"), registries=(registry,)
        )
        store = stack.enter_context(index_and_sources.opened(settings, create=True))
        tell(hub, settings, store)
        site = context_over(store, clock=StoryClock(hub), settings=settings, rules=AccessRules())
        listener = listen("127.0.0.1", 0)
        is_ready = threading.Event()
        server = Server(site, is_ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        port = listener.getsockname()[1]
        thread.start()
        is_ready.wait(30)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


def shoot(address: str, folder: Path) -> None:
    """Take the pictures. Pages need no script, so there is none."""
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for name, path, size, scheme in PICTURES:
            options: dict[str, Any] = {"viewport": size, "color_scheme": scheme}
            context = browser.new_context(java_script_enabled=False, **options)
            page = context.new_page()
            page.goto(address + path)
            page.screenshot(path=folder / f"{name}.png")
            context.close()
        browser.close()


def main(arguments: list[str]) -> None:
    """Write the pictures into the folder that is named, else beside the pages."""
    folder = Path(arguments[0]) if arguments else IMAGES
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory() as scratch, served(Path(scratch)) as address:
        shoot(address, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
