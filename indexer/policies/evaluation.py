"""Judges changes and present tags by the policies: evidence -> rules -> violations.

Changes are judged here, present tags by `present_tags` where `looks` says.

Each policy has a cursor of its own in the change log, which is moved in the same transaction that
stores its findings: every change is judged exactly once. It decides nothing itself.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from indexer.core.errors import IndexerError, UsageError
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.policies import present_tags, rules
from indexer.policies.looks import looks_of
from indexer.policies.policy import THE_HUBS, the_hubs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from indexer.catalog.ports import Lookup
    from indexer.core.reference import Reference
    from indexer.policies.evidence import Ending
    from indexer.policies.looks import Look
    from indexer.policies.policy import Policy
    from indexer.policies.ports import EvaluationStore, PolicyState
    from indexer.policies.present_tags import Locate
    from indexer.policies.signed_images import SignedImage
    from indexer.policies.violation import Found

T = TypeVar("T")

BATCH = 500
"""Findings that are stored in one transaction."""

log = logging.getLogger("indexer.policies")


@dataclass(slots=True)
class Evaluated:
    """The result of an evaluation.

    Attributes:
        new: how many violations were not known before.
        warnings: what is wrong with policies, in sentences.
    """

    new: int = 0
    warnings: list[str] = field(default_factory=list)

    def attempt(self, policy: Policy, judge: Callable[[], T]) -> T | None:
        """Run `judge`; None, and a warning, if the policy has an error that makes it fail."""
        try:
            return judge()
        except IndexerError:
            raise
        except Exception as error:  # the other policies must still be judged
            log.debug("the policy '%s' failed", shown(policy.name), exc_info=True)
            warning = (
                f"the policy '{shown(policy.name)}' cannot be evaluated, and skips these changes: "
                f"{type(error).__name__}"
            )
            if warning not in self.warnings:
                self.warnings.append(warning)
            return None


def begin(evaluations: EvaluationStore, policies: Sequence[Policy], now: datetime) -> None:
    """Give new policies a cursor at the end of the log, and mark all of them as in force."""
    names = [policy.name for policy in judged_by(evaluations.policies(now), policies)]
    evaluations.begin(names, evaluations.last_change(), now)


def judged_by(states: Iterable[PolicyState], policies: Sequence[Policy]) -> list[Policy]:
    """The policies that this process judges by: the configured ones, and the Hub's own.

    Without configured policies the Hub's own is left to processes that have some: only these ask
    the Hub for its settings.
    """
    others = [state.name for state in states if state.in_force]
    if not policies and set(others) - {THE_HUBS}:
        return []
    return [*policies, the_hubs()]


def evaluate(
    evaluations: EvaluationStore,
    policies: Sequence[Policy],
    locate: Locate,
    now: datetime,
    until: int | None = None,
    *,
    looks: Sequence[Look] | None = None,
    undecided: Collection[SignedImage] = (),
) -> Evaluated:
    """Judge the changes that have not been judged yet, and the present tags.

    Cursors are moved last. Sinks are never notified beyond them, so a violation is known before its
    change is sent. Changes that a policy cannot judge because of an error in it are reported and
    skipped: they must not block all notifications.

    Args:
        evaluations: the evidence, and where findings are stored.
        policies: of the configuration; new ones start at the end of the log.
        locate: finds a repository that a policy names.
        now: the time.
        until: the last change to judge; None: all.
        looks: where policies about present tags look; None: that is decided now.
        undecided: images of which it is not known whether they are signed: no new violation is
            found of them, and an open one stays.
    """
    begin(evaluations, policies, now)
    end = evaluations.last_change() if until is None else until
    result = Evaluated()
    for look in looks_of(evaluations, policies, now) if looks is None else looks:
        judging = partial(present_tags.judge, evaluations, look, locate, now, undecided)
        found = result.attempt(look.policy, judging) or present_tags.skipped(look)
        result.new += evaluations.settle(found, now)
    _judge_endings(evaluations, judged_by(evaluations.policies(now), policies), now, end, result)
    return result


def unjudged_pins(
    evaluations: EvaluationStore, policies: Sequence[Policy], locate: Locate
) -> list[str]:
    """A sentence for each pinned tag that crawls do not look at, or never saw."""
    return [
        f"the policy '{shown(policy.name)}' pins {pin.image}, {why}."
        for policy in policies
        for pin in policy.digests
        if (why := present_tags.unjudged(evaluations, pin, locate)) is not None
    ]


def matching_nothing(evaluations: EvaluationStore, policies: Sequence[Policy]) -> list[str]:
    """A sentence for each policy with patterns that match nothing in the index."""
    repositories = evaluations.repositories()

    def matches(policy: Policy) -> bool:
        return any(
            policy.has(*place, tag)
            for place in repositories
            if policy.selection.has_repository(*place)
            for tag in evaluations.tags(*place)
        )

    return [
        f"the policy '{shown(policy.name)}' matches no tag of the index."
        for policy in policies
        if not policy.digests and not matches(policy)
    ]


def locator(catalog: Lookup) -> Locate:
    """A function that finds a repository that is named without its registry: Docker Hub's first."""

    def locate(image: Reference) -> tuple[str, str]:
        if image.registry is None:
            try:
                return catalog.locate(replace(image, registry=DOCKER_HUB))
            except UsageError:
                pass
        return catalog.locate(image)

    return locate


def _judge_endings(
    evaluations: EvaluationStore,
    policies: Sequence[Policy],
    now: datetime,
    until: int,
    result: Evaluated,
) -> None:
    """Judge the retags and removals, and move the cursors."""
    cursors = {state.name: state.cursor for state in evaluations.policies(now)}
    known = [policy for policy in policies if policy.name in cursors]  # else forgotten just now
    found: list[Found] = []
    start = min((cursors[policy.name] for policy in known), default=until)
    for ending in evaluations.endings(start, until):
        last = ending.change.id
        for policy in known:
            if cursors[policy.name] < last:
                happened = partial(_happened, policy, ending)
                found += result.attempt(policy, happened) or ()
        if len(found) >= BATCH:
            result.new += evaluations.judged(_reached(known, cursors, last), found)
            found = []
    result.new += evaluations.judged(_reached(known, cursors, until), found)


def _happened(policy: Policy, ending: Ending) -> list[Found]:
    return list(rules.happened(policy, ending))


def _reached(policies: Sequence[Policy], cursors: Mapping[str, int], last: int) -> dict[str, int]:
    """The new cursors: `last`, or where a policy was if that is further."""
    return {policy.name: max(last, cursors[policy.name]) for policy in policies}
