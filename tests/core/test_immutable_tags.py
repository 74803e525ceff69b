"""The Hub's rules for immutable tags: Go's expressions, written by others."""

from __future__ import annotations

import pytest

from indexer.core.immutable_tags import Immutability


@pytest.mark.parametrize(
    ("rules", "covered", "free"),
    [
        ((), ["latest", "v1"], []),
        ((r"^v\d+\.\d+$",), ["v1.2"], ["v1", "xv1.2x"]),
        (("v.*", "latest"), ["v1", "dev1", "latest"], ["main"]),
        (("(?i)^REL", "[[:digit:]]{4}"), ["release", "x2026"], ["latest"]),
    ],
)
def test_a_rule_is_found_anywhere_in_a_tag(
    rules: tuple[str, ...], covered: list[str], free: list[str]
) -> None:
    said = Immutability(enabled=True, rules=rules)
    assert [tag for tag in covered if not said.covers(tag)] == []
    assert [tag for tag in free if said.covers(tag)] == []
    assert not any(Immutability(enabled=False, rules=rules).covers(tag) for tag in covered)


@pytest.mark.parametrize("rule", ["(a+)+$", "(a|a)*b", "(.*)*" * 20 + "x", "(?:a?){60}a{60}x"])
def test_a_rule_that_would_run_for_ever_covers_nothing(rule: str) -> None:
    said = Immutability(enabled=True, rules=(rule,))
    assert not said.covers("a" * 127 + "!")


@pytest.mark.parametrize("rule", ["(", "[", "*", "(?P<x", "a{2,1}"])
def test_an_invalid_rule_covers_nothing_and_is_reported(rule: str) -> None:
    said = Immutability(enabled=True, rules=(rule, "^v1$"))
    assert said.covers("v1")
    assert not said.covers("other")
    assert said.unreadable() == [rule]
