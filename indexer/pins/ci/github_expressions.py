"""Expands `${{ matrix.image }}` in workflows, where the file itself holds the values.

A matrix gives a variable several values, so that one text may name several images. What only GitHub
knows (`vars`, `secrets`, outputs of other jobs) has no value here.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import yaml

from indexer.core.printable import shown
from indexer.pins.variable_expansion import NotSet
from indexer.pins.yaml_nodes import at, elements, is_empty, items, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.pins.source_file import Values

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_PATH = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+", re.ASCII)
_LITERAL = re.compile(r"'((?:[^']|'')*)'")

MOST_VALUES = 256
"""The most values of one text. GitHub runs at most 256 jobs of one matrix."""

LONGEST = 4_096
"""The most characters where an image is named; its name has at most 255, and a digest."""


class Written(NamedTuple):
    """A text without expressions, and the line of what it says."""

    text: str
    line: int


class Contexts:
    """What the expressions of a job may mean."""

    def __init__(
        self,
        given: Values,
        inputs: Mapping[str, yaml.Node | None],
        environment: Mapping[str, yaml.Node],
        matrix: yaml.Node | None = None,
    ) -> None:
        """Know the values.

        Args:
            given: by whole name (`vars.IMAGE`); they go before what the file says.
            inputs: the default of each; None: it has none.
            environment: of the workflow and of the job.
            matrix: of the job's `strategy`.
        """
        self._given = given
        self._inputs = inputs
        self._environment = environment
        self._matrix = matrix

    def values(self, node: yaml.ScalarNode) -> Iterator[Written]:
        """Yield each text that a scalar may stand for; an empty one where it stands for none.

        Raises:
            NotSet: an expression has no value in this file.
        """
        text, line = text_of(node), line_of(node)
        if len(text) > LONGEST:
            raise NotSet("it is too long for the name of an image")
        used = list(dict.fromkeys(_EXPRESSION.findall(text)))
        choices = [self._choices(each.strip(), line) for each in used]
        count = 1
        for each in choices:
            count *= len(each)
        if count > MOST_VALUES:
            raise NotSet(f"it stands for more than {MOST_VALUES} images")
        for chosen in product(*choices):
            by_name = dict(zip(used, chosen, strict=True))
            is_whole = len(used) == 1 and _EXPRESSION.fullmatch(text.strip())
            whole = _EXPRESSION.sub(lambda match: by_name[match[1]].text, text)  # noqa: B023 - used at once
            yield Written(whole, chosen[0].line if is_whole else line)

    def _choices(self, expression: str, line: int) -> list[Written]:
        """The values of an expression: a name, a text, or several of them joined by `||`."""
        operands = [each.strip() for each in expression.split("||")]
        for operand in operands[:-1]:
            if operand.startswith("inputs.") and self._inputs.get(operand[7:], self) is None:
                continue  # an input without a default is empty, so that the next one counts
            return self._operand(operand, expression, line)
        return self._operand(operands[-1], expression, line)

    def _operand(self, operand: str, expression: str, line: int) -> list[Written]:
        if operand in self._given:
            return [Written(self._given[operand], line)]
        if literal := _LITERAL.fullmatch(operand):
            return [Written(literal[1].replace("''", "'"), line)]
        if not _PATH.fullmatch(operand):
            raise NotSet(f"cannot tell what '{shown(expression, 60)}' results in")
        context, _, name = operand.partition(".")
        node: yaml.Node | None = None
        if context == "matrix":
            return [self._settled(each, operand) for each in self._of_matrix(name, operand)]
        if context == "inputs":
            node = self._inputs.get(name)
        elif context == "env":
            node = self._environment.get(name)
        if node is None:
            raise _unset(operand)
        return [self._settled(node, operand)]

    def _of_matrix(self, name: str, operand: str) -> Iterator[yaml.Node | None]:
        """Yield each value of a variable of the matrix, as listed or as `include` adds it."""
        first, _, rest = name.partition(".")
        listed, included = at(self._matrix, first), at(self._matrix, "include")
        for axis in (listed, included, self._matrix):
            if isinstance(axis, yaml.ScalarNode) and not is_empty(axis):
                raise _unset(operand)  # an expression makes it, as `fromJSON(…)` does
        own = [each for each in elements(included) if at(each, first)]
        if listed is None and not own:
            raise _unset(operand)
        for value in [*elements(listed), *(at(each, first) for each in own)]:
            yield _below(value, rest)
        if listed is None and len(own) < len(elements(included)):
            yield None  # a job of the matrix has no such variable: it is empty there

    def _settled(self, node: yaml.Node | None, operand: str) -> Written:
        if node is None:
            return Written("", 0)
        if not isinstance(node, yaml.ScalarNode) or _EXPRESSION.search(text_of(node)):
            raise _unset(operand)
        return Written("" if is_empty(node) else text_of(node), line_of(node))


def inputs_of(root: yaml.Node) -> dict[str, yaml.Node | None]:
    """The defaults of the inputs of a workflow or an action; None for one that has none."""
    triggers = [trigger for _, trigger in items(at(root, "on"))]
    return {
        name: at(declared, "default")
        for holder in [root, *triggers]
        for name, declared in items(at(holder, "inputs"))
    }


def _below(node: yaml.Node | None, path: str) -> yaml.Node | None:
    for name in path.split(".") if path else ():
        node = at(node, name)
    return node


def _unset(operand: str) -> NotSet:
    name = shown(operand, 60)
    return NotSet(f"{name} has no value here: give it with --set {name}=…")
