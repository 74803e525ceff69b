"""One tree of errors, each with its sentence, its remedy and its exit code.

An error is raised where the subject is known and printed once, by the command line, as the
sentence that `str(error)` is. A message says what is wrong and what to do. It never holds a
secret, a header or a body; text that a registry sent passes through `indexer.core.printable.shown`.
"""

from __future__ import annotations

from typing import ClassVar


class IndexerError(Exception):
    """The root: whatever a person may have to read."""

    exit_code: ClassVar[int] = 1


class UsageError(IndexerError):
    """The command line, a name or a time that cannot be understood. Nothing was touched."""

    exit_code = 2


class ConfigError(UsageError):
    """The configuration or the environment is wrong: file, key and what was expected."""


class StoreError(IndexerError):
    """The database cannot be used: unreachable, read-only, locked, too new, or damaged."""

    exit_code = 2


class Conflict(IndexerError):
    """Another crawl wrote the same list in the meantime; nothing of this reading was written."""


class Ended(IndexerError):
    """The crawl that this was a shard of has ended; nothing more of it may be written."""


class Busy(IndexerError):
    """Another process is crawling the same namespace right now; nothing was done."""


class Limited(IndexerError):
    """A question in SQL went beyond a limit of time or rows; what it gave before that is whole."""


class SourceError(IndexerError):
    """A registry did not give what was asked for. What is known is kept."""


class Denied(SourceError):
    """401 or 403 for one thing: it may exist, but not for this identity."""


class Missing(SourceError):
    """404 where absence is no answer (a namespace, the tags of a listed repository)."""


class Unreadable(SourceError):
    """An answer that is not what the protocol promises: broken, foreign, oversized, looping."""


class Unavailable(SourceError):
    """No usable answer after every permitted try: refused, reset, stalled, 5xx, or too long."""


class NotDelivered(IndexerError):
    """A message was not taken, or nobody knows. It is sent again later, under the same id.

    Args:
        sentence: what went wrong.
        wait: for how many seconds the receiver wants to be left alone.
    """

    def __init__(self, sentence: str, wait: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait = wait


class SourceLost(SourceError):
    """No further request makes sense in this crawl. Its subclasses say why."""


class LoginFailed(SourceLost):
    """The credentials were refused; nothing can be read in their name."""


class RateLimited(SourceLost):
    """The registry wants us to wait for longer than we are allowed to."""
