"""What grows and what is dead, as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.render.tables import Column, Cut, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.render.records.stats import (
        RepositoryStats,
        SharedTags,
        Stats,
        StatsDay,
        UnpulledTag,
    )

T = TypeVar("T")


def lines(found: Stats, width: int | None, default_registry: str) -> Iterator[str]:
    """Yield the lines: a table for each part that has rows, with an empty line between two.

    Args:
        found: the answer.
        width: columns of the terminal; None if the output is not a terminal.
        default_registry: the registry that is left out of names.
    """
    since = humanize.short_time(found.not_pulled_since)
    parts: tuple[tuple[str, Sequence[Any], int, tuple[Column[Any], ...]], ...] = (
        ("", found.days, 0, _DAYS),
        (
            "Repositories, those pulled most in this time first",
            found.repositories if found.repository is None else [],
            found.repositories_more,
            _repositories(default_registry),
        ),
        (
            f"Tags not pulled since {since} UTC",
            found.not_pulled,
            found.not_pulled_more,
            _not_pulled(default_registry),
        ),
        (
            "Tags that share a digest",
            found.same_digest,
            found.same_digest_more,
            _shared(default_registry),
        ),
    )
    is_first = True
    for title, rows, more, columns in parts:
        if not rows:
            continue
        if not is_first:
            yield ""
        is_first = False
        yield from _part(title, rows, more, columns, width)


def _part(
    title: str, rows: Sequence[T], more: int, columns: Sequence[Column[T]], width: int | None
) -> Iterator[str]:
    if title:
        beginning = f", the first {len(rows):,} of {len(rows) + more:,}" if more else ""
        yield f"{title}{beginning}:"
    yield from table(rows, columns, width)


def _more(value: int | None) -> str:
    return humanize.NOTHING if value is None else f"{value:+,}"


_DAYS: tuple[Column[StatsDay], ...] = (
    Column("DATE", lambda d: d.date),
    Column("PULLS", lambda d: humanize.number(d.pulls), right=True),
    Column("GAINED", lambda d: _more(d.pulls_gained), right=True),
    Column("STARS", lambda d: humanize.number(d.stars), right=True),
    Column("STORAGE", lambda d: humanize.size(d.storage_size), right=True),
)


def _repositories(default_registry: str) -> tuple[Column[RepositoryStats], ...]:
    return (
        Column(
            "REPOSITORY",
            lambda r: humanize.image(r.registry, r.repository, None, default_registry),
            cut=Cut.MIDDLE,
        ),
        Column("PULLS", lambda r: humanize.number(r.pulls), right=True, rank=1),
        Column("GAINED", lambda r: _more(r.pulls_gained), right=True, rank=2),
        Column("STARS", lambda r: humanize.number(r.stars), right=True, rank=5),
        Column("STORAGE", lambda r: humanize.size(r.storage_size), right=True, rank=3),
        Column("TAGS", lambda r: humanize.number(r.tags), right=True, rank=4),
        Column("NOT PULLED", lambda r: humanize.number(r.tags_not_pulled), right=True, rank=1),
    )


def _not_pulled(default_registry: str) -> tuple[Column[UnpulledTag], ...]:
    return (
        Column(
            "IMAGE",
            lambda t: humanize.image(t.registry, t.repository, t.tag, default_registry),
            cut=Cut.MIDDLE,
        ),
        Column(
            "LAST PULLED",
            lambda t: humanize.short_time(t.last_pulled) if t.last_pulled else "never",
        ),
        Column("PUSHED (UTC)", lambda t: humanize.short_time(t.pushed_at), rank=2),
        Column("SIZE", lambda t: humanize.size(t.size), right=True, rank=1),
    )


def _shared(default_registry: str) -> tuple[Column[SharedTags], ...]:
    return (
        Column(
            "REPOSITORY",
            lambda s: humanize.image(s.registry, s.repository, None, default_registry),
            cut=Cut.MIDDLE,
        ),
        Column("DIGEST", lambda s: humanize.short_digest(s.digest)),
        Column("TAGS", _names, cut=Cut.END),
    )


def _names(shared: SharedTags) -> str:
    names = ", ".join(shown(name, 128) for name in shared.tags)
    return f"{names} +{shared.tags_more}" if shared.tags_more else names
