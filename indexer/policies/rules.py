"""Judges changes and present tags by a policy. Every finding carries its reason in words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.clock import is_believed
from indexer.core.digest_age import AgeBasis
from indexer.core.humanize import exact_span
from indexer.core.model import ChangeKind
from indexer.manifests.companion_tags import is_companion
from indexer.manifests.signatures import COSIGN
from indexer.policies.policy import THE_HUBS, Forbidden
from indexer.policies.violation import Breach, Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.policies.evidence import Ending, PresentTag, ReadReferrers
    from indexer.policies.policy import PinnedTag, Policy


def signature_tag(digest: str) -> str:
    """The tag of cosign 2 for an image, without its ending: `sha256-<digits>`."""
    return digest.replace(":", "-", 1)


_UNKNOWN = "something that the registry does not name"


def happened(policy: Policy, ending: Ending) -> Iterator[Found]:
    """Yield the violations of a policy by a change."""
    change = ending.change
    is_move = change.kind is ChangeKind.TAG_RETAGGED
    if (Forbidden.RETAG if is_move else Forbidden.REMOVE) not in policy.forbid:
        return
    kind = ending.move.kind if ending.move else None
    if is_move and kind in policy.allow:
        return
    for before in ending.ended:
        if not _is_meant(policy, ending, before) or not _is_settled(policy, ending, before):
            continue
        yield Found(
            policy=policy.name,
            severity=policy.severity,
            breach=Breach.RETAGGED if is_move else Breach.REMOVED,
            registry=before.registry,
            repository=before.repository,
            tag=before.tag,
            old_digest=before.digest or (change.old_digest if is_move else None),
            new_digest=change.new_digest if is_move else None,
            since=before.started_at,
            observed_at=change.observed_at,
            crawl_id=change.crawl_id,
            change_id=change.id,
            kind=kind,
            sentence=_sentence(policy, ending, before),
        )


def pinned(policy: Policy, pin: PinnedTag, place: tuple[str, str], there: PresentTag | None,
           ended: Period | None, now: datetime) -> Found | None:  # fmt: skip
    """Judge a tag by its pinned digest; None if the tag has it.

    Args:
        policy: the policy.
        pin: the tag and its digest.
        place: registry and repository, as the index knows them.
        there: the present tag; None: it was removed.
        ended: its last period, where it was removed; None: it was never there.
        now: the time.
    """
    if there is None and ended is None:
        return None  # it was never seen: `present_tags.unjudged` says so
    if there is not None and there.digest in {pin.digest, None}:
        return None
    tag = pin.image.tag or "latest"
    now_digest = there.digest if there else None
    what = f"points to {now_digest}" if there else "was removed"
    return Found(
        policy=policy.name,
        severity=policy.severity,
        breach=Breach.OTHER_DIGEST if there else Breach.REMOVED,
        registry=place[0],
        repository=place[1],
        tag=tag,
        old_digest=pin.digest,
        new_digest=now_digest,
        since=there.since if there else ended.ended_at if ended else None,
        observed_at=there.since if there else now,
        crawl_id=there.crawl_id if there else 0,
        change_id=there.change_id if there else None,
        sentence=f"the tag has to point to {pin.digest}, and {what}.",
    )


def needs_signature(policy: Policy, tags: Mapping[str, PresentTag], item: PresentTag) -> bool:
    """Whether a tag must be signed, and has no signature of cosign 2 beside it.

    Cosign 2 stores a signature as a tag beside the image, `sha256-<digits>.sig`. What only tools
    keep is never signed itself.
    """
    if item.digest is None or is_companion(item.tag):
        return False
    return policy.has(item.registry, item.repository, item.tag) and (
        f"{signature_tag(item.digest)}.sig" not in tags
    )


def unsigned(
    policy: Policy,
    tags: Mapping[str, PresentTag],
    referrers: Mapping[str, ReadReferrers],
    now: datetime,
) -> Iterator[Found]:
    """Yield the tags of one repository that must be signed, and are not.

    Args:
        policy: the policy.
        tags: the tags of the repository, by name.
        referrers: what refers to its images, by digest; cosign 3 stores signatures so.
        now: the time.
    """
    for item in tags.values():
        if item.digest is None or not needs_signature(policy, tags, item):
            continue
        read = referrers.get(item.digest)
        kinds = {each.kind: None for each in read.found} if read else {}
        may_still_come = is_believed(item.since, now) and (
            now - item.since < timedelta(seconds=policy.after)
        )
        if COSIGN in kinds or may_still_come:
            continue
        others = f"; what refers to it: {', '.join(kinds)}" if kinds else ""
        yield Found(
            policy=policy.name,
            severity=policy.severity,
            breach=Breach.UNSIGNED,
            registry=item.registry,
            repository=item.repository,
            tag=item.tag,
            old_digest=None,
            new_digest=item.digest,
            since=item.since,
            observed_at=item.since,
            crawl_id=item.crawl_id,
            change_id=item.change_id,
            sentence=(
                f"no signature '{signature_tag(item.digest)}.sig' is beside it, and none by cosign "
                f"refers to it{others}."
            ),
        )


def young(
    policy: Policy, tags: Mapping[str, PresentTag], now: datetime
) -> Iterator[tuple[Found, datetime]]:
    """Yield the tags of one repository that are too young, and when each is old enough.

    What was there at the baseline, without a push time, may be of any age: it is no violation.

    Args:
        policy: the policy.
        tags: the tags of the repository, by name.
        now: the time.
    """
    least = timedelta(seconds=policy.min_age)
    for item in tags.values():
        is_of_unknown_age = item.change_id is None and item.counted_push is None
        if is_of_unknown_age or not policy.has(item.registry, item.repository, item.tag):
            continue
        since = item.counted_push or item.since
        if now - since >= least:
            continue
        basis = AgeBasis.PUSH if item.counted_push else AgeBasis.CRAWL
        found = Found(
            policy=policy.name,
            severity=policy.severity,
            breach=Breach.YOUNG,
            registry=item.registry,
            repository=item.repository,
            tag=item.tag,
            old_digest=None,
            new_digest=item.digest,
            since=item.since,
            observed_at=item.since,
            crawl_id=item.crawl_id,
            change_id=item.change_id,
            sentence=(
                f"its digest has to be {exact_span(least)} old, and counts from "
                f"{since:%Y-%m-%d %H:%M} UTC, {basis.words}."
            ),
        )
        yield found, since + least


def _is_meant(policy: Policy, ending: Ending, before: Period) -> bool:
    if policy.name == THE_HUBS:
        said = ending.immutability
        return said is not None and said.covers(before.tag)
    return policy.has(before.registry, before.repository, before.tag)


def _is_settled(policy: Policy, ending: Ending, before: Period) -> bool:
    """Whether a tag had its content for long enough that the policy applies.

    If it got it in the future, a clock was wrong: then nothing excuses the change.
    """
    arrived = min(before.pushed_at or before.started_at, before.started_at)
    moved = ending.change.pushed_at or ending.change.observed_at
    return not is_believed(arrived, moved) or moved - arrived >= timedelta(seconds=policy.after)


def _sentence(policy: Policy, ending: Ending, before: Period) -> str:
    change = ending.change
    since = f"since {before.started_at:%Y-%m-%d %H:%M} UTC"
    was = before.digest or change.old_digest or _UNKNOWN
    if change.kind is ChangeKind.REPOSITORY_REMOVED:
        what = f"its repository was removed; it pointed to {was} {since}"
    elif change.kind is ChangeKind.TAG_REMOVED:
        what = f"it was removed; it pointed to {was} {since}"
    else:
        how = f" ({ending.move})" if ending.move else ""
        now = change.new_digest or _UNKNOWN
        what = f"it was retagged from {was}, which it had {since}, to {now}{how}"
    who = "Docker Hub calls the tag immutable, and " if policy.name == THE_HUBS else ""
    return f"{who}{what}."
