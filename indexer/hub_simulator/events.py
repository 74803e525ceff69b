"""The events of the simulated Hub, in order; tests compare an index with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        sequence: 1 for the first event of a hub, without gaps.
        at: when, by the hub's clock.
        repository: `namespace/repository`.
    """

    sequence: int
    at: datetime
    repository: str


@dataclass(frozen=True, slots=True)
class RepositoryAdded(Event):
    """A repository was made, without tags, by `actor`."""

    private: bool
    actor: str


@dataclass(frozen=True, slots=True)
class RepositoryRemoved(Event):
    """A repository was removed, with its `tags`."""

    tags: tuple[str, ...]
    actor: str


@dataclass(frozen=True, slots=True)
class VisibilityChanged(Event):
    """A repository became private or public. No date moves."""

    private: bool
    actor: str


@dataclass(frozen=True, slots=True)
class TagPushed(Event):
    """A tag was pushed: new if `old_digest` is None, else retagged, or pushed again unchanged."""

    tag: str
    old_digest: str | None
    new_digest: str
    actor: str

    @property
    def is_new(self) -> bool:
        """Whether the tag did not exist before."""
        return self.old_digest is None

    @property
    def is_retag(self) -> bool:
        """Whether the tag existed and points to another digest now."""
        return self.old_digest not in {None, self.new_digest}


@dataclass(frozen=True, slots=True)
class TagDeleted(Event):
    """A tag was deleted."""

    tag: str
    old_digest: str
    actor: str


@dataclass(frozen=True, slots=True)
class TagPulled(Event):
    """A tag was pulled: counters change, content does not."""

    tag: str


@dataclass(frozen=True, slots=True)
class DateSet(Event):
    """A date was set: of a tag, or of the repository if `tag` is None."""

    tag: str | None
    last_updated: datetime | None
