"""The port for a rate limit, used by one process alone or shared by several machines."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Observation(NamedTuple):
    """What one answer says of the limit.

    Attributes:
        refused: the answer was a 429.
        wait: for how many seconds it asks us to wait; None if it does not say.
        limit: requests in a window.
        remaining: requests left in this window.
        reset_in: seconds until the window ends.
    """

    refused: bool = False
    wait: float | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_in: float | None = None


class Permit(NamedTuple):
    """Permission to send one request. `granted_at` is in seconds of the budget's own clock."""

    id: int
    granted_at: float


class Delay(NamedTuple):
    """No permit yet.

    Attributes:
        seconds: ask again after so many; None: when one of this process's requests is answered.
        reason: for a message; empty where the wait is short.
        refusals: how often in a row the registry has answered 429.
    """

    seconds: float | None
    reason: str = ""
    refusals: int = 0


class Budget(Protocol):
    """The limit of one registry for one account. A `RateLimiter` asks it, one thread at a time.

    `indexer.ratelimit.local_budget` keeps it for one process. The database keeps it for all
    processes that share it (`indexer.ratelimit.shared_budget`), and may raise `StoreError`.
    """

    def ask(self, seconds: float) -> Permit | Delay:
        """Ask for a permit for a request that ends within `seconds`.

        If the process dies before it gives the permit back, the request stays counted.
        """

    def give_back(self, permit: Permit, observation: Observation | None) -> None:
        """Report what the answer to a request said; None if there was no answer."""
