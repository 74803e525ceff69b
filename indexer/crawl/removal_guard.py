"""How many removals at once are accepted without review. Pure.

Each single removal is proven. But very many at once are more often an accident (an organisation
was renamed, a registry was restored from an old copy, a token lost rights) than meant, and a
removal ends histories and raises alarms. So they are held back until a person has reviewed them:
`indexer accept`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core.model import HeldBack

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

MOST_NAMES = 1_000
"""Names of one list that are remembered while their removal is held back."""


@dataclass(frozen=True, slots=True)
class RemovalGuard:
    """Holds removals back if they are more than `number` and more than `share` of the known items.

    Attributes:
        share: of the known items, from 0 to 1; 1 holds nothing back.
        number: items.
    """

    share: float = 0.5
    number: int = 10

    def holds_back(self, removed: int, known: int) -> bool:
        """Whether to hold removals back for review.

        Args:
            removed: how many items would be removed.
            known: how many items were known.
        """
        return removed > self.number and removed > self.share * known


DEFAULT_GUARD = RemovalGuard()
"""Used unless the configuration says otherwise."""


def held_back(
    before: HeldBack | None,
    missing: Collection[str],
    known: int,
    now: datetime,
    *,
    unknown: bool = False,
) -> HeldBack | None:
    """What to remember of removals that are held back; None: none are.

    Args:
        before: what was held back until now.
        missing: the items.
        known: how many items were known.
        now: the time.
        unknown: the registry does not know the namespace any more.
    """
    if not missing:
        return None
    names = tuple(sorted(missing)[:MOST_NAMES])
    return HeldBack(before.since if before else now, len(missing), known, names, unknown)
