"""Sends the requests of one crawl to one registry, and says what a refusal means."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from indexer.core.errors import Denied, Unreadable
from indexer.core.printable import shown
from indexer.sources.oci import responses

if TYPE_CHECKING:
    from indexer.http import Answer, CostMeter, Request
    from indexer.sources.oci.auth import Purpose
    from indexer.sources.oci.connection import Connection

T = TypeVar("T")


class RegistryRequests:
    """Requests to a registry, counted on one meter. Safe to call from threads.

    Attributes:
        connection: shared by all crawls of this registry with this account.
        meter: counts the cost.
        host: of the registry, as sentences name it.
        prefix: the path that all paths are appended to.
    """

    def __init__(self, connection: Connection, meter: CostMeter) -> None:
        self.connection = connection
        self.meter = meter
        self.host = connection.client.host
        self.prefix = connection.client.origin.prefix

    def fetch(self, request: Request[T], purpose: Purpose) -> Answer[T]:
        """Send a request with whatever authentication its kind needs.

        Raises:
            SourceError: as `TokenAuth.fetch`.
        """
        with self.connection.gate:
            answer = self.connection.door.fetch(request, purpose, self.meter)
        self.connection.heard(responses.pull_limit(answer.headers))
        return answer

    def refused(self, answer: Answer[T], subject: str) -> Exception:
        """The error for an answer that is neither what was asked for nor 404."""
        status, host, what = answer.status, self.host, shown(subject, 300)
        code = responses.error_code(answer.body)
        told = f"{status}, {code}" if code else str(status)
        if status != HTTPStatus.FORBIDDEN:
            return Unreadable(f"{host} answers {told} where {what} was asked for.")
        credentials = self.connection.door.credentials
        if credentials is None:
            return Denied(
                f"{host} refuses to show {what} ({told}): configure 'username' and "
                "'password_env' for it."
            )
        return Denied(
            f"{host} refuses to show {what} ({told}) to '{shown(credentials.username, 100)}': ask "
            "its owner for the permission to read it."
        )
