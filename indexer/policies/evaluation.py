"""Judges what happened and what is there by the policies: docket -> judging -> docket.

Each policy has a place of its own in the change log, and each finding is recorded together with
that place: nothing is judged twice, and nothing is left out. It decides nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.errors import SourceError, SourceLost, UsageError
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.policies import rules
from indexer.policies.policy import the_hubs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.catalog.ports import Catalog
    from indexer.core.immutable_tags import Immutability
    from indexer.core.reference import Reference
    from indexer.policies.policy import PinnedTag, Policy
    from indexer.policies.ports import EvaluationStore
    from indexer.policies.violation import Found

    Locate = Callable[[Reference], tuple[str, str]]

BATCH = 500
"""Findings that are recorded at once."""

FRESH = timedelta(days=1)
"""How long the Hub's word on immutable tags is believed; a move within it asks no second time."""

MOST_ASKED = 100
"""Repositories whose settings one crawl asks for."""


@dataclass(slots=True)
class Evaluated:
    """What came of judging.

    Attributes:
        new: violations that were not known.
        warnings: what is wrong with policies, in sentences.
    """

    new: int = 0
    warnings: list[str] = field(default_factory=list)


def begin(evaluations: EvaluationStore, policies: Sequence[Policy], now: datetime) -> None:
    """See that new policies start here, the Hub's own included."""
    names = [policy.name for policy in _all(policies)]
    evaluations.begin(names, evaluations.last_change(), now)


def evaluate(
    evaluations: EvaluationStore, policies: Sequence[Policy], locate: Locate, now: datetime
) -> Evaluated:
    """Judge what no policy has judged yet, and what is there.

    Args:
        evaluations: what is judged, and where findings go.
        policies: of the configuration; new ones start here.
        locate: finds a repository that a policy names.
        now: the time.
    """
    begin(evaluations, policies, now)
    result = Evaluated()
    result.new += _judge_happenings(evaluations, _all(policies))
    for policy in policies:
        if policy.signed:
            result.new += evaluations.settle(
                policy.name, list(_unsigned(evaluations, policy, now)), now
            )
        if policy.digests:
            found = list(_pinned(evaluations, policy, locate, now))
            result.new += evaluations.settle(policy.name, found, now)
    return result


def ask_the_hub(
    evaluations: EvaluationStore,
    registry: str,
    ask: Callable[[str], Immutability | None],
    now: datetime,
) -> list[str]:
    """Ask the Hub for its settings of immutable tags, of repositories in which tags moved.

    Args:
        evaluations: which repositories, and where the answers go.
        registry: which one is asked.
        ask: asks for one repository; None: it does not say.
        now: the time.

    Returns:
        What could not be read, in sentences.
    """
    cursor = evaluations.cursors().get(the_hubs().name, evaluations.last_change())
    wanted = [name for home, name in evaluations.unasked(cursor, now - FRESH) if home == registry]
    problems = []
    for name in wanted[:MOST_ASKED]:
        try:
            said = ask(name)
        except SourceError as error:
            problems.append(f"{name}: whether its tags are immutable could not be read: {error}")
            if isinstance(error, SourceLost):
                break
            continue
        if said is not None:
            evaluations.remember(registry, name, said, now)
            problems += [
                f"{name}: its rule '{shown(rule, 60)}' for immutable tags is not understood"
                for rule in said.unreadable()
            ]
    if len(wanted) > MOST_ASKED:
        rest = len(wanted) - MOST_ASKED
        problems.append(f"of {rest} more repositories it was not asked whether tags are immutable")
    return problems


def matching_nothing(
    evaluations: EvaluationStore, policies: Sequence[Policy], locate: Locate
) -> list[str]:
    """A sentence for each policy, or pinned tag, that matches nothing in the index."""
    repositories = evaluations.repositories()
    warnings = []
    for policy in policies:
        warnings += [
            f"the policy '{shown(policy.name)}' pins {pin.image}, which the index has never seen."
            for pin in policy.digests
            if not _is_known(evaluations, pin, locate)
        ]
        if not policy.digests and not any(
            policy.has(*place, tag)
            for place in repositories
            if policy.selection.has_repository(*place)
            for tag in evaluations.tags(*place)
        ):
            warnings.append(f"the policy '{shown(policy.name)}' matches no tag of the index.")
    return warnings


def locator(catalog: Catalog) -> Locate:
    """How to find a repository that is named without its registry: Docker Hub's first."""

    def locate(image: Reference) -> tuple[str, str]:
        if image.registry is None:
            try:
                return catalog.locate(replace(image, registry=DOCKER_HUB))
            except UsageError:
                pass
        return catalog.locate(image)

    return locate


def _all(policies: Sequence[Policy]) -> list[Policy]:
    return [*policies, the_hubs()]


def _judge_happenings(evaluations: EvaluationStore, policies: Sequence[Policy]) -> int:
    until = evaluations.last_change()
    cursors = evaluations.cursors()
    new = 0
    found: list[Found] = []
    start = min((cursors[policy.name] for policy in policies), default=until)
    for happening in evaluations.endings(start, until):
        last = happening.change.id
        for policy in policies:
            if cursors[policy.name] < last:
                found += rules.happened(policy, happening)
        if len(found) >= BATCH:
            new += evaluations.judged(_reached(policies, cursors, last), found)
            found = []
    return new + evaluations.judged(_reached(policies, cursors, until), found)


def _reached(policies: Sequence[Policy], cursors: Mapping[str, int], last: int) -> dict[str, int]:
    """How far each policy has come; one that was further stays where it was."""
    return {policy.name: max(last, cursors[policy.name]) for policy in policies}


def _unsigned(evaluations: EvaluationStore, policy: Policy, now: datetime) -> Iterator[Found]:
    for place in evaluations.repositories():
        if policy.selection.has_repository(*place):
            yield from rules.unsigned(policy, evaluations.tags(*place), now)


def _pinned(
    evaluations: EvaluationStore, policy: Policy, locate: Locate, now: datetime
) -> Iterator[Found]:
    for pin in policy.digests:
        try:
            place = locate(pin.image)
        except UsageError:
            continue
        tag = pin.image.tag or "latest"
        there = evaluations.tags(*place).get(tag)
        ended = None if there else evaluations.last_period(*place, tag)
        found = rules.pinned(policy, pin, place, there, ended, now)
        if found is not None:
            yield found


def _is_known(evaluations: EvaluationStore, pin: PinnedTag, locate: Locate) -> bool:
    try:
        place = locate(pin.image)
    except UsageError:
        return False
    tag = pin.image.tag or "latest"
    return tag in evaluations.tags(*place) or evaluations.last_period(*place, tag) is not None
