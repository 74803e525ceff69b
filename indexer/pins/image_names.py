"""Reads what stands where a file names an image, and says why if it is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB, parse_reference
from indexer.pins.pin import Pin
from indexer.pins.variable_expansion import NotSet, expand
from indexer.pins.yaml_nodes import at, elements, is_empty, line_of, text_of

_TRANSPORT = re.compile(r"^(?:docker|docker-pullable|docker-image|oci)://")

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def named(text: str, where: str, line: int | None, written: str = "") -> Pin:
    """A pin for an image's name, or with the problem if it cannot be read.

    Args:
        text: the name.
        where: what names it: `FROM`, `service web`.
        line: where it stands, from 1.
        written: as the file has it, if variables were replaced.
    """
    try:
        return Pin(written or text, where, parse_reference(text), line=line)
    except UsageError as error:
        return Pin(written or text, where, problem=str(error), line=line)


def filled(text: str, where: str, line: int, given: Mapping[str, str]) -> Pin:
    """A pin for an image's name that may hold variables as compose files do: `${TAG:-1}`."""
    try:
        return named(expand(text, given, escape="$"), where, line, text)
    except NotSet as problem:
        return Pin(text, where, problem=f"'{shown(text)}': {problem}.", line=line)


def unreadable(text: str, where: str, line: int | None, why: str) -> Pin:
    """A pin for what cannot be understood where an image is expected.

    Args:
        text: as the file has it; empty if there is none.
        where: what names it.
        line: where it stands, from 1.
        why: a sentence without a full stop.
    """
    problem = f"'{shown(text)}': {why}." if text else f"{why}."
    return Pin(text, where, problem=problem, line=line)


def without_transport(text: str) -> str:
    """A name without what tools put before it: skopeo `docker://`, an `imageID` also others."""
    return _TRANSPORT.sub("", text)


def is_same_repository(one: Pin, other: Pin) -> bool:
    """Whether both name the same repository; without a registry it is Docker Hub's."""
    if one.reference is None or other.reference is None:
        return False
    registries = {each.registry or DOCKER_HUB for each in (one.reference, other.reference)}
    return len(registries) == 1 and one.reference.repository == other.reference.repository


def image_of(node: yaml.Node | None, where: str, given: Mapping[str, str]) -> Iterator[Pin]:
    """Yield an image given as one text, or in parts, as in image volumes and values of charts."""
    if node is None or is_empty(node):
        return
    if isinstance(node, yaml.ScalarNode):
        yield filled(node.value, where, line_of(node), given)
    elif isinstance(node, yaml.MappingNode):
        if any(isinstance(key, yaml.CollectionNode) for key, _ in node.value):  # image: {{ x }}
            yield unreadable("", where, line_of(node), "it is a template: check what is made of it")
            return
        whole = text_of(at(node, "reference")) or joined_image(node, "repository", "tag")
        if whole:
            yield filled(whole, where, line_of(node), given)
    elif elements(node):
        yield unreadable("", where, line_of(node), "a list stands where an image is expected")


def joined_image(node: yaml.Node, name: str, tag: str) -> str:
    """`REGISTRY/NAME:TAG@DIGEST` from the parts that are given; empty without a name."""
    path = text_of(at(node, name))
    if not path:
        return ""
    host, label, digest = (text_of(at(node, key)) for key in ("registry", tag, "digest"))
    whole = f"{host}/{path}" if host else path
    whole = f"{whole}:{label}" if label else whole
    return f"{whole}@{digest}" if digest else whole
