"""Evidence and violations in memory: see `indexer.policies.ports.EvaluationStore`."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from indexer.core.model import ChangeKind
from indexer.manifests import retag_kind
from indexer.policies.evidence import Ending, PresentTag, ReadReferrers
from indexer.policies.ports import EvaluationStore, PolicyState
from indexer.policies.violation import Acknowledgement, Breach, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.core.immutable_tags import Immutability
    from indexer.core.model import Change
    from indexer.manifests.retag_kind import RetagDetail
    from indexer.manifests.signatures import Referrer
    from indexer.policies.ports import Place, StateFindings
    from indexer.policies.violation import Found
    from tests.support.memory_archive import MemoryArchive

ENDING = {ChangeKind.TAG_RETAGGED, ChangeKind.TAG_REMOVED, ChangeKind.REPOSITORY_REMOVED}
BEGINNING = {ChangeKind.TAG_ADDED, ChangeKind.TAG_RETAGGED}
IN_FORCE = timedelta(days=7)


@dataclass
class Cursor:
    """How far a policy has judged, when it was last used, and how far and where it looked."""

    at: int
    used_at: datetime
    looked: tuple[int, str, int] | None = None
    due: dict[Place, datetime] = field(default_factory=dict)


def retag_detail(archive: MemoryArchive, change: Change) -> RetagDetail | None:
    """How the two contents of a retag differ; None if that is not known."""
    images = archive.books.images
    return retag_kind.between(
        images.get(change.old_digest or "", ()), images.get(change.new_digest or "", ())
    )


def identity(found: Found) -> tuple[object, ...]:
    """A key of a finding: its change, or the present tag and the start of its period."""
    is_event = found.breach in {Breach.RETAGGED, Breach.REMOVED} and found.change_id is not None
    state = found.change_id if is_event else (found.new_digest, found.since)
    return found.policy, found.registry, found.repository, found.tag, found.breach, state


class MemoryEvaluationStore(EvaluationStore):
    """See `EvaluationStore`."""

    def __init__(self, archive: MemoryArchive) -> None:
        self._archive = archive
        self._cursors: dict[str, Cursor] = {}
        self._violations: list[Violation] = []
        self._said: dict[tuple[str, str], tuple[Immutability, datetime]] = {}
        self._judging = threading.Lock()

    def last_change(self) -> int:
        """See `EvaluationStore`."""
        return self._archive.books.last

    def last_before_running(self) -> int:
        """See `EvaluationStore`."""
        books = self._archive.books
        running = (home.holder for home in self._archive.homes.values() if home.holder is not None)
        return min((books.began_after[number] for number in running), default=books.last)

    def policies(self, now: datetime) -> Sequence[PolicyState]:
        """See `EvaluationStore`."""
        return [
            PolicyState(name, each.at, abs(now - each.used_at) <= IN_FORCE, *self._looked(each))
            for name, each in sorted(self._cursors.items())
        ]

    def _looked(self, cursor: Cursor) -> tuple[int | None, str]:
        if cursor.looked is None or cursor.looked[2] != self._archive.books.forgettings:
            return None, ""
        return cursor.looked[:2]

    def begin(self, policies: Sequence[str], cursor: int, now: datetime) -> None:
        """See `EvaluationStore`."""
        for name in policies:
            known = self._cursors.setdefault(name, Cursor(cursor, now))
            if abs(now - known.used_at) > IN_FORCE:
                known.looked = None
            known.used_at = now

    def forget(self, policy: str) -> bool:
        """See `EvaluationStore`."""
        return self._cursors.pop(policy, None) is not None

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """See `EvaluationStore`."""
        is_alone = self._judging.acquire(blocking=False)
        try:
            yield is_alone
        finally:
            if is_alone:
                self._judging.release()

    def endings(self, after: int, until: int) -> Iterator[Ending]:
        """See `EvaluationStore`."""
        ended = self._archive.books.ended_by
        for change in self._ending(after):
            if change.id > until:
                return
            place = change.registry, change.repository
            said, _ = self._said.get(place, (None, None))
            yield Ending(
                change,
                tuple(sorted(ended.get(change.id, ()), key=lambda each: each.tag)),
                retag_detail(self._archive, change),
                said if said and said.enabled else None,
            )

    def _ending(self, after: int) -> Iterator[Change]:
        for each in self._archive.changes:
            if each.id > after and not each.baseline and each.kind in ENDING:
                yield each

    def judged(self, cursors: Mapping[str, int], found: Sequence[Found]) -> int:
        """See `EvaluationStore`."""
        for name, at in cursors.items():
            if name in self._cursors:
                self._cursors[name].at = max(at, self._cursors[name].at)
        return self._record(found)

    def _record(self, found: Sequence[Found]) -> int:
        known = {identity(each.found) for each in self._violations}
        new = {identity(each): each for each in found if identity(each) not in known}
        for each in new.values():
            self._violations.append(Violation(len(self._violations) + 1, each))
        return len(new)

    def changed_since(self, number: int) -> Sequence[Place]:
        """See `EvaluationStore`."""
        return [place for place, at in self._archive.books.positions.items() if at > number]

    def due_places(self, policy: str, now: datetime, latest: datetime) -> Sequence[Place]:
        """See `EvaluationStore`."""
        due = self._cursors[policy].due
        return [place for place, at in due.items() if not now < at <= latest]

    def settle(self, findings: StateFindings, now: datetime) -> int:
        """See `EvaluationStore`."""
        there = {identity(each) for each in findings.found}
        again = 0
        for place, each in enumerate(self._violations):
            where = each.found.registry, each.found.repository
            if each.found.policy != findings.policy or each.found.breach is Breach.RETAGGED:
                continue
            if findings.places is not None and where not in findings.places:
                continue
            if identity(each.found) not in there:
                self._violations[place] = replace(each, resolved_at=each.resolved_at or now)
            elif each.resolved_at is not None:
                self._violations[place] = replace(each, resolved_at=None)
                again += 1
        new = self._record(findings.found)
        cursor = self._cursors.get(findings.policy)
        if cursor is not None:
            places = findings.places
            kept = {
                place: at
                for place, at in cursor.due.items()
                if places is not None and place not in places
            }
            cursor.due = {**kept, **findings.due}
            cursor.looked = findings.until, findings.definition, self._archive.books.forgettings
        return new + again

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `EvaluationStore`."""
        homes = self._archive.homes.values()
        return sorted((home.registry, name) for home in homes for name in home.present)

    def tags(self, registry: str, repository: str) -> Mapping[str, PresentTag]:
        """See `EvaluationStore`."""
        shelf = self._archive.shelf(registry, repository)
        if shelf is None:
            return {}
        began = {
            each.tag: each
            for each in self._archive.changes
            if (each.registry, each.repository) == (registry, repository) and each.kind in BEGINNING
        }
        return {
            name: PresentTag(
                registry,
                repository,
                name,
                held.known.digest,
                held.since,
                began[name].crawl_id,
                None if began[name].baseline else began[name].id,
                held.counted_push,
            )
            for name, held in sorted(shelf.tags.items())
        }

    def tag(self, registry: str, repository: str, tag: str) -> PresentTag | None:
        """See `EvaluationStore`."""
        return self.tags(registry, repository).get(tag)

    def referrers(self, registry: str, repository: str) -> Mapping[str, ReadReferrers]:
        """See `EvaluationStore`."""
        return self._archive.referrers.get((registry, repository), {})

    def remember_referrers(
        self, registry: str, repository: str, digest: str, found: Sequence[Referrer], now: datetime
    ) -> None:
        """See `EvaluationStore`."""
        known = self._archive.referrers.setdefault((registry, repository), {})
        known[digest] = ReadReferrers(tuple(found), now)

    def last_period(self, registry: str, repository: str, tag: str) -> Period | None:
        """See `EvaluationStore`."""
        wanted = registry, repository, tag
        ended = self._archive.books.ended
        mine = [each for each in ended if (each.registry, each.repository, each.tag) == wanted]
        return mine[-1] if mine else None

    def unwatched_since(self, registry: str, repository: str, tag: str) -> datetime | None:
        """See `EvaluationStore`."""
        shelf = self._archive.shelf(registry, repository)
        if shelf is None or shelf.known is None:
            return None
        return shelf.unwatched.get(tag, shelf.known.unwatched_since)

    def unasked(self, after: int, since: datetime, until: datetime) -> Sequence[tuple[str, str]]:
        """See `EvaluationStore`."""
        asked = {place for place, (_, at) in self._said.items() if since <= at <= until}
        moved = {(each.registry, each.repository) for each in self._ending(after)}
        return [place for place in self.repositories() if place in moved - asked]

    def remember(self, registry: str, repository: str, said: Immutability, now: datetime) -> None:
        """See `EvaluationStore`."""
        self._said[registry, repository] = said, now

    def violations(
        self,
        *,
        only_open: bool,
        policy: str | None = None,
        place: tuple[str, str] | None = None,
    ) -> Sequence[Violation]:
        """See `EvaluationStore`."""
        return [
            each
            for each in self._violations
            if (each.is_open or not only_open)
            and policy in {None, each.found.policy}
            and place in {None, (each.found.registry, each.found.repository)}
        ]

    def of_change(self, change: int) -> tuple[Violation, ...]:
        """The violations that a change shows."""
        return tuple(each for each in self._violations if each.found.change_id == change)

    def open_by_severity(self) -> Mapping[Severity, int]:
        """See `EvaluationStore`."""
        bad = [each.found.severity for each in self.violations(only_open=True)]
        return {severity: bad.count(severity) for severity in Severity}

    def acknowledge(self, violation: int, by: str, reason: str, now: datetime) -> Violation | None:
        """See `EvaluationStore`."""
        if not 0 < violation <= len(self._violations):
            return None
        place = violation - 1
        looked = replace(self._violations[place], acknowledged=Acknowledgement(now, by, reason))
        self._violations[place] = looked
        return looked
