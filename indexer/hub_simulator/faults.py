"""Faults that can be injected, as values, and which requests they affect."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.response_delivery import BEFORE, PATIENCE_SECONDS, ResponseDelivery

if TYPE_CHECKING:
    from collections.abc import Callable


class Received(NamedTuple):
    """A request before it is answered, as hooks and faults see it.

    Attributes:
        number: 1 for the first request since the log was cleared.
        method: `GET`.
        path: as sent.
        query: as sent, without its question mark.
    """

    number: int
    method: str
    path: str
    query: str

    def __str__(self) -> str:
        """`GET /v2/namespaces/library/repositories?page=2`, which globs are matched against."""
        return f"{self.method} {self.path}{'?' if self.query else ''}{self.query}"


class Fault(Protocol):
    """A fault that changes an answer or its delivery."""

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """The delivery of an answer with this fault."""


@dataclass(frozen=True, slots=True)
class Status:
    """Another answer: this status, body and headers."""

    status: int = 503
    body: bytes = b'{"message": "something is wrong"}'
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        del answer
        return ResponseDelivery(Answer(self.status, self.body, self.headers, self.content_type))


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """An HTML page instead of JSON, as from a proxy or during maintenance, with any status."""

    status: int = 200
    body: bytes = b"<!DOCTYPE html><html><body>We will be right back.</body></html>"

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        del answer
        return ResponseDelivery(Answer(self.status, self.body, content_type="text/html"))


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect."""

    location: str
    status: int = 302

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        del answer
        return ResponseDelivery(Answer(self.status, b"", (("Location", self.location),)))


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset before the answer, or after this share of its body."""

    after: float | None = None

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        return ResponseDelivery(answer, keep=self.after, abort=True)


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection is closed after this share of the body, short of its Content-Length."""

    after: float = 0.5

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        return ResponseDelivery(answer, keep=self.after)


@dataclass(frozen=True, slots=True)
class TruncatedJson:
    """A complete answer whose JSON ends after this share."""

    after: float = 0.5

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        body = _cut(answer.plain(), self.after)
        return ResponseDelivery(answer._replace(body=body, gzipped=False))


@dataclass(frozen=True, slots=True)
class TruncatedGzip:
    """A complete answer whose gzip stream ends after this share."""

    after: float = 0.5

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        packed = answer.packed()
        return ResponseDelivery(packed._replace(body=_cut(packed.body, self.after)))


@dataclass(frozen=True, slots=True)
class Stall:
    """The answer stops until it is released, the client leaves, or time is up; then it continues.

    Attributes:
        where: before the answer, or in the middle of its body.
        seconds: after which it continues by itself.
    """

    where: Literal["before", "middle"] = "before"
    seconds: float = PATIENCE_SECONDS

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        share = BEFORE if self.where == "before" else 0.5
        return ResponseDelivery(answer, pauses=(share,), seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Trickle:
    """The body comes in pieces with a pause before each; a release ends all pauses."""

    pieces: int = 10
    seconds: float = 1.0

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        shares = tuple(number / self.pieces for number in range(self.pieces))
        return ResponseDelivery(answer, pauses=shares, seconds=self.seconds)


@dataclass(slots=True)
class Injection:
    """An injected fault, and which requests it affects.

    Attributes:
        fault: the fault.
        match: a glob over `GET /path?query`, or a predicate.
        times: how many more requests it affects.
        skip: how many matching requests pass before that.
    """

    fault: Fault
    match: str | Callable[[Received], bool] = "*"
    times: int = 1
    skip: int = 0

    def strikes(self, received: Received) -> bool:
        """Whether the fault affects this request; counts matching requests."""
        if self.times <= 0 or not self._fits(received):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True

    def _fits(self, received: Received) -> bool:
        if isinstance(self.match, str):
            return fnmatchcase(str(received), self.match)
        return self.match(received)


def _cut(body: bytes, share: float) -> bytes:
    return body[: int(len(body) * share)]
