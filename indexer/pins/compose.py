"""Finds the images of a compose file: of its services, of what they are built from, of its models.

Files of a folder that are given together are one project, as with `docker compose -f A -f B`: if an
earlier one builds a service, a later one's `image` only names the result. Otherwise each file is
read for itself, and every image in it counts, also one that another file replaces.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins import dockerfile
from indexer.pins.compose_project import Project
from indexer.pins.digest_search import digests_left
from indexer.pins.image_names import filled, unreadable
from indexer.pins.variable_expansion import NotSet, expand
from indexer.pins.yaml_nodes import MERGE, at, elements, is_empty, items, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.compose_project import Service
    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_NAME = re.compile(r"(?:.*[._-])?compose(?:[._-].*)?\.(?:ya?ml|json)")

_KEYS = frozenset(
    {
        "configs",
        "include",
        "models",
        "name",
        "networks",
        "secrets",
        "services",
        "version",
        "volumes",
    }
)
"""What may stand at the top, beside `x-…`: `docker compose` refuses others."""

_RUN = ("image", "build", "extends", "provider")
"""One of these says what a service runs."""

_IMAGE = "docker-image://"


def is_name(file: SourceFile) -> bool:
    """Whether the name is like `compose.yaml` or `docker-compose.dev.yml`.

    A workflow may have that name too: therefore nothing else may stand at its top.
    """
    return bool(_NAME.fullmatch(file.base)) and all(map(_may_be, file.documents.keys))


def is_content(file: SourceFile) -> bool:
    """Whether it has `services` with images, and nothing that compose files have not.

    Pipelines of Woodpecker have services too, and `steps`.
    """
    if not (file.is_yaml and any("services" in keys for keys in file.documents.keys)):
        return False
    return all(map(_may_be, file.documents.keys)) and any(
        at(service, key) is not None
        for root in file.documents.roots
        for _, service in items(at(root, "services"))
        for key in _RUN
    )


def builds(file: SourceFile) -> Iterator[tuple[str, set[str]]]:
    """Yield the Dockerfile that each service is built from, and the names of its contexts."""
    project = Project(file)
    for root in file.documents.roots:
        for name, node in items(at(root, "services")):
            service = project.service(root, name, node)
            if service.is_built:
                yield file.place_of(service.dockerfile), service.contexts


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of a compose file.

    Images with a digest are found under any key, as in environment variables.
    """
    found = list(_images(file, given))
    yield from found
    yield from digests_left(file.documents.roots, found, "compose file")
    if file.documents.problem:
        yield file.documents.problem


def _images(file: SourceFile, given: Values) -> Iterator[Pin]:
    project = Project(file)
    for root in file.documents.roots:
        if is_empty(root):
            continue
        yield from _strangers(root)
        yield from project.included(root, given)
        for name, node in items(at(root, "services")):
            where = f"service {shown(name, 60)}"
            if not isinstance(node, yaml.MappingNode) and not is_empty(node):
                yield unreadable(text_of(node), where, line_of(node), "it is not a mapping")
                continue
            service = project.service(root, name, node)
            yield from service.problems
            yield from _service(service, where, given)
        for name, model in items(at(root, "models")):
            if artifact := text_of(at(model, "model")):
                yield filled(artifact, f"model {shown(name, 60)}", line_of(model), given)


def _may_be(keys: frozenset[str]) -> bool:
    return all(key in _KEYS or key == MERGE or key.startswith("x-") for key in keys)


def _strangers(root: yaml.Node) -> Iterator[Pin]:
    """What stands at the top of what is said to be a compose file, and does not belong there."""
    if not isinstance(root, yaml.MappingNode):
        yield unreadable(text_of(root), "compose file", line_of(root), "it is not a mapping")
        return
    for key, _ in root.value:
        if not _may_be(frozenset({text_of(key)})):
            why = "compose files do not have this key"
            yield unreadable(text_of(key), "compose file", line_of(key), why)


def _service(service: Service, where: str, given: Values) -> Iterator[Pin]:
    image = at(service.node, "image")
    if isinstance(image, yaml.ScalarNode) and image.tag != "!reset" and not is_empty(image):
        pin = filled(image.value, where, line_of(image), given)
        if not service.is_built or (pin.reference and pin.reference.digest):
            yield pin
    elif isinstance(image, yaml.CollectionNode):
        yield unreadable("", where, line_of(image), "its image is not a text")
    for hook in elements(at(service.node, "pre_start")):
        image = at(hook, "image")
        if image is not None and text_of(image):
            yield filled(text_of(image), f"{where}, pre_start", line_of(image), given)
    for volume in elements(at(service.node, "volumes")):
        source = at(volume, "source")
        if text_of(at(volume, "type")) == "image" and source is not None:
            yield filled(text_of(source), f"{where}, volume", line_of(source), given)
    yield from _inline(service, where, given)
    yield from _contexts(at(service.node, "build"), where, given)


def _contexts(build: yaml.Node | None, where: str, given: Values) -> Iterator[Pin]:
    """The images among the additional contexts of a build; folders and services are none."""
    contexts = at(build, "additional_contexts")
    for node in [*(value for _, value in items(contexts)), *elements(contexts)]:
        _, is_image, image = text_of(node).rpartition(_IMAGE)
        if is_image:
            yield filled(image, where, line_of(node), given)


def _inline(service: Service, where: str, given: Values) -> Iterator[Pin]:
    """The images of a Dockerfile within the file. Its variables are expanded first by compose."""
    inline = at(at(service.node, "build"), "dockerfile_inline")
    if not isinstance(inline, yaml.ScalarNode):
        return
    values = {name: _expanded(value, given) for name, value in service.arguments.items()}
    text = _expanded(inline.value, given)
    contexts = service.contexts
    for pin in dockerfile.images_of_text(text, {**values, **given}, contexts):
        yield replace(pin, where=f"{where}, {pin.where}", line=line_of(inline))


def _expanded(text: str, given: Values) -> str:
    """A text as compose expands it; as it is where a variable of it has no value."""
    try:
        return expand(text, given, escape="$")
    except NotSet:
        return text
