"""What all crawls of one registry with one account share: connections, rate limit, tokens."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from indexer.core.hub_names import is_hub
from indexer.http import AddressClass, class_of_host
from indexer.sources.oci.auth import TokenAuth

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.core.clock import Clock
    from indexer.core.model import RateLimit
    from indexer.core.secret import Credentials
    from indexer.http import HttpClient, Origin

PAGE_SIZES = (1_000, 100, None)
"""Names in a page: the most that distribution, GitHub, Azure and Amazon allow; if the registry
refuses that (400, or 405 at Amazon), fewer; then no `n` at all, so that it chooses."""

MOST_ORIGINS = 16
"""The most other origins: token services, and hosts of configurations."""

REMEDY = "if it is the registry's token service, configure it as 'realm'"
"""What to do about a token service whose address is not admitted."""


class Connection:
    """One registry for one account, for as long as the program runs. Safe to call from threads.

    Args:
        client: of the registry.
        credentials: the account; None: anonymous.
        clock: tells when a token expires.
        elsewhere: makes a client for another origin.
        realm: the origin that the configuration names as the token service.
        insecure: plain http is allowed, with credentials too.
        width: requests at the same time.
        forthcoming: send credentials with the first request, not only after a 401.

    Raises:
        ConfigError: the credentials could be overheard.
    """

    def __init__(
        self,
        client: HttpClient,
        credentials: Credentials | None,
        clock: Clock,
        *,
        elsewhere: Callable[[Origin], HttpClient],
        realm: Origin | None = None,
        insecure: bool = False,
        width: int = 4,
        forthcoming: bool = True,
    ) -> None:
        self.client = client
        self.insecure = insecure
        self.width = width
        # A 404 to `HEAD` is not asked again by `GET`: Docker Hub counts that as a pull.
        self.spares_pulls = is_hub(client.origin.host)
        self.slots = threading.BoundedSemaphore(width)
        self.answers_head = True
        self.page_size: int | None = PAGE_SIZES[0]
        self.pulls: RateLimit | None = None
        self._elsewhere = elsewhere
        self._others: dict[tuple[Origin, AddressClass | None], HttpClient] = {}
        self._realm = realm
        self._lock = threading.Lock()
        self.auth = TokenAuth(
            client,
            credentials,
            clock,
            at=self.at,
            realm=realm,
            insecure=insecure,
            forthcoming=forthcoming,
        )

    def heard(self, pulls: RateLimit | None) -> None:
        """Remember the limit for pulls from an answer."""
        if pulls is not None:
            self.pulls = pulls

    @property
    def address_class(self) -> AddressClass:
        """How far the registry's own address reaches; where a proxy connects, as its name says."""
        seen = self.client.gate.seen
        by_name = class_of_host(self.client.origin.host)
        return next((each for each in (seen, by_name) if each is not None), AddressClass.PUBLIC)

    def at(self, origin: Origin, led_from: AddressClass | None = None) -> HttpClient:
        """The client for an origin that an answer led to; the registry's own for its own.

        Args:
            origin: where.
            led_from: how far the servers reach that led there; None: the registry alone did.
        """
        if origin.is_at(self.client.origin):
            return self.client
        is_ours = self._realm is not None and origin.is_at(self._realm)
        least = None if is_ours else led_from if led_from is not None else self.address_class
        with self._lock:
            found = self._others.get((origin, least))
            if found is None:
                while len(self._others) >= MOST_ORIGINS:
                    self._others.pop(next(iter(self._others))).close()
                found = self._others[origin, least] = self._elsewhere(origin)
                if least is not None:
                    found.gate.confine(least, exactly=origin.scheme == "http", remedy=REMEDY)
            return found

    def close(self) -> None:
        """Close every connection."""
        self.client.close()
        for other in self._others.values():
            other.close()
        self._others.clear()
