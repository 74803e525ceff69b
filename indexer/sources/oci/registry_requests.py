"""Sends the requests of one crawl to one registry, and says what a refusal means."""

from __future__ import annotations

import dataclasses
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from indexer.core.errors import Denied, Unreadable
from indexer.core.printable import shown
from indexer.http.address_class import AddressGate
from indexer.http.errors import ExchangeFailed
from indexer.sources.oci import redirects, responses

if TYPE_CHECKING:
    from indexer.http import Answer, CostMeter, Origin, Request
    from indexer.sources.oci.connection import Connection
    from indexer.sources.oci.scopes import Purpose

T = TypeVar("T")

log = logging.getLogger("indexer.oci")


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
        """Send a request with whatever authentication its kind needs, and follow its redirects.

        Elsewhere than at the registry it is sent without credentials: the digest of content proves
        it, and of lists the registry itself chose who answers (registry.k8s.io answers all requests
        with redirects).

        Raises:
            Unreadable: a redirect leads to where it must not, or to too many others.
            SourceError: as `TokenAuth.fetch`.
        """
        return self._followed(request, purpose, stays=False)[0]

    def fetch_here(self, request: Request[T], purpose: Purpose) -> tuple[Answer[T], str | None]:
        """Like `fetch`, but ask nobody else.

        Returns:
            The answer, and the URL at another host that it redirects to, if it does.

        Raises:
            Unreadable: a redirect leads to where it must not, or to too many others.
            SourceError: as `TokenAuth.fetch`.
        """
        return self._followed(request, purpose, stays=True)

    def _followed(
        self, request: Request[T], purpose: Purpose, *, stays: bool
    ) -> tuple[Answer[T], str | None]:
        request = dataclasses.replace(request, follow=False)
        own = self.connection.client.origin
        at, reach = (own, request.target), None
        answer = self._ask(request, purpose)
        for _ in range(redirects.MOST_HOPS):
            if answer.status not in redirects.STATUSES:
                break
            at = self._led(at, answer, purpose)
            there = dataclasses.replace(request, target=at[1], is_signed=True)
            if at[0].is_at(own):
                answer = self._ask(there, purpose)
                continue
            if stays:
                self._check_passed_on(at[0])
                return answer, at[0].url + at[1]
            client = self.connection.at(at[0], reach)
            answer = client.fetch(there, self.meter)
            reach = max(
                each
                for each in (reach, client.gate.seen, self.connection.address_class)
                if each is not None
            )
        if answer.status in redirects.STATUSES:
            raise Unreadable(
                f"{self.host} redirects more than {redirects.MOST_HOPS} times for "
                f"{shown(_named(purpose), 300)}."
            )
        return answer, None

    def _check_passed_on(self, to: Origin) -> None:
        """Check where somebody else is led. Who follows resolves a name: only addresses are judged.

        Raises:
            Unreadable: the registry itself could not go there.
        """
        gate = AddressGate()
        gate.confine(self.connection.address_class)
        try:
            gate.check_name(to.host)
        except ExchangeFailed as refused:
            raise Unreadable(
                f"{self.host} redirects to {shown(to.netloc, 100)} for a layer: {refused.what}."
            ) from None

    def _ask(self, request: Request[T], purpose: Purpose) -> Answer[T]:
        """Ask the registry itself."""
        with self.connection.slots:
            answer = self.connection.auth.fetch(request, purpose, self.meter)
        self.connection.heard(responses.pull_limit(answer.headers))
        return answer

    def _led(
        self, at: tuple[Origin, str], answer: Answer[T], purpose: Purpose
    ) -> tuple[Origin, str]:
        """Where a redirect leads, which the log of `-v` shows."""
        location = answer.headers.get("Location", "")
        is_content = purpose.kind == "blobs"
        found = redirects.destination(
            location,
            at,
            self.connection.client.origin,
            insecure=self.connection.insecure,
            is_content=is_content,
        )
        whither = at[0].origin_of(location)
        if found is None:
            what = "a configuration" if is_content else "a list or a manifest"
            raise Unreadable(
                f"{self.host} redirects to {whither} for {what}, which is not followed."
            )
        log.debug("%s redirects to %s (%d)", shown(at[0].url, 300), whither, answer.status)
        return found

    def is_absent(self, answer: Answer[T], subject: str) -> bool:
        """Whether the registry itself answers 404 to a `GET`.

        Raises:
            Unreadable: something before it does, which proves no absence.
        """
        if answer.status != HTTPStatus.NOT_FOUND:
            return False
        if responses.is_of_registry(answer.headers, answer.body):
            return True
        raise Unreadable(
            f"{self.host} answers 404 for {shown(subject, 300)}, but not as a registry does: "
            "check the proxy in front of it."
        )

    def refused(self, answer: Answer[T], subject: str) -> Exception:
        """The error for an answer that is neither what was asked for nor 404."""
        status, host, what = answer.status, self.host, shown(subject, 300)
        code = responses.error_code(answer.body)
        told = f"{status}, {code}" if code else str(status)
        if status != HTTPStatus.FORBIDDEN:
            return Unreadable(f"{host} answers {told} for {what}.")
        credentials = self.connection.auth.credentials
        if credentials is None:
            return Denied(
                f"{host} refuses to show {what} ({told}): configure 'username' and "
                "'password_env' for it."
            )
        return Denied(
            f"{host} refuses to show {what} ({told}) to '{shown(credentials.username, 100)}': ask "
            "its owner for the permission to read it."
        )


def _named(purpose: Purpose) -> str:
    """What was asked for, in words."""
    kinds = {"catalog": "its catalog", "tags": "the tags", "blobs": "a configuration"}
    kind = kinds.get(purpose.kind, "a manifest")
    return f"{kind} of {purpose.repository}" if purpose.repository else kind
