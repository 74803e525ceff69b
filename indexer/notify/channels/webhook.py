"""Posts messages to a URL: CloudEvents, signed by Standard Webhooks. Redirects are errors."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import indexer
from indexer.core.errors import ConfigError, NotDelivered
from indexer.core.printable import shown
from indexer.http.errors import ExchangeFailed
from indexer.http.exchange import Exchange
from indexer.http.origin import located
from indexer.http.proxy import proxy_for
from indexer.notify.channels import webhook_signature
from indexer.notify.channels.cloudevent import CONTENT_TYPE, envelope
from indexer.notify.ports import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from indexer.notify.message import Message

_LONGEST_WAIT = 9
"""The most digits of a `Retry-After` that are read."""


class Webhook(Channel):
    """A URL that takes messages.

    Args:
        sink: its name, for the message's source.
        url: may be a secret as a whole.
        keys: to sign with; none: messages are not signed.
        timeout: seconds for a whole exchange.
        ca_file: certificate authorities to trust besides the system's.

    Raises:
        ConfigError: the URL cannot be used.
    """

    def __init__(
        self,
        sink: str,
        url: str,
        *,
        keys: tuple[bytes, ...] = (),
        timeout: float = 30.0,
        ca_file: Path | None = None,
    ) -> None:
        place = located(url)
        if place is None:
            raise ConfigError(f"the webhook of the sink '{shown(sink)}' is not an http(s) address.")
        self._origin, self._target = place
        self._sink = sink
        self._keys = keys
        self._timeout = timeout
        self._ca_file = ca_file

    @property
    def lists(self) -> bool:
        """See `Channel`."""
        return True

    def send(self, message: Message, now: datetime) -> str:
        """See `Channel`. Any status but 2xx is a failure."""
        host = shown(self._origin.netloc, 100)
        body = envelope(message, self._sink)
        headers = {
            "Content-Type": CONTENT_TYPE,
            "User-Agent": f"indexer/{indexer.__version__}",
            "Accept": "*/*",
            **webhook_signature.headers(self._keys, message.id, int(now.timestamp()), body),
        }
        wire = Exchange(
            self._origin,
            proxy=proxy_for(self._origin),
            timeout=self._timeout,
            ca_file=self._ca_file,
        )
        try:
            answer = wire.send("POST", self._target, headers, body)
        except ExchangeFailed as broken:
            raise NotDelivered(f"{host} did not take the message: {broken.what}.") from None
        finally:
            wire.close()
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return f"{host} answers {answer.status}"
        raise self._refusal(host, answer.status, answer.headers)

    def _refusal(self, host: str, status: int, headers: Mapping[str, str]) -> NotDelivered:
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            there = self._origin.origin_of(headers.get("Location", ""))
            return NotDelivered(
                f"{host} redirects to {there} ({status}), which is not followed: configure the "
                "address that takes the messages."
            )
        wait = headers.get("Retry-After", "").strip()
        seconds = float(wait) if wait.isdecimal() and len(wait) <= _LONGEST_WAIT else 0.0
        return NotDelivered(f"{host} did not take the message: it answers {status}.", seconds)
