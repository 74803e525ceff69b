"""Computes the values of HCL expressions, as far as a file holds what they need.

Text with variables, conditions, and the functions that people make names of images with. Anything
else has no value here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins.hcl import syntax
from indexer.pins.hcl.forms import FORMS, joined
from indexer.pins.hcl.functions import FUNCTIONS, text_of_value
from indexer.pins.hcl.reader import Expression
from indexer.pins.hcl.syntax import Damaged, unwrapped
from indexer.pins.variable_expansion import NotSet
from indexer.pins.yaml_nodes import elements, items, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lark import Token, Tree

    from indexer.pins.hcl.functions import Value

UNKNOWN = "\ue000"
"""Begins and ends a mark in a text: a character that is in no name, and that YAML allows."""

_TEMPLATE = re.compile(
    r"\$\$\{|%%\{|\$\{((?:[^{}\"]|\"(?:\\.|[^\"\\]){0,500}\"){0,500})\}|[$%]\{", re.DOTALL
)


_WORDS: Mapping[str, Value] = {"true": True, "false": False}


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
            raise NotSet(f"cannot tell what the function {shown(name, 60)} results in")
        try:
            return function(*arguments)
        except (TypeError, ValueError, IndexError, KeyError, AttributeError):
            raise NotSet(f"cannot tell what the function {name} results in") from None

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
        compute = FORMS.get(tree.data)
        if compute is None:
            raise NotSet("cannot tell what it results in")
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
                raise NotSet("cannot tell what its template results in")
            return text_of_value(self.computed(_parsed(match[1])))

        return joined([_TEMPLATE.sub(one, text)])


def _parsed(text: str) -> Tree[Token]:
    try:
        return syntax.expression(text)
    except Damaged as damage:
        raise NotSet(f"'{shown(text, 60)}' is not an expression") from damage


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
