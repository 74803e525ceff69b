"""Asks Docker Hub which tags it makes immutable, where tags were retagged or removed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.clock import CLOCKS_DIFFER
from indexer.core.errors import ConfigError, SourceError, SourceLost
from indexer.core.humanize import count
from indexer.core.printable import shown
from indexer.policies.policy import THE_HUBS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.core.immutable_tags import Immutability
    from indexer.policies.ports import EvaluationStore

FRESH = timedelta(days=1)
"""How long a setting read from the Hub is used without asking again."""

MOST_ASKED = 100
"""The most repositories asked for before one evaluation."""


def ask_the_hub(
    evaluations: EvaluationStore,
    registry: str,
    ask: Callable[[str], Immutability | None],
    now: datetime,
) -> list[str]:
    """Ask the Hub for its settings of immutable tags, where tags were retagged or removed.

    It asks about all changes that have not been judged yet, whoever crawled them. What cannot be
    read is reported, and not asked again for the same change: it must not block notifications.

    Args:
        evaluations: which repositories, and where the answers are stored.
        registry: the Hub's name.
        ask: asks for one repository; None: the Hub does not say.
        now: the time.

    Returns:
        What could not be read, in sentences.
    """
    cursors = {state.name: state.cursor for state in evaluations.policies(now)}
    cursor = cursors.get(THE_HUBS, evaluations.last_change())
    fresh = now - FRESH, now + CLOCKS_DIFFER
    wanted = [name for host, name in evaluations.unasked(cursor, *fresh) if host == registry]
    problems = []
    for name in wanted[:MOST_ASKED]:
        try:
            said = ask(name)
        except (SourceError, ConfigError) as error:
            problems.append(f"{name}: whether its tags are immutable could not be read: {error}")
            if isinstance(error, SourceLost | ConfigError):
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
        problems.append(f"{count(rest, 'more repository')} not asked yet: are its tags immutable?")
    return problems
