"""Asks registries what refers to the images that must be signed, before policies are evaluated."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.clock import is_believed
from indexer.core.errors import ConfigError, SourceError, SourceLost
from indexer.core.humanize import count
from indexer.core.printable import shown
from indexer.manifests.referrers import fallback_tag
from indexer.policies.rules import needs_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.manifests.signatures import Referrer
    from indexer.policies.evidence import PresentTag, ReadReferrers
    from indexer.policies.looks import Look
    from indexer.policies.policy import Policy
    from indexer.policies.ports import EvaluationStore, Place

    Ask = Callable[[str, str, Collection[str]], tuple[Referrer, ...] | None]

log = logging.getLogger("indexer.policies")

FRESH = timedelta(minutes=10)
"""How long an image without a signature is not asked for again, unless its list is new."""

MOST_ASKED = 200
"""The most images of one registry asked for before one evaluation."""


class SignedImage(NamedTuple):
    """An image that must be signed, by registry, repository and digest."""

    registry: str
    repository: str
    digest: str


class _Question(NamedTuple):
    """An image to ask for, and when that was last done."""

    asked_at: datetime | None
    image: SignedImage
    tags: Collection[str]


def ask_for_signatures(
    evaluations: EvaluationStore,
    looks: Sequence[Look],
    registry: str,
    ask: Ask,
    now: datetime,
    most: int = MOST_ASKED,
) -> tuple[list[str], frozenset[SignedImage]]:
    """Ask a registry what refers to the images that must be signed, one by one.

    An image that has a signature is not asked for again. If there are more than `most` images,
    those that were asked for least recently come first; the others follow in later evaluations.

    Args:
        evaluations: which images, and where the answers are stored.
        looks: the policies, and where they look.
        registry: its name.
        ask: asks for an image, by repository, digest and the tags of the repository; None: the
            registry of that repository is not configured.
        now: the time.
        most: how many images are asked for.

    Returns:
        What could not be read, in sentences; and the images of which it is not known whether they
        are signed.
    """
    wanted = sorted(
        _questions(evaluations, looks, registry, now),
        key=lambda each: (each.asked_at is not None, each.asked_at or now, each.image),
    )
    problems: list[str] = []
    unknown = {each.image for each in wanted[most:] if each.asked_at is None}
    for number, (asked_at, image, tags) in enumerate(wanted[:most]):
        try:
            found = ask(image.repository, image.digest, tags)
        except (SourceError, ConfigError) as error:
            what = f"{image.repository}@{image.digest}"
            problems.append(f"cannot tell whether {what} is signed: {error}")
            if asked_at is None:
                unknown.add(image)
            if isinstance(error, SourceLost | ConfigError):
                rest = wanted[number + 1 : most]
                unknown |= {each.image for each in rest if each.asked_at is None}
                break
            continue
        if found is not None:
            evaluations.remember_referrers(registry, image.repository, image.digest, found, now)
    if len(wanted) > most:
        problems.append(
            f"signatures of {count(len(wanted) - most, 'more image')} were not looked up yet: a "
            "later evaluation asks for them"
        )
    return problems, frozenset(unknown)


def _questions(
    evaluations: EvaluationStore, looks: Sequence[Look], registry: str, now: datetime
) -> Iterator[_Question]:
    """The images of a registry to ask for, each once."""
    by_place: dict[Place, list[Policy]] = {}
    for look in looks:
        for place in look.places if look.policy.signed else ():
            if place[0] == registry and _selects(look.policy, *place):
                by_place.setdefault(place, []).append(look.policy)
    for (home, name), mine in sorted(by_place.items()):
        tags = evaluations.tags(home, name)
        known = evaluations.referrers(home, name)
        digests = {
            each.digest: None
            for each in tags.values()
            if each.digest and any(needs_signature(policy, tags, each) for policy in mine)
        }
        for digest in digests:
            read = known.get(digest)
            if read is None or _is_due(read, tags, digest, now):
                at = read.read_at if read else None
                yield _Question(at, SignedImage(home, name, digest), tags.keys())


def waits_at_most(policy: Policy) -> timedelta:
    """How far ahead the next look of a policy may be without a change."""
    return max(timedelta(seconds=max(policy.after, policy.min_age)), FRESH)


def next_look(
    policy: Policy,
    tags: Mapping[str, PresentTag],
    referrers: Mapping[str, ReadReferrers],
    undecided: Collection[SignedImage],
    now: datetime,
) -> datetime | None:
    """When a policy must look at a repository again, though no tag of it changes; None: never.

    That is where an image is not signed yet: when its signature must have come, or it may be asked
    for again.

    Args:
        policy: the policy.
        tags: the tags of the repository, by name.
        referrers: what refers to its images, by digest.
        undecided: images that could not be asked for.
        now: the time.
    """
    found: list[datetime] = []
    for item in tags.values():
        if item.digest is None or not needs_signature(policy, tags, item):
            continue
        read = referrers.get(item.digest)
        if read is not None and any(each.is_signature for each in read.found):
            continue
        image = SignedImage(item.registry, item.repository, item.digest)
        asked_at = read.read_at if read and is_believed(read.read_at, now) else now
        found.append(now if image in undecided else asked_at + FRESH)
        must_come = item.since + timedelta(seconds=policy.after)
        if now < must_come and is_believed(item.since, now):
            found.append(must_come)
    return min(found, default=None)


def _selects(policy: Policy, registry: str, repository: str) -> bool:
    """Whether a policy is about a repository; not if it fails: its evaluation reports that."""
    try:
        return policy.selection.has_repository(registry, repository)
    except Exception:  # the questions of the other policies must still be asked
        log.debug("the policy '%s' failed", shown(policy.name), exc_info=True)
        return False


def _is_due(
    read: ReadReferrers, tags: Mapping[str, PresentTag], digest: str, now: datetime
) -> bool:
    """Whether an image without a signature is to be asked for again."""
    if any(each.is_signature for each in read.found):
        return False
    listed = tags.get(fallback_tag(digest))
    if not is_believed(read.read_at, now) or now - read.read_at >= FRESH:
        return True
    return listed is not None and listed.since >= read.read_at
