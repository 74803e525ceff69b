"""The configuration as values. The defaults here are the program's defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.config.schedule import Schedule
from indexer.core.reference import DOCKER_HUB

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.config.serve_tokens import TokenSettings
    from indexer.config.sinks import SinkSettings
    from indexer.policies.policy import Policy

HUB_URL = "https://hub.docker.com"
REGISTRY_URL = "https://registry-1.docker.io"
DEFAULT_DATABASE = "indexer.db"
"""The index if none is named: a file of the working directory."""
DEFAULT_DATABASE_URL = f"sqlite:///{DEFAULT_DATABASE}"

_HOUR = 3_600.0
_DAY = 24 * _HOUR

_HOURLY = Schedule("1h", _HOUR)
_TWICE_A_DAY = Schedule("12h", 12 * _HOUR)
_WEEKLY = Schedule("7d", 7 * _DAY)


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """[database]. The URLs may hold passwords, so they are never shown.

    Attributes:
        url: where the index is.
        reader_url: the same index as a user that may only read it; None: there is none.
        is_of_file: the configuration file names it, and not the environment.
        is_named: the file or the environment names it; else it is what the working directory has.
    """

    url: str = field(default=DEFAULT_DATABASE_URL, repr=False)
    reader_url: str | None = field(default=None, repr=False)
    is_of_file: bool = field(default=False, repr=False, compare=False)
    is_named: bool = field(default=False, repr=False, compare=False)

    @property
    def reading(self) -> str:
        """The URL for commands that only read, and that strangers may ask."""
        return self.reader_url or self.url


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """[schedule]: how often each mode of crawl is due.

    Attributes:
        verify_budget: how many repositories a verify crawl may look at; None: all.
        jitter: seconds by which crawls are delayed at random, so that not all start at once.
        timezone: the zone of the hours in cron expressions.
    """

    crawl: Schedule = _HOURLY
    verify: Schedule = _TWICE_A_DAY
    full: Schedule = _WEEKLY
    verify_budget: int | None = None
    jitter: float = 60.0
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class DaemonSettings:
    """[daemon]: who crawls, and how much at once.

    Attributes:
        crawls: how many namespaces of one registry a daemon crawls at the same time, and how many
            jobs a worker does.
        workers: the daemon leaves the crawls to workers.
    """

    crawls: int = 4
    workers: bool = False


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """[http]: how registries are asked. Times are in seconds.

    Attributes:
        concurrency: repositories read at the same time.
        timeout: for one exchange, from connecting to the last byte.
        patience: the longest single wait for the rate limit.
        tries: how often one request is sent at most.
        passes: how often a list that changes while it is read is read at most.
        contact: the mail or web address of who runs this program, sent in the User-Agent.
    """

    concurrency: int = 4
    timeout: float = 30.0
    patience: float = 900.0
    tries: int = 4
    passes: int = 3
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """[[registry]]: a registry, what is indexed of it, and the account. Holds no secret.

    Attributes:
        name: of this entry: several may be of one registry, with different accounts.
        host: the registry: what its images are stored under. Empty: the name.
        type: `dockerhub`, or `oci` for any other.
        namespaces: of Docker Hub; of any other `*` alone: the whole registry.
        url: of an OCI registry; None: derived from its name.
        repositories: names, or globs over the catalog or the namespaces. Empty: all.
        tags: names or globs; which tags are indexed. Empty: all.
        exclude: globs of what is not indexed; they win. See `indexer.crawl.wanted_names`.
        newest: how many of them are asked for their digest; None: all.
        max_tags: how many may be asked for in one crawl; None: no limit.
        manifests: which manifests a crawl fetches: `none`, `new` or `all`.
        resolve: how many tags without a digest a crawl of Docker Hub asks its registry for.
        realm: the origin of the registry's token service, if it is on another domain.
        private_removals: `hide` or `believe`: what a 404 of a private repository means.
        audit: read the audit log of each namespace of Docker Hub before its crawl.
        details: read the full descriptions of repositories of Docker Hub that are new or moved.
        schedule: its own; None: the general one.
        schedules: of single namespaces, by name.
    """

    name: str = DOCKER_HUB
    host: str = ""
    type: str = "dockerhub"
    namespaces: tuple[str, ...] = ()
    username: str | None = None
    password_env: str | None = None
    password_file: Path | None = None
    docker_config: bool = False
    hub_url: str = HUB_URL
    registry_url: str = REGISTRY_URL
    url: str | None = None
    repositories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    newest: int | None = None
    max_tags: int | None = None
    manifests: str = "none"
    resolve: int = 100
    realm: str | None = None
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    insecure: bool = False
    hold_back_share: float = 0.5
    hold_back_number: int = 10
    private_removals: str = "hide"
    audit: bool = False
    details: bool = False
    schedule: ScheduleSettings | None = None
    schedules: tuple[tuple[str, ScheduleSettings], ...] = ()

    def __post_init__(self) -> None:
        """The host is the name unless it is given."""
        if not self.host:
            object.__setattr__(self, "host", self.name)


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """[serve]: where the catalog is served, and to whom. Holds no secret.

    Attributes:
        host: the address to listen on.
        port: 0: any free port.
        token_env: names the variable with the token that gives access to private repositories.
        tokens: further tokens, each with a name and what it may do.
        hook_secret_env: names the variable with the secret in the hooks' URLs.
        url: the public URL, for example of a proxy; links in feeds begin with it.
        cors: origins of other sites whose scripts may read the API; `*`: all.
        access_log: the form of the access log, `common` or `json`; None: there is none.
        public_for: seconds for which a client without the token sees what a crawl with an account
            last saw in public; None: twice the longest interval of verify crawls.
        hosts: further names that the server is reached by.
        registry_hosts: names that show the catalog of one registry.
        fetch: ask the registry for manifests and configurations that clients ask for.
        blobs: `pass`: pass on the layers of public repositories; `none`: there are no layers.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    token_env: str | None = None
    tokens: tuple[TokenSettings, ...] = ()
    hook_secret_env: str | None = None
    url: str | None = None
    cors: tuple[str, ...] = ()
    access_log: str | None = None
    public_for: float | None = None
    hosts: tuple[str, ...] = ()
    registry_hosts: tuple[tuple[str, str], ...] = ()
    fetch: bool = False
    blobs: str = "none"


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration.

    Attributes:
        file: where it was read from; None: these are the defaults.
        is_file_found: the file was found in the working directory: nobody named it.
    """

    database: DatabaseSettings = DatabaseSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    daemon: DaemonSettings = DaemonSettings()
    http: HttpSettings = HttpSettings()
    registries: tuple[RegistrySettings, ...] = (RegistrySettings(),)
    serve: ServeSettings = ServeSettings()
    sinks: tuple[SinkSettings, ...] = ()
    policies: tuple[Policy, ...] = ()
    people: tuple[str, ...] = ()
    file: Path | None = field(default=None, compare=False)
    is_file_found: bool = field(default=False, compare=False)

    def namespaces(self) -> list[tuple[RegistrySettings, str]]:
        """All registries and namespaces to crawl, in the order of the file."""
        return [
            (registry, namespace)
            for registry in self.registries
            for namespace in registry.namespaces
        ]

    def entry(self, host: str, namespace: str) -> RegistrySettings | None:
        """The entry of a registry that has a namespace, else its first one; None: there is none."""
        entries = [each for each in self.registries if each.host == host]
        holding = [each for each in entries if namespace in each.namespaces]
        return next(iter((*holding, *entries)), None)

    def schedule_of(self, registry: str, namespace: str) -> ScheduleSettings:
        """When a namespace is due: by its own schedule, its entry's, or the general one."""
        entry = self.entry(registry, namespace)
        if entry is not None:
            return dict(entry.schedules).get(namespace, entry.schedule or self.schedule)
        return self.schedule
