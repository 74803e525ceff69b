"""What is asked and answered, and what it costs: the values that `HttpClient` deals in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from indexer.core.model import Cost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.core.secret import Secret

T = TypeVar("T")


class Undecodable(Exception):
    """A body is not what was asked for.

    Args:
        what: continues the sentence "REGISTRY gave no usable answer: ".
        may_be_cut: another try may help.
    """

    def __init__(self, what: str, *, may_be_cut: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.may_be_cut = may_be_cut


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """What to ask.

    Attributes:
        target: path and query, percent-encoded.
        decode: makes a value of the body of a 200; may raise `Undecodable`.
        authorization: the value of that header.
        accept: which media types.
        follow: go where a redirect within the origin leads; otherwise it is the answer.
        is_signed: the query is a key to what is there, and is not written down.
    """

    target: str
    decode: Callable[[bytes], T]
    method: str = "GET"
    body: bytes | None = field(default=None, repr=False)
    authorization: Secret | None = None
    accept: str = "application/json"
    follow: bool = True
    is_signed: bool = False

    def signed(self, authorization: Secret) -> Request[T]:
        """The same in somebody's name."""
        return replace(self, authorization=authorization)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came: a value with status 200, and with any other the body as it is.

    `headers` are found by any spelling of their names.
    """

    status: int
    value: T | None
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


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
        """Add to it."""
        with self._lock:
            self._requests += requests
            self._bytes += wire_bytes
