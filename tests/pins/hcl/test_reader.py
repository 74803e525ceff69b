"""HCL is read to the nodes that its JSON form has."""

from __future__ import annotations

import pytest

from indexer.pins.hcl.reader import Expression, blocks, read
from indexer.pins.hcl.syntax import Damaged
from indexer.pins.yaml_nodes import Documents, at, elements, line_of, text_of


def test_blocks_and_attributes_have_their_lines() -> None:
    root = read(
        """\
# a comment
a "b" c {
  text = "x" // y
  list = [
    "one",
    /* two */ "two",
  ]
  inner { deep = <<-EOT
    first
      second
  EOT
  }
}
a "b" "d" {}
"""
    )
    found = dict(blocks(root, "a", 2))
    assert list(found) == [("b", "c"), ("b", "d")]
    body = found["b", "c"]
    lines = [(text_of(each), line_of(each)) for each in elements(at(body, "list"))]
    assert lines == [("one", 5), ("two", 6)]
    deep = at(at(body, "inner"), "deep")
    assert deep is not None
    assert (text_of(deep), line_of(deep)) == ("first\n  second\n", 8)


def test_functions_that_leave_a_structure_alone_stand_for_it() -> None:
    root = read("x = jsonencode([{image = v}])\ny = merge({a = 1, b = 1}, {b = 2})\n")
    (element,) = elements(at(root, "x"))
    assert isinstance(at(element, "image"), Expression)
    assert [text_of(at(at(root, "y"), key)) for key in "ab"] == ["1", "2"]


def test_json_has_the_same_blocks_with_lists_on_any_level() -> None:
    (root,) = Documents('{"a": [{"b": {"c": [{"x": 1}, {"x": 2}]}}, {"b": {"d": {}}}]}').roots
    assert [labels for labels, _ in blocks(root, "a", 2)] == [("b", "c"), ("b", "c"), ("b", "d")]


def test_windows_ends_of_lines_are_read() -> None:
    root = read("x = <<E\r\na\r\nE\r\ny = 1\r\n")
    assert (text_of(at(root, "x")), text_of(at(root, "y"))) == ("a\n", "1")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = [\n", 3),
        ("a {\n b = \n}\n", 3),
        ('a = "x\n', 2),
        ("a = ${b}\n", 1),
        ("a = <<E\nno end\n", 1),
        ("a = " + "[" * 2000 + "]" * 2000, 1),
        ("a = 1\n" + "\n" * 1000, 1),
        ('a = "' + '${"' * 2000, 1),
        ("/*" * 2000, 1),
    ],
)
def test_what_cannot_be_parsed_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Damaged) as damage:
        read(text)
    assert abs(damage.value.line - line) <= 1
