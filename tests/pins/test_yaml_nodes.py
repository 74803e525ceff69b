"""YAML's nodes, with what is merged into them."""

from __future__ import annotations

import pytest

from indexer.pins.yaml_nodes import Documents, at, items, text_of


def held(text: str) -> dict[str, str]:
    root = Documents(text).roots[0]
    return {key: text_of(value) for key, value in items(at(root, "it"))}


def test_a_key_is_taken_from_the_mapping_itself_then_from_the_first_merged() -> None:
    text = """\
c: &c {one: c, two: c, three: c, four: c}
a: &a {<<: *c, two: a, three: a}
b: &b {four: b, five: b}
it: {<<: [*a, *b], three: it}
"""
    expected = {"one": "c", "two": "a", "three": "it", "four": "c", "five": "b"}
    assert held(text) == expected
    it = at(Documents(text).roots[0], "it")
    assert {key: text_of(at(it, key)) for key in expected} == expected


def test_hundreds_of_mappings_merged_into_one_are_all_seen() -> None:
    many = "".join(f"m{n}: &m{n} {{k{n}: v}}\n" for n in range(500))
    merged = ", ".join(f"*m{n}" for n in range(500))
    assert len(held(f"{many}it: {{<<: [{merged}]}}\n")) == 500


def test_what_is_merged_into_itself_ends() -> None:
    assert held("it: &i {<<: [*i, &s [*s, {k: v}]]}\n") == {"k": "v"}


@pytest.mark.parametrize("first", ["roots", "keys", "problem"])
def test_a_problem_is_known_whatever_is_asked_first(first: str) -> None:
    documents = Documents("a: 1\n---\nb: [}")
    getattr(documents, first)
    assert documents.problem is not None
    assert documents.problem.line == 3


def test_an_alias_without_an_anchor_is_a_problem() -> None:
    documents = Documents("a: *b")
    assert len(documents.roots) == 0
    assert documents.problem is not None


def test_null_says_nothing() -> None:
    (root,) = Documents("{a: null, b: ~, c: , d: 'null', e: !!str null}").roots
    assert [text_of(value) for _, value in items(root)] == ["", "", "", "null", "null"]


def test_a_list_has_no_keys() -> None:
    (root,) = Documents("[{a: 1}]").roots
    assert at(root, "a") is None
    assert list(items(root)) == []
