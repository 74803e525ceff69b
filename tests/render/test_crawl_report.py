"""Reports of crawls: a summary to act on, and a status that says what is overdue."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from indexer.config import Schedule, ScheduleSettings
from indexer.config.timetables import timetable_of
from indexer.core.catalog_entries import (
    BaselineGaps,
    CrawlHistory,
    LastCrawl,
    NamespaceStatus,
    UnfinishedCycle,
)
from indexer.core.model import Change, ChangeKind, Cost, Crawl, CrawlStatus, Mode, RateLimit
from indexer.render import status
from indexer.render.crawl_report import crawl_report
from indexer.render.output import as_json
from indexer.render.records.crawls import Crawl as CrawlRecord

if TYPE_CHECKING:
    from indexer.crawl.schedule.next_crawl import Timetable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STARTED = NOW - timedelta(minutes=30)

CRAWL = Crawl(
    id=12,
    registry="docker.io",
    namespace="ansible",
    status=CrawlStatus.COMPLETE,
    mode=Mode.INCREMENTAL,
    identity="anonymous",
    started_at=STARTED,
    finished_at=STARTED + timedelta(seconds=1.25),
    repositories=60,
    tags=3_120,
    spent=Cost(3, 41_234),
    changes={ChangeKind.TAG_ADDED: 4, ChangeKind.TAG_RETAGGED: 1},
)
KNOWN = NamespaceStatus("docker.io", "ansible", 60, 3_120, 0, CRAWL, STARTED, STARTED)
HOURLY = timetable_of(replace(ScheduleSettings(), jitter=0.0))


def change(number: int) -> Change:
    return Change(
        number, NOW, ChangeKind.TAG_ADDED, "docker.io", "ansible/awx", f"{number}", None,
        "sha256:" + "c3" * 32, None, 12, False, None, None, None, None,
    )  # fmt: skip


def report(crawl: Crawl, *changes: Change) -> str:
    return "\n".join(crawl_report(crawl, changes, "indexer"))


def test_a_crawl_in_json_is_exactly_what_is_promised() -> None:
    assert list(json.loads(as_json(CrawlRecord.of(CRAWL))).items()) == [
        ("registry", "docker.io"),
        ("namespace", "ansible"),
        ("status", "complete"),
        ("mode", "incremental"),
        ("started_at", "2026-03-02T11:30:00Z"),
        ("finished_at", "2026-03-02T11:30:01.250000Z"),
        ("repositories", 60),
        ("tags", 3_120),
        ("requests", 3),
        ("bytes", 41_234),
        (
            "changes",
            {
                "repository_added": 0,
                "repository_removed": 0,
                "tag_added": 4,
                "tag_removed": 0,
                "tag_retagged": 1,
            },
        ),
        ("errors", []),
        ("id", 12),
        ("part", None),
        ("unseen_repositories", 0),
        ("unseen_tags", 0),
        ("unread", 0),
    ]


def test_a_report_says_what_changed_and_where_to_read_more() -> None:
    assert report(CRAWL, change(1), change(2)).splitlines() == [
        "docker.io/ansible: complete (incremental crawl 12)",
        "  60 repositories, 3,120 tags; 3 requests, 41.2 kB, 1.2 s",
        "  changes: 4 tags added, 1 tag retagged",
        "    tag_added           ansible/awx:1  c3c3c3c3c3c3",
        "    tag_added           ansible/awx:2  c3c3c3c3c3c3",
        "    and 3 more",
        "  see them with: indexer query --changed-since crawl:12",
    ]


def test_a_baseline_says_that_it_is_one() -> None:
    text = report(replace(CRAWL, changes={}, baseline=3_180))
    assert "baseline: 60 repositories, 3,120 tags recorded" in text
    assert "nothing changed" not in text


def test_a_baseline_of_some_says_how_many_were_added() -> None:
    text = report(replace(CRAWL, changes={}, baseline=12))
    assert "baseline: 12 repositories and tags added, not reported as changes" in text
    assert "query --changed-since crawl:12 --include-baseline" in text
    assert "3,120 tags recorded" not in text


@pytest.mark.parametrize("status", [CrawlStatus.FAILED, CrawlStatus.INCOMPLETE])
def test_a_name_of_which_nothing_is_known_can_be_forgotten(status: CrawlStatus) -> None:
    failed = replace(CRAWL, status=status, changes={}, errors=("ansible: no answer",))
    hint = "  nothing was ever found there; if the name is wrong: 'indexer forget "
    assert hint not in report(failed)
    lines = report(replace(failed, repositories=0)).splitlines()
    assert lines[-2:] == ["  ! no answer", f"{hint}docker.io/ansible'"]
    whole = replace(failed, repositories=0, registry="example.com", namespace="*")
    assert report(whole).endswith(f"{hint}example.com'")


def test_an_unchanged_namespace_says_so() -> None:
    assert "nothing changed" in report(replace(CRAWL, changes={}))


def test_only_a_complete_crawl_can_say_that_nothing_changed() -> None:
    unread = {
        CrawlStatus.INCOMPLETE: "no changes in what was read",
        CrawlStatus.INTERRUPTED: "no changes in what was read",
        CrawlStatus.FAILED: "nothing could be read",
    }
    for ended, words in unread.items():
        crawl = replace(CRAWL, status=ended, changes={})
        rows = status.namespace_rows([replace(KNOWN, last_crawl=crawl)], (), {}, NOW)
        state = "\n".join(status.lines(rows, NOW, None))
        for text in (report(crawl), state):
            assert words in text
            assert "nothing changed" not in text


def test_an_incomplete_crawl_says_what_could_not_be_read_safely_and_briefly() -> None:
    errors = tuple(f"ansible/r{number}: \x1b[2Jno answer" for number in range(25))
    text = report(replace(CRAWL, status=CrawlStatus.INCOMPLETE, errors=errors))
    assert "! ansible/r0: \ufffd[2Jno answer" in text
    assert "and 15 more" in text
    assert "\x1b" not in text


def test_a_failed_crawl_says_that_what_is_known_is_kept() -> None:
    text = report(replace(CRAWL, status=CrawlStatus.FAILED, errors=("no such namespace",)))
    assert "nothing could be read; the index keeps what it had" in text
    assert "! no such namespace" in text


def crawled(
    hours: float = 0.5, full: float = 20, status: CrawlStatus = CrawlStatus.COMPLETE, **more: Any
) -> CrawlHistory:
    """What became of its crawls: when the last one, and the last full one, was."""
    when = NOW - timedelta(hours=hours)
    read_at = NOW - timedelta(hours=full)
    done = {Mode.INCREMENTAL: when, Mode.VERIFY: when, Mode.FULL: read_at}
    last = LastCrawl(12, Mode.INCREMENTAL, status, when, when)
    return CrawlHistory("docker.io", "ansible", last, **{"done": done, **more})


def verdict(
    known: NamespaceStatus | None = KNOWN,
    crawl_history: CrawlHistory | None = None,
    timetable: Timetable | None = HOURLY,
) -> status.NamespaceRow:
    statuses = [known] if known else []
    crawls = [crawl_history or crawled()] if known else []
    (one,) = status.namespace_rows(statuses, crawls, {("docker.io", "ansible"): timetable}, NOW)
    return one


@pytest.mark.parametrize(
    ("minutes", "is_late"), [(30, False), (60, False), (65, False), (67, True), (6_000, True)]
)
def test_a_crawl_is_overdue_after_its_interval_and_some_grace(minutes: int, is_late: bool) -> None:
    assert bool(verdict(crawl_history=crawled(minutes / 60)).overdue) is is_late


def test_overdue_crawls_are_described_in_words() -> None:
    assert verdict(crawl_history=crawled(5, full=30 * 24)).overdue == (
        "a crawl is due every 1h; the last was 5h ago",
        "a full crawl is due every 7d; the last was 4w ago",
    )


def test_what_keeps_failing_is_said_with_what_becomes_of_it() -> None:
    failing = verdict(crawl_history=crawled(5, failures=3, status=CrawlStatus.FAILED))
    assert status.record(failing, NOW).failures == 3
    text = "\n".join(status.lines([failing], NOW, None))
    assert "3 crawls failed in a row; the daemon waits longer each time" in text


def test_of_a_name_where_nothing_was_ever_seen_it_is_said_how_to_take_it_out() -> None:
    failing = crawled(5, failures=1, status=CrawlStatus.FAILED)

    def text(known: NamespaceStatus) -> str:
        return "\n".join(status.lines([verdict(known, failing)], NOW, None))

    wrong = replace(KNOWN, repositories=0, last_complete_at=None)
    assert "if the name is wrong: 'indexer forget docker.io/ansible'" in text(wrong)
    assert "forget" not in text(KNOWN)


def test_what_is_kept_unwatched_and_what_was_never_seen_is_said_with_the_remedy() -> None:
    crawl = replace(CRAWL, identity="anonymous")
    known = replace(KNOWN, last_crawl=crawl, unwatched=2, gaps=BaselineGaps(1, 3, 4_021))
    text = "\n".join(status.lines([verdict(known)], NOW, None))
    assert "2 repositories are kept and not watched: the configuration leaves them out" in text
    one = "\n".join(status.lines([verdict(replace(known, unwatched=1))], NOW, None))
    assert "1 repository is kept and not watched: the configuration leaves it out" in one
    assert (
        "the baseline is not whole: 1 repository and 4,021 tags in 3 repositories were never seen; "
        "any free account sees all: 'docker login'"
    ) in text
    shown = json.loads(as_json(status.record(verdict(known), NOW)))
    assert (shown["unwatched"], shown["gaps"]) == (
        2,
        {"repositories": 1, "lists": 3, "tags": 4_021},
    )
    assert json.loads(as_json(status.record(verdict(), NOW)))["gaps"] is None


def test_a_crawl_of_a_part_goes_by_its_name() -> None:
    text = report(replace(CRAWL, part="ansible/awx:1.0"))
    assert text.startswith("docker.io/ansible/awx:1.0: complete")


def test_a_configured_namespace_that_was_never_crawled_is_overdue() -> None:
    never = verdict(None)
    assert never.overdue[0] == "a crawl is due every 1h; there was none yet"
    text = "\n".join(status.lines([never], NOW, 80))
    assert "never" in text
    record = status.record(never, NOW)
    assert (record.configured, record.last_crawl, record.tags) == (True, None, 0)


def test_a_namespace_that_never_got_through_is_overdue() -> None:
    tried = verdict(crawl_history=crawled(0.1, done={}, failures=1, status=CrawlStatus.FAILED))
    assert tried.overdue == ("a crawl is due every 1h; none succeeded yet",)


def test_a_cron_expression_that_was_missed_is_overdue() -> None:
    nightly = timetable_of(replace(ScheduleSettings(), crawl=Schedule("0 3 * * *", None)))
    assert verdict(crawl_history=crawled(8.5), timetable=nightly).overdue == ()
    assert verdict(crawl_history=crawled(40), timetable=nightly).overdue[0] == (
        "a crawl is due at '0 3 * * *'; the last was 40h ago"
    )


def test_a_crawl_that_began_in_the_future_is_overdue_and_has_no_age() -> None:
    wrong = verdict(crawl_history=crawled(-9_000))
    assert wrong.overdue[0] == (
        "a crawl is due every 1h; the last began in the future, by a wrong clock"
    )
    ahead = replace(KNOWN, last_crawl=replace(CRAWL, started_at=NOW + timedelta(days=375)))
    record = status.record(verdict(ahead), NOW)
    assert record.last_crawl is not None
    assert record.last_crawl.age_seconds is None


def test_a_cron_time_that_the_clock_jumped_over_is_overdue_when_it_is_missed() -> None:
    weekly = replace(ScheduleSettings(), jitter=0.0, timezone="Asia/Beirut")
    timetable = timetable_of(replace(weekly, crawl=Schedule("30 0 * * sun", None)))
    jump = datetime(2026, 3, 28, 22, tzinfo=UTC)  # from midnight to one o'clock, on a Sunday
    last = jump - timedelta(days=6, hours=23)
    known = crawled((NOW - last) / timedelta(hours=1))
    for late, is_overdue in ((timedelta(hours=1), False), (timedelta(days=2), True)):
        name = ("docker.io", "ansible")
        (row,) = status.namespace_rows([], [known], {name: timetable}, jump + late)
        assert any(each.startswith("a crawl is due at") for each in row.overdue) == is_overdue


def test_nothing_is_overdue_without_a_schedule() -> None:
    assert verdict(crawl_history=crawled(9_000, 9_000), timetable=None).overdue == ()
    (foreign,) = status.namespace_rows([KNOWN], [crawled(9_000)], {}, NOW)
    assert foreign.overdue == ()


def test_the_status_of_a_troubled_namespace_tells_what_a_person_needs() -> None:
    crawl = replace(
        CRAWL,
        status=CrawlStatus.INCOMPLETE,
        errors=("ansible/awx: hub.docker.com answers 403",),
        rate_limit=RateLimit(180, 113, NOW + timedelta(minutes=5)),
    )
    known = replace(KNOWN, pending=2, last_crawl=crawl, last_complete_at=NOW - timedelta(hours=9))
    lines = list(status.lines([verdict(known)], NOW, 80))
    text = "\n".join(lines)
    assert lines[0].split()[:3] == ["NAMESPACE", "LAST", "CRAWL"]
    assert lines[1].split() == [
        "docker.io/ansible", "30m", "ago", "incomplete", "60", "3,120", "2", "-",
    ]  # fmt: skip
    assert "! ansible/awx: hub.docker.com answers 403" in text
    assert "the last complete crawl was 9h ago" in text
    assert "2 repositories are pending: the next crawl reads them first" in text
    assert "rate limit: 113 of 180 requests were left until 2026-03-02 12:05 UTC" in text


@pytest.mark.parametrize(
    ("running", "rest"), [(False, "; the next full crawl continues"), (True, "")]
)
def test_a_status_says_how_far_a_full_crawl_that_was_cut_short_has_come(
    rest: str, *, running: bool
) -> None:
    cut = UnfinishedCycle(Mode.FULL, STARTED, 40, 60, running)
    row = verdict(replace(KNOWN, unfinished=(cut,)))
    text = "\n".join(status.lines([row], NOW, None))

    sentence = "of its 60 repositories, 20 were read by full crawls since 2026-03-02 11:30 UTC"
    assert f"  {sentence}{rest}\n" in f"{text}\n"
    assert json.loads(as_json(status.record(row, NOW)))["unfinished"] == [
        {"mode": "full", "began_at": "2026-03-02T11:30:00Z", "repositories": 60, "unread": 40}
    ]


def test_the_machine_form_of_a_status_is_complete() -> None:
    crawl = replace(CRAWL, rate_limit=RateLimit(180, 113, None))
    record = status.record(verdict(replace(KNOWN, last_crawl=crawl)), NOW)
    assert json.loads(as_json(record)) == {
        "registry": "docker.io",
        "namespace": "ansible",
        "configured": True,
        "repositories": 60,
        "tags": 3_120,
        "pending": 0,
        "hidden": 0,
        "unwatched": 0,
        "gaps": None,
        "unfinished": [],
        "last_complete_at": "2026-03-02T11:30:00Z",
        "last_full_at": "2026-03-02T11:30:00Z",
        "overdue": [],
        "failures": 0,
        "stale": None,
        "last_crawl": {
            "id": 12,
            "status": "complete",
            "mode": "incremental",
            "started_at": "2026-03-02T11:30:00Z",
            "finished_at": "2026-03-02T11:30:01.250000Z",
            "requests": 3,
            "bytes": 41_234,
            "changes": CrawlRecord.of(CRAWL).changes,
            "errors": [],
            "identity": "anonymous",
            "age_seconds": 1_800,
            "rate_limit": {"limit": 180, "remaining": 113, "reset_at": None},
            "pulls": None,
        },
    }
