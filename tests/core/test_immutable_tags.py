"""The Hub's rules for immutable tags: Go's expressions, written by others."""

from __future__ import annotations

import resource
import sys

import pytest

from indexer.core.immutable_tags import Immutability

MEMORY = 64 * 1024 * (1 if sys.platform == "linux" else 1024)
"""64 MiB in the unit of `ru_maxrss`: KiB on Linux, bytes elsewhere."""


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


@pytest.mark.parametrize("shape", ["(a+)+$", "(a|a)*b", "(.*)*" * 20 + "x", "(?:a?){60}a{60}x"])
@pytest.mark.timeout(20)
def test_a_hundred_rules_that_backtrack_for_ever_elsewhere_take_linear_time(shape: str) -> None:
    said = Immutability(enabled=True, rules=tuple(f"{shape}{number}" for number in range(100)))
    assert not any(said.covers("a" * 120 + f"!{number}") for number in range(100))
    assert said.unreadable() == []


@pytest.mark.parametrize(
    "rule",
    [
        "(?:(?:a{1000}){1000}){1000}z",  # as a program it would not fit into any memory
        r"(?:[\pL\pM]{900}|x)+" * 50,  # nor this into the memory that one rule may take
        "(" * 999 + "a",
        "a" * 1001,
        "\ud800",
    ],
)
def test_a_rule_too_large_to_compile_covers_nothing_and_is_reported(rule: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    said = Immutability(enabled=True, rules=(rule,))
    assert not said.covers("a" * 128)
    assert said.unreadable() == [rule]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY


@pytest.mark.parametrize("rule", ["(", "[", "*", "(?P<x", "a{2,1}", "(?=a)", r"(a)\1", r"a++"])
def test_an_invalid_rule_covers_nothing_and_is_reported(rule: str) -> None:
    said = Immutability(enabled=True, rules=(rule, "^v1$"))
    assert said.covers("v1")
    assert not said.covers("other")
    assert said.unreadable() == [rule]
