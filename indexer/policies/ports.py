"""The port of evaluating policies: evidence from the store, and where findings are stored."""

from __future__ import annotations

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


class PolicyState(NamedTuple):
    """The progress of a policy.

    Attributes:
        name: as in the configuration.
        cursor: the last change that it has judged.
        in_force: a process has it configured, or had it within the last week. Notifications
            wait for such policies.
    """

    name: str
    cursor: int
    in_force: bool


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

    def settle(self, policy: str, found: Sequence[Found], now: datetime) -> int:
        """Store a policy's findings about present tags; violations not found any more are resolved.

        Returns:
            How many were new.
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

    def last_period(self, registry: str, repository: str, tag: str) -> Period | None:
        """The last period of a tag before it was removed; None if it was never seen."""

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
