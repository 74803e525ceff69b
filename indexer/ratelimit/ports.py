"""The port for a rate limit, kept by one process alone or shared by several machines."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Observation(NamedTuple):
    """What an answer said of the limit.

    Attributes:
        refused: it was a 429.
        wait: for how many seconds it asks us to stay away; None if it does not say.
        limit: requests of a window.
        remaining: that are left in this one.
        reset_in: seconds until it ends.
    """

    refused: bool = False
    wait: float | None = None
    limit: int | None = None
    remaining: int | None = None
    reset_in: float | None = None


class Permit(NamedTuple):
    """Leave to send one request. `granted_at` is in seconds of the budget's own clock."""

    id: int
    granted_at: float


class Delay(NamedTuple):
    """No leave yet.

    Attributes:
        seconds: after which to ask again; None: when one of this process's requests is answered.
        reason: empty where the wait is short.
        refusals: how often in a row the registry has answered 429.
    """

    seconds: float | None
    reason: str = ""
    refusals: int = 0


class Budget(Protocol):
    """One limit of one registry in one name. A `RateLimiter` asks it, one thread at a time.

    `indexer.ratelimit.local_budget` keeps it for one process, and the index's database for all that
    share it (`indexer.ratelimit.shared_budget`). That one may raise `StoreError`.
    """

    def ask(self, seconds: float) -> Permit | Delay:
        """Ask for leave to send a request that is over after so many seconds at the latest.

        Whoever dies with it has used it.
        """

    def give_back(self, permit: Permit, word: Observation | None) -> None:
        """Say what became of a request: what its answer said; None: there was none."""
