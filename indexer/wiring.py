"""Settings into objects: the one module that knows both ends, and the real clock.

What is heavy is imported where it is needed: asking the index needs no HTTP, and asking for help
needs no database.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from indexer.config import account_of
from indexer.errors import ConfigError
from indexer.names import DOCKER_HUB, shown
from indexer.ports import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from indexer.caution import Caution
    from indexer.config import Account, RegistrySettings, Settings
    from indexer.ports import Source
    from indexer.sources.auth import Keeper
    from indexer.sources.http import HttpClient
    from indexer.sources.secret import Credentials
    from indexer.store import Store

    OnWait = Callable[[datetime, str], None]


class SystemClock(Clock):
    """The real time."""

    def now(self) -> datetime:
        """See `Clock`."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """See `Clock`. Signals interrupt it: their handlers run, and raise, in the main thread."""
        if seconds > 0:
            time.sleep(seconds)


@contextmanager
def opened(settings: Settings, *, create: bool) -> Iterator[Store]:
    """The index, for as long as it is needed.

    Args:
        settings: they say where it is.
        create: make it if it is not there.

    Raises:
        StoreError: it cannot be used.
    """
    from indexer.store import open_store  # noqa: PLC0415 - SQLAlchemy takes a sixth of a second

    store = open_store(settings.database.url, create=create)
    try:
        yield store
    finally:
        store.close()


def caution_of(registry: RegistrySettings) -> Caution:
    """How many removals at once are believed of a registry."""
    from indexer.caution import Caution  # noqa: PLC0415 - only crawls need it

    return Caution(registry.hold_back_share, registry.hold_back_number)


class Sources:
    """The registries as sources. All crawls of a registry share its connections and its pace.

    Args:
        settings: how to behave towards registries.
        clock: all waiting goes through it.
        on_wait: is told each wait for a rate limit: until when, and why.
    """

    def __init__(self, settings: Settings, clock: Clock, on_wait: OnWait | None = None) -> None:
        self._http = settings.http
        self._clock = clock
        self._on_wait = on_wait
        self._open: dict[str, tuple[HttpClient, Keeper | None]] = {}

    def prepare(self, registry: RegistrySettings) -> None:
        """Find the registry's account, so that what is wrong with it is told before any crawl.

        Raises:
            ConfigError: the account is not where the configuration says.
        """
        if registry.name not in self._open:
            self._open[registry.name] = self._connect(registry)

    def of(self, registry: RegistrySettings) -> Source:
        """A registry, for one crawl.

        Raises:
            ConfigError: as `prepare`.
        """
        from indexer.sources.hub import HubSource  # noqa: PLC0415 - it brings HTTP along

        self.prepare(registry)
        return HubSource(*self._open[registry.name], registry=registry.name)

    def close(self) -> None:
        """Close every connection."""
        for client, _ in self._open.values():
            client.close()
        self._open.clear()

    def _connect(self, registry: RegistrySettings) -> tuple[HttpClient, Keeper | None]:
        from indexer.sources.auth import Keeper  # noqa: PLC0415 - it brings HTTP along
        from indexer.sources.http import HttpClient  # noqa: PLC0415 - the same

        account = account_of(registry)
        credentials = _credentials(account, registry) if account else None
        client = HttpClient(
            registry.hub_url,
            clock=self._clock,
            timeout=self._http.timeout,
            patience=self._http.patience,
            tries=self._http.tries,
            ca_file=registry.ca_file,
        )
        client.pace.on_wait = self._on_wait
        if credentials is None:
            return client, None
        return client, Keeper(client, credentials, self._clock, insecure=registry.insecure)


def _credentials(account: Account, registry: RegistrySettings) -> Credentials:
    from indexer.sources.secret import Credentials, Secret  # noqa: PLC0415 - only for accounts

    if account.password is not None and account.username is not None:
        return Credentials(account.username, Secret(account.password), account.origin)
    if account.docker_config is None:
        raise ConfigError(f"the account of {registry.name} has no password: set password_env.")
    return _dockers_own(account.docker_config, account.username, registry)


def _dockers_own(file: Path, username: str | None, registry: RegistrySettings) -> Credentials:
    """What `docker login` left behind."""
    from indexer.sources.credentials import (  # noqa: PLC0415 - only for accounts
        DOCKER_HUB_HOSTS,
        find_docker_credentials,
    )

    hosts = DOCKER_HUB_HOSTS if registry.name == DOCKER_HUB else (registry.name,)
    found = find_docker_credentials(file, hosts)
    where = f"docker's configuration {shown(str(file))}"
    if found is None:
        raise ConfigError(
            f"{where} holds no log-in for {registry.name}: run 'docker login', or configure "
            "username and password_env."
        )
    if username is not None and found.username != username:
        raise ConfigError(
            f"{where} holds the log-in of '{shown(found.username, 100)}' for {registry.name}, "
            f"where '{shown(username, 100)}' is configured: give its password with password_env."
        )
    return found
