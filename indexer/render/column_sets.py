"""The fields of each kind of value (JSON, CSV) and the columns of its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from indexer.core import humanize, version_order
from indexer.core.model import Change
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.manifests.content_type import IMAGE
from indexer.render.records import fields_of
from indexer.render.records import images as records
from indexer.render.records.images import Period, Repository, Tag
from indexer.render.tables import Column, Cut

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.core.catalog_entries import FoundTag, RepositoryEntry

T = TypeVar("T")

_NAMES_SHOWN = 3
"""The most tags with the same digest that a table names."""


@dataclass(frozen=True, slots=True)
class ColumnSet(Generic[T]):
    """How one kind of value is written: as JSON, CSV or a table.

    Attributes:
        fields: the fields of its record, in order: the header of a CSV file.
        record: makes the record that JSON shows of a value; msgspec encodes it as an object.
        columns: the columns of its table, from left to right.
    """

    fields: tuple[str, ...]
    record: Callable[[T], object]
    columns: tuple[Column[T], ...]


def changes(default_registry: str = DOCKER_HUB) -> ColumnSet[Change]:
    """The change log. Tables leave out the name of `default_registry`."""
    return ColumnSet(
        fields_of(Change),
        itself,
        (
            Column(
                "OBSERVED (UTC)",
                lambda c: humanize.short_time(c.observed_at),
                _day,
                rank=1,
                field="observed_at",
            ),
            Column("KIND", lambda c: c.kind.value, rank=1, field="kind"),
            Column(
                "IMAGE",
                lambda c: humanize.image(c.registry, c.repository, c.tag, default_registry),
                cut=Cut.MIDDLE,
            ),
            Column(
                "WAS",
                lambda c: humanize.digest(c.old_digest),
                _short(lambda c: c.old_digest),
                cut=Cut.DIGEST,
                rank=2,
                field="old_digest",
            ),
            Column(
                "IS",
                lambda c: humanize.digest(c.new_digest),
                _short(lambda c: c.new_digest),
                cut=Cut.DIGEST,
                field="new_digest",
            ),
            Column("BY", lambda c: _person(c.pushed_by or c.removed_by), cut=Cut.END, rank=3),
        ),
    )


def tags(default_registry: str | None = None) -> ColumnSet[Tag]:
    """Tags, each with other tags of the same digest.

    Args:
        default_registry: tables show the repository of each tag, and leave out this registry; None:
            they are all of one repository.
    """
    name: Column[Tag] = Column("TAG", lambda t: shown(t.tag), cut=Cut.MIDDLE, field="tag")
    if default_registry is not None:
        name = Column(
            "IMAGE",
            lambda t: humanize.image(t.registry, t.repository, t.tag, default_registry),
            cut=Cut.MIDDLE,
            field="tag",
        )
    return ColumnSet(
        fields_of(Tag),
        itself,
        (
            name,
            Column(
                "DIGEST",
                lambda t: humanize.digest(t.digest),
                _short(lambda t: t.digest),
                cut=Cut.DIGEST,
                field="digest",
            ),
            Column("SIZE", lambda t: humanize.size(t.size), right=True, rank=2, field="size"),
            Column(
                "PUSHED (UTC)",
                lambda t: humanize.short_time(t.pushed_at),
                lambda t: _date(t.pushed_at),
                rank=1,
                field="pushed_at",
            ),
            Column(
                "LAST PULLED",
                lambda t: humanize.short_time(t.last_pulled),
                lambda t: _date(t.last_pulled),
                rank=5,
                field="last_pulled",
            ),
            Column("SAME AS", _same_as, cut=Cut.END, rank=4, field="same_as"),
            Column(
                "PLATFORMS", _platforms, _first_platform, cut=Cut.END, rank=3, field="platforms"
            ),
        ),
    )


def repositories(default_registry: str = DOCKER_HUB) -> ColumnSet[RepositoryEntry]:
    """The repositories of the index. Tables leave out the name of `default_registry`."""
    return ColumnSet(
        fields_of(Repository),
        Repository.of,
        (
            Column(
                "REPOSITORY",
                lambda r: humanize.image(r.registry, r.repository, None, default_registry),
                cut=Cut.MIDDLE,
                field="repository",
            ),
            Column("TAGS", lambda r: humanize.number(r.tags), right=True, rank=1, field="tags"),
            Column(
                "UPDATED (UTC)",
                lambda r: humanize.short_time(r.last_updated),
                lambda r: _date(r.last_updated),
                rank=2,
                field="last_updated",
            ),
            Column("NOTE", _note, cut=Cut.END, rank=3),
            Column(
                "DESCRIPTION",
                lambda r: shown(r.description, 1_000) or humanize.NOTHING,
                cut=Cut.END,
                rank=4,
                field="description",
            ),
        ),
    )


def history() -> ColumnSet[Period]:
    """Every digest that tags had, what changed, and other tags of the same digest."""
    return ColumnSet(
        fields_of(Period),
        itself,
        (
            Column("TAG", lambda p: shown(p.tag), cut=Cut.MIDDLE, field="tag"),
            Column(
                "DIGEST",
                lambda p: humanize.digest(p.digest),
                _short(lambda p: p.digest),
                cut=Cut.DIGEST,
                field="digest",
            ),
            Column(
                "FROM (UTC)",
                lambda p: humanize.short_time(p.started_at),
                lambda p: _date(p.started_at),
                rank=1,
                field="started_at",
            ),
            Column(
                "UNTIL",
                lambda p: _until(p, humanize.short_time),
                lambda p: _until(p, _date),
                rank=1,
                field="ended_at",
            ),
            Column(
                "PUSHED",
                lambda p: humanize.short_time(p.pushed_at),
                lambda p: _date(p.pushed_at),
                rank=4,
                field="pushed_at",
            ),
            Column("BY", lambda p: _person(p.pushed_by), cut=Cut.END, rank=6, field="pushed_by"),
            Column("WHAT CHANGED", _move, cut=Cut.END, rank=3, field="move_in_words"),
            Column("SAME AS", _same_as, cut=Cut.END, rank=4, field="same_as"),
        ),
    )


def found(default_registry: str = DOCKER_HUB) -> ColumnSet[FoundTag]:
    """Tags that lead to a digest, or led there. Tables leave out the name of `default_registry`."""
    return ColumnSet(
        fields_of(records.FoundTag),
        records.FoundTag.of,
        (
            Column(
                "IMAGE",
                lambda f: humanize.image(f.registry, f.repository, f.tag, default_registry),
                cut=Cut.MIDDLE,
                field="tag",
            ),
            Column(
                "FROM (UTC)",
                lambda f: humanize.short_time(f.started_at),
                lambda f: _date(f.started_at),
                rank=2,
                field="started_at",
            ),
            Column(
                "UNTIL",
                lambda f: _until(f, humanize.short_time),
                lambda f: _until(f, _date),
                rank=1,
                field="ended_at",
            ),
            Column(
                "POINTS TO",
                lambda f: humanize.digest(f.points_to),
                _short(lambda f: f.points_to),
                cut=Cut.DIGEST,
                rank=1,
                field="points_to",
            ),
        ),
    )


def itself(value: T) -> T:
    """The value itself: JSON shows it as it is."""
    return value


def _person(name: str | None) -> str:
    return shown(name, 40) if name else humanize.NOTHING


def _until(period: Period | FoundTag, form: Callable[[datetime | None], str]) -> str:
    return form(period.ended_at) if period.ended_at else "now"


def _move(period: Period) -> str:
    return shown(period.move_in_words, 1_000) if period.move_in_words else humanize.NOTHING


def _same_as(item: Tag | Period) -> str:
    """Other tags of a digest, the newest versions first: `1.27, stable +4`."""
    newest = version_order.newest_first(item.same_as)[:_NAMES_SHOWN]
    names = ", ".join(shown(name, 60) for name in newest)
    more = len(item.same_as[_NAMES_SHOWN:]) + item.same_as_more
    return f"{names} +{more}" if more else names or humanize.NOTHING


def _day(change: Change) -> str:
    """The time without its year, for narrow terminals."""
    return humanize.short_time(change.observed_at)[5:]


def _date(time: datetime | None) -> str:
    """The date alone, for narrow terminals: of an old period the year matters, not the hour."""
    return humanize.short_time(time).partition(" ")[0]


def _short(digest: Callable[[T], str | None]) -> Callable[[T], str]:
    return lambda value: humanize.short_digest(digest(value))


def _platforms(tag: Tag) -> str:
    """The platforms of a tag; of what is no image, what it is instead."""
    names = dict.fromkeys(each.platform for each in tag.platforms if not each.is_attestation)
    kind = tag.content_type if tag.content_type != IMAGE else None
    if kind and not names.keys() - {"unknown/unknown"}:
        return shown(kind, 100)
    return shown(" ".join(names), 1_000) or humanize.NOTHING


def _first_platform(tag: Tag) -> str:
    """The first platform of a tag, and how many more there are: `linux/amd64 +5`."""
    first, *more = _platforms(tag).split(" ")
    return f"{first} +{len(more)}" if more else first


def _note(entry: RepositoryEntry) -> str:
    """What is unusual: private, pending, not watched, not listed, hidden."""
    since = humanize.short_time(entry.hidden_since)
    hidden = f"not visible to {shown(entry.hidden_from or '')} since {since}"
    is_unwatched = entry.unwatched_since is not None
    notes = (
        ("private", entry.private),
        ("pending", entry.pending),
        (f"not watched since {humanize.short_time(entry.unwatched_since)}", is_unwatched),
        ("not listed", not (entry.listed or entry.hidden_since or is_unwatched)),
        (hidden, entry.hidden_since is not None),
    )
    return ", ".join(note for note, holds in notes if holds) or humanize.NOTHING
