"""The configuration: reads a TOML file and the environment into frozen `Settings`.

In: the file's text, the environment, files with secrets.
Out: `Settings`, or a `ConfigError` that names the key and what was expected.
May not: use a network or a database, or leave anything to be checked later.

load                finds and reads the file; all its mistakes, as sentences
section             reads one section: known keys and their readers
registries          [[registry]]: registries, and what is crawled of each
schedule            a schedule as it is written
schedule_overrides  schedules of registries and of namespaces, over the general one
cron                parses cron expressions
timetables          computes when a schedule is due next
value_readers       read one value: intervals, cron expressions, addresses, names
value_lists         read lists of strings, and repeated sections
settings            the result: settings as values
origins             which values are in force, and where each comes from
found_file          refuses files that nobody named and others may have put there
sinks               [[notify]]: who is notified, and of what
sink_secrets        a sink's address and keys; read when needed, not kept
policies            [[policy]] and [violations]
serve               [serve]: its values, and the secrets that protect it
serve_tokens        [serve.tokens]: tokens of clients, with names and scopes
environment         reads a variable whose value must be text
service_manager     what the service manager says in the environment
secret_files        reads files with secrets
accounts            the account for a registry; secrets are read when needed, not kept

The only room that reads the environment (apart from what libraries read
themselves: proxies, the width of the terminal).
"""

from indexer.config.accounts import Account, account_of, login_files
from indexer.config.load import find, keys, load
from indexer.config.schedule import NEVER, Schedule
from indexer.config.serve import ServeSecrets, is_loopback, serve_secrets
from indexer.config.serve_tokens import AccessToken, Scope, TokenSettings
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
    "AccessToken",
    "Account",
    "DaemonSettings",
    "DatabaseSettings",
    "HttpSettings",
    "RegistrySettings",
    "Schedule",
    "ScheduleSettings",
    "Scope",
    "ServeSecrets",
    "ServeSettings",
    "ServiceManager",
    "Settings",
    "TokenSettings",
    "account_of",
    "find",
    "is_loopback",
    "keys",
    "load",
    "login_files",
    "serve_secrets",
    "service_manager",
]
