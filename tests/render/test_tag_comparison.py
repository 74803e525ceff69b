"""Tags compared: shared digests, and the kind of each retag."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from indexer.core.catalog_entries import Period, TagEntry
from indexer.core.platforms import Platform
from indexer.render import column_sets
from indexer.render.formats import Format
from indexer.render.output import write
from indexer.render.tag_comparison import (
    MOST_NAMES,
    CompanionFilter,
    history,
    tags,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.render.records import images

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SIGNATURE = f"sha256-{'a' * 64}.sig"


def digest(content: str) -> str:
    return "sha256:" + content * 64


def entry(tag: str, content: str | None) -> TagEntry:
    named = digest(content) if content else None
    return TagEntry("docker.io", "acme/api", tag, named, None, (), None, NOON)


def platform(name: str, content: str) -> Platform:
    os, architecture = name.split("/")
    return Platform(os, architecture, None, None, digest(content))


def period(tag: str, content: str, start: int, end: int | None, *platforms: Platform) -> Period:
    ended = None if end is None else NOON + end * HOUR
    return Period(
        "docker.io", "acme/api", tag, digest(content), None, NOON + start * HOUR, ended, platforms
    )


def moves(*periods: Period) -> list[str | None]:
    found = history(periods, periods, CompanionFilter(lifted=True))
    return [period.move_in_words for period in found]


def same(item: images.Tag | images.Period) -> tuple[tuple[str, ...], int]:
    return item.same_as, item.same_as_more


def shared_by(entries: list[TagEntry], companions: CompanionFilter) -> Iterator[images.Tag]:
    """The tags of a repository, as they are told."""
    known = {each.tag: each for each in entries}
    digests = [(each.tag, each.digest) for each in entries]
    return tags(digests, lambda names: [known[name] for name in names], companions)


def test_tags_that_share_a_digest_name_each_other() -> None:
    entries = [
        entry("1", "a"),
        entry("2", "b"),
        entry("3", "a"),
        entry("4", None),
        entry("5", None),
    ]
    found = {each.tag: same(each) for each in shared_by(entries, CompanionFilter())}
    assert found == {
        "1": (("3",), 0),
        "2": ((), 0),
        "3": (("1",), 0),
        "4": ((), 0),
        "5": ((), 0),
    }


def test_of_very_many_tags_some_are_named_and_the_others_counted() -> None:
    entries = [entry(f"{number:04}", "a") for number in range(1_000)]
    found = list(shared_by(entries, CompanionFilter()))
    for each in (found[0], found[3], found[-1]):
        assert len(each.same_as) == MOST_NAMES
        assert each.tag not in each.same_as
        assert len(each.same_as) + each.same_as_more == 999
    out = io.StringIO()
    write(found[:1], column_sets.tags(), Format.TABLE, out, None)
    assert "  0010, 0009, 0008 +996  " in out.getvalue()


def test_signatures_are_hidden_and_counted_unless_they_are_asked_for() -> None:
    entries = [entry("1", "a"), entry(SIGNATURE, "b")]
    companions = CompanionFilter()
    assert [each.tag for each in shared_by(entries, companions)] == ["1"]
    assert companions.hidden == 1
    assert len(list(shared_by(entries, CompanionFilter(lifted=True)))) == 2


def test_a_retag_says_which_platforms_changed() -> None:
    amd64, arm64 = platform("linux/amd64", "1"), platform("linux/arm64", "2")
    newer = platform("linux/amd64", "3")
    assert moves(
        period("1", "a", 0, 1, amd64),
        period("1", "b", 1, 2, newer),
        period("1", "c", 2, 3, newer, arm64),
        period("1", "d", 3, None),
    ) == [None, "content of linux/amd64", "linux/arm64 added", None]


def test_a_tag_that_came_back_after_its_removal_is_no_retag() -> None:
    amd64, newer = platform("linux/amd64", "1"), platform("linux/amd64", "3")
    assert moves(period("1", "a", 0, 1, amd64), period("1", "b", 5, None, newer)) == [
        None,
        None,
    ]


def test_another_tag_is_no_retag() -> None:
    amd64, newer = platform("linux/amd64", "1"), platform("linux/amd64", "3")
    assert moves(period("1", "a", 0, 1, amd64), period("2", "b", 1, None, newer)) == [
        None,
        None,
    ]


def test_a_digest_of_the_past_is_shared_with_whoever_ever_had_it() -> None:
    wanted = [period("latest", "a", 0, 1), period("latest", "b", 1, None)]
    every = [period("1.0", "a", 0, None), *wanted]
    found = list(history(wanted, every, CompanionFilter()))
    assert [same(each) for each in found] == [(("1.0",), 0), ((), 0)]


def test_a_history_fits_into_eighty_columns_whatever_the_names_are() -> None:
    arm, amd = platform("linux/arm64", "1"), platform("linux/amd64", "2")
    moved = platform("linux/amd64", "3")
    periods = [
        period("a-rather-long-name-of-a-tag", "a", 0, 1, arm, amd),
        period("a-rather-long-name-of-a-tag", "b", 1, None, moved),
        period(SIGNATURE, "b", 1, None, moved),
    ]
    out = io.StringIO()
    write(
        history(periods, periods, CompanionFilter(lifted=True)),
        column_sets.history(),
        Format.TABLE,
        out,
        80,
    )

    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert "(UTC)" in lines[0]
    (folded,) = {line[56:70].strip() for line in lines if "content" in line}
    assert folded == "content of"
