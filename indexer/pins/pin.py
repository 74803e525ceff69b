"""One image that somebody named, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.reference import Reference


class Verdict(StrEnum):
    """Whether what was pinned still holds."""

    OK = "ok"
    RETAGGED = "retagged"
    NEVER = "never"
    REMOVED = "removed"
    UNPINNED = "unpinned"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"

    @property
    def is_drift(self) -> bool:
        """Whether what is pinned and what there is differ."""
        return self in {Verdict.RETAGGED, Verdict.NEVER, Verdict.REMOVED}

    @property
    def is_answer(self) -> bool:
        """Whether it was pinned, and the index knows what became of it."""
        return self is Verdict.OK or self.is_drift


@dataclass(frozen=True, slots=True)
class Pin:
    """An image as it is named somewhere.

    Attributes:
        text: as it is written.
        where: what names it: `FROM`, `service web`; empty on a command line.
        reference: what that means; None where it cannot be read, and then
        problem: says why.
        file: which file; None: the command line.
        line: which line, from 1.
    """

    text: str
    where: str = ""
    reference: Reference | None = None
    problem: str = ""
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class CheckedPin:
    """What became of a pin.

    Attributes:
        pin: what it is about.
        verdict: in one word.
        sentence: why, for a person.
        registry: where the index knows the image from; None where it does not.
        now: the digest that the tag has now, if it is known.
        since: from when on it no longer held, or when its tag went.
    """

    pin: Pin
    verdict: Verdict
    sentence: str
    registry: str | None = None
    now: str | None = None
    since: datetime | None = None
