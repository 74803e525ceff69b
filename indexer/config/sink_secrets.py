"""A sink's address and signing keys: read when they are needed, and not kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from indexer.config import environment, value_readers
from indexer.config.secret_files import lines_of
from indexer.config.sinks import PLAIN, webhook
from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.config.sinks import SinkSettings


def apprise_urls(
    settings: SinkSettings, environ: Mapping[str, str] = os.environ
) -> tuple[str, ...]:
    """The addresses of an apprise sink; a file or variable holds one on each line.

    Raises:
        ConfigError: they are not where the configuration says.
    """
    if settings.apprise_file:
        return lines_of(settings.apprise_file, f"the apprise_file of {settings.place}")
    if settings.apprise_env:
        text = _variable(settings, "apprise_env", settings.apprise_env, environ)
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    return settings.apprise


def webhook_url(settings: SinkSettings, environ: Mapping[str, str] = os.environ) -> str:
    """The address of a webhook sink.

    Raises:
        ConfigError: it is not where the configuration says, or is invalid.
    """
    if not settings.webhook_env:
        return settings.webhook or ""
    url = _variable(settings, "webhook_env", settings.webhook_env, environ).strip()
    try:
        webhook(url)
    except value_readers.InvalidValue as wrong:
        name = f"the environment variable {settings.webhook_env}"
        raise ConfigError(f"{settings.place}: {name}: expected {wrong}.") from None
    if value_readers.is_plain(url) and not settings.insecure:
        raise ConfigError(
            f"{settings.place}: the environment variable {settings.webhook_env}: {PLAIN}"
        )
    return url


def secrets(settings: SinkSettings, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The keys that sign a webhook's messages: several while one replaces another.

    Raises:
        ConfigError: it is not where the configuration says.
    """
    if settings.secret_env:
        return tuple(_variable(settings, "secret_env", settings.secret_env, environ).split())
    if settings.secret_file:
        return lines_of(settings.secret_file, f"the secret_file of {settings.place}")
    return ()


def _variable(settings: SinkSettings, key: str, name: str, environ: Mapping[str, str]) -> str:
    value = environment.text_of(environ, name)
    if not value.strip():
        raise ConfigError(
            f"{settings.place}: the environment variable {name}, which {key} names, is not set."
        )
    return value
