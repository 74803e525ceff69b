"""What was public when: a name that was private shows the public none of that time."""

from __future__ import annotations

import inspect
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from indexer.catalog.answers import AnyTime, RepositoryKey, RepositoryScope, TagSort
from indexer.catalog.stats import StatsQuestion, StatsScope
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.digest_age import AgeBasis
from indexer.core.digest_text import DigestPrefix
from indexer.core.errors import UsageError
from indexer.core.model import Repository
from indexer.manifests.signatures import Referrer
from indexer.policies.violation import Breach, Found, Severity, ViolationFilter
from indexer.store import open_store
from indexer.store.catalog.browser import Browser
from indexer.store.maintenance.integrity_check import check
from tests.store.scribe import REGISTRY, START, Scribe, digest, spans, tag, told
from tests.support.databases import KINDS, new_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from indexer.store import Store

APP = "library/app"
REUSED = "library/reused"
CLOSED = "library/closed"

EVERYTHING = ChangeFilter(baseline=True)


class World(NamedTuple):
    """An index of three repositories, and when what happened.

    `app` was private, with a tag that was retagged and one that was removed, and became public.
    `reused` was private and was removed; its name was used again in public. `closed` was public and
    became private.
    """

    store: Store
    url: str
    published: datetime

    def public(self) -> Browser:
        return self.store.browser(private=False)

    def everything(self) -> Browser:
        return self.store.browser(private=True)


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def world(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = new_index(kind, tmp_path_factory.mktemp("index"))
    store = open_store(url, create=False)
    scribe = Scribe(store.archive, identity="alice")
    secret = {
        name: Repository(name, START, "do not tell", private=True, pulls=7)
        for name in (APP, REUSED)
    }
    scribe.repositories |= secret
    scribe.crawl(
        {
            "app": [tag("v1", "secret"), tag("covert", "covert"), KEPT],
            "reused": [tag("hidden", "classified")],
            "closed": [tag("v1", "was open")],
        }
    )
    refers = [Referrer(digest("private signature"))]
    for name in (APP, REUSED):
        store.manifests.keep_referrers(REGISTRY, name, digest("reused now"), refers, START)
    scribe.now += timedelta(days=1)
    del scribe.repositories[REUSED]
    scribe.crawl({"app": [tag("v1", "current"), KEPT], "closed": [tag("v1", "more")]})
    scribe.now += timedelta(days=1)
    scribe.repositories[APP] = Repository(APP, START, "hello", pulls=9)
    scribe.repositories[CLOSED] = Repository(CLOSED, START, private=True)
    record = scribe.begin()
    scribe.list(
        record, [scribe.repositories[APP], Repository(REUSED, START), scribe.repositories[CLOSED]]
    )
    scribe.read(record, APP, [tag("v1", "current"), tag("kept", "kept")])
    published = scribe.now
    scribe.read(record, REUSED, [tag("latest", "reused now")])
    scribe.read(record, CLOSED, [tag("v1", "closed now")])
    scribe.finish(record)
    scribe.now += timedelta(days=1)
    scribe.crawl(
        {
            "app": [tag("v1", "open"), KEPT],
            "reused": [tag("latest", "reused now")],
            "closed": [tag("v1", "closed now")],
        }
    )
    private_time = (
        (APP, "v1", "secret", "current", START),  # what it tells began before it was public
        (REUSED, "hidden", "classified", None, START),
        (CLOSED, "v1", "was open", "more", START),
    )
    for number, (name, tag_, old, new, since) in enumerate(private_time, 1):
        store.evaluations.judged({}, [_broken(name, tag_, (old, new), since, number)])
    open_now = _broken(APP, "v1", ("current", "open"), published, 4)
    store.evaluations.judged({}, [open_now])
    store.evaluations.acknowledge(4, "ana", "was right", scribe.now)
    yield World(store, url, published)
    store.close()


def _broken(
    name: str, tag_: str, digests: tuple[str, str | None], since: datetime, number: int
) -> Found:
    old, new = digests
    return Found(
        "still", Severity.HIGH, Breach.RETAGGED, REGISTRY, name, tag_, digest(old),
        digest(new) if new else None, since, since, 1, number, sentence=f"from {digest(old)}",
    )  # fmt: skip


KEPT = tag("kept", "kept", pushed_at=START - timedelta(days=365))

SIGNS = (
    "'covert'", "'hidden'", "do not tell", "pulls=7", digest("secret"), digest("covert"),
    digest("classified"), digest("was open"), digest("closed now"), CLOSED,
    digest("private signature"),
)  # fmt: skip
"""What was never public, and what is private now."""


def questions(name: str) -> dict[str, tuple[Any, ...]]:
    """Everything that can be asked about a repository."""
    place = RepositoryKey(REGISTRY, name)
    tags = ("hidden" if name == REUSED else "covert", "v1")
    digests = [digest(each) for each in ("secret", "covert", "classified")]
    return {
        "ages": (START,),
        "registries": (),
        "names": (REGISTRY, "", 100),
        "repositories": (RepositoryScope(), None, 100),
        "registries_of": (name,),
        "repository": (place,),
        "is_present": (place,),
        "counted": (place, date.min, 100),
        "similar": (name, 100),
        "tag_names": (place, "", 100),
        "tags": (place, "", 100, START + timedelta(days=1)),
        "tag": (place, tags[0]),
        "with_tag": ("*", RepositoryScope(), None, 100),
        "tags_sorted": (place, TagSort.SIZE, None, 100),
        "all_tag_names": (place,),
        "named_tags": (place, tags),
        "stats": (StatsScope(), StatsQuestion(None, None, START + timedelta(days=1), 100)),
        "pointer": (place, tags[0]),
        "pointed_to": (place, digest("secret")),
        "content": (place, digest("secret")),
        "named": (place, digest("secret")),
        "artifacts": (place,),
        "referrers": (place, digest("reused now")),
        "find": (DigestPrefix("sha256", digest("secret").removeprefix("sha256:")),),
        "hidden_tags": (place,),
        "unwatched_since": (place, tags[0]),
        "unseen": (place,),
        "unwatched": (place, tags),
        "holding": (place, digest("secret")),
        "history": (place, None, ("", 0), 100),
        "tags_of_digests": (place, digests, 100, AnyTime.EVER),
        "tag_periods": (place, tags[1], 100),
        "differences": (place, START, START + timedelta(days=1, hours=12), 100),
        "changes": (EVERYTHING, 0, 100),
        "check_changes": (EVERYTHING,),
        "check_known": (place, START + timedelta(days=1)),
        "known_since": (place,),
        "violations": (ViolationFilter(only_open=False), None, 100),
        "violation": ({APP: 1, REUSED: 2, CLOSED: 3}[name],),
        "unverified": (),
        "newest": (EVERYTHING, None, 100),
        "last_change": (),
        "days": (ChangeFilter(repository=name),),
        "change_counts": (),
        "namespaces": (),
        "crawls": (RepositoryScope(), None, 100),
        "crawl": (2,),
        "crawl_history": (),
    }


def test_every_question_is_asked() -> None:
    known = {name for name, _ in inspect.getmembers(Browser, inspect.isfunction) if name[0] != "_"}
    assert questions(APP).keys() == known - {"snapshot"}


@pytest.mark.parametrize("question", sorted(questions(APP)))
def test_no_answer_tells_the_public_of_a_private_time(world: World, question: str) -> None:
    for name in (APP, REUSED, CLOSED):
        given = questions(name)[question]
        try:
            answer = getattr(world.public(), question)(*given)
        except UsageError as error:  # that it knows nothing of that time
            answer = str(error)
        text = repr(list(answer) if inspect.isgenerator(answer) else answer)
        assert [sign for sign in SIGNS if sign in text and sign not in repr(given)] == []
        if question in {"holding", "differences", "pointed_to", "find", "tags_of_digests"}:
            assert text in {"[]", "{}", "None"}


def test_the_log_tells_the_public_what_was_public_then(world: World) -> None:
    found = world.public().changes(EVERYTHING, 0, 100).changes
    assert told(found) == [
        ("repository_added", REUSED, None),
        ("tag_added", REUSED, "latest"),
        ("tag_retagged", APP, "v1"),
    ]
    assert len(world.everything().changes(EVERYTHING, 0, 100).changes) > len(found)


def test_a_period_begins_for_the_public_when_it_was_published(world: World) -> None:
    place = RepositoryKey(REGISTRY, APP)
    _, current, opened = world.everything().tag_periods(place, "v1", 9)[::-1]
    seen = spans(world.public().tag_periods(place, "v1", 9))[::-1]
    assert seen == [
        (digest("current"), world.published, current.ended_at),
        (digest("open"), opened.started_at, None),
    ]
    (kept,) = spans(world.public().tag_periods(place, "kept", 9))
    assert kept == (digest("kept"), world.published, None)
    (aged,) = world.public().tag_periods(place, "kept", 9)
    assert (aged.age_since, aged.age_by) == (world.published, AgeBasis.CRAWL)
    (aged,) = world.everything().tag_periods(place, "kept", 9)
    assert (aged.age_since, aged.age_by) == (KEPT.pushed_at, AgeBasis.PUSH)
    (entry, *_) = world.public().tags(place, "", 9)
    assert entry.first_seen_at == world.published
    card = world.public().repository(place)
    assert card is not None
    assert card.entry.first_seen_at == world.published


def test_a_violation_is_public_if_what_it_tells_began_in_public(world: World) -> None:
    (found,) = world.public().violations(ViolationFilter(only_open=False), None, 9)
    assert (found.id, found.found.old_digest) == (4, digest("current"))
    assert world.public().violation(4) == found
    assert found.acknowledged is not None
    assert {found.acknowledged.by, found.acknowledged.reason} == {"only shown with the token"}
    assert world.public().violations(ViolationFilter(), None, 9) == []
    everything = world.everything().violations(ViolationFilter(only_open=False), None, 9)
    assert [each.id for each in everything] == [4, 3, 2, 1]
    assert everything[0].acknowledged is not None
    assert everything[0].acknowledged.by == "ana"


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (ViolationFilter(), [3, 2, 1]),
        (ViolationFilter(repository=APP, only_open=False), [4, 1]),
        (ViolationFilter(registry="quay.io"), []),
        (ViolationFilter(namespace="library", tag="v1"), [3, 1]),
        (ViolationFilter(namespace="lib_ary"), []),
        (ViolationFilter(namespace="LIBRARY"), []),
        (ViolationFilter(namespace="*"), [3, 2, 1]),  # how a whole registry is named
        (ViolationFilter(policy="other"), []),
        (ViolationFilter(least=Severity.HIGH), [3, 2, 1]),
        (ViolationFilter(least=Severity.CRITICAL), []),
    ],
)
def test_violations_are_selected(world: World, wanted: ViolationFilter, numbers: list[int]) -> None:
    browser = world.everything()
    assert [each.id for each in browser.violations(wanted, None, 9)] == numbers
    assert [each.id for each in browser.violations(wanted, 3, 1)] == [n for n in numbers if n < 3][
        :1
    ]


def test_what_was_public_is_so_again_once_it_is_published_again(kind: str, tmp_path: Path) -> None:
    with closing(open_store(new_index(kind, tmp_path), create=False)) as store:
        scribe = Scribe(store.archive, identity="alice")
        place = RepositoryKey(REGISTRY, APP)
        scribe.crawl({"app": [tag("v1", "open")]})
        before = spans(store.browser(private=False).tag_periods(place, "v1", 9))
        scribe.repositories[APP] = Repository(APP, START, private=True)
        scribe.crawl({"app": [tag("v1", "secret")]})
        closed = scribe.now
        assert store.browser(private=False).tag_periods(place, "v1", 9) == []
        scribe.crawl({"app": [tag("v1", "open")]})
        scribe.repositories[APP] = replace(scribe.repositories[APP], private=False)
        scribe.crawl({"app": [tag("v1", "open")]})
        first, last = spans(store.browser(private=False).tag_periods(place, "v1", 9))[::-1]
        assert (first[:2], last[0]) == (before[0][:2], digest("open"))
        assert first[2] is not None
        assert first[2] < closed < last[1]
        changes = store.browser(private=False).changes(EVERYTHING, 0, 9).changes
        assert told(changes) == [("repository_added", APP, None), ("tag_added", APP, "v1")]


def test_what_is_published_is_shown_once_its_tags_were_read_anew(kind: str, tmp_path: Path) -> None:
    """They may have moved between the last look at them in private and the publication."""
    with closing(open_store(new_index(kind, tmp_path), create=False)) as store:
        scribe = Scribe(store.archive, identity="alice")
        place = RepositoryKey(REGISTRY, APP)
        scribe.repositories[APP] = Repository(APP, START, private=True)
        scribe.crawl({"app": [tag("v1", "secret"), tag("gone", "covert"), tag("kept", "kept")]})
        scribe.repositories[APP] = Repository(APP, START)
        scribe.crawl({"app": None})
        public = store.browser(private=False)
        assert public.repository(place) is None
        assert public.names(REGISTRY, "", 9) == []
        scribe.crawl({"app": [tag("v1", "open"), tag("kept", "kept"), tag("new", "new")]})
        found = public.history(place, None, ("", 0), 9)
        assert {each.digest for each in found} == {digest(each) for each in ("open", "kept", "new")}
        changes = public.changes(EVERYTHING, 0, 9).changes
        assert told(changes) == [("tag_added", APP, "new")]
        scribe.crawl({"app": [tag("v1", "newer")]})
        changes = public.changes(EVERYTHING, 1, 9).changes
        assert ("tag_retagged", APP, "v1") in told(changes)


def test_the_index_is_sound(world: World) -> None:
    assert not [each for each in check(world.url) if each.broken]
