"""Tags that Docker Hub itself calls immutable: the settings of a repository.

The Hub's rules are regular expressions of Go's `regexp` (RE2), found anywhere in the tag. They are
others' work, and Python's own expressions can be made to run for ever: so each has a time limit,
and one that is not understood, or too slow, covers nothing and is told.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_RULES = 100
"""Kept of one repository."""

LONGEST_RULE = 1_000
"""Characters; longer ones are left out."""

_SECONDS = 0.1
"""For one expression and one tag, which has at most 128 characters."""


@dataclass(frozen=True, slots=True)
class Immutability:
    """What the Hub says of a repository. Without rules every tag is meant."""

    enabled: bool
    rules: tuple[str, ...] = ()

    def covers(self, tag: str) -> bool:
        """Whether a tag must not move, by the Hub's own word."""
        return self.enabled and (not self.rules or any(_found(rule, tag) for rule in self.rules))

    def unreadable(self) -> list[str]:
        """The rules that are not understood."""
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
