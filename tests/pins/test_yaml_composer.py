"""Nodes are those of PyYAML's own composer, but for what YAML 1.2 allows and that refuses."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from indexer.pins import yaml_composer

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

lines = st.lists(
    st.sampled_from(
        [
            "a: 1",
            "b:",
            "  c: {d: [x, y], e: null}",
            "  - f",
            "  - {g: &h ~, i: *h}",
            "- j",
            "j: &k",
            "  l: *k",
            "---",
            "...",
            "? [m]",
            ": n",
            "o: |",
            "  text",
            "items:",
            "- p: 'q'",
        ]
    ),
    max_size=8,
).map("\n".join)


def shape(node: yaml.Node, above: tuple[int, ...] = ()) -> object:
    """What a node holds, with its line; a node in itself is only named."""
    if id(node) in above:
        return "itself"
    below = (*above, id(node))
    line = node.start_mark.line
    if isinstance(node, yaml.MappingNode):
        return line, [(shape(key, below), shape(value, below)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return line, [shape(each, below) for each in node.value]
    return line, node.value, node.tag.endswith(":null")


@given(lines)
def test_nodes_are_those_of_the_usual_composer(text: str) -> None:
    try:
        expected = [shape(root) for root in yaml.compose_all(text, Loader=_Loader)]
    except yaml.YAMLError:
        return
    assert [shape(root) for root, _ in yaml_composer.nodes(text.encode())] == expected


@given(lines)
def test_keys_at_the_top_are_those_of_the_nodes(text: str) -> None:
    try:
        roots = [root for root, _ in yaml_composer.nodes(text.encode())]
    except yaml_composer.Damaged:
        return
    expected = [
        {key.value for key, _ in root.value if isinstance(key, yaml.ScalarNode)}
        if isinstance(root, yaml.MappingNode)
        else set()
        for root in roots
    ]
    assert list(yaml_composer.keys(text.encode())) == expected


def test_the_items_of_a_list_come_one_by_one_and_before_the_rest() -> None:
    text = (
        b"a: 1\nitems:\n- {n: 1, items: [x]}\n- 2\nkind: L\n---\nb: {items: [y]}\n---\nitems: z\n"
    )
    found = list(yaml_composer.nodes(text, apart=True))
    assert [is_item for _, is_item in found] == [True, True, False, False, False]
    assert found[1][0].value == "2"
    assert [[key.value for key, _ in root.value] for root, _ in found[2:]] == [
        ["a", "items", "kind"],
        ["b"],
        ["items"],
    ]
    assert found[2][0].value[1][1].value == []


def test_an_anchor_that_is_set_twice_is_the_last_one_before_its_alias() -> None:
    ((root, _),) = yaml_composer.nodes(b"a: &x 1\nb: *x\nc: &x 2\nd: *x\n")
    assert [value.value for _, value in root.value] == ["1", "1", "2", "2"]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a: *b", 1, "no anchor 'b' stands before this alias"),
        ("a: &b 1\n---\nc: *b", 3, "no anchor 'b'"),
        ("a: 1\nb: [", 3, "did not find expected node content"),
        ("\n" + "[" * 600, 2, "more than 500 levels are nested"),
    ],
)
def test_what_is_damaged_is_told_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(yaml_composer.Damaged) as damage:
        list(yaml_composer.nodes(text.encode()))
    assert damage.value.line == line
    assert why in damage.value.why
