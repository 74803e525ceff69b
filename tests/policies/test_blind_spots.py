"""What policies cannot see is said, and is no "no violations"."""

from __future__ import annotations

import pytest

from indexer.core.catalog_entries import RepositoryEntry, UnresolvedTag
from indexer.core.image_selector import ImageSelector
from indexer.core.reference import parse_reference
from indexer.policies.blind_spots import sentences
from indexer.policies.policy import Forbidden, PinnedTag, Policy
from tests.store.scribe import START, digest

OLD = UnresolvedTag("docker.io", "acme/api", "1.0", is_compared=True)
BARE = UnresolvedTag("docker.io", "acme/api", "0.1", is_compared=False)
HIDDEN = RepositoryEntry(
    "docker.io", "acme/secret", "", True, 1, START, True, False, START, START, "alice"
)
NOTHING_MOVES = Policy("p", forbid=frozenset({Forbidden.RETAG}))
PIN = PinnedTag(parse_reference("acme/api:1.0"), digest("a"))


@pytest.mark.parametrize(
    ("policy", "blind"),
    [
        (NOTHING_MOVES, "1 tag (acme/api:0.1)"),
        (Policy("p", signed=True), "2 tags (acme/api:1.0, acme/api:0.1)"),
        (Policy("p", digests=(PIN,)), "1 tag (acme/api:1.0)"),
        (Policy("p", min_age=60.0), None),
        (Policy("p", selection=ImageSelector(tags=("9.*",)), signed=True), None),
    ],
)
def test_a_policy_that_needs_a_digest_says_of_which_tags_none_is_known(
    policy: Policy, blind: str | None
) -> None:
    said = list(sentences([policy], [OLD, BARE], []))
    sentence = (
        f"the policy 'p' cannot judge {blind}: no digest is known of them; crawl with --full, and "
        "raise 'resolve' if it is too small."
    )
    assert said == ([sentence] if blind else [])


def test_a_policy_about_a_hidden_repository_says_so() -> None:
    elsewhere = Policy("q", selection=ImageSelector(repositories=("acme/api",)), signed=True)
    assert list(sentences([NOTHING_MOVES, elsewhere], [], [HIDDEN])) == [
        "the policy 'p' cannot judge 1 repository (acme/secret): no crawl sees them any more."
    ]
