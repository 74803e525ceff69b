"""What judging asks of the store: what happened, what is there, and where findings are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from indexer.core.catalog_entries import Period
    from indexer.core.immutable_tags import Immutability
    from indexer.policies.evidence import Ending, PresentTag
    from indexer.policies.violation import Found, Severity, Violation


class PolicyState(NamedTuple):
    """How far a policy has come.

    Attributes:
        name: as in the configuration.
        cursor: the last change that it has judged.
        in_force: a process has it configured, or had it within the last week. Whoever tells what
            changed waits for these.
    """

    name: str
    cursor: int
    in_force: bool


class EvaluationStore(Protocol):
    """The index as a judge sees it, and the list of violations. All may raise `StoreError`."""

    def last_change(self) -> int:
        """The number of the last change; 0 if there is none."""

    def last_before_running(self) -> int:
        """The last change before all crawls that still run; the last of all if none does.

        A crawl whose process died runs no more.
        """

    def policies(self, now: datetime) -> Sequence[PolicyState]:
        """Every policy that was ever seen and not forgotten, by name."""

    def begin(self, policies: Sequence[str], cursor: int, now: datetime) -> None:
        """See that policies have a cursor, new ones after `cursor`, and note that they are used."""

    def forget(self, policy: str) -> bool:
        """Take a policy's cursor away, so that nobody waits for it; False: there was none.

        Its violations stay. It begins anew when it is used again.
        """

    def alone(self) -> AbstractContextManager[bool]:
        """Hold the right to judge against every other process; False: somebody else has it."""

    def endings(self, after: int, until: int) -> Iterator[Ending]:
        """What ended what tags pointed to, between two changes, oldest first; no baselines."""

    def judged(self, cursors: Mapping[str, int], found: Sequence[Found]) -> int:
        """Record findings and how far each policy has come, in one transaction.

        A cursor never goes back, and a finding that is there already is not recorded again.

        Returns:
            How many were not recorded before.
        """

    def settle(self, policy: str, found: Sequence[Found], now: datetime) -> int:
        """Record what is against a policy about what is there; what is no longer is resolved.

        Returns:
            How many were not recorded before.
        """

    def repositories(self) -> Sequence[tuple[str, str]]:
        """Registry and name of every present repository."""

    def tags(self, registry: str, repository: str) -> Mapping[str, PresentTag]:
        """The present tags of a repository, by name."""

    def last_period(self, registry: str, repository: str, tag: str) -> Period | None:
        """What a tag pointed to last before it went; None if it was never seen."""

    def unasked(self, after: int, older_than: datetime) -> Sequence[tuple[str, str]]:
        """Repositories in which a tag moved or went after a change.

        Only those whose settings of immutable tags were not asked for since `older_than`.
        """

    def remember(self, registry: str, repository: str, said: Immutability, now: datetime) -> None:
        """Keep what the Hub says of a repository's immutable tags."""

    def violations(
        self,
        *,
        only_open: bool,
        policy: str | None = None,
        place: tuple[str, str] | None = None,
    ) -> Sequence[Violation]:
        """Violations, oldest first: of one policy, or of one repository (registry and name)."""

    def open_by_severity(self) -> Mapping[Severity, int]:
        """How many violations of each severity are open; every severity is there."""

    def acknowledge(self, violation: int, by: str, reason: str, now: datetime) -> Violation | None:
        """Note that somebody looked at a violation; None if there is none of that number."""
