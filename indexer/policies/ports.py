"""The port of evaluating policies: evidence from the store, and where findings are stored."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.core.immutable_tags import Immutability
    from indexer.manifests.signatures import Referrer
    from indexer.policies.evidence import Ending, PresentTag, ReadReferrers
    from indexer.policies.violation import Found, Severity, Violation

    Place = tuple[str, str]
    """A repository: its registry and its name."""


class PolicyState(NamedTuple):
    """The progress of a policy.

    Attributes:
        name: as in the configuration.
        cursor: the last change that it has judged.
        in_force: a process has it configured, or had it within the last week. Notifications
            wait for such policies.
        looked_until: the number of the log up to which it has looked at present tags; None: it has
            not, or must look at everything again.
        definition: what it required then, as `indexer.policies.looks.definition` says.
    """

    name: str
    cursor: int
    in_force: bool
    looked_until: int | None = None
    definition: str = ""


class StateFindings(NamedTuple):
    """What a policy about present tags found where it looked.

    Attributes:
        policy: its name.
        definition: what it required.
        until: the number of the log up to which it has looked now.
        found: the violations.
        places: where it looked: what is not found there any more is resolved. None: everywhere.
        due: where it must look again without a change, and when.
    """

    policy: str
    definition: str
    until: int
    found: Sequence[Found] = ()
    places: frozenset[Place] | None = frozenset()
    due: Mapping[Place, datetime] = MappingProxyType({})


class EvaluationStore(Protocol):
    """The evidence in the index, and its violations. All may raise `StoreError`."""

    def last_change(self) -> int:
        """The number of the last change; 0 if there is none."""

    def last_before_running(self) -> int:
        """The last change before all crawls that still run; the last of all if none does.

        Crawls whose process died do not count.
        """

    def policies(self, now: datetime) -> Sequence[PolicyState]:
        """Every policy that was ever used and not forgotten, by name."""

    def begin(self, policies: Sequence[str], cursor: int, now: datetime) -> None:
        """Give new policies a cursor at `cursor`, and mark all of them as in use."""

    def forget(self, policy: str) -> bool:
        """Delete a policy's cursor, so that nothing waits for it; False: there was none.

        Its violations stay. It starts anew when it is used again.
        """

    def alone(self) -> AbstractContextManager[bool]:
        """Lock judging against every other process; False: another process holds the lock."""

    def endings(self, after: int, until: int) -> Iterator[Ending]:
        """The changes that ended periods of tags, between two ids, oldest first; no baselines."""

    def judged(self, cursors: Mapping[str, int], found: Sequence[Found]) -> int:
        """Store findings and the policies' cursors, in one transaction.

        A cursor never goes back, and a finding that is stored already is not stored again.

        Returns:
            How many were new.
        """

    def changed_since(self, number: int) -> Sequence[Place]:
        """Repositories, present or removed, whose present tags changed after a number of the log.

        Also where that is no change: a digest became known, or a tag is not watched any more.
        """

    def due_places(self, policy: str, now: datetime, latest: datetime) -> Sequence[Place]:
        """Where a policy must look without a change: what is due now.

        A time after `latest` is not believed, and so due.
        """

    def settle(self, findings: StateFindings, now: datetime) -> int:
        """Store what a policy about present tags found, and how far it has looked.

        Returns:
            How many violations were new.
        """

    def repositories(self) -> Sequence[tuple[str, str]]:
        """Registry and name of every present repository."""

    def tags(self, registry: str, repository: str) -> Mapping[str, PresentTag]:
        """The present tags of a repository, by name."""

    def referrers(self, registry: str, repository: str) -> Mapping[str, ReadReferrers]:
        """What refers to the images of a repository, by digest: of those that were asked for."""

    def remember_referrers(
        self, registry: str, repository: str, digest: str, found: Sequence[Referrer], now: datetime
    ) -> None:
        """Store what refers to an image, in place of what was stored."""

    def tag(self, registry: str, repository: str, tag: str) -> PresentTag | None:
        """A present tag; None if there is none of this name."""

    def last_period(self, registry: str, repository: str, tag: str) -> Period | None:
        """The last period of a tag before it was removed; None if it was never seen."""

    def unwatched_since(self, registry: str, repository: str, tag: str) -> datetime | None:
        """Since when the configuration does not want a known tag, or its repository.

        None: it wants both, or the tag is unknown or was removed.
        """

    def unasked(self, after: int, since: datetime, until: datetime) -> Sequence[tuple[str, str]]:
        """Repositories in which a tag was retagged or removed after a change.

        Only those whose settings of immutable tags were not asked for between two times.
        """

    def remember(self, registry: str, repository: str, said: Immutability, now: datetime) -> None:
        """Store the Hub's setting of immutable tags for a repository."""

    def violations(
        self,
        *,
        only_open: bool,
        policy: str | None = None,
        place: tuple[str, str] | None = None,
    ) -> Sequence[Violation]:
        """Violations, oldest first: of one policy, or of one repository (registry and name)."""

    def open_by_severity(self) -> Mapping[Severity, int]:
        """How many violations of each severity are open; every severity has an entry."""

    def acknowledge(self, violation: int, by: str, reason: str, now: datetime) -> Violation | None:
        """Acknowledge a violation; None if there is none with this id."""
