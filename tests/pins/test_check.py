"""Whether pins still hold, by an index in memory and on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.catalog.outdated import Currency
from indexer.catalog.settled import settled_tag
from indexer.core.model import HeldBack, Mode, Repository
from indexer.core.reference import parse_reference
from indexer.crawl.crawler import crawl
from indexer.crawl.diff import RepositoriesDiff, TagsDiff, WatchChange
from indexer.crawl.target import Target
from indexer.crawl.wanted_names import WantedNames
from indexer.pins.check import check
from indexer.pins.outdated import outdated
from indexer.pins.pin import Pin, Verdict
from tests.store.scribe import START, Scribe, digest, image, remembered, tag
from tests.support.crawls import RegistryClock, Watcher
from tests.support.memory_index import MemoryIndex
from tests.support.memory_lookup import MemoryLookup
from tests.support.memory_registry import MemoryRegistry, MemorySource
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.reference import Reference
    from indexer.pins.pin import CheckedPin
    from tests.support.memory_index import Index

NGINX = ("docker.io", "library/nginx")
CASES = Path(__file__).parent / "cases"


def judged(index: Index, text: str) -> CheckedPin:
    (verdict,) = check(index.catalog, [Pin(text, reference=parse_reference(text))])
    return verdict


def history(index: Index) -> Scribe:
    """`1` moved, `gone` was deleted, `old` has no digest, `lost` was deleted as a whole."""
    scribe = Scribe(index.archive)
    both = (image("linux/amd64", "amd"), image("linux/arm64", "arm"))
    fixed = [tag("2", "two", platforms=both), tag("old")]
    scribe.crawl({"nginx": [tag("1", "one"), tag("gone", "bye"), *fixed], "lost": [tag("x", "x")]})
    moved = (image("linux/amd64", "amd v2"), image("linux/arm64", "arm"))
    scribe.crawl({"nginx": [tag("1", "one again", platforms=moved), *fixed]})
    return scribe


PINS = [
    ("nginx:2@{two}", Verdict.OK, "its tag points to it."),
    ("docker.io/library/nginx:2@{two}", Verdict.OK, "its tag points to it."),
    ("pkg:docker/nginx@2", Verdict.UNPINNED, "it is not pinned; its tag points to {two}."),
    ("nginx:2@{amd}", Verdict.OK, "its tag points to an index that holds it."),
    ("nginx:1@{one}", Verdict.RETAGGED, "its tag pointed to it until 2026-03-01 12:08 UTC, and"),
    ("nginx:1@{two}", Verdict.NEVER, "its tag never pointed to it since 2026-03-01 12:03"),
    ("nginx:gone@{bye}", Verdict.REMOVED, "its tag was removed at 2026-03-01 12:08 UTC."),
    ("nginx:gone", Verdict.REMOVED, "its tag was removed at 2026-03-01 12:08 UTC."),
    ("lost:x@{x}", Verdict.REMOVED, "its repository was removed at 2026-03-01 12:07 UTC."),
    (
        "lost@{x}",
        Verdict.REMOVED,
        "no tag points to it since 2026-03-01 12:07 UTC; the last was x",
    ),
    ("nginx@{two}", Verdict.OK, "it is tagged 2."),
    ("nginx@{arm}", Verdict.OK, "it is tagged 1, 2."),
    ("nginx@{one}", Verdict.RETAGGED, "no tag points to it since 2026-03-01 12:08 UTC; the last"),
    ("nginx@{other}", Verdict.UNKNOWN, "the index knows no tag that ever pointed to it."),
    ("nginx:old@{two}", Verdict.UNKNOWN, "the registry did not say what its tag pointed to"),
    ("nginx:none@{two}", Verdict.UNKNOWN, "the index never saw its tag."),
    ("nginx", Verdict.UNKNOWN, "it is not pinned, and the index never saw its tag."),
    ("ngin:1", Verdict.UNKNOWN, "the index knows no repository 'library/ngin'; did you mean"),
    (
        "quay.io/library/nginx:2",
        Verdict.UNKNOWN,
        "the index knows 'library/nginx' from docker.io, not from the registry 'quay.io'.",
    ),
]
"""What is pinned, and what is said of it; contents stand for their digests."""


def test_a_pin_is_judged_by_what_its_tag_pointed_to(index: Index) -> None:
    history(index)
    names = ("one", "two", "bye", "x", "amd", "arm", "other")
    known = {name: digest(name) for name in names}
    wrong = []
    for text, expected, sentence in PINS:
        verdict = judged(index, text.format(**known))
        if verdict.verdict is not expected or sentence.format(**known) not in verdict.sentence:
            wrong.append((text, verdict.verdict, verdict.sentence))
    assert wrong == []
    unknown = judged(index, "quay.io/acme/app:1").sentence
    assert " Not in the index: add it with 'indexer crawl quay.io/acme/app', or" in unknown


class CountedLookup(MemoryLookup):
    """Counts how often it is asked for a repository."""

    asked = 0

    def locate(self, reference: Reference) -> tuple[str, str]:
        self.asked += 1
        return super().locate(reference)


def test_the_index_is_asked_once_for_each_image_however_often_it_is_named() -> None:
    index = MemoryIndex()
    history(index)
    catalog = CountedLookup(index.archive)
    pins = [
        Pin(text, line=line, reference=parse_reference(text))
        for line in range(100)
        for text in ("nginx:2", "ngin:1")
    ]
    found = list(check(catalog, pins))
    assert [each.pin for each in found] == pins
    assert [each.verdict for each in found] == [Verdict.UNPINNED, Verdict.UNKNOWN] * 100
    assert catalog.asked == 3, "Docker Hub first, and then any registry where it does not have one"


def test_a_name_without_registry_is_docker_hubs_where_several_have_it(index: Index) -> None:
    history(index)
    Scribe(index.archive, registry="registry.example.com").crawl({"nginx": [tag("2", "other")]})
    assert judged(index, f"nginx:2@{digest('two')}").verdict is Verdict.OK
    elsewhere = judged(index, f"registry.example.com/library/nginx:2@{digest('two')}")
    assert (elsewhere.verdict, elsewhere.registry) == (Verdict.NEVER, "registry.example.com")


def test_a_name_without_registry_is_of_the_only_one_that_has_it(index: Index) -> None:
    Scribe(index.archive, registry="registry.example.com").crawl({"nginx": [tag("2", "two")]})
    verdict = judged(index, f"nginx:2@{digest('two')}")
    assert (verdict.verdict, verdict.registry) == (Verdict.OK, "registry.example.com")


def test_a_digest_of_sha512_is_found_too(index: Index) -> None:
    long = "sha512:" + "cd" * 64
    one = image("linux/amd64")._replace(digest=long)
    other = image("linux/arm64", "arm")
    Scribe(index.archive).crawl({"nginx": [tag("1", "one", platforms=(one, other))]})
    assert judged(index, f"nginx:1@{long}").verdict is Verdict.OK
    assert judged(index, f"nginx:1@{digest('arm')}").verdict is Verdict.OK


def test_a_pin_by_another_algorithm_than_the_registry_tells_is_not_comparable(
    index: Index,
) -> None:
    history(index)
    long = "sha512:" + "cd" * 64
    found = judged(index, f"nginx:1@{long}")
    assert (found.verdict, found.now) == (Verdict.UNKNOWN, digest("one again"))
    assert found.sentence == (
        "it is pinned by sha512 and its tag is known by sha256: they cannot be compared."
    )
    found = judged(index, f"nginx@{long}")
    assert found.verdict is Verdict.UNKNOWN
    assert found.sentence.startswith("it cannot be compared with sha256 digests, and the index")


def test_a_repository_that_replaces_another_is_judged_without_a_tag(index: Index) -> None:
    history(index)

    def replaced(text: str) -> CheckedPin:
        pin = Pin(text, reference=parse_reference(text), keeps_tag=True)
        (verdict,) = check(index.catalog, [pin])
        return verdict

    found = replaced("docker.io/library/nginx")
    assert found.verdict is Verdict.UNPINNED
    assert found.sentence == "it names no tag: that of the image which it replaces stays."
    assert replaced("lost").verdict is Verdict.REMOVED
    assert replaced("ngin").verdict is Verdict.UNKNOWN


def test_every_name_of_the_hub_is_docker_io(index: Index) -> None:
    """The case names-of-the-hub: registries' configurations name the Hub in four ways."""
    scribe = Scribe(index.archive)
    rest = {"redis": [tag("1", "r")], "alpine": [tag("1", "a")]}
    scribe.crawl({"nginx": [tag("1", "one")], **rest})
    scribe.crawl({"nginx": [tag("1", "two")], **rest})
    lines = (CASES / "names-of-the-hub" / "images.txt").read_text().splitlines()
    pins = [line.partition("@")[0] + f"@{digest('one')}" for line in lines]
    assert len(pins) == 4
    assert [judged(index, pin).verdict for pin in pins] == [Verdict.RETAGGED] * 4


def test_a_tag_that_the_configuration_leaves_out_is_unknown_and_not_removed(index: Index) -> None:
    registry = MemoryRegistry(namespaces={"team"})

    def crawled(wanted: WantedNames) -> None:
        crawl(
            Target("docker.io", "team", Mode.VERIFY),
            source=MemorySource(registry, wants_only=wanted),
            archive=index.archive,
            clock=RegistryClock(registry),
            observer=Watcher(),
        )

    registry.add("team/app", "latest", "1", "2", "3")
    crawled(WantedNames())
    known = {each.tag: each.digest for each in index.catalog.history("docker.io", "team/app")}
    registry.push("team/app", "3")
    crawled(WantedNames())
    registry.push("team/app", "latest")
    crawled(WantedNames(tags=("latest",)))
    since = f"{registry.now:%Y-%m-%d %H:%M} UTC"
    for text in ("team/app:1", f"team/app:1@{known['1']}"):
        found = judged(index, text)
        assert found.verdict is Verdict.UNKNOWN
        assert found.sentence == f"its tag is not watched since {since}."
    found = judged(index, f"team/app@{known['2']}")
    assert found.verdict is Verdict.UNKNOWN
    assert found.sentence == f"its tag 2 is not watched since {since}."
    assert judged(index, f"team/app@{known['3']}").verdict is Verdict.RETAGGED
    crawled(WantedNames())
    assert judged(index, f"team/app:1@{known['1']}").verdict is Verdict.OK
    registry.delete_tag("team/app", "1")
    crawled(WantedNames())
    assert judged(index, "team/app:1").verdict is Verdict.REMOVED
    crawled(WantedNames(tags=("latest",)))
    registry.remove("team/app")
    crawled(WantedNames(tags=("latest",)))
    found = judged(index, "team/app:2")
    assert (found.verdict, found.sentence) == (Verdict.REMOVED, "its repository was removed.")


def test_nothing_is_well_in_a_repository_that_nobody_looks_at_any_more(index: Index) -> None:
    secret = Repository("library/secret", START, private=True)
    scribe = Scribe(index.archive, identity="alice", repositories={secret.name: secret})
    scribe.crawl({"secret": [tag("1", "a")], "web": [tag("1", "a")], "cut": [tag("1", "a")]})
    record = scribe.begin()
    scribe.list(
        record, [], removed=(), hidden=[secret.name], watch=WatchChange(unwatched=("library/cut",))
    )
    since = f"{scribe.now:%Y-%m-%d %H:%M} UTC"
    scribe.finish(record)
    hidden = (
        f"its repository is private, and not visible to alice since {since}; what was known then: "
    )
    cut = f"its repository is not watched since {since}; what was known then: "
    well = {
        f"secret:1@{digest('a')}": f"{hidden}its tag points to it.",
        "secret:1": f"{hidden}it is not pinned; its tag points to {digest('a')}.",
        f"cut:1@{digest('a')}": f"{cut}its tag points to it.",
        f"cut@{digest('a')}": f"{cut}it is tagged 1.",
    }
    found = {text: judged(index, text) for text in well}
    assert {text: each.sentence for text, each in found.items()} == well
    assert {each.verdict for each in found.values()} == {Verdict.UNKNOWN}
    never = judged(index, f"cut:1@{digest('b')}")
    assert never.verdict is Verdict.UNKNOWN
    assert never.sentence.startswith(f"{cut}its tag never pointed to it since ")
    assert judged(index, f"web:1@{digest('a')}").verdict is Verdict.OK

    images = ["secret:1", "cut:1", "web:1"]
    found_newer = outdated(
        index.catalog, [Pin(each, reference=parse_reference(each)) for each in images]
    )
    assert [each.found.status for each in found_newer] == [
        *(Currency.UNKNOWN, Currency.UNKNOWN, Currency.CURRENT)
    ]
    assert found_newer[0].found.sentence.startswith(hidden)
    for name, why in (("secret", hidden), ("cut", cut), ("web", None)):
        place = ("docker.io", f"library/{name}")
        periods = list(index.catalog.history(*place, "1"))
        now, unseen = scribe.now, index.catalog.unseen(*place)
        kept = settled_tag(place, "1", periods, timedelta(0), now, unseen=unseen)
        assert (kept.found is None, kept.sentence.startswith(why or "")) == (why is not None, True)


def test_what_is_missing_is_not_well_while_its_removal_is_held_back(index: Index) -> None:
    scribe = Scribe(index.archive)
    tags = [tag(name, name) for name in "1234"]
    scribe.crawl({"web": tags, "lost": [tag("1", "1")], "far": [tag("1", "1")]})
    since = scribe.now
    record = scribe.begin()
    record.known_repositories()
    lost = HeldBack(since, 1, 3, ("library/lost",))
    record.record_repositories(RepositoriesDiff(), remembered(held_back=lost), scribe.passes())
    record.known_tags("library/web")
    held = HeldBack(since, 3, 4, ("1", "2"))
    record_tags(
        record, "library/web", TagsDiff(), remembered(held_back=held), START, scribe.passes()
    )
    scribe.finish(record)

    day = f"{since:%Y-%m-%d %H:%M} UTC"
    missing = f"is missing, and its removal is held back for review since {day}; what was known"
    pinned = judged(index, f"web:1@{digest('1')}")
    assert pinned.verdict is Verdict.UNKNOWN
    assert pinned.sentence == f"its tag {missing} then: its tag points to it."
    for text in ("web:1", f"web@{digest('1')}", f"web:2@{digest('1')}", "web:3", "web:4"):
        assert judged(index, text).verdict is Verdict.UNKNOWN, text  # 3 and 4: or may be missing
    for text in ("lost:1", f"lost:1@{digest('1')}"):
        assert judged(index, text).sentence.startswith(f"its repository {missing} then: it")
    assert judged(index, "web:9").verdict is Verdict.UNKNOWN
    assert judged(index, f"far:1@{digest('1')}").verdict is Verdict.OK


def aged(verdict: CheckedPin) -> tuple[Verdict, datetime | None, datetime | None]:
    return verdict.verdict, verdict.held_since, verdict.pushed_at


def test_a_verdict_tells_since_when_the_tag_has_its_digest(index: Index) -> None:
    """A case of the public: dependabot-core, issue 14072."""
    text = (CASES / "how-old-is-the-digest" / "image.txt").read_text().strip()
    pinned = text.partition("@")[2]
    before, yesterday = START - timedelta(days=30), START + timedelta(days=8)
    scribe = Scribe(index.archive)
    others = {"redis": [tag("1", "r")], "alpine": [tag("1", "x")]}
    old = tag("1", digest=f"sha256:{'a' * 64}", pushed_at=before)
    scribe.crawl({"nginx": [old], **others})
    first = scribe.now
    scribe.now = START + timedelta(days=9)
    now = tag("1", digest=pinned, pushed_at=yesterday)
    scribe.crawl({"nginx": [now], **others})
    (since,) = {each.started_at for each in index.catalog.holding(*NGINX, pinned)}
    assert since > first
    assert aged(judged(index, text)) == (Verdict.OK, since, yesterday)
    assert aged(judged(index, f"nginx@{pinned}")) == (Verdict.OK, since, yesterday)
    assert aged(judged(index, "nginx:1")) == (Verdict.UNPINNED, since, yesterday)
    retagged = judged(index, f"nginx:1@{old.digest}")
    assert aged(retagged) == (Verdict.RETAGGED, since, yesterday), "of what it has now"
    assert retagged.since == since
    never = judged(index, f"nginx:1@{digest('never')}")
    assert aged(never) == (Verdict.NEVER, since, yesterday)
    scribe.crawl({"nginx": [], **others})
    assert aged(judged(index, text)) == (Verdict.REMOVED, None, None)


def test_the_image_of_a_platform_is_as_old_as_the_first_index_that_held_it(index: Index) -> None:
    scribe = Scribe(index.archive)
    kept = image("linux/amd64", "amd")
    scribe.crawl({"nginx": [tag("1", "zero", platforms=(kept, image("linux/arm64", "a")))]})
    scribe.crawl({"nginx": [tag("1", "none", platforms=(image("linux/arm64", "a"),))]})
    for turn in ("one", "two", "three"):
        both = (kept, image("linux/arm64", turn))
        scribe.crawl({"nginx": [tag("1", turn, platforms=both)]})
    periods = index.catalog.holding(*NGINX, digest("amd"))
    starts = [each.started_at for each in periods]
    assert len(starts) == 4
    assert judged(index, f"nginx:1@{digest('amd')}").held_since == starts[1]
    assert judged(index, f"nginx:1@{digest('three')}").held_since == starts[3]


def test_an_image_that_the_index_does_not_know_comes_with_the_line_that_adds_it() -> None:
    index = MemoryIndex()
    assert judged(index, "redis:7").sentence.endswith(
        "Not in the index: add it with 'indexer crawl library/redis', or to the configuration "
        'with [[registry]] repositories = ["library/redis"].'
    )
    assert judged(index, "quay.io/a/b:1").sentence.endswith(
        "Not in the index: add it with 'indexer crawl quay.io/a/b', or to the configuration "
        'with [[registry]] name = "quay.io", type = "oci", repositories = ["a/b"].'
    )
