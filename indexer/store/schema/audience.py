"""What an audience may see of the index: everything, or what is public.

To who reads a list without an account, a repository that is made private is missing from then on.
To an account it stays listed, at its old place, so only a crawl that reads the whole list finds it
private: `--verify` and `--full`. What such a crawl has not seen in public for a while (`[serve]
public_for`) is *unverified*: it is not shown to the public until one has looked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from indexer.core.model import ANONYMOUS
from indexer.store.database.typed_rows import typed
from indexer.store.schema import visibility
from indexer.store.schema.codec import microseconds
from indexer.store.schema.tables import namespace, registry, repository

if TYPE_CHECKING:
    from datetime import datetime

    Condition = sa.ColumnElement[bool]

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clock of the machine that crawled may be ahead; later times are not believed."""


class Unverified(NamedTuple):
    """Repositories of a namespace that were last seen in public too long ago.

    Attributes:
        number: how many.
        repository: the first of them by name.
        seen_at: when that one was last seen in public, in microseconds since 1970.
    """

    registry: str
    namespace: str
    number: int
    repository: str
    seen_at: int


@dataclass(frozen=True, slots=True, eq=False)
class Audience:
    """Conditions and tables for one audience, at one moment.

    Statements with these conditions are made once for each audience (`functools.lru_cache`): it
    takes several times as long to make one as to run it.

    Attributes:
        periods: where it reads the periods of tags.
        visible: conditions for repositories that it may see.
        known: of these the conditions that unverified repositories meet too.
        unseen: the ids of all others; None: it sees everything.
        unverified: condition for repositories that are public as far as is known, and unverified.
    """

    periods: visibility.Periods
    visible: tuple[Condition, ...] = ()
    known: tuple[Condition, ...] = ()
    unseen: sa.Select[int] | sa.CompoundSelect[int] | None = None
    unverified: Condition | None = None

    @property
    def is_public(self) -> bool:
        """Whether it sees only what is public."""
        return self.unseen is not None


EVERYTHING = Audience(visibility.ALL)
"""Of who has the token, and of the commands."""

WITH_ACCOUNT = sa.select(namespace.c.id).where(namespace.c.list_identity != ANONYMOUS)
"""The namespaces that were last read with an account."""

_UNSEEN = sa.select(repository.c.id).where(repository.c.public_since.is_(None))


def public(now: datetime | None = None, public_for: timedelta | None = None) -> Audience:
    """What anybody may see.

    Args:
        now: the time.
        public_for: for how long it counts as public what a crawl with an account saw in public;
            None: until a crawl finds it private.
    """
    shown = repository.c.public_since.is_not(None)
    if now is None or public_for is None:
        return Audience(visibility.PUBLIC, (shown,), (shown,), _UNSEEN)
    unverified = _unverified(microseconds(now - public_for), microseconds(now + CLOCKS_DIFFER))
    numbers = sa.select(repository.c.id).where(unverified)
    unseen = sa.union_all(_UNSEEN, numbers)
    visible = (shown, repository.c.id.not_in(numbers.correlate(None)))
    return Audience(visibility.PUBLIC, visible, (shown,), unseen, unverified)


def _unverified(earliest: int, latest: int) -> Condition:
    """A condition on repositories alone: in an index without accounts it costs nothing."""
    fresh = sa.select(namespace.c.id).where(namespace.c.list_full_at.between(earliest, latest))
    return sa.and_(
        repository.c.namespace_id.in_(WITH_ACCOUNT),
        repository.c.present,
        repository.c.public_since.is_not(None),
        repository.c.seen_by != ANONYMOUS,
        ~repository.c.public_since.between(earliest, latest),
        ~(repository.c.unwatched_since.is_(None) & repository.c.namespace_id.in_(fresh)),
    )


def unverified_among(unverified: Condition, *scope: Condition) -> sa.Select[Unverified]:
    """The unverified repositories in a scope, by namespace."""
    since = repository.c.public_since
    listed_at = sa.case(
        (repository.c.unwatched_since.is_(None), sa.func.coalesce(namespace.c.list_full_at, 0)),
        else_=0,
    )
    seen_at = sa.case((listed_at > since, listed_at), else_=since)
    return typed(
        Unverified,
        sa.select(
            registry.c.name.label("registry"),
            namespace.c.name.label("namespace"),
            sa.func.count().label("number"),
            sa.func.min(repository.c.name).label("repository"),
            sa.func.min(seen_at).label("seen_at"),
        )
        .select_from(repository)
        .join(namespace, namespace.c.id == repository.c.namespace_id)
        .join(registry, registry.c.id == namespace.c.registry_id)
        .where(unverified, *scope)
        .group_by(registry.c.name, namespace.c.name)
        .order_by(registry.c.name, namespace.c.name),
    )
