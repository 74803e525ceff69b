"""The errors: one tree, each with its sentence, its remedy and its exit code.

An error is raised where its subject is known. The command line prints it once, as `str(error)`.
A message says what is wrong and what to do. It never holds a
secret, a header or a body; text that a registry sent passes through `indexer.core.printable.shown`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from indexer.core.reference import Reference


class IndexerError(Exception):
    """The root of all errors that are shown to a user."""

    exit_code: ClassVar[int] = 1


class UsageError(IndexerError):
    """An argument, a name or a time cannot be understood. Nothing was changed."""

    exit_code = 2


class NotInIndex(UsageError):
    """The index does not know a namespace, a repository or a tag that was named.

    Args:
        sentence: what it does not know.
        reference: the image that a crawl could add; None: it is none.
        namespace: the namespace of Docker Hub that a crawl could add; None: it is none.
    """

    def __init__(
        self, sentence: str, reference: Reference | None = None, namespace: str | None = None
    ) -> None:
        super().__init__(sentence)
        self.reference = reference
        self.namespace = namespace


class Unanswered(IndexerError):
    """A question was about something that the index does not know; nothing was answered."""


class ConfigError(UsageError):
    """The configuration or the environment is wrong: file, key and what was expected."""


class StoreError(IndexerError):
    """The database cannot be used: unreachable, read-only, locked, too new, or damaged."""

    exit_code = 2


class Conflict(IndexerError):
    """Another crawl wrote the same list meanwhile; nothing of this listing was written."""


class Ended(IndexerError):
    """The crawl that this shard belongs to has ended; nothing more may be written to it."""


class Busy(IndexerError):
    """Another process is crawling the same namespace right now; nothing was done."""


class Limited(IndexerError):
    """An SQL query exceeded its limit of time or rows; what it returned before is correct."""


class SourceError(IndexerError):
    """A registry did not give what was asked for. What is known is kept."""


class Denied(SourceError):
    """The registry answered 401 or 403: the thing may exist, but this account may not see it."""


class OffsetRefused(Denied):
    """403 for a page because of its offset: the list is shown in part (docs/hub-facts.md).

    Args:
        sentence: what is refused, and the remedy.
        offset: how many items stand before the page.
    """

    def __init__(self, sentence: str, offset: int) -> None:
        super().__init__(sentence)
        self.offset = offset


class Missing(SourceError):
    """404 where that is an error (a namespace, the tags of a listed repository)."""


class Unreadable(SourceError):
    """An answer that violates the protocol: malformed, oversized, redirecting in a loop."""


class Unavailable(SourceError):
    """No usable answer after all tries: refused, reset, stalled, 5xx, or too slow."""


class NotDelivered(IndexerError):
    """A message was not delivered, or perhaps not. It is sent again later, with the same id.

    Args:
        sentence: what went wrong.
        wait: for how many seconds the receiver asked not to be contacted.
    """

    def __init__(self, sentence: str, wait: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait = wait


class SourceLost(SourceError):
    """The crawl cannot send any further request. Its subclasses say why."""


class LoginFailed(SourceLost):
    """The credentials were refused; nothing can be read with them."""


class RateLimited(SourceLost):
    """The registry asks us to wait longer than the configured limit allows."""
