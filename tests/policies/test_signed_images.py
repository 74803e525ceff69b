"""Registries are asked what refers to images that must be signed; in memory and on databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import Denied, LoginFailed
from indexer.core.image_selector import ImageSelector
from indexer.manifests.referrers import fallback_tag
from indexer.manifests.signatures import Referrer
from indexer.policies import evaluation, signed_images
from indexer.policies.looks import looks_of
from indexer.policies.policy import Policy
from indexer.policies.signed_images import ask_for_signatures
from tests.store.scribe import Scribe, digest, tag

if TYPE_CHECKING:
    from collections.abc import Collection

    from indexer.core.errors import SourceError
    from tests.support.memory_index import Index

SIGNED = Policy("signed", selection=ImageSelector(tags=("v*",)), signed=True)
SIGNATURE = Referrer(digest("s"), artifact_type="application/vnd.dev.sigstore.bundle.v0.3+json")
NOTATION = Referrer(digest("n"), artifact_type="application/vnd.cncf.notary.signature")
SBOM = Referrer(digest("b"), artifact_type="application/spdx+json")


class Judge:
    """Asks a registry, and judges."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.scribe = Scribe(index.archive)
        self.says: dict[str, tuple[Referrer, ...]] = {}
        self.error: SourceError | None = None
        self.asked: list[str] = []
        self.problems: list[str] = []
        self.most = signed_images.MOST_ASKED

    def ask(self, repository: str, image: str, tags: Collection[str]) -> tuple[Referrer, ...]:
        assert (repository, set(tags) >= {"v1"}) == ("library/nginx", True)
        self.asked.append(image)
        if self.error:
            raise self.error
        return self.says.get(image, ())

    def judge(self, later: timedelta = timedelta(0)) -> list[tuple[str, str]]:
        """The open violations, by tag, with their sentences."""
        now = self.scribe.now + later
        evaluations = self.index.evaluations
        self.asked = []
        evaluation.begin(evaluations, [SIGNED], now)
        looks = looks_of(evaluations, [SIGNED], now)
        self.problems, undecided = ask_for_signatures(
            evaluations, looks, "docker.io", self.ask, now, self.most
        )
        locate = evaluation.locator(self.index.catalog)
        evaluation.evaluate(evaluations, [SIGNED], locate, now, looks=looks, undecided=undecided)
        found = evaluations.violations(only_open=True)
        return [(each.found.tag, each.found.sentence) for each in found]


@pytest.fixture
def judge(index: Index) -> Judge:
    judge = Judge(index)
    judge.scribe.crawl({"nginx": [tag("v1", "a"), tag("v1.0", "a"), tag("latest", "b")]})
    return judge


def test_an_image_that_a_signature_refers_to_is_signed_and_asked_for_once(judge: Judge) -> None:
    judge.says = {digest("a"): (SBOM, SIGNATURE)}
    assert judge.judge() == []
    assert judge.asked == [digest("a")]
    assert judge.judge(timedelta(days=9)) == []
    assert judge.asked == []


def test_what_refers_and_is_no_signature_does_not_count_and_is_named(judge: Judge) -> None:
    judge.says = {digest("a"): (SBOM, NOTATION)}
    (one, other) = judge.judge()
    assert [one[0], other[0]] == ["v1", "v1.0"]
    assert one[1].endswith(
        "is beside it, and none by cosign refers to it; what refers to it: SBOM (SPDX), "
        "Notation signature."
    )


def test_a_signature_that_comes_later_ends_the_violation(judge: Judge) -> None:
    assert len(judge.judge()) == 2
    judge.says = {digest("a"): (SIGNATURE,)}
    assert len(judge.judge(timedelta(minutes=1))) == 2
    assert judge.asked == [], "it was asked for just now"
    assert judge.judge(signed_images.FRESH) == []


def test_a_new_list_under_the_fallback_tag_is_read_at_once(judge: Judge) -> None:
    judge.judge()
    judge.says = {digest("a"): (SIGNATURE,)}
    listed = tag(fallback_tag(digest("a")), "list")
    judge.scribe.crawl({"nginx": [tag("v1", "a"), tag("v1.0", "a"), listed]})
    assert judge.judge() == []


def test_a_signature_of_cosign_2_needs_no_question(judge: Judge) -> None:
    beside = tag(f"{fallback_tag(digest('a'))}.sig", "s")
    judge.scribe.crawl({"nginx": [tag("v1", "a"), tag("v1.0", "a"), beside]})
    assert judge.judge() == []
    assert judge.asked == []


@pytest.mark.parametrize("error", [Denied("it refuses."), LoginFailed("no such account.")])
def test_what_could_not_be_asked_is_told_and_no_violation(judge: Judge, error: SourceError) -> None:
    judge.error = error
    assert judge.judge() == []
    (problem,) = judge.problems
    assert problem == f"cannot tell whether library/nginx@{digest('a')} is signed: {error}"
    judge.error = None
    assert len(judge.judge()) == 2
    judge.error = error
    assert len(judge.judge(timedelta(hours=1))) == 2, "what was found stays"


def test_of_too_many_images_those_are_asked_for_that_never_were(
    judge: Judge,
) -> None:
    judge.most = 1
    judge.scribe.crawl({"nginx": [tag("v1", "a"), tag("v2", "b"), tag("v3", "c")]})
    turns = []
    for _ in range(3):
        found = judge.judge(signed_images.FRESH)
        turns.append((judge.asked, len(found)))
        judge.scribe.now += signed_images.FRESH
    assert {each for asked, _ in turns for each in asked} == {digest(each) for each in "abc"}
    assert [number for _, number in turns] == [1, 2, 3]
    assert judge.problems == [
        "signatures of 2 more images were not looked up yet: a later evaluation asks for them"
    ]


def test_an_answer_of_the_future_is_not_believed_and_the_image_is_asked_for_again(
    judge: Judge,
) -> None:
    judge.judge(timedelta(days=365))
    judge.says = {digest("a"): (SIGNATURE,)}
    assert judge.judge() == []
