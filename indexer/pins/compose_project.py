"""Puts together what the files of a compose project say of a service: `extends`, several files.

Only files that were given are read: of others that are named, this is told.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.pins.image_names import unreadable
from indexer.pins.variable_expansion import NotSet, expand
from indexer.pins.yaml_nodes import at, elements, is_empty, items, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values


MOST_EXTENDED = 20
"""How many services one may extend, one through another; more are not written by people."""


@dataclass(slots=True)
class Service:
    """A service of a file.

    Attributes:
        node: what this file says of it.
        layers: what is said of it at all, the later the stronger.
        problems: what it extends and could not be found.
    """

    node: yaml.Node
    layers: list[yaml.Node] = field(default_factory=list)
    problems: list[Pin] = field(default_factory=list)

    @property
    def is_built(self) -> bool:
        """Whether its image is the result of a build."""
        is_built = False
        for layer in self.layers:
            build = at(layer, "build")
            if build is not None:
                is_built = not is_empty(build) and build.tag != "!reset"
        return is_built

    @property
    def dockerfile(self) -> str:
        """The path of the Dockerfile that it is built from, from the folder of the file."""
        folder, name = ".", "Dockerfile"
        for layer in self.layers:
            build = at(layer, "build")
            folder = text_of(build) or text_of(at(build, "context")) or folder
            name = text_of(at(build, "dockerfile")) or name
        return posixpath.join(folder, name)

    @property
    def contexts(self) -> set[str]:
        """The names of the additional contexts of its build."""
        return set(self._pairs("additional_contexts"))

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of its build that have values."""
        return {name: value for name, value in self._pairs("args").items() if value is not None}

    def _pairs(self, key: str) -> dict[str, str | None]:
        """A mapping, or a list of `NAME=VALUE`, of a build."""
        found: dict[str, str | None] = {}
        for layer in self.layers:
            node = at(at(layer, "build"), key)
            for name, value in items(node):
                found[name] = None if is_empty(value) else text_of(value)
            for each in elements(node):
                name, has_value, text = text_of(each).partition("=")
                found[name] = text if has_value else None
        return found


class Project:
    """The files that were given with a compose file, as far as they concern it."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._others = {each.place: each for each in (*file.beside, file)}
        before = file.beside[: file.beside.index(file)] if file in file.beside else []
        folder = posixpath.dirname(file.place)
        self._known: dict[int, dict[str, yaml.Node]] = {}
        self._earlier: dict[str, list[tuple[SourceFile, yaml.Node, yaml.Node]]] = {}
        """What earlier files of the project say of each service: the file and its document."""
        for each in before:
            for root in each.documents.roots if posixpath.dirname(each.place) == folder else []:
                for name, node in self._services(root).items():
                    self._earlier.setdefault(name, []).append((each, root, node))

    def service(self, root: yaml.Node, name: str, node: yaml.Node) -> Service:
        """A service of a document of the file, with what other files say of it."""
        service = Service(node)
        for file, other, earlier in self._earlier.get(name, []):
            service.layers += self._extended(file, other, earlier, [])
        service.layers += self._extended(self._file, root, node, service.problems)
        return service

    def included(self, root: yaml.Node, given: Values) -> Iterator[Pin]:
        """Yield what a document includes and was not given."""
        for entry in elements(at(root, "include")):
            path = at(entry, "path")
            nodes = elements(path) or [entry if path is None else path]
            for node in nodes:
                if self._given(self._file, text_of(node), given) is None:
                    why = (
                        "it includes this, which is not among the files given: check both together"
                    )
                    yield unreadable(text_of(node), "include", line_of(node), why)

    def _extended(
        self, file: SourceFile, document: yaml.Node, node: yaml.Node, problems: list[Pin]
    ) -> list[yaml.Node]:
        """A service after those that it extends, the first one first."""
        layers = [node]
        seen = {id(node)}
        roots = [document]
        while (extends := at(layers[0], "extends")) is not None:
            name = text_of(at(extends, "service")) or text_of(extends)
            path = text_of(at(extends, "file"))
            if path:
                other = self._given(file, path, {})
                file, roots = other or file, other.documents.roots if other else []
            bases = (self._services(each).get(name) for each in roots)
            base = next((each for each in bases if each is not None), None)
            if base is None:
                what = f"{path}: {name}" if path else name
                why = "it extends this, which is not in the files given: check both together"
                problems.append(unreadable(what, "extends", line_of(extends), why))
                break
            if id(base) in seen:
                break
            if len(seen) > MOST_EXTENDED:
                why = f"it extends more than {MOST_EXTENDED} services, one through another"
                problems.append(unreadable(name, "extends", line_of(node), why))
                break
            seen.add(id(base))
            layers.insert(0, base)
        return layers

    def _services(self, root: yaml.Node) -> dict[str, yaml.Node]:
        """The services of a document by name."""
        if id(root) not in self._known:
            self._known[id(root)] = dict(items(at(root, "services")))
        return self._known[id(root)]

    def _given(self, file: SourceFile, path: str, given: Values) -> SourceFile | None:
        """The file that another names by its path, if it was given."""
        try:
            name = expand(path, given, escape="$")
        except NotSet:
            return None
        return self._others.get(file.place_of(name))
