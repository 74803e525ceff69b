"""A sink: who is notified, and of what."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from indexer.core.image_selector import ImageSelector
from indexer.core.model import ChangeKind
from indexer.manifests.companion_tags import (
    asks_for_build_caches,
    asks_for_companions,
    is_build_cache,
    is_companion,
)
from indexer.notify.quiet_hours import QuietHours

if TYPE_CHECKING:
    from indexer.notify.event import Event
    from indexer.policies.violation import Severity

BURST = 10
"""If more changes are sent at once, they become a summary."""


_EVERYTHING = ImageSelector()
_NEVER = QuietHours()


@dataclass(frozen=True, slots=True)
class Templates:
    """Templates (Jinja2) for one change and for a summary; None: the default text."""

    title: str | None = None
    text: str | None = None
    summary_title: str | None = None
    summary_text: str | None = None


_OURS = Templates()


@dataclass(frozen=True, slots=True)
class Sink:
    """Who is notified, and of what. The channel is configured apart.

    Attributes:
        name: of the configuration; the cursor is stored under it.
        kinds: of changes; empty: all.
        selection: of images.
        severity: only violations of at least this severity; None: every change.
        quiet: hours in which nothing is sent.
        burst: up to so many changes at once get a message each.
        templates: for titles and texts.
        companions: also changes of the tags that tools keep; else only violations of policies, and
            what `selection` names.
        pushed_by: globs of who pushed; empty: any. A removal was pushed by no one.
    """

    name: str
    kinds: frozenset[ChangeKind] = frozenset()
    selection: ImageSelector = _EVERYTHING
    severity: Severity | None = None
    quiet: QuietHours = _NEVER
    burst: int = BURST
    templates: Templates = _OURS
    companions: bool = False
    pushed_by: tuple[str, ...] = ()

    def wants(self, event: Event) -> bool:
        """Whether this sink wants a change.

        The removal of a repository removes its tags without changes of their own, so sinks that
        select tags get it too; an added repository also has changes for its tags.
        """
        change = event.change
        if self.kinds and change.kind not in self.kinds:
            return False
        pushers = (fnmatchcase(change.pushed_by or "", glob) for glob in self.pushed_by)
        if self.pushed_by and not any(pushers):
            return False
        severity = event.severity.rank if event.severity else -1
        is_severe = self.severity is None or severity >= self.severity.rank
        if not (is_severe and self.selection.has_repository(change.registry, change.repository)):
            return False
        if change.tag is None:
            is_removed = change.kind is ChangeKind.REPOSITORY_REMOVED
            return is_removed or not self.selection.chooses_tags
        if self._is_left_out(change.tag) and not event.violations:
            return False
        return self.selection.has_tag(change.tag)

    def _is_left_out(self, tag: str) -> bool:
        """Whether tools keep a tag, and nobody asked for it."""
        globs = self.selection.tags
        return not self.companions and (
            (is_companion(tag) and not asks_for_companions(globs))
            or (is_build_cache(tag) and not asks_for_build_caches(globs))
        )

    def wants_hidden(self, registry: str, repository: str) -> bool:
        """Whether this sink wants to know that a repository is hidden: as it would its removal.

        A hidden repository is not a violation, so sinks for violations only do not get it.
        """
        if self.severity or self.pushed_by:
            return False
        if self.kinds and ChangeKind.REPOSITORY_REMOVED not in self.kinds:
            return False
        return self.selection.has_repository(registry, repository)
