"""Finds the images that Docker bake files build from (`docker-bake.hcl`, `docker-bake.json`).

The blocks are those of Docker's "Bake file reference". Tags, outputs and caches only name results.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins import dockerfile
from indexer.pins.digest_search import digests_left, line_within
from indexer.pins.hcl import parsed_files
from indexer.pins.hcl.functions import text_of_value
from indexer.pins.hcl.reader import blocks
from indexer.pins.hcl.values import Scope, below
from indexer.pins.image_names import named, unreadable
from indexer.pins.variable_expansion import NotSet
from indexer.pins.yaml_nodes import at, elements, is_empty, items, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from indexer.pins.hcl.functions import Value
    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_IMAGE = "docker-image://"
_BLOCKS = frozenset({"variable", "target", "group", "function"})
_MOST_TARGETS = 256
"""The most targets that one matrix makes; more is taken as an attack."""


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of contexts and of Dockerfiles within the file.

    Further images with a digest are found wherever they stand, as in `args`.
    """
    roots, problem, _ = parsed_files.parsed_file(file)
    found = [pin for root in roots for pin in _File(root, file, given).images()]
    found = list(dict.fromkeys(found))
    yield from found
    yield from digests_left(roots, found, "bake")
    if problem:
        yield problem


class _Variables(Scope):
    """The variables of files that are given together; those of a matrix go before them."""

    def __init__(self, file: SourceFile, given: Values) -> None:
        self._given = given
        self._declared: dict[str, yaml.Node] = {}
        self._functions: dict[str, yaml.Node] = {}
        for each in parsed_files.beside(file):
            parsed = parsed_files.parsed_file(each)
            self.is_json = parsed.is_json
            for root in parsed.roots:
                self._declare(root)
        self.of_matrix: Mapping[str, Value] = {}
        self._parameters: Mapping[str, Value] = {}

    def _declare(self, root: yaml.Node) -> None:
        self._declared |= {name: node for name, node in items(root) if name not in _BLOCKS}
        for (name,), body in blocks(root, "variable", 1):
            if (default := at(body, "default")) is not None:
                self._declared[name] = default
        self._functions |= {name: body for (name,), body in blocks(root, "function", 1)}

    def look_up(self, path: Sequence[str]) -> Value:
        name, *rest = path
        for known in (self._parameters, self.of_matrix, self._given):
            if name in known:
                return below(known[name], rest)
        node = self._declared.get(name)
        if node is None:
            text = shown(name, 60)
            raise NotSet(f"{text} has no value here: give it with --set {text}=…")
        return below(self.value(node), rest)

    def call(self, name: str, arguments: Sequence[Value]) -> Value:
        function = self._functions.get(name)
        if function is None:
            return super().call(name, arguments)
        names = [text_of(each) for each in elements(at(function, "params"))]
        result = at(function, "result")
        if result is None or len(names) != len(arguments):
            raise NotSet(f"the function {shown(name, 60)} does not take these arguments")
        before = self._parameters
        self._parameters = dict(zip(names, arguments, strict=True))
        try:
            return self.value(result)
        finally:
            self._parameters = before


class _File:
    """One bake file."""

    def __init__(self, root: yaml.Node, file: SourceFile, given: Values) -> None:
        self._given = given
        self._scope = _Variables(file, given)
        self._targets: dict[str, list[yaml.Node]] = {}
        for (name,), body in blocks(root, "target", 1):
            self._targets.setdefault(name, []).append(body)

    def images(self) -> Iterator[Pin]:
        for name, bodies in self._targets.items():
            where = f"target {shown(name, 60)}"
            try:
                for values in self._combinations(at(bodies[-1], "matrix")):
                    self._scope.of_matrix = values
                    yield from self._target(self._line(name, set()), where)
            except NotSet as problem:
                why = f"cannot tell what its matrix holds: {problem}"
                yield unreadable(name, where, line_of(bodies[-1]), why)

    def _line(self, name: str, seen: set[str]) -> list[yaml.Node]:
        """A target with those that it inherits from, the one that counts most first."""
        if name in seen or len(seen) > _MOST_TARGETS:
            return []
        seen.add(name)
        own = self._targets.get(name, [])[::-1]
        parents = [text_of(each) for body in own for each in elements(at(body, "inherits"))]
        return own + [body for each in parents[::-1] for body in self._line(each, seen)]

    def _combinations(self, matrix: yaml.Node | None) -> Iterator[Mapping[str, Value]]:
        self._scope.of_matrix = {}
        axes = {name: self._scope.value(node) for name, node in items(matrix)}
        count = 1
        lists: list[list[Value]] = []
        for values in axes.values():
            if not isinstance(values, list):
                raise NotSet("a variable of it has no list of values")
            lists.append(values)
            count *= len(values)
        if count > _MOST_TARGETS:
            raise NotSet(f"it makes more than {_MOST_TARGETS} targets")
        for chosen in product(*lists):
            yield dict(zip(axes, chosen, strict=True))

    def _target(self, line: Sequence[yaml.Node], where: str) -> Iterator[Pin]:
        contexts = self._merged(line, "contexts")
        for key, node in contexts.items():
            yield from self._context(node, f"{where}, context {shown(key, 60)}")
        inline = next((each for body in line if (each := at(body, "dockerfile-inline"))), None)
        if inline is not None and not is_empty(inline):
            yield from self._inline(inline, self._merged(line, "args"), contexts, where)

    def _merged(self, line: Sequence[yaml.Node], key: str) -> dict[str, yaml.Node]:
        """A mapping of a target and of those that it inherits from."""
        merged: dict[str, yaml.Node] = {}
        for body in reversed(line):
            node = at(body, key)
            if isinstance(node, yaml.MappingNode):
                merged |= dict(items(node))
            elif node is not None and not is_empty(node):
                merged[f"({key})"] = node  # an expression that makes the whole mapping
        return merged

    def _context(self, node: yaml.Node, where: str) -> Iterator[Pin]:
        try:
            value = self._scope.value(node)
        except NotSet as problem:
            yield unreadable(text_of(node), where, line_of(node), str(problem))
            return
        for each in value.values() if isinstance(value, dict) else [value]:
            text = text_of_value(each)
            if text.startswith(_IMAGE):
                yield named(text.removeprefix(_IMAGE), where, line_of(node))

    def _inline(
        self,
        node: yaml.Node,
        args: Mapping[str, yaml.Node],
        contexts: Mapping[str, yaml.Node],
        where: str,
    ) -> Iterator[Pin]:
        """The images of a Dockerfile; names of contexts stand for what they name."""
        try:
            text = self._scope.text(node)
        except NotSet as problem:
            where = f"{where}, dockerfile-inline"
            yield unreadable("", where, line_of(node), f"its Dockerfile is unknown: {problem}")
            return
        given = dict(self._given)
        for name, value in args.items():
            try:
                given.setdefault(name, self._scope.text(value))
            except NotSet:  # its default does not count, and an image that needs it is told
                given.setdefault(name, text_of(value))
        for pin in dockerfile.images_of_text(text, given, contexts):
            placed = line_within(node, (pin.line or 1) - 1)
            yield replace(pin, where=f"{where}, {pin.where}", line=placed)
