"""What can go wrong on the way: faults as values, and which requests they strike."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.response_delivery import BEFORE, PATIENCE_SECONDS, ResponseDelivery

if TYPE_CHECKING:
    from collections.abc import Callable


class Received(NamedTuple):
    """A request as hooks and faults see it, before it is answered.

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
    """What can happen to an answer."""

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """What becomes of an answer."""


@dataclass(frozen=True, slots=True)
class Status:
    """Another answer: a status with a body and headers of its own."""

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
    """A page for people, with a status that says nothing of it: a proxy's, a maintenance page."""

    status: int = 200
    body: bytes = b"<!DOCTYPE html><html><body>We will be right back.</body></html>"

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        del answer
        return ResponseDelivery(Answer(self.status, self.body, content_type="text/html"))


@dataclass(frozen=True, slots=True)
class Redirect:
    """Sent elsewhere."""

    location: str
    status: int = 302

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        del answer
        return ResponseDelivery(Answer(self.status, b"", (("Location", self.location),)))


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset: before the answer, or after this share of its body."""

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
    """A whole answer, whose JSON stops after this share."""

    after: float = 0.5

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        body = _cut(answer.plain(), self.after)
        return ResponseDelivery(answer._replace(body=body, gzipped=False))


@dataclass(frozen=True, slots=True)
class TruncatedGzip:
    """A whole answer, whose gzip stream stops after this share."""

    after: float = 0.5

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        packed = answer.packed()
        return ResponseDelivery(packed._replace(body=_cut(packed.body, self.after)))


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing comes until it is released, the client leaves, or patience ends; then it goes on.

    Attributes:
        where: before the answer, or in the middle of its body.
        seconds: how long patience lasts.
    """

    where: Literal["before", "middle"] = "before"
    seconds: float = PATIENCE_SECONDS

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        share = BEFORE if self.where == "before" else 0.5
        return ResponseDelivery(answer, pauses=(share,), seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Trickle:
    """The body comes in pieces, with a pause before each that a release ends for all of them."""

    pieces: int = 10
    seconds: float = 1.0

    def spoil(self, answer: Answer) -> ResponseDelivery:
        """See `Fault`."""
        shares = tuple(number / self.pieces for number in range(self.pieces))
        return ResponseDelivery(answer, pauses=shares, seconds=self.seconds)


@dataclass(slots=True)
class Injection:
    """A fault on its way.

    Attributes:
        fault: what happens.
        match: a glob over `GET /path?query`, or a predicate.
        times: how many more requests it strikes.
        skip: how many matching requests it lets pass first.
    """

    fault: Fault
    match: str | Callable[[Received], bool] = "*"
    times: int = 1
    skip: int = 0

    def strikes(self, received: Received) -> bool:
        """Whether it is this request's turn; counts."""
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
