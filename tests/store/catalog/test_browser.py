"""What the server reads, a page at a time, on both databases."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from indexer.catalog.answers import (
    AnswerTimeout,
    AnyTime,
    DayCount,
    Difference,
    RepositoryKey,
    RepositoryScope,
    SharedDigest,
    TagSort,
    TagTarget,
)
from indexer.catalog.stats import StatsQuestion, StatsScope
from indexer.core.catalog_entries import ChangeFilter
from indexer.core.digest_text import DigestPrefix
from indexer.core.model import ChangeKind, CrawlStatus, Repository
from indexer.manifests.signatures import Referrer
from indexer.policies.violation import Breach, Found, Severity, ViolationFilter
from indexer.store import open_store
from indexer.store.catalog.browser import Browser
from tests.store.scribe import MINUTE, START, Scribe, digest, image, tag, told
from tests.support.databases import KINDS, new_index

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.store import Store

NGINX = RepositoryKey("docker.io", "library/nginx")
SECRET = RepositoryKey("docker.io", "library/secret")
EVERYTHING = ChangeFilter(baseline=True)


@pytest.fixture
def everything(store: Store) -> Browser:
    return store.browser(private=True)


@pytest.fixture
def public(store: Store) -> Browser:
    return store.browser(private=False)


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database of the indexes that tests share, and only read."""
    return str(request.param)


@pytest.fixture(scope="module")
def two_registries(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from filled(kind, tmp_path_factory, fill_two_registries)


@pytest.fixture(scope="module")
def with_a_secret(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from filled(kind, tmp_path_factory, fill_with_a_secret)


@pytest.fixture(scope="module")
def eventful(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from filled(kind, tmp_path_factory, fill_with_events)


def filled(
    kind: str, folders: pytest.TempPathFactory, fill: Callable[[Store], None]
) -> Iterator[Store]:
    """An index that is filled once for a module, because no test of it writes."""
    store = open_store(new_index(kind, folders.mktemp("index")), create=False)
    fill(store)
    yield store
    store.close()


def fill_two_registries(store: Store) -> None:
    for registry in ("docker.io", "registry.example.com:5000"):
        for namespace in ("library", "ansible"):
            scribe = Scribe(store.archive, namespace, registry)
            scribe.crawl({name: [tag("1.0", name)] for name in ("a", "b", "c-d", "c", "c.d")})


def fill_with_a_secret(store: Store) -> None:
    """A public and a private repository, both with changes after the baseline."""
    scribe = Scribe(store.archive, identity="me")
    secret = Repository(SECRET.repository, START, "do not tell", private=True, pulls=7)
    scribe.repositories[secret.name] = secret
    scribe.crawl({"nginx": [tag("latest", "one")], "secret": [tag("hidden", "two")]})
    record = scribe.begin()
    held = [Repository(NGINX.repository, START), secret]
    scribe.list(record, held)
    scribe.read(record, SECRET.repository, [tag("hidden", "three"), tag("more", "four")])
    scribe.finish(record, CrawlStatus.INCOMPLETE, errors=("library/secret: could not be read",))
    refers = [Referrer(digest("three"), artifact_type="more")]
    store.manifests.keep_referrers(*SECRET, digest("two"), refers, START)
    broken = Found(
        "still", Severity.HIGH, Breach.RETAGGED, *SECRET, "hidden", digest("two"), digest("three"),
        START, START, 2, sentence="do not tell",
    )  # fmt: skip
    store.evaluations.judged({}, [broken])


def pages(ask: Callable[[Any], Sequence[Any]], first: Any, last: Callable[[Any], Any]) -> list[Any]:
    """Everything that a question answers, page by page."""
    found: list[Any] = []
    cursor = first
    while page := ask(cursor):
        found += page
        cursor = last(page[-1])
    return found


def test_registries_are_told_by_name(two_registries: Store) -> None:
    browser = two_registries.browser(private=True)
    assert browser.registries() == ["docker.io", "registry.example.com:5000"]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_names_are_paged_in_their_order_and_only_of_one_registry(
    two_registries: Store, size: int
) -> None:
    browser = two_registries.browser(private=True)
    found = pages(lambda after: browser.names("docker.io", after, size), "", lambda name: name)
    short = ["a", "b", "c", "c-d", "c.d"]
    assert found == [f"{home}/{name}" for home in ("ansible", "library") for name in short]
    assert browser.names("quay.io", "", 10) == []


def test_a_page_goes_on_after_a_name_that_is_not_there(two_registries: Store) -> None:
    browser = two_registries.browser(private=True)
    assert browser.names("docker.io", "ansible/bb", 2) == ["ansible/c", "ansible/c-d"]


def test_repositories_added_or_removed_while_paging_move_no_other(
    store: Store, everything: Browser
) -> None:
    scribe = Scribe(store.archive)
    stays = [f"stays{number:03}" for number in range(60)]
    scribe.crawl(dict.fromkeys(stays))
    found: list[str] = []
    cursor = ""
    turn = 0
    while page := everything.names("docker.io", cursor, 7):
        found += page
        cursor = page[-1]
        turn += 1
        others = [f"stays{number:03}-{turn}" for number in range(turn % 3, 60, 5)]
        scribe.crawl(dict.fromkeys([*stays, *others, f"a{turn}", f"z{turn}"]))
    assert len(set(found)) == len(found)
    assert found == sorted(found)
    assert {f"library/{name}" for name in stays} <= set(found)


@pytest.mark.parametrize("size", [1, 4, 100])
def test_repositories_are_paged_by_registry_and_name(two_registries: Store, size: int) -> None:
    browser = two_registries.browser(private=True)

    def ask(after: RepositoryKey | None) -> list[Any]:
        return browser.repositories(RepositoryScope(), after, size)

    found = pages(ask, None, lambda each: RepositoryKey(each.registry, each.repository))
    assert found == list(two_registries.catalog.repositories())


def test_repositories_are_grouped_by_registry_and_namespace(two_registries: Store) -> None:
    browser = two_registries.browser(private=True)
    here = browser.repositories(RepositoryScope("docker.io", "ansible"), None, 100)
    assert {(each.registry, each.repository.split("/")[0]) for each in here} == {
        ("docker.io", "ansible")
    }
    assert len(browser.repositories(RepositoryScope(namespace="ansible"), None, 100)) == 10


def test_a_repository_is_told_with_its_registries(two_registries: Store) -> None:
    browser = two_registries.browser(private=True)
    assert browser.registries_of("library/a") == ["docker.io", "registry.example.com:5000"]
    assert browser.registries_of("library/none") == []


def test_a_removed_repository_says_since_when(store: Store, everything: Browser) -> None:
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("latest", "one")]})
    before = everything.repository(NGINX)
    assert before is not None
    assert (before.removed_at, before.entry.tags) == (None, 1)
    scribe.crawl({})
    after = everything.repository(NGINX)
    assert after is not None
    assert after.removed_at == scribe.now - MINUTE
    assert everything.repository(RepositoryKey("docker.io", "library/none")) is None
    assert everything.repository(RepositoryKey("quay.io", "library/nginx")) is None
    assert everything.names("docker.io", "", 10) == []


@pytest.mark.parametrize("size", [1, 3, 100])
def test_tags_are_paged_in_their_order(store: Store, everything: Browser, size: int) -> None:
    names = ["1.0", "1.0-alpine", "Latest", "edge", "latest", "v2"]
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag(name, name) for name in [*names, "gone"]]})
    scribe.crawl({"nginx": [tag(name, name) for name in names]})
    found = pages(lambda after: everything.tag_names(NGINX, after, size), "", lambda name: name)
    assert found == names
    entries = pages(lambda after: everything.tags(NGINX, after, size), "", lambda each: each.tag)
    assert entries == list(store.catalog.tags(*NGINX))


def test_tags_as_of_a_time_are_those_of_the_catalog(store: Store, everything: Browser) -> None:
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("a", "one"), tag("b", "two"), tag("c", "three")]})
    then = scribe.now
    scribe.crawl({"nginx": [tag("a", "four"), tag("c", "three"), tag("d", "two")]})
    found = pages(lambda after: everything.tags(NGINX, after, 1, then), "", lambda each: each.tag)
    assert found == list(store.catalog.tags(*NGINX, as_of=then))
    assert [each.tag for each in found] == ["a", "b", "c"]


def test_a_tag_is_told_alone_and_as_a_pointer(store: Store, everything: Browser) -> None:
    kind = "application/vnd.oci.image.index.v1+json"
    images = (image("linux/amd64", "a", 5),)
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("latest", "one", media_type=kind, platforms=images), tag("old")]})
    assert everything.pointer(NGINX, "latest") == TagTarget(digest("one"), kind)
    assert everything.pointer(NGINX, "old") == TagTarget(None, None)
    assert everything.pointer(NGINX, "none") is None
    assert everything.pointer(SECRET, "latest") is None
    found = everything.tag(NGINX, "latest")
    assert found is not None
    assert (found.digest, found.platforms) == (digest("one"), images)
    scribe.crawl({"nginx": []})
    assert everything.tag(NGINX, "latest") is None
    assert everything.pointer(NGINX, "latest") is None


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_history_is_paged_by_tag_and_number(store: Store, everything: Browser, size: int) -> None:
    scribe = Scribe(store.archive)
    for turn in range(6):
        scribe.crawl({"nginx": [tag("a", f"{turn}"), tag("b", f"{turn // 3}"), tag("c", "one")]})
    whole = list(store.catalog.history(*NGINX))
    assert len(whole) == 9
    found: list[Period] = []
    after = ("", 0)
    while page := everything.history(NGINX, None, after, size):
        found += page
        last = page[-1].tag
        after = (last, sum(each.tag == last for each in found))
    assert found == whole
    only = everything.history(NGINX, "b", ("", 0), 100)
    assert only == list(store.catalog.history(*NGINX, "b"))
    assert everything.tag_periods(NGINX, "b", 100) == only[::-1]
    assert everything.tag_periods(NGINX, "a", 2) == whole[4:6][::-1]


def test_tags_that_share_a_digest_are_named_and_counted(store: Store, everything: Browser) -> None:
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag(name, "one") for name in "abcd"], "redis": [tag("e", "one")]})
    then = scribe.now
    scribe.crawl({"nginx": [tag("b", "one"), tag("c", "two"), tag("d", "one")]})
    scribe.crawl({"nginx": [tag("b", "one"), tag("c", "one"), tag("d", "two")]})
    one, two = digest("one"), digest("two")
    asked = [one, two, digest("nobody's")]

    def shared(when: datetime | AnyTime | None, limit: int = 9) -> dict[str, SharedDigest]:
        return dict(everything.tags_of_digests(NGINX, asked, limit, when))

    assert shared(None) == {one: SharedDigest(["b", "c"], 2), two: SharedDigest(["d"], 1)}
    assert shared(then) == {one: SharedDigest(["a", "b", "c", "d"], 4)}
    assert shared(AnyTime.EVER) == {
        one: SharedDigest(["a", "b", "c", "d"], 4),
        two: SharedDigest(["c", "d"], 2),
    }
    assert shared(AnyTime.EVER, 2)[one] == SharedDigest(["a", "b"], 4)


def test_two_times_are_compared_tag_by_tag(store: Store, everything: Browser) -> None:
    scribe = Scribe(store.archive)
    held = {name: tag(name, name) for name in ("goes", "moves", "stays", "there-and-back")}
    scribe.crawl({"nginx": held.values()})
    earlier = scribe.now
    scribe.crawl({"nginx": [held["stays"], tag("there-and-back", "other"), tag("brief", "x")]})
    between = scribe.now
    last = [held["stays"], held["there-and-back"], tag("moves", "new"), tag("comes", "y")]
    scribe.crawl({"nginx": last})
    later = scribe.now
    assert everything.differences(NGINX, earlier, later, 100) == [
        Difference("comes", ChangeKind.TAG_ADDED, None, digest("y")),
        Difference("goes", ChangeKind.TAG_REMOVED, digest("goes"), None),
        Difference("moves", ChangeKind.TAG_RETAGGED, digest("moves"), digest("new")),
    ]
    assert [each.tag for each in everything.differences(NGINX, earlier, between, 100)] == [
        "brief", "goes", "moves", "there-and-back",
    ]  # fmt: skip
    assert everything.differences(NGINX, later, later, 100) == []
    assert len(everything.differences(NGINX, earlier, later, 2)) == 2


def test_a_repository_that_was_removed_and_came_back_is_compared_by_its_tags_at_each_time(
    store: Store, everything: Browser
) -> None:
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("same", "one"), tag("goes", "two")]})
    earlier = scribe.now
    scribe.crawl({})
    gone = scribe.now
    scribe.crawl({"nginx": [tag("same", "one")]})
    assert [each.tag for each in everything.differences(NGINX, earlier, gone, 9)] == [
        "goes", "same",
    ]  # fmt: skip
    assert [each.tag for each in everything.differences(NGINX, earlier, scribe.now, 9)] == ["goes"]


def fill_with_events(store: Store) -> None:
    """Two registries with some changes of every kind."""
    for registry in ("docker.io", "registry.example.com"):
        scribe = Scribe(store.archive, "library", registry)
        scribe.crawl({"nginx": [tag("latest", "one"), tag("1.0", "one")], "redis": []})
        scribe.now += timedelta(days=1)
        scribe.crawl({"nginx": [tag("latest", "two")], "new": [tag("latest", "x")]})
        scribe.now += timedelta(days=1)
        scribe.crawl({"nginx": [tag("latest", "three"), tag("1.1", "three")], "redis": []})


FILTERS = [
    ChangeFilter(),
    EVERYTHING,
    ChangeFilter(kinds=frozenset({ChangeKind.TAG_RETAGGED, ChangeKind.TAG_REMOVED})),
    ChangeFilter(registry="docker.io"),
    ChangeFilter(registry="quay.io"),
    ChangeFilter(namespace="library", baseline=True),
    ChangeFilter(namespace="libra"),
    ChangeFilter(repository="library/n*"),
    ChangeFilter(repository="library/nginx", registry="registry.example.com"),
    ChangeFilter(tag="1.*"),
    ChangeFilter(tag="latest", baseline=True),
    ChangeFilter(crawl=3),
    ChangeFilter(since=START),
    ChangeFilter(since=START + timedelta(days=1, hours=12)),
    ChangeFilter(since=START + timedelta(days=99)),
]


@pytest.mark.parametrize("wanted", FILTERS, ids=range(len(FILTERS)))
def test_changes_are_paged_both_ways_and_are_those_of_the_catalog(
    eventful: Store, wanted: ChangeFilter
) -> None:
    browser = eventful.browser(private=True)
    expected = sorted(eventful.catalog.changes(wanted), key=lambda change: change.id)
    forth = pages(
        lambda after: browser.changes(wanted, after, 2).changes, 0, lambda change: change.id
    )
    back = pages(
        lambda before: browser.newest(wanted, before, 3).changes, None, lambda change: change.id
    )
    assert forth == expected
    assert back == expected[::-1]


def test_the_last_number_counts_hidden_and_old_changes_too(eventful: Store) -> None:
    whole = list(eventful.catalog.changes(EVERYTHING))
    assert eventful.browser(private=False).last_change() == whole[-1].id


def test_changes_are_counted_by_day_and_kind(eventful: Store) -> None:
    browser = eventful.browser(private=True)
    first, second = date(2026, 3, 2), date(2026, 3, 3)
    assert browser.days(ChangeFilter(registry="docker.io")) == [
        DayCount(first, ChangeKind.REPOSITORY_ADDED, 1),
        DayCount(first, ChangeKind.REPOSITORY_REMOVED, 1),
        DayCount(first, ChangeKind.TAG_ADDED, 1),
        DayCount(first, ChangeKind.TAG_REMOVED, 1),
        DayCount(first, ChangeKind.TAG_RETAGGED, 1),
        DayCount(second, ChangeKind.REPOSITORY_ADDED, 1),
        DayCount(second, ChangeKind.REPOSITORY_REMOVED, 1),
        DayCount(second, ChangeKind.TAG_ADDED, 1),
        DayCount(second, ChangeKind.TAG_RETAGGED, 1),
    ]
    late = ChangeFilter(registry="docker.io", since=START + timedelta(days=1, hours=12))
    assert {each.day for each in browser.days(late)} == {second}
    assert sum(each.number for each in browser.days(ChangeFilter(repository="library/redis"))) == 4


def test_changes_that_were_forgotten_stay_counted(store: Store) -> None:
    fill_with_events(store)
    browser = store.browser(private=True)
    counts = {
        ChangeKind.REPOSITORY_ADDED: 4,
        ChangeKind.REPOSITORY_REMOVED: 4,
        ChangeKind.TAG_ADDED: 4,
        ChangeKind.TAG_REMOVED: 2,
        ChangeKind.TAG_RETAGGED: 4,
    }
    assert browser.change_counts() == counts
    Scribe(store.archive, now=START + timedelta(days=9)).crawl({"nginx": []})
    more = {ChangeKind.REPOSITORY_REMOVED: 5, ChangeKind.TAG_REMOVED: 4}
    assert browser.change_counts() == counts | more
    store.archive.forget("docker.io", namespace="library")
    assert browser.change_counts() == counts | more


def test_crawls_are_paged_newest_first(eventful: Store) -> None:
    browser = eventful.browser(private=True)
    found = pages(
        lambda before: browser.crawls(RepositoryScope(), before, 2), None, lambda each: each.id
    )
    assert [each.id for each in found] == [6, 5, 4, 3, 2, 1]
    here = browser.crawls(RepositoryScope("docker.io", "library"), None, 10)
    assert [each.id for each in here] == [3, 2, 1]
    assert browser.crawl(2) == here[1]
    assert browser.crawl(99) is None


def test_namespaces_are_those_of_the_catalog(eventful: Store) -> None:
    assert eventful.browser(private=True).namespaces() == eventful.catalog.namespaces()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("nginx", "library/nginx"),
        ("ngixn", "library/nginx"),
        ("nginz", "library/nginx"),
        ("library/ngnix", "library/nginx"),
        ("postgers", "library/postgres"),
        ("elasticsaerch", "library/elasticsearch"),
        ("rabitmq", "library/rabbitmq"),
    ],
)
def test_names_are_found_in_spite_of_a_mistake(
    store: Store, everything: Browser, typed: str, expected: str
) -> None:
    names = ["nginx", "postgres", "elasticsearch", "rabbitmq", "redis", "node", "ruby", "golang"]
    Scribe(store.archive).crawl({name: [] for name in names})
    assert expected in [each.repository for each in everything.similar(typed, 3)]


def test_a_nonsense_word_is_similar_to_nothing(store: Store, everything: Browser) -> None:
    Scribe(store.archive).crawl({"nginx": []})
    assert everything.similar("zzzzzzzz", 5) == []
    assert everything.similar("'; drop table tag; --%_", 5) == []


ASKED: dict[str, tuple[Any, ...]] = {
    "ages": (START,),
    "registries": (),
    "names": ("docker.io", "", 100),
    "repositories": (RepositoryScope(), None, 100),
    "registries_of": (SECRET.repository,),
    "repository": (SECRET,),
    "counted": (SECRET, date.min, 100),
    "similar": ("secret", 100),
    "tag_names": (SECRET, "", 100),
    "tags": (SECRET, "", 100),
    "tag": (SECRET, "hidden"),
    "pointer": (SECRET, "hidden"),
    "pointed_to": (SECRET, digest("two")),
    "content": (SECRET, digest("two")),
    "named": (SECRET, digest("two")),
    "artifacts": (SECRET,),
    "referrers": (SECRET, digest("two")),
    "find": (DigestPrefix("sha256", digest("two").removeprefix("sha256:")),),
    "known_since": (SECRET,),
    "violations": (ViolationFilter(), None, 100),
    "violation": (1,),
    "check_known": (SECRET, START + timedelta(days=1)),
    "tags_sorted": (SECRET, TagSort.SIZE, None, 100),
    "stats": (StatsScope(), StatsQuestion(None, None, START + timedelta(days=1), 100)),
    "with_tag": ("h*", RepositoryScope(), None, 100),
    "hidden_tags": (SECRET,),
    "unwatched_since": (SECRET, "hidden"),
    "unseen": (SECRET,),
    "unwatched": (SECRET, ["hidden"]),
    "holding": (SECRET, digest("two")),
    "all_tag_names": (SECRET,),
    "named_tags": (SECRET, ["hidden", "more"]),
    "is_present": (SECRET,),
    "history": (SECRET, None, ("", 0), 100),
    "tags_of_digests": (SECRET, [digest("two")], 100, AnyTime.EVER),
    "tag_periods": (SECRET, "hidden", 100),
    "differences": (SECRET, START, START + timedelta(days=1), 100),
    "changes": (EVERYTHING, 0, 100),
    "check_changes": (EVERYTHING,),
    "unverified": (),
    "newest": (EVERYTHING, None, 100),
    "last_change": (),
    "days": (EVERYTHING,),
    "change_counts": (),
    "namespaces": (),
    "crawls": (RepositoryScope(), None, 100),
    "crawl": (2,),
    "crawl_history": (),
}


TELLS_NOBODY = {
    "registries", "last_change", "change_counts", "days", "content", "named", "artifacts",
    "crawl_history",
    "hidden_tags", "unwatched_since", "unwatched", "unseen", "check_changes", "unverified", "ages",
    "check_known",
}  # fmt: skip
"""Of these the answers do not differ: they name nothing, or there is nothing here."""


def questions() -> list[str]:
    known = {name for name, _ in inspect.getmembers(Browser, inspect.isfunction) if name[0] != "_"}
    return sorted(known - {"snapshot"})  # within which others are asked


def test_each_question_is_asked_for_what_is_private() -> None:
    assert sorted(ASKED) == sorted(questions())


@pytest.mark.parametrize("question", sorted(ASKED))
def test_private_repositories_are_shown_to_no_one_else(with_a_secret: Store, question: str) -> None:
    def ask(browser: Browser) -> str:
        answer = getattr(browser, question)(*ASKED[question])
        return repr(list(answer) if isinstance(answer, Iterator) else answer)

    signs = ("secret", "'hidden'", "do not tell", "more", digest("two"), digest("three"))
    answer = ask(with_a_secret.browser(private=False))
    assert [sign for sign in signs if sign in answer] == []
    if question not in TELLS_NOBODY:
        assert ask(with_a_secret.browser(private=True)) != answer


@pytest.mark.parametrize(
    "wanted",
    [
        ChangeFilter(repository=SECRET.repository),
        ChangeFilter(repository="library/*"),
        ChangeFilter(namespace="library"),
        ChangeFilter(tag="hidden"),
        ChangeFilter(registry="docker.io", baseline=True),
    ],
)
def test_no_filter_brings_private_changes_out(with_a_secret: Store, wanted: ChangeFilter) -> None:
    public = with_a_secret.browser(private=False)
    found = public.changes(wanted, 0, 100).changes + public.newest(wanted, None, 100).changes
    assert {change.repository for change in found} <= {NGINX.repository}
    assert public.days(wanted) == []


def test_what_is_public_is_counted_without_what_is_private(with_a_secret: Store) -> None:
    (status,) = with_a_secret.browser(private=False).namespaces()
    assert (status.repositories, status.tags) == (1, 1)
    assert status.last_crawl is not None
    assert status.last_crawl.errors == ("1 problem: only shown with the token",)


def test_a_question_that_takes_too_long_is_stopped(store: Store) -> None:
    scribe = Scribe(store.archive, "many", now=START + timedelta(days=5))
    scribe.crawl({f"r{number}": None for number in range(3_000)})
    hasty = store.browser(private=True, seconds=0.0011)
    with pytest.raises(AnswerTimeout, match="narrower filter"):
        hasty.similar("abcdefghijklmnopqrstuvwxyz0123456789" * 2, 1_000)
    assert store.browser(private=True).last_change() > 0


def test_a_filter_by_several_things_asks_for_all_of_them(eventful: Store) -> None:
    wanted = ChangeFilter(registry="docker.io", kinds=frozenset({ChangeKind.TAG_REMOVED}))
    found = eventful.browser(private=True).changes(wanted, 0, 10).changes
    assert told(found) == [("tag_removed", "library/nginx", "1.0")]
