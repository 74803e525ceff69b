"""Which repositories to open now, and why, in words. Pure: no network, no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from indexer.model import Mode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from indexer.model import KnownRepository


UNSETTLED = datetime.min.replace(tzinfo=UTC)
"""What tags are recorded as read for while a question about them is open.

No repository is listed with this date, so it stays owed, one without a date too.
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A repository whose tags are to be read.

    Attributes:
        repository: `namespace/repository`.
        last_updated: as listed; what its tags are read for.
        baseline: it belongs to its namespace's baseline.
        reason: why it is opened.
        sweep: read every page of its tags.
        accepted: a person has looked: its removals are believed, however many.
    """

    repository: str
    last_updated: datetime | None
    baseline: bool
    reason: str
    sweep: bool
    accepted: bool = False


def repositories(
    known: Mapping[str, KnownRepository],
    mode: Mode,
    accepted: Collection[str] = (),
    *,
    lists_dates: bool = True,
) -> list[Due]:
    """Choose the repositories to open, most recently updated first.

    Args:
        known: the present repositories as they were recorded with this crawl's listing.
        mode: an incremental crawl opens what moved or is owed; `verify` and `full` open all.
        accepted: repositories whose removals a person accepts: they are opened as well.
        lists_dates: the registry's lists carry dates, which tell what moved.
    """
    due = [
        Due(
            item.name,
            item.last_updated,
            item.baseline,
            reason,
            sweep=mode is Mode.FULL or item.name in accepted,
            accepted=item.name in accepted,
        )
        for item in known.values()
        if (reason := _reason(item, mode, accepted, lists_dates=lists_dates))
    ]
    dated = [item for item in due if item.last_updated is not None]
    dated.sort(key=lambda item: (item.last_updated, item.repository), reverse=True)
    return dated + [item for item in due if item.last_updated is None]


def is_owed(item: KnownRepository) -> bool:
    """Whether the repository was listed with a date that its tags were not yet read for."""
    return not item.was_read or item.read_updated != item.last_updated


def _reason(
    item: KnownRepository, mode: Mode, accepted: Collection[str], *, lists_dates: bool
) -> str | None:
    reasons = (
        (not item.was_read and item.listed, "its tags were never read"),
        (is_owed(item) and item.listed, "it was updated since its tags were read"),
        (item.name in accepted, "its removals are accepted"),
        (mode is Mode.FULL, "a sweep reads everything"),
        (mode is Mode.VERIFY, "it is verified"),
        (not lists_dates and item.listed, "its registry lists no dates that tell what moved"),
    )
    return next((reason for holds, reason in reasons if holds), None)
