"""Finds the images of a development container: `devcontainer.json`, and its lock file.

The keys are those of containers.dev. Features are artifacts in a registry, tagged and pinned as
images are. The format is JSON with comments and with commas at the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from indexer.pins.digest_search import digests_left
from indexer.pins.image_names import named, unreadable
from indexer.pins.variable_expansion import LONGEST
from indexer.pins.yaml_nodes import Documents, at, is_empty, items_with_keys, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_NAMES = frozenset({"devcontainer.json", ".devcontainer.json"})
_LOCKS = frozenset({"devcontainer-lock.json", ".devcontainer-lock.json"})
_TOKENS = re.compile(r'"(?:\\.|[^"\\\n])*"?|//[^\n]*|/\*.*?(?:\*/|\Z)|\t', re.DOTALL)
"""Texts, comments and tabs. What is not closed ends with the line or the file."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ELSEWHERE = ("./", "../", "https://", "http://")
"""What a feature begins with that is in a folder, or an archive on a web server."""


def is_name(file: SourceFile) -> bool:
    """Whether the name is that of a development container, or of its lock."""
    return file.base in _NAMES or file.base in _LOCKS


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the image and the features. A Dockerfile and compose files that it names are others."""
    documents = Documents(_TOKENS.sub(_plain, file.text), "JSON")
    found: list[Pin] = []
    for root in documents.roots:
        found += _locked(root) if file.base in _LOCKS else _declared(root, given)
    yield from found
    if file.base not in _LOCKS:
        yield from digests_left(documents.roots, found, "devcontainer")
    if documents.problem:
        yield documents.problem


def _plain(match: re.Match[str]) -> str:
    """Blanks for a comment or a tab, so that lines stay; a text as it is."""
    return match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0])


def _declared(root: yaml.Node, given: Values) -> Iterator[Pin]:
    image = at(root, "image")
    if image is not None and not isinstance(image, yaml.ScalarNode):
        yield unreadable("", "image", line_of(image), "expected the name of an image here")
    elif image is not None and not is_empty(image):
        yield _filled(image, given)
    features = at(root, "features")
    if features is not None and not isinstance(features, yaml.MappingNode):
        why = "expected features by name here"
        yield unreadable(text_of(features), "features", line_of(features), why)
    for key, _ in items_with_keys(features):
        name = text_of(key)
        if not name.lower().startswith(_ELSEWHERE):
            yield _feature(name, line_of(key))


def _feature(name: str, line: int) -> Pin:
    if "/" not in name:
        return unreadable(name, "feature", line, "write a feature as REGISTRY/NAMESPACE/NAME:TAG")
    return named(name, "feature", line)


def _filled(node: yaml.ScalarNode, given: Values) -> Pin:
    text, line = text_of(node), line_of(node)
    if len(text) > LONGEST:
        return unreadable(text, "image", line, "it is too long for the name of an image")
    for variable in _VARIABLE.findall(text):
        kind, _, rest = variable.partition(":")
        name, has_default, default = rest.partition(":")
        value = given.get(name, default if has_default else None)
        if kind != "localEnv" or not name or value is None:
            known = f": give it with --set {name}=…" if kind == "localEnv" and name else ""
            return unreadable(text, "image", line, f"{variable} has no value here{known}")
        text = text.replace(f"${{{variable}}}", value)
    return named(text, "image", line, node.value)


def _locked(root: yaml.Node) -> Iterator[Pin]:
    """The features of a lock: the key names a tag, `resolved` the digest that it had."""
    for key, value in items_with_keys(at(root, "features")):
        name, resolved = text_of(key), text_of(at(value, "resolved"))
        _, _, digest = resolved.partition("@")
        if name.lower().startswith(_ELSEWHERE):
            continue
        if not digest:
            yield unreadable(name, "feature", line_of(key), "no digest stands under 'resolved'")
            continue
        yield named(f"{name.partition('@')[0]}@{digest}", "feature", line_of(key))
