"""Decides which changes get a message each, and which a summary."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.core.model import ChangeKind
    from indexer.notify.event import Event
    from indexer.policies.violation import Severity

MOST_LISTED = 1_000
"""The most changes of one batch that are kept in full; further ones are only counted."""

CHUNK = 250
"""The most changes in one summary for programs: some 200 KiB of JSON."""

MOST_PLACES = 1_000
"""The most namespaces that are counted separately."""


@dataclass
class Tally:
    """Counts all changes of a summary, however many there are."""

    number: int = 0
    kinds: Counter[ChangeKind] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    violations: Counter[Severity] = field(default_factory=Counter)
    first: Event | None = None
    last: Event | None = None

    def add(self, item: Event) -> None:
        """Count one more."""
        change = item.change
        self.number += 1
        self.kinds[change.kind] += 1
        self.violations.update(each.found.severity for each in item.violations)
        place = f"{change.registry}/{change.repository.partition('/')[0]}"
        if place in self.places or len(self.places) < MOST_PLACES:
            self.places[place] += 1
        else:
            self.places["others"] += 1
        self.first = self.first or item
        self.last = item

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When the first and the last of them were observed."""
        assert self.first is not None
        assert self.last is not None
        return self.first.change.observed_at, self.last.change.observed_at


@dataclass
class Gathered:
    """The changes of one batch that a sink wants: all are counted, the first ones are kept."""

    tally: Tally = field(default_factory=Tally)
    listed: list[Event] = field(default_factory=list)

    def add(self, item: Event) -> None:
        """Add the next change, in the order of the log."""
        self.tally.add(item)
        if len(self.listed) < MOST_LISTED:
            self.listed.append(item)


@dataclass(frozen=True, slots=True)
class MessageGroup:
    """The changes of one message.

    Attributes:
        listed: changes in full; of a summary all of them or the first.
        tally: the counts of a summary; None: the message is about one change.
    """

    listed: Sequence[Event]
    tally: Tally | None = None

    @property
    def last(self) -> int:
        """The id of the last change that the message covers."""
        item = self.tally.last if self.tally else self.listed[-1]
        assert item is not None
        return item.change.id


def message_groups(gathered: Gathered, *, burst: int, lists: bool) -> list[MessageGroup]:
    """Divide a batch into messages, oldest first.

    Args:
        gathered: the changes.
        burst: up to so many get a message each.
        lists: whether a summary holds its changes in full, as programs need it.
    """
    number = gathered.tally.number
    if number <= burst:
        return [MessageGroup((item,)) for item in gathered.listed]
    if not lists or number > MOST_LISTED:
        return [MessageGroup(gathered.listed, gathered.tally)]
    parts = []
    for start in range(0, number, CHUNK):
        some = gathered.listed[start : start + CHUNK]
        tally = Tally()
        for item in some:
            tally.add(item)
        parts.append(MessageGroup(some, tally))
    return parts
