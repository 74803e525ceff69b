"""Judges present tags by the policies that are about them: `signed`, `digests` and `min_age`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import UsageError
from indexer.policies import rules
from indexer.policies.looks import definition
from indexer.policies.ports import StateFindings
from indexer.policies.signed_images import SignedImage, next_look

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from indexer.core.reference import Reference
    from indexer.policies.looks import Look
    from indexer.policies.policy import PinnedTag
    from indexer.policies.ports import EvaluationStore, Place
    from indexer.policies.violation import Found

    Locate = Callable[[Reference], Place]


def judge(
    evaluations: EvaluationStore,
    look: Look,
    locate: Locate,
    now: datetime,
    undecided: Collection[SignedImage],
) -> StateFindings:
    """Judge the tags where a policy looks.

    Args:
        evaluations: the evidence.
        look: the policy, and where it looks.
        locate: finds a repository that a policy names.
        now: the time.
        undecided: images of which it is not known whether they are signed.
    """
    if look.policy.signed:
        return _signed(evaluations, look, now, undecided)
    if look.policy.min_age:
        return _young(evaluations, look, now)
    return _pinned(evaluations, look, locate, now)


def skipped(look: Look) -> StateFindings:
    """Nothing found and nothing resolved: of a policy that failed, so that it moves on."""
    return StateFindings(look.policy.name, definition(look.policy), look.until)


def _signed(
    evaluations: EvaluationStore, look: Look, now: datetime, undecided: Collection[SignedImage]
) -> StateFindings:
    policy = look.policy
    open_ones = {
        (each.found.registry, each.found.repository, each.found.tag, each.found.new_digest)
        for each in (
            evaluations.violations(only_open=True, policy=policy.name) if undecided else ()
        )
    }
    found: list[Found] = []
    due: dict[Place, datetime] = {}
    for place in look.places:
        if not policy.selection.has_repository(*place):
            continue
        tags = evaluations.tags(*place)
        referrers = evaluations.referrers(*place) if tags else {}
        for each in rules.unsigned(policy, tags, referrers, now):
            is_open = (*place, each.tag, each.new_digest) in open_ones
            if is_open or SignedImage(*place, each.new_digest or "") not in undecided:
                found.append(each)
        at = next_look(policy, tags, referrers, undecided, now)
        if at is not None:
            due[place] = at
    places = None if look.whole else frozenset(look.places)
    return StateFindings(policy.name, definition(policy), look.until, found, places, due)


def _young(evaluations: EvaluationStore, look: Look, now: datetime) -> StateFindings:
    """What is too young, to be judged again when the first of it is old enough."""
    policy = look.policy
    found: list[Found] = []
    due: dict[Place, datetime] = {}
    for place in look.places:
        if not policy.selection.has_repository(*place):
            continue
        for each, old_enough_at in rules.young(policy, evaluations.tags(*place), now):
            found.append(each)
            due[place] = min(old_enough_at, due.get(place, old_enough_at))
    places = None if look.whole else frozenset(look.places)
    return StateFindings(policy.name, definition(policy), look.until, found, places, due)


def _pinned(
    evaluations: EvaluationStore, look: Look, locate: Locate, now: datetime
) -> StateFindings:
    """All pins, if anything changed in a repository with the name of one of them.

    All, because a pin without a registry may mean another one than before.
    """
    policy = look.policy
    names = {name for pin in policy.digests for name in pin.image.names}
    if not look.whole and not any(repository in names for _, repository in look.places):
        return skipped(look)
    found = list(_of_pins(evaluations, look, locate, now))
    return StateFindings(policy.name, definition(policy), look.until, found, None)


def _of_pins(
    evaluations: EvaluationStore, look: Look, locate: Locate, now: datetime
) -> Iterator[Found]:
    for pin in look.policy.digests:
        try:
            place = locate(pin.image)
        except UsageError:
            continue
        tag = pin.image.tag or "latest"
        there = evaluations.tag(*place, tag)
        if there is None and evaluations.unwatched_since(*place, tag):
            continue  # it is not there because nobody looks: `unjudged` says so
        ended = None if there else evaluations.last_period(*place, tag)
        found = rules.pinned(look.policy, pin, place, there, ended, now)
        if found is not None:
            yield found


def unjudged(evaluations: EvaluationStore, pin: PinnedTag, locate: Locate) -> str | None:
    """Why a pinned tag cannot be judged, after its name; None: it can."""
    never = "which the index has never seen"
    try:
        place = locate(pin.image)
    except UsageError:
        return never
    tag = pin.image.tag or "latest"
    if (since := evaluations.unwatched_since(*place, tag)) is not None:
        return f"which is not watched since {since:%Y-%m-%d %H:%M} UTC"
    is_known = evaluations.tag(*place, tag) or evaluations.last_period(*place, tag)
    return None if is_known else never
