"""Policies about present tags look at what changed, and at what is due; in memory and on databases.

What they find is what looking at everything would find.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from indexer.core.image_selector import ImageSelector
from indexer.core.reference import parse_reference
from indexer.crawl.diff import TagsDiff
from indexer.policies import evaluation
from indexer.policies.looks import looks_of
from indexer.policies.policy import PinnedTag, Policy
from indexer.store import open_store
from tests.service.stage import Process
from tests.store.scribe import START, Scribe, digest, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from indexer.core.model import Tag
    from indexer.store import Store
    from tests.support.memory_index import Index

SIGNED = Policy("signed", selection=ImageSelector(tags=("v*",)), signed=True, after=3_600.0)
SOON = replace(SIGNED, after=0.0)
PINS = Policy("pins", digests=(PinnedTag(parse_reference("pinned:v1"), digest("a")),))


@pytest.fixture
def scribe(index: Index) -> Scribe:
    return Scribe(index.archive)


def signature(content: str) -> Tag:
    return tag(f"sha256-{digest(content).partition(':')[2]}.sig", f"signature of {content}")


def judged(index: Index, *policies: Policy, now: datetime) -> list[tuple[str, str]]:
    """The open violations after an evaluation: repository and tag."""
    evaluation.evaluate(index.evaluations, policies, evaluation.locator(index.catalog), now)
    found = index.evaluations.violations(only_open=True)
    return [(each.found.repository.partition("/")[2], each.found.tag) for each in found]


def places(index: Index, policy: Policy, now: datetime) -> list[str] | str:
    """Where a policy looks."""
    (look,) = looks_of(index.evaluations, [policy], now)
    return "everywhere" if look.whole else [name.partition("/")[2] for _, name in look.places]


def test_a_policy_looks_everywhere_once_and_then_where_something_changed(
    index: Index, scribe: Scribe
) -> None:
    held = {name: [tag("v1", "a"), signature("a")] for name in ("a", "b", "c")}
    scribe.crawl(held)
    assert places(index, SOON, scribe.now) == "everywhere"
    assert judged(index, SOON, now=scribe.now) == []
    scribe.crawl(held)
    assert places(index, SOON, scribe.now) == []
    scribe.crawl({**held, "b": [tag("v1", "b"), signature("a")]})
    assert places(index, SOON, scribe.now) == ["b"]
    assert judged(index, SOON, now=scribe.now) == [("b", "v1")]
    scribe.crawl({"a": held["a"], "c": held["c"]})
    assert places(index, SOON, scribe.now) == ["b"], "it was removed"
    assert judged(index, SOON, now=scribe.now) == []
    assert places(index, replace(SOON, after=1.0), scribe.now) == "everywhere"
    assert places(index, replace(SOON, severity=PINS.severity), scribe.now) == []


def test_a_signature_that_may_still_come_is_looked_for_when_it_is_due(
    index: Index, scribe: Scribe
) -> None:
    scribe.crawl({"a": [tag("v1", "a")], "b": [tag("latest", "b")]})
    assert judged(index, SIGNED, now=scribe.now) == []
    asked_again = scribe.now + timedelta(minutes=11)
    assert places(index, SIGNED, scribe.now + timedelta(minutes=1)) == []
    assert places(index, SIGNED, asked_again) == ["a"]
    assert judged(index, SIGNED, now=asked_again) == []
    assert judged(index, SIGNED, now=scribe.now + timedelta(hours=2)) == [("a", "v1")]


def test_what_changes_without_a_change_of_the_log_is_looked_at_too(
    index: Index, scribe: Scribe
) -> None:
    scribe.crawl({"a": [tag("v1")]})
    assert judged(index, SOON, now=scribe.now) == []
    scribe.crawl({"a": [tag("v1", "a")]})
    assert judged(index, SOON, now=scribe.now) == [("a", "v1")], "its digest became known"
    record = scribe.begin()
    record.known_repositories()
    record.known_tags("library/a")
    dropped = TagsDiff(dropped=("v1",))
    record_tags(record, "library/a", dropped, remembered(), START, scribe.passes())
    scribe.finish(record)
    assert judged(index, SOON, now=scribe.now) == [], "it is not watched any more"


def test_what_was_forgotten_is_no_violation_any_more(index: Index, scribe: Scribe) -> None:
    scribe.crawl({"a": [tag("v1", "a")], "b": [tag("v1", "b")]})
    assert len(judged(index, SOON, now=scribe.now)) == 2
    index.archive.forget("docker.io", repository="library/a")
    assert judged(index, SOON, now=scribe.now) == [("b", "v1")]


def test_pins_are_judged_when_a_repository_of_their_name_changed(
    index: Index, scribe: Scribe
) -> None:
    scribe.crawl({"pinned": [tag("v1", "a")], "other": [tag("v1", "a")]})
    assert judged(index, PINS, now=scribe.now) == []
    scribe.crawl({"pinned": [tag("v1", "a")], "other": [tag("v1", "b")]})
    assert judged(index, PINS, now=scribe.now) == []
    scribe.crawl({"pinned": [tag("v1", "b")], "other": [tag("v1", "b")]})
    assert judged(index, PINS, now=scribe.now) == [("pinned", "v1")]


@dataclass(frozen=True, slots=True)
class Broken(ImageSelector):
    """A selection with a bug."""

    def has_repository(self, registry: str, repository: str) -> bool:
        raise ZeroDivisionError((registry, repository))


def test_a_policy_that_cannot_be_judged_is_told_once_for_each_change(
    index: Index, scribe: Scribe
) -> None:
    broken = Policy("broken", selection=Broken(), signed=True)
    locate = evaluation.locator(index.catalog)

    def warned() -> list[str]:
        done = evaluation.evaluate(index.evaluations, [broken], locate, scribe.now)
        return done.warnings

    scribe.crawl({"a": [tag("v1", "a")]})
    (warning,) = warned()
    assert warning.endswith("cannot be evaluated, and skips these changes: ZeroDivisionError")
    assert warned() == []
    scribe.crawl({"a": [tag("v1", "b")]})
    assert len(warned()) == 1


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent to any database meanwhile."""
    sent: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            sent.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield sent
    finally:
        sa.event.remove(Engine, "before_cursor_execute", hear)


def judging(store: Store, repositories: int) -> tuple[int, int]:
    """Statements of judging after a crawl without changes, and after one with a change."""
    scribe, process = Scribe(store.archive), Process(store, [SOON, PINS])
    held = {f"r{number:03}": [tag("v1", "a"), signature("a")] for number in range(repositories)}
    scribe.crawl(held)
    process.judge.judge()
    counts = []
    for content in ("a", "b"):
        scribe.crawl({**held, "r000": [tag("v1", content), signature(content)]})
        with statements() as sent:
            process.judge.judge()
        counts.append(len(sent))
    assert process.found() == []
    return counts[0], counts[1]


def test_many_retags_are_judged_in_as_many_statements_as_few(database_url: str) -> None:
    def judging_retags(number: int) -> int:
        scribe.crawl({"r": [tag(f"{each}", "a") for each in range(40)]})
        process.judge.judge()
        moved = [tag(f"{each}", "b" if each < number else "a") for each in range(40)]
        scribe.crawl({"r": moved})
        with statements() as sent:
            process.judge.judge()
        return len(sent)

    with closing(open_store(database_url, create=False)) as store:
        scribe, process = Scribe(store.archive), Process(store)
        process.begins()
        few, many = judging_retags(2), judging_retags(40)
        assert len(process.found()) == 2 + 2 + 40
    assert few == many


def test_judging_takes_as_many_statements_as_there_are_changes_however_large_the_index_is(
    database_url: str,
) -> None:
    with closing(open_store(database_url, create=False)) as store:
        few, many = judging(store, 2), judging(store, 8)
    assert few == many
    assert few[0] < 30
