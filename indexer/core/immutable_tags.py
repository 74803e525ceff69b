"""Tags that a repository's settings on Docker Hub make immutable.

The Hub's rules are regular expressions of Go's `regexp` (RE2), searched anywhere in the tag:
https://docs.docker.com/docker-hub/repos/manage/hub-images/immutable-tags/. They come from outside,
so they are matched by RE2 itself: its time is linear in the length of the tag, and its memory is
bounded, whatever the rule. A rule that cannot be compiled matches no tag, and is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re2

MOST_RULES = 100
"""Rules kept of one repository."""

LONGEST_RULE = 1_000
"""Characters of a rule that is compiled."""

_MOST_MEMORY = 1024 * 1024
"""Bytes that one compiled rule may take; a rule that needs more cannot be compiled."""


@dataclass(frozen=True, slots=True)
class Immutability:
    """A repository's setting on the Hub. Without rules it applies to every tag."""

    enabled: bool
    rules: tuple[str, ...] = ()

    def covers(self, tag: str) -> bool:
        """Whether the setting makes this tag immutable."""
        return self.enabled and (not self.rules or any(_is_found(rule, tag) for rule in self.rules))

    def unreadable(self) -> list[str]:
        """The rules that cannot be compiled."""
        return [rule for rule in self.rules if self.enabled and _compiled(rule) is None]


def _is_found(rule: str, tag: str) -> bool:
    compiled = _compiled(rule)
    return compiled is not None and compiled.search(tag) is not None


@lru_cache(MOST_RULES)
def _compiled(rule: str) -> re2._Regexp | None:
    """A rule as RE2 has compiled it; None if it is too long, too large or not one of RE2's."""
    import re2  # noqa: PLC0415 - few repositories have rules

    if len(rule) > LONGEST_RULE:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    try:
        return re2.compile(rule, options)
    except (re2.error, UnicodeEncodeError):
        return None
