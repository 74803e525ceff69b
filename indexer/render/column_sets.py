"""Which fields a kind of value has for programs, and which columns for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.render import json_records, tag_comparison
from indexer.render.tables import Column

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.core.model import Change, Period, RepositoryEntry, TagEntry
    from indexer.render.tag_comparison import ComparedTag, HistoryStep

T = TypeVar("T")
Whole = TypeVar("Whole")

_LONGEST_DESCRIPTION = 40
"""Characters of a description where space is scarce."""


@dataclass(frozen=True, slots=True)
class ColumnSet(Generic[T]):
    """How a kind of value is written.

    Attributes:
        fields: of its record, in order: the head of a CSV file.
        record: a value as JSON.
        columns: a value as a row.
    """

    fields: tuple[str, ...]
    record: Callable[[T], dict[str, Any]]
    columns: tuple[Column[T], ...]


def changes(home: str = DOCKER_HUB) -> ColumnSet[Change]:
    """The change log. `home` is the registry that goes without saying in tables."""
    return ColumnSet(
        (
            "id", "observed_at", "kind", "registry", "repository", "tag", "old_digest",
            "new_digest", "pushed_at", "crawl_id", "baseline",
        ),
        json_records.change,
        (
            Column("OBSERVED (UTC)", lambda c: humanize.short_time(c.observed_at), _day),
            Column("KIND", lambda c: c.kind.value),
            Column(
                "IMAGE", lambda c: humanize.image(c.registry, c.repository, c.tag, home), folds=True
            ),
            Column("WAS", lambda c: humanize.digest(c.old_digest), _short(lambda c: c.old_digest)),
            Column("IS", lambda c: humanize.digest(c.new_digest), _short(lambda c: c.new_digest)),
        ),
    )  # fmt: skip


def tags() -> ColumnSet[TagEntry]:
    """The tags of one repository."""
    return ColumnSet(
        (
            "registry", "repository", "tag", "digest", "size", "platforms", "pushed_at",
            "first_seen_at",
        ),
        json_records.tag,
        (
            Column("TAG", lambda t: shown(t.tag), folds=True),
            Column("DIGEST", lambda t: humanize.digest(t.digest), _short(lambda t: t.digest)),
            Column("SIZE", lambda t: humanize.size(t.size), right=True),
            Column("PUSHED (UTC)", lambda t: humanize.short_time(t.pushed_at)),
            Column("PLATFORMS", _platforms, folds=True),
        ),
    )  # fmt: skip


def tags_beside() -> ColumnSet[ComparedTag]:
    """The tags of one repository, with those that share their digests."""
    plain = tags()
    return ColumnSet(
        (*plain.fields, "same_as", "same_as_more"),
        tag_comparison.tag_record,
        (
            *(_of(column, lambda item: item.entry) for column in plain.columns[:-1]),
            Column("SAME AS", lambda item: str(item.same) or humanize.NOTHING, folds=True),
            _of(plain.columns[-1], lambda item: item.entry),
        ),
    )


def repositories(home: str = DOCKER_HUB) -> ColumnSet[RepositoryEntry]:
    """The repositories of the index."""
    return ColumnSet(
        ("registry", "repository", "description", "private", "tags", "last_updated"),
        json_records.repository,
        (
            Column(
                "REPOSITORY",
                lambda r: humanize.image(r.registry, r.repository, None, home),
                folds=True,
            ),
            Column("TAGS", lambda r: humanize.number(r.tags), right=True),
            Column("UPDATED (UTC)", lambda r: humanize.short_time(r.last_updated)),
            Column("NOTE", _note),
            Column(
                "DESCRIPTION",
                lambda r: shown(r.description, 1_000),
                lambda r: shown(r.description, _LONGEST_DESCRIPTION),
                folds=True,
            ),
        ),
    )


def history() -> ColumnSet[Period]:
    """Every digest that the tags of one repository had."""
    return ColumnSet(
        ("registry", "repository", "tag", "digest", "pushed_at", "started_at", "ended_at"),
        json_records.interval,
        (
            Column("TAG", lambda i: shown(i.tag), folds=True),
            Column("DIGEST", lambda i: humanize.digest(i.digest), _short(lambda i: i.digest)),
            Column(
                "FROM (UTC)",
                lambda i: humanize.short_time(i.started_at),
                lambda i: _date(i.started_at),
            ),
            Column("UNTIL", lambda i: _until(i, humanize.short_time), lambda i: _until(i, _date)),
            Column(
                "PUSHED",
                lambda i: humanize.short_time(i.pushed_at),
                lambda i: _date(i.pushed_at),
            ),
        ),
    )


def _until(interval: Period, form: Callable[[datetime | None], str]) -> str:
    return form(interval.ended_at) if interval.ended_at else "now"


def steps() -> ColumnSet[HistoryStep]:
    """Every digest that tags had, with what moved and which tags share it."""
    plain = history()
    return ColumnSet(
        (*plain.fields, "move", "move_in_words", "same_as", "same_as_more"),
        tag_comparison.step_record,
        (
            *(_of(column, lambda item: item.interval) for column in plain.columns),
            Column("WHAT CHANGED", lambda item: str(item.move or humanize.NOTHING), folds=True),
            Column("SAME AS", lambda item: str(item.same) or humanize.NOTHING, folds=True),
        ),
    )


def _of(column: Column[T], part: Callable[[Whole], T]) -> Column[Whole]:
    """A column of a part, for the whole."""
    text, short = column.text, column.short
    return Column(
        column.title,
        lambda whole: text(part(whole)),
        None if short is None else (lambda whole: short(part(whole))),
        column.right,
        column.folds,
    )


def _day(change: Change) -> str:
    """The time without its year, where space is scarce."""
    return humanize.short_time(change.observed_at)[5:]


def _date(time: datetime | None) -> str:
    """The day alone, where space is scarce: what is old needs its year more than its hour."""
    return humanize.short_time(time).partition(" ")[0]


def _short(digest: Callable[[T], str | None]) -> Callable[[T], str]:
    return lambda value: humanize.short_digest(digest(value))


def _platforms(tag: TagEntry) -> str:
    names = dict.fromkeys(str(each) for each in tag.platforms if not each.is_attestation)
    return shown(" ".join(names), 1_000) or humanize.NOTHING


def _note(entry: RepositoryEntry) -> str:
    """What is out of the ordinary."""
    notes = (
        ("private", entry.private),
        ("pending", entry.pending),
        ("not listed", not entry.listed),
    )
    return ", ".join(note for note, holds in notes if holds) or humanize.NOTHING
