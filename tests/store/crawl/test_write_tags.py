"""What an archive records of a repository's tags."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import Conflict
from indexer.core.model import ChangeKind, KnownTag, Repository
from indexer.core.platforms import fingerprint
from indexer.crawl.dangling import DanglingTags
from indexer.crawl.diff import Retag, TagsDiff
from tests.store.scribe import MINUTE, START, Scribe, digest, image, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.core.model import Tag
    from indexer.crawl.ports import Archive, CrawlRecord

NGINX = "library/nginx"


@pytest.fixture
def scribe(archive: Archive) -> Scribe:
    return Scribe(archive)


@pytest.fixture
def record(scribe: Scribe) -> CrawlRecord:
    """A crawl that has listed one repository, whose tags were never read."""
    record = scribe.begin()
    scribe.list(record, [Repository(NGINX, START)])
    return record


def tags(record: CrawlRecord) -> Mapping[str, KnownTag]:
    return record.known_tags(NGINX).tags


def test_tags_that_were_never_read_have_no_memory(record: CrawlRecord) -> None:
    before = record.known_tags(NGINX)
    assert before.memory is None
    assert dict(before.tags) == {}


def test_an_unknown_repository_has_no_tags_and_takes_none(record: CrawlRecord) -> None:
    assert dict(record.known_tags("library/other").tags) == {}
    with pytest.raises(Conflict, match="library/other"):
        record_tags(record, "library/other", TagsDiff(), remembered(), START, START)


def test_a_tag_that_was_read_is_known(scribe: Scribe, record: CrawlRecord) -> None:
    scribe.read(record, NGINX, [tag("latest", "one"), tag("old", "two", last_updated=None)])
    assert dict(tags(record)) == {
        "latest": KnownTag("latest", START, digest("one"), None),
        "old": KnownTag("old", None, digest("two"), None),
    }
    assert record.known_tags(NGINX).memory == remembered()


def test_a_tag_without_a_digest_is_known_by_its_images(scribe: Scribe, record: CrawlRecord) -> None:
    images = (image("linux/amd64", "a"), image("linux/arm64", "b"))
    scribe.read(record, NGINX, [tag("old", platforms=images)])
    assert tags(record)["old"] == KnownTag("old", START, None, fingerprint(images))


def test_a_tag_that_names_its_digest_and_its_images_is_known_by_both(
    scribe: Scribe, record: CrawlRecord
) -> None:
    images = (image("linux/amd64", "a"), image("linux/arm64", "b"))
    scribe.read(record, NGINX, [tag("latest", "one", platforms=images)])
    found = tags(record)["latest"]
    assert (found.digest, found.fingerprint) == (digest("one"), fingerprint(images))


def test_a_tag_that_nothing_identifies_is_known_by_its_name(
    scribe: Scribe, record: CrawlRecord
) -> None:
    scribe.read(record, NGINX, [tag("a"), tag("b", platforms=(image("linux/amd64"),))])
    assert dict(tags(record)) == {
        "a": KnownTag("a", START, None, None),
        "b": KnownTag("b", START, None, None),
    }


def test_a_retag_a_removal_and_a_new_tag_are_written_together(
    scribe: Scribe, record: CrawlRecord
) -> None:
    scribe.read(record, NGINX, [tag("moves", "one"), tag("goes", "two"), tag("stays", "three")])
    scribe.read(record, NGINX, [tag("moves", "two"), tag("comes", "one"), tag("stays", "three")])
    assert {name: each.digest for name, each in tags(record).items()} == {
        "moves": digest("two"),
        "comes": digest("one"),
        "stays": digest("three"),
    }


def test_a_new_date_of_the_same_content_is_remembered(scribe: Scribe, record: CrawlRecord) -> None:
    scribe.read(record, NGINX, [tag("latest", "one")])
    changed = scribe.read(record, NGINX, [tag("latest", "one", last_updated=START + MINUTE)])
    assert [each.name for each in changed.touched] == ["latest"]
    assert tags(record)["latest"] == KnownTag("latest", START + MINUTE, digest("one"), None)


def test_a_retag_brings_its_own_date(scribe: Scribe, record: CrawlRecord) -> None:
    scribe.read(record, NGINX, [tag("latest", "one")])
    scribe.read(record, NGINX, [tag("latest", "two", last_updated=None)])
    assert tags(record)["latest"] == KnownTag("latest", None, digest("two"), None)


def test_tags_of_one_name_in_two_repositories_are_two_tags(
    scribe: Scribe, record: CrawlRecord
) -> None:
    scribe.list(record, [Repository(NGINX, START), Repository("library/redis", START)])
    scribe.read(record, NGINX, [tag("latest", "one")])
    scribe.read(record, "library/redis", [tag("latest", "two")])
    scribe.read(record, NGINX, [])
    assert dict(tags(record)) == {}
    assert record.known_tags("library/redis").tags["latest"].digest == digest("two")


def test_names_that_differ_in_case_only_are_two_tags(scribe: Scribe, record: CrawlRecord) -> None:
    scribe.read(record, NGINX, [tag("latest", "one"), tag("LATEST", "two"), tag("Latest", "three")])
    assert {name: each.digest for name, each in tags(record).items()} == {
        "latest": digest("one"),
        "LATEST": digest("two"),
        "Latest": digest("three"),
    }


def test_a_digest_of_either_algorithm_is_kept(scribe: Scribe, record: CrawlRecord) -> None:
    long = "sha512:" + "0f" * 64
    scribe.read(record, NGINX, [tag("short", "one"), tag("long", digest=long)])
    assert {name: each.digest for name, each in tags(record).items()} == {
        "short": digest("one"),
        "long": long,
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(tag("t", "one"), tag("t", "two"), id="another digest"),
        pytest.param(
            tag("t", platforms=(image("linux/amd64", "a"),)),
            tag("t", platforms=(image("linux/amd64", "b"),)),
            id="other images",
        ),
        pytest.param(
            tag("t", digest="sha256:" + "00" * 32),
            tag("t", digest="sha512:" + "00" * 64),
            id="another algorithm",
        ),
    ],
)
def test_other_content_is_seen_as_a_retag(
    scribe: Scribe, record: CrawlRecord, first: Tag, second: Tag
) -> None:
    scribe.read(record, NGINX, [first])
    changed = scribe.read(record, NGINX, [second])
    assert changed.retagged == (Retag(second, first.digest),)
    assert scribe.read(record, NGINX, [second]) == TagsDiff()


def test_dates_of_every_year_are_kept_to_the_microsecond(
    scribe: Scribe, record: CrawlRecord
) -> None:
    dates = [
        datetime(2, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ]
    scribe.read(record, NGINX, [tag(f"{d.year}", "one", last_updated=d) for d in dates])
    assert [tags(record)[f"{d.year}"].last_updated for d in dates] == dates


def test_finish_counts_the_tags_that_are_present(scribe: Scribe, record: CrawlRecord) -> None:
    scribe.read(record, NGINX, [tag("a", "one"), tag("b", "two"), tag("c", "three")])
    scribe.read(record, NGINX, [tag("a", "one"), tag("b", "three")])
    done = scribe.finish(record)
    assert (done.repositories, done.tags) == (1, 2)


def test_a_tag_that_dangles_is_marked_until_it_is_sound_and_its_removal_says_so(
    scribe: Scribe, record: CrawlRecord
) -> None:
    def writes(*, removed: tuple[str, ...] = (), now: str = "", sound: str = "") -> None:
        record.known_tags(NGINX)
        dangling = DanglingTags(frozenset(filter(None, [now])), sound=frozenset({sound}))
        diff = TagsDiff(removed=removed, dangling=dangling)
        record_tags(record, NGINX, diff, remembered(), START, scribe.passes())

    scribe.read(record, NGINX, [tag("1.0", "one"), tag("1.1", "two")])
    writes(now="1.0")
    since = tags(record)["1.0"].dangling_since
    assert since is not None
    writes(now="1.0")
    assert tags(record)["1.0"].dangling_since == since
    writes(sound="1.0")
    assert {each.dangling_since for each in tags(record).values()} == {None}
    assert not record.known_tags(NGINX).dangling
    writes(now="1.1")
    writes(now="1.1", removed=("1.1",))
    assert record.known_tags(NGINX).dangling == {"1.1"}
    scribe.read(record, NGINX, [tag("1.0", "one"), tag("1.1", "two")])
    assert not record.known_tags(NGINX).dangling
    assert tags(record)["1.1"].dangling_since is None


def test_what_one_archive_wrote_another_one_knows(scribe: Scribe, record: CrawlRecord) -> None:
    scribe.read(record, NGINX, [tag("latest", "one")])
    scribe.finish(record)
    again = Scribe(scribe.archive).begin()
    assert again.known_tags(NGINX).tags["latest"].digest == digest("one")
    assert set(again.known_repositories().repositories) == {NGINX}


def test_a_tag_that_is_no_longer_wanted_goes_without_a_change_and_may_come_back(
    scribe: Scribe, record: CrawlRecord
) -> None:
    scribe.read(record, NGINX, [tag("1.0", "one"), tag("1.1", "two")])
    record.known_tags(NGINX)
    record_tags(record, NGINX, TagsDiff(dropped=("1.0",)), remembered(), START, START + MINUTE)
    assert set(tags(record)) == {"1.1"}
    scribe.read(record, NGINX, [tag("1.0", "one"), tag("1.1", "two")])
    finished = scribe.finish(record)
    assert finished.tags == 2
    assert finished.changes.get(ChangeKind.TAG_REMOVED, 0) == 0


def test_removed_tags_are_known_until_they_come_back_or_are_not_wanted(
    scribe: Scribe, record: CrawlRecord
) -> None:
    def writes(**what: Any) -> frozenset[str]:
        record.known_tags(NGINX)
        record_tags(record, NGINX, TagsDiff(**what), remembered(), START, scribe.passes())
        return record.known_tags(NGINX).removed

    scribe.read(record, NGINX, [tag("1.0", "one"), tag("1.1", "two"), tag("1.2", "three")])
    assert writes(removed=("1.0", "1.1")) == {"1.0", "1.1"}
    assert writes(added=(tag("1.1", "four"),)) == {"1.0"}
    assert writes(dropped=("1.1",)) == {"1.0"}


def test_the_tags_of_a_removed_repository_are_known_as_removed_when_it_comes_back(
    scribe: Scribe, record: CrawlRecord
) -> None:
    scribe.read(record, NGINX, [tag("1.0", "one")])
    scribe.list(record, [])
    scribe.list(record, [Repository(NGINX, START)])
    assert NGINX in record.known_repositories().repositories
    known = record.known_tags(NGINX)
    assert not known.tags
    assert known.removed == {"1.0"}
