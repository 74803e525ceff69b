"""When something was public: private is a property of a period, not of a repository.

A repository changes its visibility, and a name that was private is used again in public. So each
change keeps whether its repository was private then, and each period of a tag keeps when it was
public:

    private_until   public_until
    null            null            all the time
    NEVER           null            never
    a time          null            from that time on: found in its repository, published then
    null            a time          until that time: its repository was made private then

Without the token clients get what was public then, of repositories that are public now. Statements
about periods are written for `Periods`: `ALL` are the tables themselves, and `PUBLIC` are the same
columns as the public may see them. A period that was public twice counts as public in between: both
times it led to the same content.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from indexer.store.schema.tables import history, tag

NEVER = 2**63 - 1
"""`private_until` of a period that was never public."""


class Periods(NamedTuple):
    """Where the periods of tags are read: those that last, and those that have ended."""

    tag: sa.FromClause
    history: sa.FromClause


def of_new(*, private: bool) -> dict[str, int | None]:
    """The columns of a period that begins in a private, or in a public, repository."""
    return {"private_until": NEVER if private else None, "public_until": None}


def published(now: int) -> dict[str, sa.ColumnElement[int] | None]:
    """The columns of lasting periods that are found in a repository that became public."""
    first = tag.c.private_until
    time = sa.literal(now, sa.BigInteger)
    return {"private_until": sa.case((first == NEVER, time), else_=first), "public_until": None}


def made_private(now: int) -> dict[str, sa.ColumnElement[int]]:
    """The columns of lasting periods whose repository becomes private."""
    time = sa.literal(now, sa.BigInteger)
    is_shown = _was_public(tag) & tag.c.public_until.is_(None)
    return {"public_until": sa.case((is_shown, time), else_=tag.c.public_until)}


def _was_public(period: sa.Table) -> sa.ColumnElement[bool]:
    return period.c.private_until.is_distinct_from(NEVER)


def _later(time: sa.ColumnElement[int], period: sa.Table) -> sa.ColumnElement[int]:
    """A time, or when the period became public if that was later."""
    first = period.c.private_until
    return sa.case((first > time, first), else_=time).label(time.name)


def _public_push(period: sa.Table) -> sa.ColumnElement[int]:
    """The push that the age counts from; what became public later counts from then."""
    push = period.c.counted_push
    return sa.case((period.c.private_until.is_(None), push)).label(push.name)


def _public_tags() -> sa.FromClause:
    """Tags; those that are present are asked for in public repositories only."""
    columns: dict[str, sa.ColumnElement[Any]] = dict(tag.c.items())
    columns |= {name: _later(tag.c[name], tag) for name in ("since", "status_since")}
    columns["counted_push"] = _public_push(tag)
    return sa.select(*columns.values()).subquery("public_tag")


def _public_history() -> sa.FromClause:
    """Periods that have ended and were public, from when until when they were."""
    last = history.c.public_until
    end = sa.case((last < history.c.ended_at, last), else_=history.c.ended_at).label("ended_at")
    columns: dict[str, sa.ColumnElement[Any]] = dict(history.c.items())
    columns |= {"started_at": _later(history.c.started_at, history), "ended_at": end}
    columns["counted_push"] = _public_push(history)
    return sa.select(*columns.values()).where(_was_public(history)).subquery("public_history")


ALL = Periods(tag, history)
PUBLIC = Periods(_public_tags(), _public_history())
