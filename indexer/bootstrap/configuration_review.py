"""What a configuration lacks, found without a network: what each command would say, and more."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from indexer.bootstrap import notification_sinks
from indexer.bootstrap.open_secret_files import open_secret_files
from indexer.bootstrap.registry_connections import Connector
from indexer.config import account_of, is_loopback, serve_secrets
from indexer.core.errors import ConfigError
from indexer.core.printable import shown
from indexer.notify import sample_messages
from indexer.notify.links import Links
from indexer.notify.sink import Templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from indexer.config import RegistrySettings, Settings
    from indexer.core.clock import Clock

_GLOB = frozenset("*?[")


class Finding(NamedTuple):
    """Something that is missing or wrong.

    Attributes:
        place: the section.
        problem: one sentence that says what to do.
    """

    place: str
    problem: str


def review(
    settings: Settings, clock: Clock, environ: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """Yield what would keep some command from doing what the configuration asks for.

    Files and variables are looked at; no registry, database or sink is asked, and no credential
    helper is run, for these use a network.

    Args:
        settings: a configuration without mistakes.
        clock: for the connections that are prepared, and not used.
        environ: holds the secrets.
    """
    yield from _database(settings)
    if not settings.namespaces():
        yield Finding(
            "[[registry]]",
            "no namespace is configured: list some as 'namespaces' (until then a crawl needs one "
            "on the command line, and the daemon waits).",
        )
    for registry in settings.registries:
        place = f"[[registry]] {shown(registry.name)}"
        yield from _said(place, lambda each=registry: _account(each, environ))  # type: ignore[misc]
        yield from _said(place, lambda each=registry: _certificates(settings, each, clock))  # type: ignore[misc]
    yield from (Finding("secrets", sentence) for sentence in open_secret_files(settings))
    yield from _serve(settings, environ)
    yield from _schedules(settings)
    yield from _sinks(settings, clock)
    yield from _selections(settings)


def _said(place: str, look: Callable[[], object]) -> Iterator[Finding]:
    """What a look at one thing complains of."""
    try:
        look()
    except ConfigError as error:
        for line in str(error).splitlines():
            yield Finding(place, line)


def _database(settings: Settings) -> Iterator[Finding]:
    url = settings.database.url
    if settings.daemon.workers and not url.startswith("postgresql"):
        yield Finding(
            "[daemon]",
            "'workers = true' needs an index in PostgreSQL: set [database] url to one, or leave "
            "'workers' out.",
        )
    if not url.startswith("sqlite"):
        return
    file = Path(url.partition("///")[2].partition("?")[0])
    folder = file.parent
    if not folder.is_dir():
        yield Finding("[database]", f"the folder {shown(str(folder))} does not exist: create it.")
    elif not os.access(file if file.exists() else folder, os.W_OK):
        what = file if file.exists() else folder
        yield Finding("[database]", f"this user may not write to {shown(str(what))}.")


def _account(registry: RegistrySettings, environ: Mapping[str, str]) -> None:
    """Look for the account, without running a credential helper.

    Raises:
        ConfigError: it is not there.
    """
    account = account_of(registry, environ)
    if account is None or not account.login_files:
        return
    from indexer.sources.docker_config import Wanted, names_login  # noqa: PLC0415 - only for logins

    is_hub = registry.type == "dockerhub"
    wanted = Wanted(registry.host, () if is_hub else registry.repositories)
    if not names_login(account.login_files, wanted):
        files = " or ".join(shown(str(file)) for file in account.login_files)
        raise ConfigError(
            f"there is no log-in in {files}: run 'docker login {shown(registry.host)}', or "
            "configure username and password_env."
        )


def _certificates(settings: Settings, registry: RegistrySettings, clock: Clock) -> None:
    """Prepare a connection, which reads certificates and proxies, and close it.

    Raises:
        ConfigError: one cannot be used.
    """
    nobody = replace(
        registry, username=None, password_env=None, password_file=None, docker_config=False
    )
    Connector(settings.http, clock).connect(nobody)


def _serve(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    yield from _said("[serve]", lambda: serve_secrets(settings.serve, environ))
    has_token = settings.serve.token_env is not None or settings.serve.tokens
    if not is_loopback(settings.serve.host) and not has_token:
        yield Finding(
            "[serve]",
            f"the host {shown(settings.serve.host)} can be reached from other machines: set "
            "token_env, or start 'indexer serve --insecure-public'.",
        )


def _schedules(settings: Settings) -> Iterator[Finding]:
    for registry in settings.registries:
        for namespace, _ in registry.schedules:
            if namespace not in registry.namespaces:
                yield Finding(
                    f"[[registry]] {shown(registry.name)}",
                    f"'schedules' has '{shown(namespace)}', which is not among its namespaces: add "
                    "it there, or correct the name.",
                )


def _sinks(settings: Settings, clock: Clock) -> Iterator[Finding]:
    for each in settings.sinks:
        place = f"[[notify]] {shown(each.sink.name)}"
        yield from _said(place, lambda sink=each: notification_sinks.addresses([sink]))  # type: ignore[misc]
        if each.ca_file is not None and not each.ca_file.is_file():
            yield Finding(place, f"its ca_file {shown(str(each.ca_file))} does not exist.")
        if each.sink.templates != Templates():
            _, problems = sample_messages.messages(each.sink, Links("indexer"), clock.now())
            yield from (Finding(place, f"{problem.rstrip('.')}.") for problem in problems)
        if each.command and shutil.which(each.command[0]) is None:
            yield Finding(
                place, f"there is no program '{shown(each.command[0])}': install it, or correct it."
            )
        if each.sink.severity is not None and not settings.policies:
            yield Finding(
                place, "it has a 'severity' and gets no message without a policy: add a [[policy]]."
            )


def _selections(settings: Settings) -> Iterator[Finding]:
    """Sinks and policies for registries that are not configured."""
    known = {registry.host for registry in settings.registries}
    chosen = [(f"[[notify]] {each.sink.name}", each.sink.selection) for each in settings.sinks]
    chosen += [(f"[[policy]] {each.name}", each.selection) for each in settings.policies]
    for place, selection in chosen:
        for name in selection.registries:
            if _GLOB.isdisjoint(name) and name not in known:
                yield Finding(
                    shown(place), f"no [[registry]] is '{shown(name)}': it matches nothing there."
                )
