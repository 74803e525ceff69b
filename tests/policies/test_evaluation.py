"""Tags that must not be retagged or removed: each violation is found once, with its evidence.

In memory and on both databases.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Denied, LoginFailed
from indexer.core.image_selector import ImageSelector
from indexer.core.immutable_tags import Immutability
from indexer.core.model import Repository
from indexer.core.reference import parse_reference
from indexer.crawl.diff import TagsDiff, WatchChange
from indexer.crawl.known_state import Extent
from indexer.manifests.retag_kind import RetagKind
from indexer.policies import evaluation
from indexer.policies.hub_settings import ask_the_hub
from indexer.policies.policy import THE_HUBS, Forbidden, PinnedTag, Policy
from indexer.policies.violation import Breach, Severity
from tests.store.scribe import MINUTE, START, Scribe, digest, image, remembered, tag
from tests.support.readings import record_tags

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.policies.violation import Violation
    from tests.support.memory_index import Index

BOTH = frozenset(Forbidden)


@pytest.fixture
def scribe(index: Index) -> Scribe:
    return Scribe(index.archive)


def judged(index: Index, *policies: Policy, now: datetime = START) -> int:
    return evaluation.evaluate(
        index.evaluations, policies, evaluation.locator(index.catalog), now
    ).new


def found(index: Index, *, only_open: bool = True) -> list[Violation]:
    return list(index.evaluations.violations(only_open=only_open))


def told(index: Index) -> list[tuple[str, str, str]]:
    """Open violations in short."""
    return [(v.found.policy, v.found.breach.value, v.found.tag) for v in found(index)]


def releases(**more: object) -> Policy:
    rule = Policy(
        "releases", selection=ImageSelector(("docker.io",), ("library/*",), ("v*",)), forbid=BOTH
    )
    return replace(rule, **more)  # type: ignore[arg-type] # as the policy has them


def test_tags_that_tools_keep_are_not_judged_unless_a_policy_names_them(
    index: Index, scribe: Scribe
) -> None:
    kept = f"sha256-{'0a' * 32}"
    policies = [
        Policy("all", forbid=BOTH),
        Policy("lists", selection=ImageSelector(tags=("sha256-*",)), forbid=BOTH),
    ]
    scribe.crawl({"nginx": [tag(kept, "a")]})
    judged(index, *policies)
    scribe.crawl({"nginx": [tag(kept, "b")]})
    judged(index, *policies)
    assert told(index) == [("lists", "retagged", kept)]


def test_a_retagged_release_is_found_once_with_its_evidence(index: Index, scribe: Scribe) -> None:
    amd, arm = image("linux/amd64", "x"), image("linux/arm64", "y")
    scribe.crawl({"nginx": [tag("v1", "a", platforms=(amd, arm)), tag("latest", "a")]})
    judged(index, releases())
    moved = tag("v1", "b", platforms=(image("linux/amd64", "z"), arm), pushed_at=START + 9 * MINUTE)
    crawl = scribe.crawl({"nginx": [moved, tag("latest", "b")]})
    assert judged(index, releases()) == 1
    assert judged(index, releases()) == 0
    (violation,) = found(index)
    item = violation.found
    assert (item.breach, item.severity, item.tag) == (Breach.RETAGGED, Severity.HIGH, "v1")
    assert (item.old_digest, item.new_digest) == (digest("a"), digest("b"))
    assert (item.since, item.observed_at) == (START + 3 * MINUTE, START + 7 * MINUTE)
    assert (item.crawl_id, item.kind) == (crawl.id, RetagKind.CONTENT)
    assert item.sentence == (
        f"it was retagged from {digest('a')}, which it had since 2026-03-01 12:03 UTC, "
        f"to {digest('b')} (content of linux/amd64)."
    )


def test_a_removed_tag_is_found_also_if_its_repository_was_removed(
    index: Index, scribe: Scribe
) -> None:
    tags = [tag("v1", "a"), tag("v2", "b"), tag("latest", "b")]
    scribe.crawl({"nginx": tags, "redis": tags})
    judged(index, releases())
    scribe.crawl({"nginx": [tag("v2", "b")]})
    assert judged(index, releases()) == 3
    assert {(v.found.repository, v.found.tag, v.found.breach.value) for v in found(index)} == {
        ("library/nginx", "v1", "removed"),
        ("library/redis", "v1", "removed"),
        ("library/redis", "v2", "removed"),
    }
    assert {v.found.old_digest for v in found(index)} == {digest("a"), digest("b")}


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(days=365)], ids=str)
def test_what_a_change_ended_is_found_by_its_number_however_far_a_clock_was_set_back(
    index: Index, scribe: Scribe, by: timedelta
) -> None:
    tags = [tag("v1", "a"), tag("v2", "b")]
    scribe.crawl({"nginx": tags, "redis": tags})
    judged(index, releases())
    scribe.crawl({"nginx": tags, "redis": [tag("v1", "a")]})
    scribe.now -= by
    scribe.crawl({"nginx": [tag("v1", "c"), tag("v2", "b")], "redis": [tag("v1", "a")]})
    scribe.crawl({"nginx": [tag("v1", "d")], "redis": [tag("v1", "a")]})
    scribe.crawl({"nginx": [tag("v1", "d")]})
    assert judged(index, releases()) == 5
    assert [
        (each.found.repository, each.found.tag, each.found.breach.value, each.found.old_digest)
        for each in found(index)
    ] == [
        ("library/redis", "v2", "removed", digest("b")),
        ("library/nginx", "v1", "retagged", digest("a")),
        ("library/nginx", "v2", "removed", digest("b")),
        ("library/nginx", "v1", "retagged", digest("c")),
        ("library/redis", "v1", "removed", digest("a")),
    ]


def test_a_policy_starts_where_it_was_first_seen(index: Index, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("v1", "a")]})
    scribe.crawl({"nginx": [tag("v1", "b")]})
    assert judged(index, releases()) == 0
    scribe.crawl({"nginx": [tag("v1", "c")]})
    assert judged(index, releases(), releases(name="later")) == 1
    assert told(index) == [("releases", "retagged", "v1")]


def test_only_what_is_forbidden_counts(index: Index, scribe: Scribe) -> None:
    moves = releases(name="moves", forbid=frozenset({Forbidden.RETAG}))
    vanishes = releases(name="vanishes", forbid=frozenset({Forbidden.REMOVE}))
    scribe.crawl({"nginx": [tag("v1", "a"), tag("v2", "a")]})
    judged(index, moves, vanishes)
    scribe.crawl({"nginx": [tag("v1", "b")]})
    judged(index, moves, vanishes)
    assert sorted(told(index)) == [("moves", "retagged", "v1"), ("vanishes", "removed", "v2")]


def test_kinds_of_retag_are_told_apart(index: Index, scribe: Scribe) -> None:
    amd, sbom = image("linux/amd64", "x"), image("unknown/unknown", "sbom")
    strict, lenient = (
        releases(),
        releases(name="lenient", allow=frozenset({RetagKind.ATTESTATIONS})),
    )
    scribe.crawl({"nginx": [tag("v1", "a", platforms=(amd, sbom))]})
    judged(index, strict, lenient)
    scribe.crawl({"nginx": [tag("v1", "b", platforms=(amd, image("unknown/unknown", "other")))]})
    judged(index, strict, lenient)
    assert told(index) == [("releases", "retagged", "v1")]
    scribe.crawl({"nginx": [tag("v1", "c")]})  # nobody knows what kind that is
    judged(index, strict, lenient)
    assert ("lenient", "retagged", "v1") in told(index)


def test_a_tag_may_be_retagged_until_the_policy_applies(index: Index, scribe: Scribe) -> None:
    settled = releases(after=24 * 3_600.0)
    scribe.crawl({"nginx": [tag("v1", "a", pushed_at=START), tag("v2", "a", pushed_at=START)]})
    judged(index, settled)
    late = START + timedelta(hours=25)
    scribe.now = late
    scribe.crawl(
        {
            "nginx": [
                tag("v1", "b", pushed_at=START + timedelta(hours=23)),
                tag("v2", "b", pushed_at=late),
            ]
        }
    )
    judged(index, settled)
    assert told(index) == [("releases", "retagged", "v2")]


def test_a_start_in_the_future_is_not_believed_and_the_policy_applies(
    index: Index, scribe: Scribe
) -> None:
    settled = releases(after=3_600.0)
    scribe.now += timedelta(days=365)
    scribe.crawl({"nginx": [tag("v1", "a")]})
    scribe.now -= timedelta(days=365)
    judged(index, settled)
    scribe.crawl({"nginx": [tag("v1", "b")]})
    assert judged(index, settled) == 1


def test_a_signature_is_not_waited_for_by_a_start_in_the_future(
    index: Index, scribe: Scribe
) -> None:
    signed = Policy("signed", selection=ImageSelector(tags=("v*",)), signed=True, after=3_600.0)
    scribe.crawl({"nginx": [tag("v1", "a")]})
    assert judged(index, signed, now=scribe.now) == 0
    assert judged(index, signed, now=scribe.now - timedelta(days=365)) == 1


def test_a_digest_that_is_too_young_is_found_until_it_is_old_enough(
    index: Index, scribe: Scribe
) -> None:
    """What was there at the baseline without a push time may be of any age."""
    week = timedelta(days=7)
    policy = releases(forbid=frozenset(), min_age=week.total_seconds())
    year_before = START - timedelta(days=365)
    known = [tag("v1", "a"), tag("v2", "a", pushed_at=START), tag("v3", "a", pushed_at=year_before)]
    scribe.crawl({"nginx": known})
    judged(index, policy, now=scribe.now)
    assert told(index) == [("releases", "young", "v2")]
    scribe.crawl({"nginx": [tag("v1", "b"), *known[1:], tag("other", "b")]})
    judged(index, policy, now=scribe.now)
    assert told(index) == [("releases", "young", "v2"), ("releases", "young", "v1")]
    (one, two) = (each.found for each in found(index))
    assert one.sentence == (
        "its digest has to be 7d old, and counts from 2026-03-01 12:00 UTC, when it was pushed."
    )
    assert two.sentence.endswith("UTC, when a crawl first saw it.")
    assert (two.new_digest, two.change_id is None) == (digest("b"), False)
    judged(index, policy, now=START + week)
    assert told(index) == [("releases", "young", "v1")]
    judged(index, policy, now=START + week + timedelta(hours=1))
    assert told(index) == []


def test_a_pinned_digest_is_held_against_what_is_there(index: Index, scribe: Scribe) -> None:
    pins = [("nginx:v1", "a"), ("library/nginx", "b"), ("nginx:gone", "c"), ("redis:7", "d")]
    policy = Policy(
        "pins",
        digests=tuple(PinnedTag(parse_reference(name), digest(text)) for name, text in pins),
    )
    scribe.crawl({"nginx": [tag("v1", "a"), tag("latest", "x"), tag("gone", "c")]})
    assert judged(index, policy) == 1
    assert told(index) == [("pins", "other_digest", "latest")]
    assert evaluation.unjudged_pins(
        index.evaluations, [policy], evaluation.locator(index.catalog)
    ) == ["the policy 'pins' pins library/redis:7, which the index has never seen."]
    scribe.crawl({"nginx": [tag("v1", "y"), tag("latest", "b")]})
    assert judged(index, policy) == 2
    assert sorted(told(index)) == [("pins", "other_digest", "v1"), ("pins", "removed", "gone")]
    resolved = [v for v in found(index, only_open=False) if v.resolved_at]
    assert [v.found.tag for v in resolved] == ["latest"]


def test_a_pinned_tag_that_nobody_looks_at_was_not_removed_and_cannot_be_judged(
    index: Index, scribe: Scribe
) -> None:
    pins = [("nginx:v1", "a"), ("nginx:v2", "b"), ("cut:v1", "c")]
    policy = Policy(
        "pins",
        digests=tuple(PinnedTag(parse_reference(name), digest(text)) for name, text in pins),
    )
    held = {"nginx": [tag("v1", "a"), tag("v2", "b")], "cut": [tag("v1", "c")]}
    scribe.crawl(held)
    assert judged(index, policy) == 0
    record = scribe.begin()
    watch = WatchChange(unwatched=("library/cut",))
    scribe.list(record, [Repository("library/nginx", START)], removed=(), watch=watch)
    cut = f"{scribe.now:%Y-%m-%d %H:%M} UTC"
    left_out = TagsDiff(dropped=("v1",))
    record.known_tags("library/nginx")
    passed = scribe.passes()
    record_tags(
        record, "library/nginx", left_out, remembered(), START, passed, extent=Extent.VERIFIED
    )
    scribe.finish(record)
    assert judged(index, policy) == 0
    assert told(index) == []
    locate = evaluation.locator(index.catalog)
    dropped = f"{passed:%Y-%m-%d %H:%M} UTC"
    assert evaluation.unjudged_pins(index.evaluations, [policy], locate) == [
        f"the policy 'pins' pins library/nginx:v1, which is not watched since {dropped}.",
        f"the policy 'pins' pins library/cut:v1, which is not watched since {cut}.",
    ]
    scribe.crawl({"nginx": [tag("v2", "b")], "cut": [tag("v1", "c")]})
    assert told(index) == []


def test_what_is_not_signed_is_found_and_resolved_by_a_signature(
    index: Index, scribe: Scribe
) -> None:
    policy = Policy("signed", selection=ImageSelector(tags=("v*",)), signed=True, after=3_600.0)
    companion = f"sha256-{digest('a').partition(':')[2]}.sig"
    scribe.crawl({"nginx": [tag("v1", "a"), tag("latest", "b")]})
    assert judged(index, policy, now=scribe.now) == 0
    later = START + timedelta(hours=2)
    assert judged(index, policy, now=later) == 1
    assert told(index) == [("signed", "unsigned", "v1")]
    assert f"no signature '{companion}' is beside it" in found(index)[0].found.sentence
    scribe.crawl({"nginx": [tag("v1", "a"), tag("latest", "b"), tag(companion, "sig")]})
    judged(index, policy, now=later)
    assert told(index) == []
    scribe.crawl({"nginx": [tag("v1", "a"), tag("latest", "b")]})
    assert judged(index, policy, now=later) == 1
    assert told(index) == [("signed", "unsigned", "v1")]


def test_a_tag_that_the_hub_calls_immutable_must_not_be_retagged(
    index: Index, scribe: Scribe
) -> None:
    names = ("all", "some", "none", "denied")
    scribe.crawl({name: [tag("v1", "a"), tag("latest", "a")] for name in names})
    judged(index)
    scribe.crawl({name: [tag("v1", "b"), tag("latest", "b")] for name in names})
    asked: list[str] = []

    def ask(name: str) -> Immutability | None:
        asked.append(name)
        said = {
            "library/all": Immutability(enabled=True),
            "library/some": Immutability(enabled=True, rules=(r"^v\d+$", "(", "x" * 9)),
            "library/none": Immutability(enabled=False, rules=(".*",)),
        }
        if name not in said:
            raise Denied("no.")
        return said[name]

    problems = ask_the_hub(index.evaluations, "docker.io", ask, scribe.now)
    assert problems == [
        "library/denied: whether its tags are immutable could not be read: no.",
        "library/some: its rule '(' for immutable tags is not understood",
    ]
    assert asked == ["library/all", "library/denied", "library/none", "library/some"]
    judged(index)
    assert {(v.found.policy, v.found.repository, v.found.tag) for v in found(index)} == {
        (THE_HUBS, "library/all", "v1"),
        (THE_HUBS, "library/all", "latest"),
        (THE_HUBS, "library/some", "v1"),
    }
    assert {v.found.severity for v in found(index)} == {Severity.CRITICAL}
    assert found(index)[0].found.sentence.startswith("Docker Hub calls the tag immutable, and it")


def test_the_hub_is_asked_once_a_day_and_only_where_tags_were_retagged(
    index: Index, scribe: Scribe
) -> None:
    scribe.crawl({"a": [tag("1", "a")], "b": [tag("1", "a")]})
    judged(index)
    asked: list[str] = []

    def ask(name: str) -> Immutability | None:
        asked.append(name)
        return Immutability(enabled=False)

    for number in range(3):
        scribe.crawl({"a": [tag("1", f"{number}"), tag("new", "x")], "b": [tag("1", "a")]})
        ask_the_hub(index.evaluations, "docker.io", ask, scribe.now)
        ask_the_hub(index.evaluations, "quay.io", ask, scribe.now)
        judged(index)
    assert asked == ["library/a"]
    scribe.now += timedelta(days=1)
    scribe.crawl({"a": [tag("1", "later")], "b": [tag("1", "a")]})
    ask_the_hub(index.evaluations, "docker.io", ask, scribe.now)
    assert asked == ["library/a"] * 2
    a_year_ahead = scribe.now + timedelta(days=365)
    index.evaluations.remember("docker.io", "library/a", Immutability(enabled=False), a_year_ahead)
    scribe.crawl({"a": [tag("1", "much later")], "b": [tag("1", "a")]})
    ask_the_hub(index.evaluations, "docker.io", ask, scribe.now)
    assert asked == ["library/a"] * 3, "an answer of the future was believed"


def test_a_log_in_that_is_lost_ends_the_asking(index: Index, scribe: Scribe) -> None:
    scribe.crawl({name: [tag("1", "a")] for name in "ab"})
    judged(index)
    scribe.crawl({name: [tag("1", "b")] for name in "ab"})

    def ask(name: str) -> Immutability | None:
        raise LoginFailed(name)

    assert len(ask_the_hub(index.evaluations, "docker.io", ask, scribe.now)) == 1


def test_a_policy_that_matches_nothing_is_told(index: Index, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("latest", "a")]})
    policies = [releases(), Policy("all", forbid=BOTH)]
    assert evaluation.matching_nothing(index.evaluations, policies) == [
        "the policy 'releases' matches no tag of the index."
    ]


def test_an_acknowledgement_is_stored_with_person_and_reason(index: Index, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag("v1", "a")]})
    judged(index, releases())
    scribe.crawl({"nginx": [tag("v1", "b")]})
    judged(index, releases())
    (violation,) = found(index)
    done = index.evaluations.acknowledge(violation.id, "ana", "a rebuild", START)
    assert done is not None
    assert done.acknowledged is not None
    assert (done.acknowledged.by, done.acknowledged.reason) == ("ana", "a rebuild")
    assert found(index) == []
    assert judged(index, releases()) == 0
    assert index.evaluations.acknowledge(99, "ana", "", START) is None


def test_a_thousand_retags_are_judged_in_batches(index: Index, scribe: Scribe) -> None:
    many = [f"v{number}" for number in range(1_200)]
    scribe.crawl({"nginx": [tag(name, "a") for name in many]})
    judged(index, releases())
    scribe.crawl({"nginx": [tag(name, "b") for name in many]})
    assert judged(index, releases()) == 1_200
    assert len(found(index)) == 1_200
