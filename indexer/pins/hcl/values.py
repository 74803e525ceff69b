"""Computes the values of HCL expressions, as far as a file holds what they need.

Text with variables, conditions, and the functions that people make names of images with. Anything
else has no value here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from lark import Token

from indexer.core.printable import shown
from indexer.pins.hcl import syntax
from indexer.pins.hcl.functions import FUNCTIONS, text_of_value, truth
from indexer.pins.hcl.reader import Expression
from indexer.pins.hcl.syntax import Damaged, trees, unwrapped
from indexer.pins.variable_expansion import NotSet
from indexer.pins.yaml_nodes import elements, items, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lark import Tree

    from indexer.pins.hcl.functions import Value

UNKNOWN = "\ue000"
"""Begins and ends a mark in a text: a character that is in no name, and that YAML allows."""

_TEMPLATE = re.compile(
    r"\$\$\{|%%\{|\$\{((?:[^{}\"]|\"(?:\\.|[^\"\\]){0,500}\"){0,500})\}|[$%]\{", re.DOTALL
)


MOST_STEPS = 1_000
"""How many names the value of one node may look up."""

LONGEST = 4 * 1024 * 1024
"""The most characters of a text that is put together: those of the largest file that is read."""


class Scope:
    """What names mean. Subclasses know where a kind of file declares them."""

    is_json = False
    """Whether texts are templates, as in HCL's JSON form."""

    is_busy = False
    steps = 0
    """How many names were looked up for the value that is computed."""

    def look_up(self, path: Sequence[str]) -> Value:
        """The value of a name with its attributes and indexes.

        Raises:
            NotSet: it has no value in this file.
        """
        raise NotSet(f"{shown('.'.join(path), 60)} has no value here")

    def call(self, name: str, arguments: Sequence[Value]) -> Value:
        """The result of a function. Subclasses know those that a file defines itself.

        Raises:
            NotSet: it is not known, or it does not take such arguments.
        """
        function = FUNCTIONS.get(name)
        if function is None:
            raise NotSet(f"what the function {shown(name, 60)} results in is not understood")
        try:
            return function(*arguments)
        except (TypeError, ValueError, IndexError, KeyError, AttributeError):
            raise NotSet(f"what the function {name} results in is not understood") from None

    def value(self, node: yaml.Node) -> Value:
        """The value of a node.

        Raises:
            NotSet: something that it needs has none.
        """
        is_first = not self.is_busy
        if is_first:
            self.is_busy, self.steps = True, 0
        try:
            return self._value(node)
        except RecursionError:
            raise NotSet("it is nested too deeply, or refers to itself") from None
        finally:
            self.is_busy = self.is_busy and not is_first

    def _value(self, node: yaml.Node) -> Value:
        if isinstance(node, Expression):
            return self.computed(node.tree)
        if isinstance(node, yaml.MappingNode):
            return {key: self._value(each) for key, each in items(node)}
        if isinstance(node, yaml.SequenceNode):
            return [self._value(each) for each in elements(node)]
        if node.tag.endswith(":null"):
            return None
        text = text_of(node)
        if self.is_json and ("${" in text or "%{" in text):
            return self.template(text)
        return _WORDS.get(text, text) if getattr(node, "style", None) is None else text

    def text(self, node: yaml.Node) -> str:
        """The text that a node stands for; empty for null.

        Raises:
            NotSet: something that it needs has no value, or it is no text.
        """
        return text_of_value(self.value(node))

    def partly(self, node: yaml.Node) -> tuple[str, dict[str, str]]:
        """A text in which what has no value is a mark, and for each mark why it has none.

        Raises:
            NotSet: it is no template in itself, and has no value.
        """
        text = text_of(node)
        is_template = isinstance(node, Expression) and node.style == "|"
        if not is_template and not self.is_json:
            return self.text(node), {}
        unknown: dict[str, str] = {}

        def one(match: re.Match[str]) -> str:
            try:
                return text_of_value(self.template(match[0]))
            except NotSet as problem:
                mark = f"{UNKNOWN}{len(unknown)}{UNKNOWN}"
                unknown[mark] = str(problem)
                return mark

        return _TEMPLATE.sub(one, text), unknown

    def computed(self, tree: Tree[Token]) -> Value:
        """The value of a parsed expression.

        Raises:
            NotSet: something that it needs has none.
        """
        tree = unwrapped(tree)
        compute = _FORMS.get(tree.data)
        if compute is None:
            raise NotSet("what it results in is not understood")
        return compute(self, tree)

    def template(self, text: str) -> Value:
        """The text of a template: of a here-document, or of a text in JSON.

        Raises:
            NotSet: something that it needs has no value.
        """
        whole = _TEMPLATE.fullmatch(text)
        if whole and whole[1] is not None:
            return self.computed(_parsed(whole[1]))

        def one(match: re.Match[str]) -> str:
            if match[0] in {"$${", "%%{"}:
                return match[0][1:]
            if match[1] is None:
                raise NotSet("what its template results in is not understood")
            return text_of_value(self.computed(_parsed(match[1])))

        return _joined([_TEMPLATE.sub(one, text)])


def _joined(parts: Sequence[str]) -> str:
    if sum(map(len, parts)) > LONGEST:
        raise NotSet("it is too long")
    return "".join(parts)


def _parsed(text: str) -> Tree[Token]:
    try:
        return syntax.expression(text)
    except Damaged as damage:
        raise NotSet(f"'{shown(text, 60)}' is not an expression") from damage


def _path(scope: Scope, tree: Tree[Token]) -> list[str]:
    """The name, the attributes and the indexes of `var.images["web"].name`."""
    tree = unwrapped(tree)
    if tree.data == "identifier":
        return [str(tree.children[0])]
    if tree.data not in {"get_attr_expr_term", "index_expr_term"}:
        raise NotSet("what it results in is not understood")
    holder, last = trees(tree)
    if last.data == "braces_index":
        name = text_of_value(scope.computed(trees(last)[0]))
    else:
        name = str((trees(last)[0] if trees(last) else last).children[-1])
    return [*_path(scope, holder), name]


def _named(scope: Scope, tree: Tree[Token]) -> Value:
    scope.steps += 1
    if scope.steps > MOST_STEPS:
        raise NotSet("it refers to too many other values")
    return scope.look_up(_path(scope, tree))


def _string(scope: Scope, tree: Tree[Token]) -> Value:
    parts: list[str] = []
    for part in trees(tree):
        inner = part.children[0]
        if isinstance(inner, Token):
            is_text = inner.type == "STRING_CHARS"
            parts.append(syntax.unescaped(inner) if is_text else inner[1:])
        elif inner.data == "interpolation":
            value = scope.computed(trees(inner)[0])
            if len(trees(tree)) == 1:
                return value
            parts.append(text_of_value(value))
        else:
            raise NotSet("what its template results in is not understood")
    return _joined(parts)


def _conditional(scope: Scope, tree: Tree[Token]) -> Value:
    condition, yes, no = trees(tree)
    return scope.computed(yes if truth(scope.computed(condition)) else no)


def _binary(scope: Scope, tree: Tree[Token]) -> Value:
    left, term = trees(tree)
    operator, right = trees(term)
    name = str(operator.children[0])
    first = scope.computed(left)
    if name == "&&":
        return truth(first) and truth(scope.computed(right))
    if name == "||":
        return truth(first) or truth(scope.computed(right))
    if name in {"==", "!="}:
        return (first == scope.computed(right)) is (name == "==")
    raise NotSet(f"what '{name}' results in is not understood")


def _unary(scope: Scope, tree: Tree[Token]) -> Value:
    if str(tree.children[0]) != "!":
        raise NotSet("what it results in is not understood")
    return not truth(scope.computed(trees(tree)[0]))


def _called(scope: Scope, tree: Tree[Token]) -> Value:
    name = str(trees(tree)[0].children[0])
    if name in _FILES:
        raise NotSet("it is in another file, which is not read")
    arguments = [arg for each in trees(tree) if each.data == "arguments" for arg in trees(each)]
    return scope.call(name, [scope.computed(each) for each in arguments])


_FILES = frozenset({"file", "templatefile"})

_WORDS: Mapping[str, Value] = {"true": True, "false": False}

_FORMS: Mapping[str, Callable[[Scope, Tree[Token]], Value]] = {
    "identifier": _named,
    "get_attr_expr_term": _named,
    "index_expr_term": _named,
    "string": _string,
    "int_lit": lambda _, tree: str(tree.children[0]),
    "float_lit": lambda _, tree: str(tree.children[0]),
    "literal_value": lambda _, tree: {"true": True, "false": False}.get(str(tree.children[0])),
    "tuple": lambda scope, tree: [scope.computed(each) for each in trees(tree)],
    "object": lambda scope, tree: {
        _key(scope, key): scope.computed(value) for key, value in map(trees, trees(tree))
    },
    "conditional": _conditional,
    "binary_op": _binary,
    "unary_op": _unary,
    "function_call": _called,
    "heredoc_template": lambda scope, tree: scope.template(syntax.heredoc(str(tree.children[0]))),
    "heredoc_template_trim": lambda scope, tree: scope.template(
        syntax.heredoc(str(tree.children[0]))
    ),
}


def _key(scope: Scope, tree: Tree[Token]) -> str:
    inner = unwrapped(trees(tree)[0]) if trees(tree) else tree
    is_name = inner.data in {"identifier", "keyword"}
    return str(inner.children[0]) if is_name else text_of_value(scope.computed(inner))


def below(value: Value, path: Sequence[str]) -> Value:
    """What stands below a value under attributes and indexes.

    Raises:
        NotSet: nothing does.
    """
    for name in path:
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise NotSet(f"it has no {shown(name, 60)}")
    return value
