"""What `indexer serve` shows to clients without the token, and what it refuses to answer.

A request that names a repository which is unverified (`indexer.store.schema.audience`) is refused,
and so is a list that would have to leave one out: a program cannot tell that from a removal. Pages
for people leave it out and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.catalog.answers import NotVerified
from indexer.core.humanize import count
from indexer.core.printable import shown
from indexer.store.database.typed_rows import read
from indexer.store.schema import audience
from indexer.store.schema.codec import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime, timedelta

    import sqlalchemy as sa

    from indexer.store.database.typed_rows import Values
    from indexer.store.schema.audience import Audience, Unverified


@dataclass(frozen=True, slots=True)
class PublicView:
    """How the index is shown to clients without the token.

    Attributes:
        now: tells the time.
        public_for: for how long it counts as public what a crawl with an account saw in public.
        watched: registry and name of each namespace that is crawled; None: of all. Of others
            nothing will be verified any more, so lists leave it out and are not refused.
        refuses: whether lists are refused that would leave out what is unverified.
    """

    now: Callable[[], datetime]
    public_for: timedelta
    watched: Collection[tuple[str, str]] | None = None
    refuses: bool = True

    def audience(self) -> Audience:
        """What the public may see now. A minute more or less does not matter."""
        return _public(self.now().replace(second=0, microsecond=0), self.public_for)


_public = lru_cache(maxsize=4)(audience.public)


def check_place(
    connection: sa.Connection,
    seen: Audience,
    *place: sa.ColumnElement[bool],
    given: Values | None = None,
) -> None:
    """Refuse to answer about a named repository that is unverified.

    Args:
        connection: to the index.
        seen: what the audience may see.
        place: conditions for the repository.
        given: their parameters. Then the statement is kept: the conditions must be constants.

    Raises:
        NotVerified: it is.
    """
    for each in _unverified(connection, seen, place, given):
        raise NotVerified(
            f"{shown(f'{each.registry}/{each.repository}')} was public when a crawl last looked, "
            f"{_when(each)}: it is not shown without the token before a crawl has looked again "
            f"({_remedy(each)})."
        )


def check_list(
    connection: sa.Connection,
    seen: Audience,
    view: PublicView | None,
    *scope: sa.ColumnElement[bool],
    given: Values | None = None,
) -> None:
    """Refuse a list in whose scope there is something unverified.

    Args:
        connection: to the index.
        seen: what the audience may see.
        view: how the index is shown to it.
        scope: conditions for the repositories of the list.
        given: as for `check_place`.

    Raises:
        NotVerified: there is, and it is still crawled.
    """
    if view is None or not view.refuses:
        return
    for each in _unverified(connection, seen, scope, given):
        if view.watched is None or (each.registry, each.namespace) in view.watched:
            what = count(each.number, "repository", "repositories")
            raise NotVerified(
                f"{what} of {shown(f'{each.registry}/{each.namespace}')} would be left out: "
                f"whether they are still public was last looked at {_when(each)} "
                f"({_remedy(each)}); ask for another namespace, or send the token."
            )


def number_unverified(connection: sa.Connection, seen: Audience) -> int:
    """How many repositories are left out because they are unverified."""
    return sum(each.number for each in _unverified(connection, seen, ()))


def _unverified(
    connection: sa.Connection,
    seen: Audience,
    scope: tuple[sa.ColumnElement[bool], ...],
    given: Values | None = None,
) -> list[Unverified]:
    if seen.unverified is None:
        return []
    made = audience.unverified_among if given is None else _kept
    return read(connection, made(seen.unverified, *scope), given)


_kept = lru_cache(maxsize=16)(audience.unverified_among)


def _when(found: Unverified) -> str:
    return f"on {time_of(found.seen_at):%Y-%m-%d at %H:%M} UTC" if found.seen_at else "at no time"


def _remedy(found: Unverified) -> str:
    return f"'indexer crawl --verify {shown(found.namespace)}'"
