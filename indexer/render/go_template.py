"""Renders Go's text templates, as far as people use them with `skopeo inspect`. Pure.

Supported: fields (`{{.Digest}}`, `{{.Labels.name}}`), `index`, `len`, `json`, `join`, `lower`,
`upper`, `split`, `print`, `eq`, `ne`, `not`, `and`, `or`, pipes, parentheses, variables of a
`range`, `if`, `with`, `range`, `else`, comments, and `{{-` and `-}}`. Anything else that Go knows
is a `UsageError`. So is a field that does not exist: a script should stop rather than go on with
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from indexer.core.printable import shown
from indexer.render.go_template_parser import parsed, wrong
from indexer.render.go_values import Nil, Record, as_json, printed

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.render.go_template_parser import Block, Node

MOST_CHARACTERS = 10_000
"""The most characters of a template."""


def render(template: str, value: Mapping[str, Any]) -> str:
    r"""Render a template. The result ends with a line break.

    As with skopeo, `\n` and `\t` in the template mean a line break and a tab.

    Raises:
        UsageError: the template is wrong, or uses something that is not supported.
    """
    if len(template) > MOST_CHARACTERS:
        raise wrong("it is too long")
    text = template.replace(r"\t", "\t").replace(r"\n", "\n").removeprefix("table ")
    text += "" if text.endswith("\n") else "\n"
    nodes = parsed(text)
    return "".join(_Run(value).nodes(nodes, value))


class _Run:
    """One rendering. It holds `$` and the variables of `range`."""

    def __init__(self, root: object) -> None:
        self._variables: dict[str, object] = {"$": root}

    def nodes(self, nodes: Sequence[Node], dot: object) -> list[str]:
        """Render the nodes, with `dot` as the current value."""
        made: list[str] = []
        for node in nodes:
            if isinstance(node, str):
                made.append(node)
            elif isinstance(node, list):
                made.append(printed(self._pipeline(node, dot)))
            elif node.kind == "range":
                made += self._range(node, dot)
            else:
                value = self._pipeline(node.words, dot)
                inner = value if node.kind == "with" else dot
                made += self.nodes(node.body, inner) if value else self._else(node, dot)
        return made

    def _else(self, node: Block, dot: object) -> list[str]:
        return self.nodes(node.otherwise or [], dot)

    def _range(self, node: Block, dot: object) -> list[str]:
        names: list[str] = []
        words = node.words
        if ":=" in words:
            place = words.index(":=")
            names = [word for word in words[:place] if word != ","]
            words = words[place + 1 :]
        value = self._pipeline(words, dot)
        if isinstance(value, Mapping):
            items = [(name, value[name]) for name in sorted(value)]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            items = list(enumerate(value))
        elif isinstance(value, Nil):
            items = []
        else:
            raise wrong(f"'range' needs a list or a map, not '{shown(printed(value), 40)}'")
        made: list[str] = []
        for key, item in items:
            self._variables |= zip(names, (key, item) if names[1:] else (item,), strict=False)
            made += self.nodes(node.body, item)
        return made if items else self._else(node, dot)

    def _pipeline(self, words: Sequence[str], dot: object) -> object:
        """Run commands joined by `|`: each gets the previous result as its last argument."""
        result: list[object] = []
        for number, command in enumerate(_split(words)):
            result = [self._command(command, dot, result if number else [])]
        return result[0]

    def _command(self, words: Sequence[str], dot: object, piped: Sequence[object]) -> object:
        values: list[object] = []
        function: Callable[..., object] | None = None
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word == "(":
                inner, rest = _enclosed(rest)
                values.append(self._pipeline(inner, dot))
            elif word in _FUNCTIONS and function is None and not values:
                function = _FUNCTIONS[word]
            else:
                values.append(self._value(word, dot))
        values += piped
        if function is not None:
            return _call(words[0], function, values)
        if len(values) != 1:
            raise wrong(f"'{shown(' '.join(words), 40)}' cannot be read")
        return values[0]

    def _value(self, word: str, dot: object) -> object:
        if word[0] in '"`':
            return word[1:-1] if word[0] == "`" else _unquoted(word)
        if word.lstrip("-").isdigit():
            return int(word)
        if word in {"true", "false"}:
            return word == "true"
        if word[0] not in ".$":
            raise wrong(f"'{shown(word, 40)}' is not supported")
        start, *names = word.split(".")
        if start and start not in self._variables:
            raise wrong(f"there is no variable '{shown(start, 40)}'")
        value = self._variables[start] if start else dot
        for name in filter(None, names):
            value = _member(value, name)
        return value


def _unquoted(word: str) -> object:
    try:
        return json.loads(word)
    except ValueError:
        raise wrong(f"{shown(word, 40)} cannot be read as a text in quotes") from None


def _split(words: Sequence[str]) -> list[list[str]]:
    """Split at the pipes that are not inside parentheses."""
    commands: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if word == "|" and depth == 0:
            commands.append([])
        else:
            commands[-1].append(word)
    if depth or not all(commands):
        raise wrong("its pipes or parentheses are incomplete")
    return commands


def _enclosed(words: list[str]) -> tuple[list[str], list[str]]:
    depth = 1
    for place, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth == 0:
            return words[:place], words[place + 1 :]
    raise wrong("a parenthesis is not closed")


def _member(value: object, name: str) -> object:
    if isinstance(value, Record) and name not in value:
        raise wrong(f"there is no '.{shown(name, 40)}'; there are .{', .'.join(value)}")
    if isinstance(value, Mapping):
        return value.get(name, "<no value>")
    if isinstance(value, Nil):
        return "<no value>"
    raise wrong(f"there is no '.{shown(name, 40)}' in '{shown(printed(value), 40)}'")


def _call(name: str, function: Callable[..., object], values: Sequence[object]) -> object:
    try:
        return function(*values)
    except (TypeError, AttributeError, ValueError, LookupError):
        raise wrong(f"'{shown(name, 40)}' cannot be used like this") from None


def _index(value: Any, *keys: Any) -> object:
    for key in keys:
        if isinstance(value, Mapping | Nil):
            value = value.get(key, "") if isinstance(value, Mapping) else ""
        else:
            value = value[key]
    return value


def _json(value: object) -> str:
    return as_json(value, indent=None, html=False)


_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "index": _index,
    "len": len,
    "json": _json,
    "join": lambda values, separator: separator.join(values or ()),
    "split": lambda text, separator: text.split(separator),
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "print": lambda *values: " ".join(map(printed, values)),
    "println": lambda *values: " ".join(map(printed, values)) + "\n",
    "eq": lambda one, *others: one in others,
    "ne": lambda one, two: one != two,
    "not": lambda value: not value,
    "and": lambda *values: next((value for value in values if not value), values[-1]),
    "or": lambda *values: next((value for value in values if value), values[-1]),
}
