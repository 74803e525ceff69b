"""How many removals at once are believed without a person's word. Pure.

Each of them is proven. But what is proven of very many things at once is more often a mistake of
somebody's (an organisation renamed, a registry restored from an old copy, a token with less
rights) than what people meant, and a removal ends histories and wakes people. So they wait until
a person has looked: `indexer accept`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RemovalGuard:
    """Removals of more than `share` of a list, and of more than `number`, are held back.

    Attributes:
        share: of what is known, from 0 to 1; 1 holds nothing back.
        number: items.
    """

    share: float = 0.5
    number: int = 10

    def holds_back(self, gone: int, known: int) -> bool:
        """Whether so many removals, of so many items known, wait for a person's word."""
        return gone > self.number and gone > self.share * known


DEFAULT_GUARD = RemovalGuard()
"""What is held back unless the configuration says otherwise."""
