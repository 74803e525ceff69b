"""What the configuration says of a registry, as connections: addresses, accounts, certificates.

The part of `indexer.bootstrap.index_and_sources` that speaks to registries. What is heavy is
imported where it is needed: asking the index needs no HTTP.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from indexer.config import account_of
from indexer.core.errors import ConfigError
from indexer.core.model import Cost
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.manifests.ports import ManifestSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from indexer.config import Account, HttpSettings, RegistrySettings
    from indexer.core.clock import Clock
    from indexer.core.model import RateLimit
    from indexer.core.secret import Credentials
    from indexer.crawl.ports import Source
    from indexer.http import HttpClient, Origin
    from indexer.manifests.ports import StoredManifest
    from indexer.ratelimit.limiter import RateLimiter
    from indexer.ratelimit.ports import Budget
    from indexer.sources.docker_hub.auth import HubLogin
    from indexer.sources.oci.connection import Connection

    OnWait = Callable[[datetime, str], None]

RESOLVER_TRIES = 2
"""Exchanges for a digest that a crawl of Docker Hub can do without."""


class Hub(NamedTuple):
    """A Docker Hub in one name: its API, its account, and the registry behind it, if known."""

    client: HttpClient
    keeper: HubLogin | None
    behind: Connection | None


class Connector:
    """Makes connections.

    Args:
        http: manners towards registries.
        clock: all waiting goes through it.
        on_wait: is told each wait for a rate limit: until when, and why.
        limiters: by address and account; clients of the same share one, however old it is.
        budget: makes the budget of an address and account that other machines share; None: none
            does.
    """

    def __init__(
        self,
        http: HttpSettings,
        clock: Clock,
        on_wait: OnWait | None = None,
        limiters: dict[tuple[str, str], RateLimiter] | None = None,
        budget: Callable[[str], Budget] | None = None,
    ) -> None:
        self._http = http
        self._budget = budget
        self._clock = clock
        self._on_wait = on_wait
        self._limiters = {} if limiters is None else limiters

    def connect(self, registry: RegistrySettings) -> Hub | Connection:
        """Connect to a registry, in the name of its account.

        Raises:
            ConfigError: the account, or a certificate, is not where the configuration says.
        """
        account = account_of(registry)
        credentials = _credentials(account, registry) if account else None
        if registry.type == "oci":
            return self._registry(registry, address_of(registry), credentials)
        return self._hub(registry, credentials)

    def _hub(self, registry: RegistrySettings, credentials: Credentials | None) -> Hub:
        from indexer.sources.docker_hub.auth import HubLogin  # noqa: PLC0415 - it brings HTTP along

        client = self._client(registry.hub_url, registry)
        keeper = None
        if credentials is not None:
            keeper = HubLogin(client, credentials, self._clock, insecure=registry.insecure)
        address = address_of(registry)
        behind = self._registry(registry, address, credentials) if address else None
        return Hub(client, keeper, behind)

    def _registry(
        self, registry: RegistrySettings, address: str, credentials: Credentials | None
    ) -> Connection:
        from indexer.http import Origin  # noqa: PLC0415 - it brings HTTP along
        from indexer.sources.oci.connection import Connection  # noqa: PLC0415 - the same

        def elsewhere(origin: Origin) -> HttpClient:
            return self._client(origin.url, registry)

        is_hub = registry.type == "dockerhub"
        tries = min(self._http.tries, RESOLVER_TRIES) if is_hub else self._http.tries
        return Connection(
            self._client(address, registry, ours=True, tries=tries),
            credentials,
            self._clock,
            elsewhere=elsewhere,
            realm=Origin.of(registry.realm) if registry.realm else None,
            insecure=registry.insecure,
            width=self._http.concurrency,
            forthcoming=not is_hub,
        )

    def _client(
        self,
        address: str,
        registry: RegistrySettings,
        *,
        ours: bool = False,
        tries: int | None = None,
    ) -> HttpClient:
        """A client; `ours`: for the registry itself, which may see our certificate."""
        from indexer.http import ClientCertificate, HttpClient  # noqa: PLC0415 - help must not wait for it

        certificate = None
        if ours and registry.client_cert is not None:
            certificate = ClientCertificate(registry.client_cert, registry.client_key)
        client = HttpClient(
            address,
            clock=self._clock,
            timeout=self._http.timeout,
            patience=self._http.patience,
            tries=tries or self._http.tries,
            ca_file=registry.ca_file,
            certificate=certificate,
        )
        account = f"{registry.username or ''} {registry.docker_config}"
        known = self._limiters.get((address, account))
        limiter = known or self._limiter(client, address, account)
        limiter.on_wait, limiter.patience = self._on_wait, self._http.patience
        client.limiter = self._limiters[address, account] = limiter
        return client

    def _limiter(self, client: HttpClient, address: str, account: str) -> RateLimiter:
        """A new client's own limiter, or one whose budget it shares with other machines."""
        if self._budget is None:
            return client.limiter
        from indexer.ratelimit.limiter import RateLimiter  # noqa: PLC0415 - it comes with HTTP

        budget = self._budget(f"{address} {account}")
        return RateLimiter(
            self._clock,
            client.host,
            budget,
            timeout=self._http.timeout,
            patience=self._http.patience,
        )


def source_of(connected: Hub | Connection, registry: RegistrySettings) -> Source:
    """A registry that is connected, for one crawl."""
    if isinstance(connected, Hub):
        from indexer.sources.docker_hub.source import HubSource  # noqa: PLC0415 - it brings HTTP along

        return HubSource(
            connected.client,
            connected.keeper,
            registry=registry.name,
            behind=connected.behind,
            resolve=registry.resolve,
        )
    from indexer.sources.oci.source import OciSource  # noqa: PLC0415 - the same
    from indexer.sources.oci.tag_selection import TagSelection  # noqa: PLC0415 - the same

    return OciSource(
        connected,
        registry=registry.name,
        repositories=registry.repositories,
        selection=TagSelection(registry.tags, registry.newest, registry.max_tags),
    )


class LazyManifestSource(ManifestSource):
    """A registry's content; the connection is made when something is asked for.

    What the index holds needs no account, so a password that is not set is no mistake there.

    Args:
        connect: connects to the registry.
        name: the registry's.
    """

    def __init__(self, connect: Callable[[], Hub | Connection], name: str) -> None:
        self._connect = connect
        self._name = name

    @cached_property
    def _contents(self) -> ManifestSource:
        from indexer.sources.oci.contents import RegistryContents  # noqa: PLC0415 - it brings HTTP along

        connected = self._connect()
        behind = connected.behind if isinstance(connected, Hub) else connected
        if behind is None:
            raise ConfigError(
                f"it is not known where the registry of {self._name} is: configure 'registry_url'."
            )
        return RegistryContents(behind)

    @property
    def spent(self) -> Cost:
        """See `ManifestSource`."""
        return self._contents.spent if "_contents" in self.__dict__ else Cost()

    @property
    def rate_limit(self) -> RateLimit | None:
        """See `ManifestSource`."""
        return self._contents.rate_limit

    def head(self, repository: str, tag: str) -> str | None:
        """See `ManifestSource`."""
        return self._contents.head(repository, tag)

    def manifest(self, repository: str, reference: str) -> StoredManifest | None:
        """See `ManifestSource`."""
        return self._contents.manifest(repository, reference)

    def config(self, repository: str, digest: str) -> StoredManifest | None:
        """See `ManifestSource`."""
        return self._contents.config(repository, digest)

    def tag_names(self, repository: str) -> tuple[str, ...]:
        """See `ManifestSource`."""
        return self._contents.tag_names(repository)


def address_of(registry: RegistrySettings) -> str:
    """Where a registry's own API is; empty where that is not known.

    Of a Docker Hub at another address than the real one it is only known when it is configured:
    the real one would be asked about names that are none of its business.
    """
    from indexer.config.settings import HUB_URL, REGISTRY_URL  # noqa: PLC0415 - two constants

    if registry.type == "dockerhub":
        is_elsewhere = registry.hub_url != HUB_URL and registry.registry_url == REGISTRY_URL
        return "" if is_elsewhere else registry.registry_url
    if registry.url is not None:
        return registry.url
    plain = f"http://{registry.name}"
    return plain if _is_this_machine(plain) else f"https://{registry.name}"


def _is_this_machine(address: str) -> bool:
    from indexer.http.origin import is_loopback  # noqa: PLC0415 - it brings HTTP along

    return is_loopback(urlsplit(address).hostname or "")


def close(connected: Hub | Connection) -> None:
    """Close every connection."""
    if isinstance(connected, Hub):
        connected.client.close()
        if connected.behind is not None:
            connected.behind.close()
    else:
        connected.close()


def _credentials(account: Account, registry: RegistrySettings) -> Credentials:
    from indexer.core.secret import Credentials, Secret  # noqa: PLC0415 - only for accounts

    if account.password is not None and account.username is not None:
        return Credentials(account.username, Secret(account.password), account.origin)
    if account.docker_config is None:
        raise ConfigError(f"the account of {registry.name} has no password: set password_env.")
    return _dockers_own(account.docker_config, account.username, registry)


def _dockers_own(file: Path, username: str | None, registry: RegistrySettings) -> Credentials:
    """What `docker login` left behind."""
    from indexer.sources.docker_config import DOCKER_HUB_HOSTS, find_docker_credentials  # noqa: PLC0415 - only for accounts

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
