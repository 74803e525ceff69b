"""To whom something is told, and of what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.core.image_selector import ImageSelector
from indexer.core.model import ChangeKind
from indexer.notify.quiet_hours import QuietHours

if TYPE_CHECKING:
    from indexer.notify.event import Event
    from indexer.policies.violation import Severity

BURST = 10
"""Changes at once that are told one by one; more become a summary."""


_EVERYTHING = ImageSelector()
_NEVER = QuietHours()


@dataclass(frozen=True, slots=True)
class Templates:
    """Templates (Jinja2) for one change and for a summary; None: ours."""

    title: str | None = None
    text: str | None = None
    summary_title: str | None = None
    summary_text: str | None = None


_OURS = Templates()


@dataclass(frozen=True, slots=True)
class Sink:
    """Who is told, and of what. Where the messages go is the notifier's matter.

    Attributes:
        name: of the configuration: its cursor is kept under it.
        kinds: of changes; empty: all.
        selection: of images.
        severity: only violations, and these at least; None: every change.
        quiet: when nothing is sent.
        burst: changes at once that are told one by one.
        templates: for titles and texts.
    """

    name: str
    kinds: frozenset[ChangeKind] = frozenset()
    selection: ImageSelector = _EVERYTHING
    severity: Severity | None = None
    quiet: QuietHours = _NEVER
    burst: int = BURST
    templates: Templates = _OURS

    def wants(self, event: Event) -> bool:
        """Whether a change is to be told here.

        A repository that goes takes its tags along, and so is told to those who chose tags; one
        that comes brings them as changes of their own.
        """
        change = event.change
        if self.kinds and change.kind not in self.kinds:
            return False
        if self.severity and not (event.severity and event.severity.rank >= self.severity.rank):
            return False
        if not self.selection.has_repository(change.registry, change.repository):
            return False
        if change.tag is None:
            gone = change.kind is ChangeKind.REPOSITORY_REMOVED
            return gone or not self.selection.chooses_tags
        return self.selection.has_tag(change.tag)

    def wants_hidden(self, registry: str, repository: str) -> bool:
        """Whether that a repository is hidden is to be told here: as its removal would be.

        Hidden is against no policy, so it is not told to who is told violations only.
        """
        if self.severity or (self.kinds and ChangeKind.REPOSITORY_REMOVED not in self.kinds):
            return False
        return self.selection.has_repository(registry, repository)
