"""A namespace in which things happen between crawls, and what a crawl must have seen of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import ChangeKind
from indexer.hub_simulator import Hub

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from indexer.core.model import Change
    from indexer.store import Store

NAMESPACE = "acme"
REGISTRY = "docker.io"
DAY_SECONDS = 86_400

State = dict[str, dict[str, str | None]]
"""The digest of each tag of each repository."""


class Difference(NamedTuple):
    """What a change must say."""

    kind: ChangeKind
    repository: str
    tag: str | None = None
    old: str | None = None
    new: str | None = None


@dataclass
class World:
    """A namespace, and chance. The same seed lets the same things happen."""

    chance: Random
    hub: Hub = field(default_factory=Hub)
    made: int = 0

    def __post_init__(self) -> None:
        for _ in range(12):
            self._add()

    @property
    def state(self) -> State:
        """What the namespace holds now."""
        return {name: dict(tags) for name, tags in self.hub.truth(NAMESPACE).items()}

    def day(self) -> None:
        """A day passes on which some things happen."""
        self.hub.clock.advance(DAY_SECONDS)
        actions = [self._push, self._push, self._retag, self._retag, self._delete, self._add]
        for _ in range(self.chance.randint(1, 12)):
            self.chance.choice(actions)()
        if self.chance.random() < 0.5 and len(self.state) > 8:
            self.hub.remove_repository(self._repository())

    def _repository(self) -> str:
        return self.chance.choice(sorted(self.state))

    def _tag(self) -> tuple[str, str] | None:
        tags = [(name, tag) for name, tags in sorted(self.state.items()) for tag in sorted(tags)]
        return self.chance.choice(tags) if tags else None

    def _add(self) -> None:
        self.made += 1
        name = f"{NAMESPACE}/r{self.made:03}"
        self.hub.add_repository(name, description=f"The one with number {self.made}")
        for number in range(self.chance.randint(0, 9)):
            self.hub.push(name, f"1.{number}", platforms=2)

    def _push(self) -> None:
        self.made += 1
        self.hub.push(self._repository(), f"2.{self.made}", platforms=2)

    def _retag(self) -> None:
        found = self._tag()
        if found:
            name, tag = found
            others = sorted(self.state[name])
            like = self.chance.choice([None, *others])
            self.hub.retag(name, tag, like=None if like == tag else like)

    def _delete(self) -> None:
        found = self._tag()
        if found:
            self.hub.delete_tag(*found, moves_date=True)


def differences(before: State, after: State) -> Counter[Difference]:
    """What lies between two states, each once. A repository that goes takes its tags along."""
    found: Counter[Difference] = Counter()
    for name in before.keys() - after.keys():
        found[Difference(ChangeKind.REPOSITORY_REMOVED, name)] += 1
    for name, tags in after.items():
        if name not in before:
            found[Difference(ChangeKind.REPOSITORY_ADDED, name)] += 1
        known = before.get(name, {})
        for tag in known.keys() | tags.keys():
            old, new = known.get(tag), tags.get(tag)
            if old != new:
                found[Difference(_kind(old, new), name, tag, old, new)] += 1
    return found


def _kind(old: str | None, new: str | None) -> ChangeKind:
    if old is None:
        return ChangeKind.TAG_ADDED
    return ChangeKind.TAG_REMOVED if new is None else ChangeKind.TAG_RETAGGED


def logged(changes: Iterable[Change]) -> Counter[Difference]:
    """What the change log says, in the same words."""
    return Counter(
        Difference(each.kind, each.repository, each.tag, each.old_digest, each.new_digest)
        for each in changes
    )


def indexed(store: Store) -> State:
    """What the index believes that the namespace holds."""
    return {
        entry.repository: {
            each.tag: each.digest for each in store.catalog.tags(REGISTRY, entry.repository)
        }
        for entry in store.catalog.repositories()
    }


def played_back(changes: Iterable[Change], onto: State) -> State:
    """A state after these changes. Each must fit: nothing comes twice, or goes twice."""
    state = {name: dict(tags) for name, tags in onto.items()}
    for change in changes:
        name = change.repository
        if change.kind is ChangeKind.REPOSITORY_ADDED:
            assert name not in state, change
            state[name] = {}
        elif change.kind is ChangeKind.REPOSITORY_REMOVED:
            del state[name]
        else:
            assert change.tag is not None
            assert state[name].get(change.tag) == change.old_digest, change
            state[name][change.tag] = change.new_digest
            if change.kind is ChangeKind.TAG_REMOVED:
                del state[name][change.tag]
    return state
