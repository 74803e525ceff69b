"""The configuration: a TOML file and the environment, read into frozen `Settings`.

In: the file's text, the environment, files with secrets.
Out: `Settings`, or a `ConfigError` that names the key and says what to write.
May not: reach a network or a database, or leave anything to be checked later.

load                which file, and what in it is wrong, in sentences
section             one section of the file: known keys, their readers
registries          registries, and what is crawled of each
schedule            when something is due, as it is written
schedule_overrides  schedules of registries and of single namespaces, laid over the one above
cron                cron expressions, read
timetables          schedules as times: what is due after a moment
value_readers       one value: intervals, cron expressions, addresses, names
value_lists         lists of texts, and sections that there may be many of
settings            what comes out
sinks               who is told, and of what
sink_secrets        where that is, and with which secret: read here and kept nowhere
policies            what must not be, and who may say that it may stay
serve               where the catalog is served, and the secrets that open it
service_manager     what a service manager says of itself
secret_files        files with secrets
accounts            whose name a registry is asked in; secrets are read here and kept nowhere

The only place of the program that reads the environment (besides what libraries read for
themselves: proxies, the width of the terminal).
"""

from indexer.config.accounts import Account, account_of, docker_config_file
from indexer.config.load import find, keys, load
from indexer.config.schedule import NEVER, Schedule
from indexer.config.serve import ServeSecrets, is_loopback, serve_secrets
from indexer.config.service_manager import ServiceManager, service_manager
from indexer.config.settings import (
    DaemonSettings,
    DatabaseSettings,
    HttpSettings,
    RegistrySettings,
    ScheduleSettings,
    ServeSettings,
    Settings,
)

__all__ = [
    "NEVER",
    "Account",
    "DaemonSettings",
    "DatabaseSettings",
    "HttpSettings",
    "RegistrySettings",
    "Schedule",
    "ScheduleSettings",
    "ServeSecrets",
    "ServeSettings",
    "ServiceManager",
    "Settings",
    "account_of",
    "docker_config_file",
    "find",
    "is_loopback",
    "keys",
    "load",
    "serve_secrets",
    "service_manager",
]
