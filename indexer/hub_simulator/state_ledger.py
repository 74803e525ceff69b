"""The state of a simulated Hub, its events and its clock, under one lock."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from indexer.hub_simulator.accounts import Accounts
from indexer.hub_simulator.clock import Clock
from indexer.hub_simulator.state import NoSuchThing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from indexer.hub_simulator import hub_json
    from indexer.hub_simulator.events import Event
    from indexer.hub_simulator.state import Namespace, Repo

TICK_SECONDS = 0.001
"""Seconds that an action takes, so that no two have the same date."""


class StateLedger:
    """Namespaces, accounts, events and a clock, under one lock.

    Args:
        seed: of all digests.
        clock: the hub's time; by default one that moves only when told to.
        tick: seconds by which the clock moves after each action; 0 gives equal dates.
    """

    def __init__(
        self, *, seed: int = 0, clock: Clock | None = None, tick: float = TICK_SECONDS
    ) -> None:
        self.clock = clock or Clock()
        self.accounts = Accounts(self.clock)
        self.lock = threading.RLock()
        self.namespaces: dict[str, Namespace] = {}
        self.webhooks: dict[str, list[Callable[[Mapping[str, object]], object]]] = {}
        self.seed = seed
        self._tick = tick
        self._events: list[Event] = []
        self._numbers = 0
        self._revisions: dict[str, int] = {}

    @property
    def events(self) -> tuple[Event, ...]:
        """All events so far, in order."""
        with self.lock:
            return tuple(self._events)

    def truth(self, namespace: str) -> dict[str, dict[str, str]]:
        """The present tags of a namespace: repository (in full) -> tag -> digest."""
        with self.lock:
            repos = self.namespaces[namespace].repositories.values()
            return {
                repo.name: {tag: held.digest for tag, held in repo.tags.items()} for repo in repos
            }

    def repository(self, name: str) -> hub_json.Repository:
        """A repository as a list shows it now."""
        with self.lock:
            return self.repo(name).item

    def tag(self, repository: str, tag: str) -> hub_json.Tag:
        """A tag as the API shows it now."""
        with self.lock:
            return self.repo(repository).held(tag).tag

    def repo(self, name: str) -> Repo:
        """The state of a repository. Hold `lock` while using it.

        Raises:
            NoSuchThing: there is none of this name.
        """
        repo = self.find(name)
        if repo is None:
            raise NoSuchThing(f"there is no repository {name}")
        return repo

    def find(self, name: str) -> Repo | None:
        """The state of a repository, or None. Hold `lock` while using it."""
        space, _, short = name.partition("/")
        home = self.namespaces.get(space)
        return None if home is None else home.repositories.get(short)

    @contextmanager
    def _acting(self) -> Iterator[datetime]:
        """Hold the lock and yield the time of an action; afterwards the clock moves."""
        with self.lock:
            yield self.clock.now()
            self.clock.advance(self._tick)

    def _note(self, kind: type[Event], at: datetime, repository: str, **more: Any) -> None:
        self._events.append(
            kind(sequence=len(self._events) + 1, at=at, repository=repository, **more)
        )

    def next_number(self) -> int:
        """The next id of a repository or tag."""
        self._numbers += 1
        return self._numbers

    def _change(self, repo: Repo, **fields: object) -> None:
        """Note that the item of a repository changes."""
        repo.item = msgspec.structs.replace(repo.item, **fields)
        self.namespaces[repo.item.namespace].revision += 1

    def _store(self, repo: Repo, more: int) -> None:
        """Change the storage size of a repository by `more` bytes, which may be negative."""
        self._change(repo, storage_size=max(0, repo.item.storage_size + more))
