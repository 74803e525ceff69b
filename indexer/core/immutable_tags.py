"""Tags that a repository's settings on Docker Hub make immutable.

The Hub's rules are regular expressions of Go's `regexp` (RE2), searched anywhere in the tag. They
come from outside, and Python's `re` can take exponential time on them: so each match has a time
limit. A rule that cannot be compiled or times out matches no tag, and is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_RULES = 100
"""Rules kept of one repository."""

LONGEST_RULE = 1_000
"""Characters of one rule; longer rules are left out."""

_SECONDS = 0.1
"""Seconds for matching one rule against one tag, which has at most 128 characters."""


@dataclass(frozen=True, slots=True)
class Immutability:
    """A repository's setting on the Hub. Without rules it applies to every tag."""

    enabled: bool
    rules: tuple[str, ...] = ()

    def covers(self, tag: str) -> bool:
        """Whether the setting makes this tag immutable."""
        return self.enabled and (not self.rules or any(_found(rule, tag) for rule in self.rules))

    def unreadable(self) -> list[str]:
        """The rules that cannot be compiled."""
        return [rule for rule in self.rules if self.enabled and not _is_readable(rule)]


def _found(rule: str, tag: str) -> bool:
    import regex  # noqa: PLC0415 - few repositories have rules

    try:
        return regex.search(rule, tag, timeout=_SECONDS) is not None
    except (regex.error, TimeoutError, ValueError, RecursionError):
        return False


def _is_readable(rule: str) -> bool:
    import regex  # noqa: PLC0415 - the same

    try:
        regex.compile(rule)
    except (regex.error, ValueError, RecursionError):
        return False
    return True
