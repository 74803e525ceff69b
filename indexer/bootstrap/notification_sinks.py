"""Builds sinks and their channels from the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.config.sink_secrets import apprise_urls, secrets, webhook_url
from indexer.core.errors import ConfigError
from indexer.notify.delivery import Recipient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.config.sinks import SinkSettings
    from indexer.notify.ports import Channel


def addresses(sinks: Iterable[SinkSettings]) -> list[Recipient]:
    """The sinks with their channels.

    Raises:
        ConfigError: some cannot be used as configured; one sentence for each on its own line.
    """
    found: list[Recipient] = []
    mistakes: list[str] = []
    for settings in sinks:
        try:
            found.append(Recipient(settings.sink, _notifier(settings)))
        except ConfigError as error:
            mistakes.append(str(error))
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return found


def _notifier(settings: SinkSettings) -> Channel:
    name, timeout = settings.sink.name, settings.timeout
    if settings.command:
        from indexer.notify.channels.command import Command  # noqa: PLC0415 - one kind needs no other

        return Command(name, settings.command, timeout=timeout)
    if settings.webhook or settings.webhook_env:
        from indexer.notify.channels.webhook import Webhook  # noqa: PLC0415 - it brings HTTP along

        keys = _keys(settings)
        url = webhook_url(settings)
        return Webhook(name, url, keys=keys, timeout=timeout, ca_file=settings.ca_file)
    from indexer.notify.channels.apprise import Apprise  # noqa: PLC0415 - it brings a hundred services

    return Apprise(name, apprise_urls(settings), timeout=timeout)


def _keys(settings: SinkSettings) -> tuple[bytes, ...]:
    from indexer.notify.channels import webhook_signature  # noqa: PLC0415 - only webhooks are signed

    try:
        return tuple(webhook_signature.secret(text) for text in secrets(settings))
    except ValueError as error:
        raise ConfigError(f"{settings.place}: its secret must be {error}.") from None
