"""The values that `HttpClient` takes and returns: requests, answers, and their cost."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from indexer.core.model import Cost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from indexer.core.secret import Secret

T = TypeVar("T")


class BodyStream(ABC):
    """A body that is read in pieces, each within the time of one exchange."""

    @abstractmethod
    def chunks(self) -> Iterator[bytes]:
        """The body, as it was sent.

        Raises:
            Unavailable: it ended too early, or the next piece did not arrive in time.
        """

    @abstractmethod
    def close(self) -> None:
        """End the connection, unless the body was read to its end."""


class Undecodable(Exception):
    """A body cannot be decoded.

    Args:
        what: continues the sentence "REGISTRY gave no usable answer: ".
        may_be_cut: the body may be truncated, so a retry may help.
    """

    def __init__(self, what: str, *, may_be_cut: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.may_be_cut = may_be_cut


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """A request.

    Attributes:
        target: path and query, percent-encoded.
        decode: turns the body of a 200 into a value; may raise `Undecodable`.
        content_type: of the body.
        authorization: the value of that header.
        accept: the value of that header: media types.
        follow: follow redirects within the origin; otherwise return the redirect as the answer.
        is_signed: the query grants access, so it is not logged.
        byte_range: the value of the header `Range`; None: the whole.
        streams: the body of a 200 or 206 is not read: the answer's `stream` has it, as it was sent.
    """

    target: str
    decode: Callable[[bytes], T]
    method: str = "GET"
    body: bytes | None = field(default=None, repr=False)
    content_type: str = "application/json"
    authorization: Secret | None = None
    accept: str = "application/json"
    follow: bool = True
    is_signed: bool = False
    byte_range: str | None = None
    streams: bool = False

    def signed(self, authorization: Secret) -> Request[T]:
        """The same request with an authorization."""
        return replace(self, authorization=authorization)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """An answer: with status 200 a decoded value, with any other status the body as it is.

    `headers` are looked up by any spelling of their names. `stream` is a body that was not read;
    whoever gets it closes it.
    """

    status: int
    value: T | None
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    stream: BodyStream | None = field(default=None, repr=False)


class CostMeter:
    """Counts what one crawl costs. Safe to call from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = 0
        self._bytes = 0

    @property
    def spent(self) -> Cost:
        """Requests sent and bytes received so far."""
        with self._lock:
            return Cost(self._requests, self._bytes)

    def count(self, *, requests: int = 0, wire_bytes: int = 0) -> None:
        """Add requests or bytes."""
        with self._lock:
            self._requests += requests
            self._bytes += wire_bytes
