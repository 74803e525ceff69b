"""Keeps tokens until they expire, and fetches each once, whoever needs it meanwhile.

No lock is held while a token is fetched: those who need the same token wait for it, and all others
go on.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.core.clock import Clock
    from indexer.core.secret import Secret
    from indexer.sources.oci.token_realm import Realm

    Key = tuple[Realm, str]
    """A token service, and a scope there."""


class Proof(NamedTuple):
    """What a request is authenticated with.

    Attributes:
        header: the value of `Authorization`.
        renew_at: when it is renewed, on the monotonic clock.
        is_token: it is of a token service.
        is_shared: it is for several scopes.
    """

    header: Secret
    renew_at: float = float("inf")
    is_token: bool = False
    is_shared: bool = False


class Tokens:
    """The tokens of one account, by what they are for. Safe to call from threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[Key, Proof] = {}
        self._flights: dict[Key, threading.Event] = {}
        self._lock = threading.Lock()

    def get(
        self,
        key: Key,
        also: Callable[[], Sequence[Key]],
        stale: Proof | None,
        fetch: Callable[[Sequence[Key]], tuple[Proof, bool]],
    ) -> Proof:
        """A token: kept, or new.

        Args:
            key: what it is for.
            also: for what else it may be fetched at the same time.
            stale: a token that was refused, which is not returned.
            fetch: fetches it for several, and says whether it is for all, or the first alone.
        """
        landing = threading.Event()
        keys = [key]
        while True:
            with self._lock:
                kept = self._kept.get(key)
                if kept and kept is not stale and self._clock.monotonic() < kept.renew_at:
                    return kept
                others = self._flights.get(key)
                if others is None:
                    keys += [each for each in also() if each not in self._flights]
                    self._flights.update(dict.fromkeys(keys, landing))
                    break
            others.wait()
        return self._fetched(keys, fetch, landing)

    def _fetched(
        self,
        keys: list[Key],
        fetch: Callable[[Sequence[Key]], tuple[Proof, bool]],
        landing: threading.Event,
    ) -> Proof:
        """Fetch a token for the first of these, or for all, and let those who wait go on."""
        try:
            token, is_shared = fetch(keys)
            with self._lock:
                self._kept.update(dict.fromkeys(keys if is_shared else keys[:1], token))
            return token
        finally:
            with self._lock:
                for each in keys:
                    del self._flights[each]
            landing.set()
