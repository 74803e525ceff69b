"""The values of HCL expressions, as Terraform and bake compute them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.pins import file_kinds
from indexer.pins.hcl import reader
from indexer.pins.hcl.values import Scope, below
from indexer.pins.variable_expansion import NotSet
from indexer.pins.yaml_nodes import Documents, at, items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.pins.hcl.functions import Value


class Known(Scope):
    def look_up(self, path: Sequence[str]) -> Value:
        values: dict[str, Value] = {"a": "A", "e": "", "n": None, "m": {"k": ["x", "y"]}, "t": True}
        return below(values, path)


def value(text: str) -> Value:
    node = at(reader.read(f"x = {text}\n"), "x")
    assert node is not None
    return Known().value(node)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('"x"', "x"),
        ('"x${a}y"', "xAy"),
        ('"${m}"', {"k": ["x", "y"]}),
        ("a", "A"),
        ('m["k"][0]', "x"),
        ("m.k.1", "y"),
        ("(a)", "A"),
        ('"$${a} %%{b}"', "${a} %{b}"),
        (r'"a\"b\n\u00e9"', 'a"b\né'),
        ("<<E\na ${a}\n b\nE\n", "a A\n b\n"),
        ("<<-E\n  a ${a}\n   b\n  E\n", "a A\n b\n"),
        ('e != "" ? e : "d"', "d"),
        ('a == "A" && !false || a == "b"', True),
        ("null", None),
        ("1.20", "1.20"),
        ('"${t}"', True),
        ('"-${t}${n}"', "-true"),
        ('format("%s:%v%%", a, 1)', "A:1%"),
        ('join("-", [a, "b"])', "A-b"),
        ('coalesce(n, "", "q")', "q"),
        ('lookup(m, "z", "d")', "d"),
        ('replace("a.b", ".", "-")', "a-b"),
        ('merge({a = 1}, {"b" : e})', {"a": "1", "b": ""}),
        ("concat([1], m.k)", ["1", "x", "y"]),
        ('element(split(",", "a,b"), 3)', "b"),
        ("jsonencode({a = [a]})", {"a": ["A"]}),
        ('m["k"][element(["1"], 0)]', "y"),
        ('notequal("", a) ? upper(lower(a)) : trimspace(" ")', "A"),
    ],
)
def test_an_expression_has_its_value(text: str, result: Value) -> None:
    assert value(text) == result


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("zz", "it has no zz"),
        ("m.q", "it has no q"),
        ("m.k[9]", "it has no 9"),
        ("m.k[a]", "it has no A"),
        ("m.k[zz]", "it has no zz"),
        ("1 + 2", "cannot tell what '+' results in"),
        ("-m", "cannot tell what it results in"),
        ("[for x in m : x]", "cannot tell what it results in"),
        ("m.*.k", "cannot tell what it results in"),
        ('"%{if t}y%{endif}"', "cannot tell what its template results in"),
        ("<<E\n%{if t}y%{endif}\nE\n", "cannot tell what its template results in"),
        ("foo(1)", "cannot tell what the function foo results in"),
        ('format("%d")', "cannot tell what the function format results in"),
        ('replace("a", "/a/", "b")', "cannot tell what the function replace results in"),
        ("lower(m)", "cannot tell what the function lower results in"),
        ('file("x")', "it is in another file, which is not read"),
        ("a ? 1 : 2", "its condition is neither true nor false"),
        ('"x${m}"', "it results in a list or in a mapping"),
    ],
)
def test_what_is_not_known_is_not_guessed(text: str, why: str) -> None:
    with pytest.raises(NotSet) as refused:
        value(text)
    assert str(refused.value) == why


def test_texts_of_json_are_templates() -> None:
    (root,) = Documents('{"x": "a${a == \\"A\\" ? a : e}", "y": "$${a}", "z": "${zz"}').roots
    scope = Known()
    scope.is_json = True
    first, second, third = (node for _, node in items(root))
    assert (scope.value(first), scope.value(second)) == ("aA", "${a}")
    with pytest.raises(NotSet, match="cannot tell what"):
        scope.value(third)


def test_values_that_double_at_each_step_end() -> None:
    names = "\n".join(f'x{n} = "${{x{n + 1}}}${{x{n + 1}}}"' for n in range(50))
    root = reader.read(f"{names}\nx50 = 1\n")

    class Doubling(Scope):
        def look_up(self, path: Sequence[str]) -> Value:
            node = at(root, path[0])
            assert node is not None
            return self.value(node)

    first = at(root, "x0")
    assert first is not None
    with pytest.raises(NotSet, match="refers to too many other values"):
        Doubling().value(first)


def test_a_name_that_refers_to_itself_has_no_value() -> None:
    node = at(reader.read("x = x\n"), "x")

    class Circular(Scope):
        def look_up(self, path: Sequence[str]) -> Value:
            assert path == ["x"]
            assert node is not None
            return self.value(node)

    with pytest.raises(NotSet, match="refers to itself"):
        Circular().look_up(["x"])


@pytest.mark.parametrize(
    "step",
    [
        'replace(local.{0}, "x", "xx")',
        'replace(local.{0}, "", local.{0})',
        'join("xx", split("x", local.{0}))',
        'format("%s%s", local.{0}, local.{0})',
    ],
)
def test_functions_make_no_huge_text_of_a_small_file(step: str) -> None:
    """Forty such lines made a trillion characters: minutes, and then all memory."""
    lines = [f"a{number + 1} = {step.format(f'a{number}')}" for number in range(40)]
    text = "\n".join(["locals {", 'a0 = "x"', *lines, "}", _IMAGE])
    (pin,) = file_kinds.images(text.encode(), "a.tf", {})
    assert "too long" in str(pin.problem) or "too many" in str(pin.problem)


def test_functions_of_a_file_make_no_huge_list_of_a_small_file() -> None:
    """Each call holds the list of the one within twice: a trillion elements to compare."""
    calls = "f(" * 40 + '"x"' + ")" * 40
    text = f"""
function "f" {{
  params = [s]
  result = [s, s]
}}
target "a" {{
  contexts = {{ a = {calls} == {calls} ? "docker-image://a" : "docker-image://b" }}
}}
"""
    (pin,) = file_kinds.images(text.encode(), "docker-bake.hcl", {})
    assert "too long" in str(pin.problem)


_IMAGE = 'resource "docker_image" "x" {\n  name = local.a40\n}\n'
