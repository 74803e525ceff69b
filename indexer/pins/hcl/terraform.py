"""Finds the images that resources of Terraform and OpenTofu name (`*.tf`, `*.tf.json`).

`terraform_resources` says where. Variables have their defaults, and locals their values, as far as
the file declares them, or one of the same folder that is given with it. Modules are not read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins import helm_values
from indexer.pins.digest_search import digests_left, line_within
from indexer.pins.hcl import parsed_files, terraform_resources
from indexer.pins.hcl.functions import text_of_value
from indexer.pins.hcl.reader import Expression, blocks
from indexer.pins.hcl.terraform_names import Names
from indexer.pins.helm_parameters import as_values
from indexer.pins.image_names import named, unreadable
from indexer.pins.variable_expansion import NotSet
from indexer.pins.yaml_nodes import (
    Documents,
    at,
    elements,
    items,
    line_of,
    mappings,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.pins.hcl.functions import Value
    from indexer.pins.hcl.terraform_resources import Resource
    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_MOST_INSTANCES = 256
"""The most instances of one resource; more is taken as an attack."""

_REFERENCE = re.compile(
    r"(?:\$\{)?(?P<data>data\.)?(?P<kind>docker_image|docker_registry_image)\.(?P<name>[\w-]+)[.\[]"
)
"""An image that another resource names."""


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of resources, in order.

    Further images with a digest are found wherever they stand, as in arguments of modules.
    """
    roots, problem, _ = parsed_files.parsed_file(file)
    found = [pin for root in roots for pin in _Module(root, file, given).images()]
    found = list(dict.fromkeys(found))
    yield from found
    yield from digests_left(roots, found, "Terraform")
    if problem:
        yield problem


class _Module:
    """The resources of one file."""

    def __init__(self, root: yaml.Node, file: SourceFile, given: Values) -> None:
        self._root = root
        self._given = given
        self._names = Names(file, given)
        self._declared = {
            (block, *labels)
            for each in parsed_files.beside(file)
            for other in parsed_files.parsed_file(each).roots
            for block in ("resource", "data")
            for labels, _ in blocks(other, block, 2)
        }

    def images(self) -> Iterator[Pin]:
        pins: list[Pin] = []
        for block in ("resource", "data"):
            for (kind, name), body in blocks(self._root, block, 2):
                row = terraform_resources.known(kind, is_data=block == "data")
                if row is not None:
                    pins += self._resource(row, body, shown(f"{kind}.{name}", 60))
        yield from sorted(pins, key=lambda pin: pin.line or 0)

    def _resource(self, row: Resource, body: yaml.Node, where: str) -> Iterator[Pin]:
        try:
            for bound in self._instances(at(body, "for_each")):
                self._names.each = bound
                yield from self._instance(row, body, where)
        finally:
            self._names.each = {}

    def _instances(self, for_each: yaml.Node | None) -> list[Mapping[str, Value]]:
        """What `each` is in each instance of a resource; nothing once if that is not known."""
        self._names.each = {}
        try:
            value = self._names.value(for_each) if for_each is not None else None
        except NotSet:
            value = None
        pairs: list[tuple[Value, Value]] = []
        if isinstance(value, dict):
            pairs = list(value.items())
        elif isinstance(value, list):
            pairs = [(each, each) for each in value]
        if len(pairs) > _MOST_INSTANCES:
            pairs = []
        return [{"key": key, "value": each} for key, each in pairs] or [{}]

    def _instance(self, row: Resource, body: yaml.Node, where: str) -> Iterator[Pin]:
        is_built = bool(row.built_by and at(body, row.built_by))
        for node in mappings(body):
            for key, value in items(node):
                if key in row.names:
                    for pin in self._image(value, where):
                        if not is_built or (pin.reference and pin.reference.digest):
                            yield pin
                elif key in row.documents:
                    yield from self._documents(value, where)
                elif key in row.values:
                    for each in elements(value) or [value]:
                        yield from self._values(each, where)
        if row.values:
            yield from helm_values.values(as_values(self._settings(body)), where, self._given)

    def _image(self, node: yaml.Node, where: str) -> Iterator[Pin]:
        if not isinstance(node, yaml.ScalarNode) or self._is_named_elsewhere(node):
            return
        try:
            text = self._names.text(node)
        except NotSet as problem:
            yield unreadable(node.value, where, line_of(node), str(problem))
            return
        if text and not text.startswith(terraform_resources.NO_IMAGES):
            yield named(text, where, line_of(node))

    def _is_named_elsewhere(self, node: yaml.ScalarNode) -> bool:
        """Whether it refers to the image of another resource of these files."""
        match = _REFERENCE.match(node.value)
        if match is None or not (isinstance(node, Expression) or self._names.is_json):
            return False
        block = "data" if match["data"] else "resource"
        return (block, match["kind"], match["name"]) in self._declared

    def _documents(self, node: yaml.Node, where: str) -> Iterator[Pin]:
        """The images of objects: as they are, or as JSON or YAML within a text."""
        if not isinstance(node, yaml.ScalarNode):
            yield from self._objects(node, where)
            return
        try:
            value = self._names.value(node) if isinstance(node, Expression) else None
        except NotSet:
            value = None
        if isinstance(value, list | dict):
            yield from self._objects(_node(value, node), where)
            return
        try:
            text, unknown = self._names.partly(node)
        except NotSet as problem:
            yield unreadable(node.value, where, line_of(node), str(problem))
            return
        documents = Documents(text)
        pins = [pin for root in documents.roots for pin in self._objects(root, where, unknown)]
        pins += [documents.problem] if documents.problem else []
        for pin in pins:
            yield replace(pin, where=where, line=line_within(node, (pin.line or 1) - 1))

    def _objects(
        self, root: yaml.Node, where: str, unknown: Mapping[str, str] | None = None
    ) -> Iterator[Pin]:
        for node in mappings(root):
            image = at(node, "image")
            marks = [mark for mark in unknown or {} if mark in text_of(image)]
            if image is not None and unknown and marks:
                written = text_of(image).replace(marks[0], "${…}")
                yield unreadable(written, where, line_of(image), unknown[marks[0]])
            elif image is not None:
                yield from self._image(image, where)

    def _values(self, node: yaml.Node, where: str) -> Iterator[Pin]:
        """The images of values: as they are, or as YAML within a text."""
        try:
            value = self._names.value(node)
        except NotSet as problem:
            yield unreadable(text_of(node), where, line_of(node), str(problem))
            return
        if isinstance(value, str):
            style = getattr(node, "style", None)
            text = yaml.ScalarNode("", value, node.start_mark, style=style)
            yield from helm_values.values_in_text(text, where, self._given)
        elif value is not None:
            yield from helm_values.values(_node(value, node), where, self._given)

    def _settings(self, body: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
        """The values that `set` gives one by one."""
        for _, setting in blocks(body, "set", 0):
            name, value = at(setting, "name"), at(setting, "value")
            if name is None or value is None:
                continue
            try:
                yield self._names.text(name), _node(self._names.value(value), value)
            except NotSet:
                yield text_of(name), value  # as it is written: no name of an image


def _node(value: Value, near: yaml.Node) -> yaml.Node:
    """A value as a node on the line of what it was computed from."""
    mark = near.start_mark
    if isinstance(value, list):
        return yaml.SequenceNode("", [_node(each, near) for each in value], mark)
    if isinstance(value, dict):
        pairs = [(_node(key, near), _node(each, near)) for key, each in value.items()]
        return yaml.MappingNode("", pairs, mark)
    return yaml.ScalarNode("tag:yaml.org,2002:str", text_of_value(value), mark, style='"')
