"""The port for a rate limit that several machines share: see `indexer.ratelimit.shared_budget`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from indexer.ratelimit.shared_budget import Observation


class Permit(NamedTuple):
    """Leave to send one request."""

    id: int
    granted_at: float


class Delay(NamedTuple):
    """No leave yet: ask again after so many seconds; the reason is empty where it is short."""

    seconds: float
    reason: str


class SharedBudget(Protocol):
    """One limit of one registry in one name, shared by everybody. Safe to call from threads.

    All may raise `StoreError`.
    """

    def ask(self, seconds: float) -> Permit | Delay:
        """Ask for leave to send a request that is over after so many seconds at the latest.

        Whoever dies with it has used it.
        """

    def give_back(self, permit: Permit, word: Observation | None) -> None:
        """Say what became of a request: what its answer said; None: there was none."""
