"""Decides where policies about present tags look: at what changed since, and at what is due.

    changed   the repositories whose tags were written after the policy looked last
    due       what may become a violation, or cease to be one, without a change: a signature that
              may still come, an image that is to be asked for again
    whole     everything: at first, and when the configuration says something else than last time

So an evaluation costs what happened, not what the index holds.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.clock import CLOCKS_DIFFER
from indexer.policies.signed_images import waits_at_most

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from indexer.policies.policy import Policy
    from indexer.policies.ports import EvaluationStore, Place


class Look(NamedTuple):
    """Where a policy about present tags looks in one evaluation.

    Attributes:
        policy: the policy.
        until: the number of the log up to which this look knows of changes.
        places: the repositories, sorted; some may have been removed.
        whole: these are all, so what is not found any more is resolved everywhere.
    """

    policy: Policy
    until: int
    places: Sequence[Place]
    whole: bool


def looks_of(evaluations: EvaluationStore, policies: Sequence[Policy], now: datetime) -> list[Look]:
    """Where each policy about present tags looks now.

    Args:
        evaluations: what changed, and how far each policy has looked.
        policies: of the configuration; the others are left out.
        now: the time.
    """
    mine = [policy for policy in policies if policy.is_about_state]
    if not mine:
        return []
    until = (
        evaluations.last_change()
    )  # before anything is read: what comes later is looked at later
    states = {state.name: state for state in evaluations.policies(now)}
    changed_since = cache(evaluations.changed_since)
    found = []
    for policy in mine:
        state = states.get(policy.name)
        if state is None or state.looked_until is None or state.definition != definition(policy):
            found.append(Look(policy, until, evaluations.repositories(), whole=True))
            continue
        latest = now + waits_at_most(policy) + CLOCKS_DIFFER
        due = evaluations.due_places(policy.name, now, latest)
        places = sorted({*changed_since(state.looked_until), *due})
        found.append(Look(policy, until, places, whole=False))
    return found


def definition(policy: Policy) -> str:
    """A checksum of what a policy about present tags requires, and of which."""
    requires = (policy.selection, policy.after, policy.digests, policy.signed, policy.min_age)
    return hashlib.sha256(repr(requires).encode(errors="replace")).hexdigest()
