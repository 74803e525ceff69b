"""One image that a file names, and the result of checking it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.core.digest_age import AgeBasis
    from indexer.core.reference import Reference


class Verdict(StrEnum):
    """The result of checking a pin."""

    OK = "ok"
    RETAGGED = "retagged"
    NEVER = "never"
    REMOVED = "removed"
    UNPINNED = "unpinned"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"
    YOUNG = "young"

    @property
    def is_drift(self) -> bool:
        """Whether the pin differs from what the index knows, or from the age that is asked for."""
        return self in {Verdict.RETAGGED, Verdict.NEVER, Verdict.REMOVED, Verdict.YOUNG}

    @property
    def is_failure(self) -> bool:
        """Whether nobody should take it for all right: it differs, or nobody could look."""
        return self not in {Verdict.OK, Verdict.UNPINNED}

    @property
    def is_answer(self) -> bool:
        """Whether it was pinned, and the index could judge it."""
        return self is Verdict.OK or self.is_drift


@dataclass(frozen=True, slots=True)
class Pin:
    """An image as a file names it.

    Attributes:
        text: as it is written.
        where: what names it: `FROM`, `service web`; empty on the command line.
        reference: the image; None if it cannot be read:
        problem: then says why.
        file: the file; None: the command line.
        line: the line, from 1.
        keeps_tag: it only names a repository; tag and digest are those of the image that it
            replaces, which stands elsewhere.
    """

    text: str
    where: str = ""
    reference: Reference | None = None
    problem: str = ""
    file: str | None = None
    line: int | None = None
    keeps_tag: bool = False


@dataclass(frozen=True, slots=True)
class CheckedPin:
    """The result of checking a pin.

    Attributes:
        pin: the pin.
        verdict: the result in one word.
        sentence: the reason, for a person.
        registry: where the index knows the image from; None if it does not.
        now: the digest that the tag points to now, if known.
        since: when the pin stopped holding, or the tag was removed.
        held_since: since when the tag has what it has now, as crawls saw it: the pinned digest if
            the pin holds, else `now`.
        pushed_at: when that was pushed, as the registry says.
        live: the digest that the registry itself said; None: it was not asked, or did not say.
        age_since: from when its age counts: see `indexer.core.digest_age`.
        age_by: what that is.
        settled: the newest digest of its tag that is old enough; None: there is none, or no age was
            asked for.
        by_old: the verdict by what the index knew when it last looked at the repository; None: it
            still looks at it.
    """

    pin: Pin
    verdict: Verdict
    sentence: str
    registry: str | None = None
    now: str | None = None
    since: datetime | None = None
    held_since: datetime | None = None
    pushed_at: datetime | None = None
    live: str | None = None
    age_since: datetime | None = None
    age_by: AgeBasis | None = None
    settled: str | None = None
    by_old: Verdict | None = None
