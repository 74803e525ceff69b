"""Builds connections to registries from the configuration: addresses, accounts, certificates.

The part of `indexer.bootstrap.index_and_sources` that uses HTTP. Heavy modules are
imported where they are needed: reading the index needs no HTTP.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from indexer.bootstrap.credentials import credentials_of
from indexer.core.hub_names import DOCKER_HUB

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from indexer.config import HttpSettings, RegistrySettings
    from indexer.core.clock import Clock
    from indexer.core.secret import Credentials
    from indexer.crawl.ports import Source
    from indexer.crawl.wanted_names import WantedNames
    from indexer.http import HttpClient, Origin
    from indexer.ratelimit.limiter import RateLimiter
    from indexer.ratelimit.ports import Budget
    from indexer.sources.docker_hub.auth import HubLogin
    from indexer.sources.oci.connection import Connection

    OnWait = Callable[[datetime, str], None]

RESOLVER_TRIES = 2
"""The most exchanges for a digest of a tag on Docker Hub, which a crawl can do without."""


class Hub(NamedTuple):
    """A Docker Hub for one account: its API, its login, and the registry behind it, if known."""

    client: HttpClient
    login: HubLogin | None
    registry: Connection | None


class Connector:
    """Makes connections.

    Args:
        http: how to ask registries.
        clock: reads the time and waits.
        on_wait: called at each wait for a rate limit, with its end and its reason.
        limiters: by address and account; clients of the same registry and account share one.
        budget: makes a rate limit budget that machines share; None: it is this process's own.
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
        """Connect to a registry, with its account.

        Raises:
            ConfigError: the account, or a certificate, is not where the configuration says.
        """
        credentials = credentials_of(registry)
        if registry.type == "oci":
            return self._registry(registry, address_of(registry), credentials)
        return self._hub(registry, credentials)

    def _hub(self, registry: RegistrySettings, credentials: Credentials | None) -> Hub:
        from indexer.sources.docker_hub.auth import HubLogin  # noqa: PLC0415 - it brings HTTP along

        client = self._client(registry.hub_url, registry)
        login = None
        if credentials is not None:
            login = HubLogin(client, credentials, self._clock, insecure=registry.insecure)
        address = address_of(registry)
        connection = self._registry(registry, address, credentials) if address else None
        return Hub(client, login, connection)

    def _registry(
        self, registry: RegistrySettings, address: str, credentials: Credentials | None
    ) -> Connection:
        from indexer.http import Origin  # noqa: PLC0415 - it brings HTTP along
        from indexer.sources.oci.connection import Connection  # noqa: PLC0415 - the same

        def elsewhere(origin: Origin) -> HttpClient:
            return self._client(origin.url, registry)

        is_hub = registry.type == "dockerhub"
        tries = min(self._http.tries, RESOLVER_TRIES) if is_hub else self._http.tries
        connection = Connection(
            self._client(address, registry, ours=True, tries=tries),
            credentials,
            self._clock,
            elsewhere=elsewhere,
            realm=Origin.of(registry.realm) if registry.realm else None,
            insecure=registry.insecure,
            width=self._http.concurrency,
            forthcoming=not is_hub,
        )
        connection.spares_pulls |= is_hub
        return connection

    def _client(
        self,
        address: str,
        registry: RegistrySettings,
        *,
        ours: bool = False,
        tries: int | None = None,
    ) -> HttpClient:
        """A client; `ours`: for the registry itself, which gets our client certificate."""
        from indexer.http import ClientCertificate, HttpClient, user_agent  # noqa: PLC0415 - help must not wait for it

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
        client.agent = user_agent(self._http.contact)
        account = f"{registry.username or ''} {registry.docker_config}"
        known = self._limiters.get((address, account))
        limiter = known or self._limiter(client, address, account)
        limiter.on_wait, limiter.patience = self._on_wait, self._http.patience
        client.limiter = self._limiters[address, account] = limiter
        return client

    def _limiter(self, client: HttpClient, address: str, account: str) -> RateLimiter:
        """A new client's own limiter, or one whose budget machines share."""
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
    """A connected registry as a source, for one crawl."""
    if isinstance(connected, Hub):
        from indexer.sources.docker_hub.source import HubSource  # noqa: PLC0415 - it brings HTTP along

        return HubSource(
            connected.client,
            connected.login,
            registry=registry.host,
            registry_connection=connected.registry,
            resolve=registry.resolve,
            wanted=wanted_names(registry),
        )
    from indexer.sources.oci.source import OciSource  # noqa: PLC0415 - the same
    from indexer.sources.oci.tag_selection import TagSelection  # noqa: PLC0415 - the same

    return OciSource(
        connected,
        registry=registry.host,
        wanted=wanted_names(registry),
        selection=TagSelection(registry.newest, registry.max_tags),
    )


def wanted_names(registry: RegistrySettings) -> WantedNames:
    """Which repositories and tags a registry's entry wants.

    On Docker Hub `repositories` narrow the namespaces that they name; others are read whole.
    """
    from indexer.crawl.wanted_names import WantedNames  # noqa: PLC0415 - only crawls need it

    repositories = registry.repositories
    if registry.type == "dockerhub" and repositories:
        narrowed = [pattern.partition("/")[0] for pattern in repositories]
        whole = [
            f"{namespace}/*"
            for namespace in registry.namespaces
            if not any(fnmatchcase(namespace, glob) for glob in narrowed)
        ]
        repositories = (*repositories, *whole)
    return WantedNames(repositories, registry.tags, registry.exclude)


def of_part(registry: RegistrySettings, part: str) -> RegistrySettings:
    """An entry, asked for one repository alone, or for one tag of it.

    What the entry's filter says of the tags of the repository holds for a repository too. A tag
    that is named is read: `indexer.cli.namespace_arguments` refuses one that is left out.
    """
    repository, _, tag = part.partition(":")
    if tag:
        return replace(registry, namespaces=(), repositories=(part,), tags=(), exclude=())
    tails, _, _ = wanted_names(registry).of_tags(repository)
    some = tuple(f"{repository}:{tail}" for tail in sorted(tails))
    return replace(registry, namespaces=(), repositories=some or (repository,))


def address_of(registry: RegistrySettings) -> str:
    """The URL of a registry's own API; empty if it is not known.

    For a Docker Hub at another URL than the real one it must be configured: the real registry
    must not be asked about names of another Hub.
    """
    from indexer.config.settings import HUB_URL, REGISTRY_URL  # noqa: PLC0415 - two constants

    if registry.type == "dockerhub":
        is_elsewhere = registry.hub_url != HUB_URL and registry.registry_url == REGISTRY_URL
        return "" if is_elsewhere else registry.registry_url
    if registry.url is not None:
        return registry.url
    if registry.host == DOCKER_HUB:  # `docker.io` itself answers with a web page
        return REGISTRY_URL
    plain = f"http://{registry.host}"
    return plain if _is_this_machine(plain) else f"https://{registry.host}"


def _is_this_machine(address: str) -> bool:
    from indexer.http.origin import is_loopback  # noqa: PLC0415 - it brings HTTP along

    return is_loopback(urlsplit(address).hostname or "")


def close(connected: Hub | Connection) -> None:
    """Close every connection."""
    if isinstance(connected, Hub):
        connected.client.close()
        if connected.registry is not None:
            connected.registry.close()
    else:
        connected.close()
